import { type Random, randomInteger } from '../base/random.js';

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A positive 64-bit number as text: ids of polls and albums, `chat_instance`. */
export function longId(random: Random): string {
  const high = BigInt(randomInteger(random, 1, 0x7fff_fffe));
  return String((high << 32n) | lowHalf(random));
}

/** The id of a new query: a 64-bit number as text, the user's id above and a random half below. */
export function makeQueryId(random: Random, userId: number): string {
  return String((BigInt.asUintN(31, BigInt(userId)) << 32n) | lowHalf(random));
}

/** Letters and digits, as links and ids of payments are made of. */
export function randomText(random: Random, length: number, alphabet = LETTERS_AND_DIGITS): string {
  let text = '';
  while (text.length < length) text += alphabet[randomInteger(random, 0, alphabet.length - 1)] ?? '';
  return text;
}

/** For ids that are base64url on the outside. */
export function randomBytes(random: Random, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  for (let i = 0; i < count; i += 1) bytes[i] = randomInteger(random, 0, 255);
  return bytes;
}

function lowHalf(random: Random): bigint {
  return BigInt(randomInteger(random, 0, 0xffff_ffff));
}
