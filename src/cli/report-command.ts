import { Command } from 'commander';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { viewOfFile } from '../history/reader.js';
import { exitCodeOf, weighView } from '../report/judge.js';
import { summaryJson } from '../report/summary-json.js';
import { reportPieces } from '../report/terminal.js';
import { printPieces } from './print.js';
import { runFolderOf } from './run-folder.js';
import { keepHeapSmall } from './small-heap.js';
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
  keepHeapSmall();
  const { history } = runFolderOf(run);
  const view = await viewOfFile(history);
  const options = {
    folder: run,
    style: colours(process.stdout),
    all: flags.all ?? false,
    ...widthOf(process.stdout),
  };
  try {
    const weighed = weighView(view);
    printPieces(flags.json === true ? summaryJson(weighed) : reportPieces(weighed, options));
    process.exitCode = exitCodeOf(weighed.summary);
  } catch (error) {
    // The reader looks at lines, not at every field: this file was edited, or written by something else.
    throw new SendtwiceError('file/bad-history', `${history} cannot be judged: ${messageOf(error)}`, {
      hint: 'An event lacks what its type needs. If sendtwice wrote the file as it is, please report it.',
      cause: error,
    });
  }
}
