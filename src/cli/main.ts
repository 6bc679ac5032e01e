#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { SendtwiceError } from '../base/errors.js';
import { VERSION } from '../version.js';
import { demoCommand } from './demo-command.js';
import { reportCommand } from './report-command.js';
import { runCommand } from './run-command.js';

const program = new Command('sendtwice')
  .description(
    'Replays recorded Telegram updates against your bot, with faults, and says what went wrong and why',
  )
  .version(VERSION)
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .showHelpAfterError(false)
  .addCommand(demoCommand())
  .addCommand(runCommand())
  .addCommand(reportCommand())
  .addHelpText(
    'after',
    `
Exit codes:
  0  every expectation held
  1  an expectation failed
  2  wrong usage or a bad file; nothing was run
  3  the run could not be judged`,
  );

for (const command of program.commands) command.exitOverride().configureOutput({ outputError: () => {} });

// `sendtwice … | head` closes the pipe early; that is no error of anybody.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = complain(error);
}

/** One message on stderr; the exit code that belongs to it. */
function complain(error: unknown): number {
  if (error instanceof SendtwiceError) {
    process.stderr.write(
      `sendtwice: ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`,
    );
    return error.exitCode;
  }
  if (error instanceof CommanderError) {
    if (error.exitCode === 0 || error.code === 'commander.help') return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`sendtwice: ${error.message.replace(/^error: /, '')}\n  See sendtwice --help.\n`);
    return 2;
  }
  process.stderr.write(
    `sendtwice: this is a defect of sendtwice, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 3;
}
