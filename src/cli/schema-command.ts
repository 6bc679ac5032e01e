import { Argument, Command } from 'commander';
import { jsonSchemaOf, SCHEMA_NAMES, type SchemaName } from './schemas.js';

export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema of a kind of file, for editors and other programs')
    .addArgument(new Argument('<kind>', 'the kind of file').choices(SCHEMA_NAMES))
    .action((name: SchemaName) => {
      process.stdout.write(`${JSON.stringify(jsonSchemaOf(name), null, 2)}\n`);
    });
}
