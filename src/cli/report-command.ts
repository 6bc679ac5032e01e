import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { viewOfFile } from '../history/reader.js';
import { exitCodeOf, type Judged, judgeView } from '../report/judge.js';
import { terminalReport } from '../report/terminal.js';
import { colours, widthOf } from './style.js';

export function reportCommand(): Command {
  return new Command('report')
    .description('Judge the history of an earlier run again and print its report')
    .argument('[run]', 'the folder of a run, or its history.jsonl', 'runs/latest')
    .option('--json', 'print the summary as JSON instead')
    .option('--all', 'show every finding with its chain, not only one of each kind')
    .action(report);
}

async function report(
  run: string,
  flags: { readonly json?: boolean; readonly all?: boolean },
): Promise<void> {
  const path = resolve(run);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const judged = await judgeFile(isFolder ? join(path, 'history.jsonl') : path);
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(judged.summary, null, 2)}\n`
      : terminalReport(judged, {
          folder: run,
          style: colours(process.stdout),
          all: flags.all ?? false,
          ...widthOf(process.stdout),
        }),
  );
  process.exitCode = exitCodeOf(judged.summary);
}

async function judgeFile(path: string): Promise<Judged> {
  const view = await viewOfFile(path);
  try {
    return judgeView(view);
  } catch (error) {
    // The reader looks at lines, not at every field: this file was edited, or written by something else.
    throw new SendtwiceError('file/bad-history', `${path} cannot be judged: ${messageOf(error)}`, {
      hint: 'An event lacks what its type needs. If sendtwice wrote the file as it is, please report it.',
      cause: error,
    });
  }
}
