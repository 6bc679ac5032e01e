#!/usr/bin/env node
import { Command } from 'commander';
import { VERSION } from '../version.js';
import { complaintOf } from './complaint.js';

/** In the order of the help. What one command needs is not loaded for another: `report` needs no server and no database. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo-command.js')).demoCommand(),
  init: async () => (await import('./init-command.js')).initCommand(),
  run: async () => (await import('./run-command.js')).runCommand(),
  check: async () => (await import('./check-command.js')).checkCommand(),
  report: async () => (await import('./report-command.js')).reportCommand(),
  explain: async () => (await import('./explain-command.js')).explainCommand(),
  why: async () => (await import('./investigate-commands.js')).whyCommand(),
  shrink: async () => (await import('./investigate-commands.js')).shrinkCommand(),
  schema: async () => (await import('./schema-command.js')).schemaCommand(),
};

/** Help and mistakes need the names of all. */
const named = process.argv[2];
const wanted = named !== undefined && Object.hasOwn(COMMANDS, named) ? [named] : Object.keys(COMMANDS);

const program = new Command('sendtwice')
  .description(
    'Replays recorded Telegram updates against your bot, with faults, and says what went wrong and why',
  )
  .version(VERSION)
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .showHelpAfterError(false)
  .addHelpText(
    'after',
    `
Exit codes:
  0  every expectation held
  1  an expectation failed
  2  wrong usage or a bad file; nothing was run
  3  the run could not be judged`,
  );

for (const name of wanted) {
  const command = await COMMANDS[name]?.();
  if (command !== undefined) program.addCommand(command);
}
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
