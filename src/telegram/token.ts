import { type Random, randomInteger } from '../base/random.js';

/** Ids of bots are below 2^54. */
const ID_LIMIT = 2 ** 54;
const LONGEST_TOKEN = 80;
const SECRET_LENGTH = 35;
const SECRET_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

/** Could this be the token of a bot? */
export function isToken(token: string): boolean {
  const [, id] = /^([1-9]\d*):[A-Za-z0-9_-]{24,}$/.exec(token) ?? [];
  return id !== undefined && Number(id) < ID_LIMIT && token.length <= LONGEST_TOKEN;
}

/** A well-formed token for this bot. */
export function makeToken(id: number, random: Random): string {
  let secret = 'AA';
  while (secret.length < SECRET_LENGTH) {
    secret += SECRET_ALPHABET.charAt(randomInteger(random, 0, SECRET_ALPHABET.length - 1));
  }
  return `${id}:${secret}`;
}
