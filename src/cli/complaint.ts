import { CommanderError } from 'commander';
import { SendtwiceError } from '../base/errors.js';
import { printable } from '../base/untrusted.js';

const LONGEST_LINE = 2000;

/** An error as a person reads it on stderr, with a newline at its end, and the exit code that belongs to it. */
export function complaintOf(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (error instanceof SendtwiceError) return { text: inWords(error), exitCode: error.exitCode };
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return { text: '', exitCode: 0 };
    if (error.code === 'commander.help') return { text: '', exitCode: 2 };
    const message = error.message.replace(/^error: /, '');
    return { text: `sendtwice: ${fitForTerminal(message)}\n  See sendtwice --help.\n`, exitCode: 2 };
  }
  return {
    text: `sendtwice: this is a defect of sendtwice, please report it\n${stackOf(error)}\n`,
    exitCode: 3,
  };
}

/** Message and hint. Only a defect of ours is told with its stack: whoever repairs it needs that. */
function inWords({ code, message, hint, cause }: SendtwiceError): string {
  const lines = [`sendtwice: ${fitForTerminal(message)}`];
  if (hint !== undefined) lines.push(`  ${fitForTerminal(hint)}`);
  if (code === 'harness/defect') lines.push(stackOf(cause));
  return `${lines.join('\n')}\n`;
}

function stackOf(thrown: unknown): string {
  return fitForTerminal(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
}

/** Keys, file names and the words of a bot stand in messages: none of them may repaint the terminal. */
function fitForTerminal(text: string): string {
  return text
    .split('\n')
    .map((line) => `${/^ */.exec(line)?.[0] ?? ''}${printable(line, LONGEST_LINE)}`)
    .join('\n');
}
