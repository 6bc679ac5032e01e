#!/usr/bin/env node
import { Command } from 'commander';
import { VERSION } from '../version.js';
import { checkCommand } from './check-command.js';
import { complaintOf } from './complaint.js';
import { demoCommand } from './demo-command.js';
import { explainCommand } from './explain-command.js';
import { initCommand } from './init-command.js';
import { shrinkCommand, whyCommand } from './investigate-commands.js';
import { reportCommand } from './report-command.js';
import { runCommand } from './run-command.js';
import { schemaCommand } from './schema-command.js';

const program = new Command('sendtwice')
  .description(
    'Replays recorded Telegram updates against your bot, with faults, and says what went wrong and why',
  )
  .version(VERSION)
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .showHelpAfterError(false)
  .addCommand(demoCommand())
  .addCommand(initCommand())
  .addCommand(runCommand())
  .addCommand(checkCommand())
  .addCommand(reportCommand())
  .addCommand(explainCommand())
  .addCommand(whyCommand())
  .addCommand(shrinkCommand())
  .addCommand(schemaCommand())
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

// Nobody reads complaints any more.
process.stderr.on('error', () => {});

// An error in a callback of ours. The exit handlers keep the history and end the bot.
process.on('uncaughtException', (error) => process.exit(complain(error)));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = complain(error);
}

/** Says it on stderr; returns the exit code. */
function complain(error: unknown): number {
  const { text, exitCode } = complaintOf(error);
  process.stderr.write(text);
  return exitCode;
}
