import { parseDuration } from '../base/duration.js';
import { SendtwiceError } from '../base/errors.js';

/** A whole number of an option. @throws SendtwiceError `usage/bad-argument` */
export function wholeNumber(option: string, text: string, most = 1_000_000): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new SendtwiceError('usage/bad-argument', `${option} is no whole number from 1 to ${most}: ${text}`);
}

/** A duration of an option, in milliseconds. @throws SendtwiceError `usage/bad-argument` */
export function duration(option: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new SendtwiceError('usage/bad-argument', `${option} is no duration: ${text}`, {
    hint: 'It looks like 90s or 5m.',
  });
}
