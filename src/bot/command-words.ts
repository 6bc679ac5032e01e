import { SendtwiceError } from '../base/errors.js';

/**
 * Splits a command line into words as a shell does for plain words and quotes. Nothing is expanded: no
 * variables, no `~`, no `*`, no pipes, no `&&`. Whoever needs those writes `sh -c "…"`.
 *
 * Inside '…' every character stands for itself; inside "…" a backslash keeps its meaning only before `"`
 * and `\`; outside quotes a backslash takes the next character as it is.
 * @throws SendtwiceError `file/bad-bot` for an open quote or no word at all.
 */
export function commandWords(command: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let index = 0; index < command.length; index += 1) {
    const character = command.charAt(index);
    const next = command.charAt(index + 1);
    if (character === '\\' && quote !== "'" && next !== '' && (quote === undefined || /["\\]/.test(next))) {
      word = (word ?? '') + next;
      index += 1;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= ''; // '' is a word too
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined) {
    throw new SendtwiceError('file/bad-bot', `The command of the bot has an open quote ${quote}`, {
      hint: 'Close the quote, or give the command as a list of words.',
    });
  }
  if (word !== undefined) words.push(word);
  return words;
}
