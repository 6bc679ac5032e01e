import { z } from 'zod';
import { summarySchema } from '../report/summary.js';
import { scenarioJsonSchema } from '../scenario/json-schema.js';
import { botSchema } from '../scenario/schema.js';

export const SCHEMA_NAMES = ['scenario', 'bot', 'summary'] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

/** The JSON Schema (draft 7, which editors know best) of a kind of file. */
export function jsonSchemaOf(name: SchemaName): Readonly<Record<string, unknown>> {
  const head = { $schema: 'http://json-schema.org/draft-07/schema#', $id: `urn:sendtwice:schema:${name}` };
  switch (name) {
    case 'scenario':
      return { ...head, title: 'A scenario of sendtwice', ...scenarioJsonSchema() };
    case 'bot':
      return { ...plainSchema(botSchema), ...head, title: 'A bot file of sendtwice' };
    case 'summary':
      return { ...plainSchema(summarySchema), ...head, title: 'A summary.json of sendtwice' };
  }
}

function plainSchema(schema: z.ZodType): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
}
