import { SendtwiceError } from '../../base/errors.js';

/** What a person cannot do in Telegram: said with the values, and with what could be done instead. */
export function impossible(message: string, hint: string): SendtwiceError {
  return new SendtwiceError('people/impossible', message, { hint });
}
