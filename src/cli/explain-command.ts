import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { SendtwiceError } from '../base/errors.js';
import { viewOfFile } from '../history/reader.js';
import { reproduceLines } from '../investigate/reproduce-lines.js';
import { chosenFindings, explained, explanation } from '../report/explain.js';
import { weighView } from '../report/judge.js';
import { type RunFacts, readRunFile } from '../scenario/run-file.js';
import { runFolderOf } from './run-folder.js';
import { keepHeapSmall } from './small-heap.js';

export function explainCommand(): Command {
  return new Command('explain')
    .description('Tell how a finding came about: the chain of events, the rule of Telegram, the cause')
    .argument('[run]', 'the folder of a run, or its history.jsonl', 'runs/latest')
    .argument('[finding]', 'its id or its kind; default: the first of each kind and cause')
    .option('--json', 'print it as JSON instead')
    .action(explain);
}

async function explain(
  run: string,
  finding: string | undefined,
  flags: { readonly json?: boolean },
): Promise<void> {
  keepHeapSmall();
  const { folder, history } = runFolderOf(run);
  const weighed = weighView(await viewOfFile(history));
  const facts = factsOf(folder);
  const all = chosenFindings(weighed, finding)
    .map(weighed.written)
    .map((one) => explained(one, facts === undefined ? [] : reproduceLines(facts, one)));
  if (flags.json === true) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  else process.stdout.write(all.length === 0 ? 'No findings.\n' : all.map(explanation).join('\n'));
}

/** What it was run from; nothing where that is gone or was never all there: the explanation needs it for one line only. */
function factsOf(folder: string): RunFacts | undefined {
  if (!existsSync(join(folder, 'run.json'))) return undefined;
  try {
    return readRunFile(folder);
  } catch (error) {
    if (error instanceof SendtwiceError) return undefined;
    throw error;
  }
}
