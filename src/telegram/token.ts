import { Buffer } from 'node:buffer';
import { type Random, randomInteger } from '../base/random.js';
import { ApiError } from './api-error.js';

/** Ids of bots are below 2^54. */
const ID_LIMIT = 2 ** 54;
const LONGEST_TOKEN = 80;
const INVALID = new ApiError(401, 'Unauthorized: invalid token specified');
const SECRET_LENGTH = 35;
const SECRET_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

/** Could this be the token of a bot? */
export function isToken(token: string): boolean {
  const [, id] = /^([1-9]\d*):[A-Za-z0-9_-]{24,}$/.exec(token) ?? [];
  return id !== undefined && Number(id) < ID_LIMIT && token.length <= LONGEST_TOKEN;
}

/**
 * What the source of the official server answers to a token that is none (ClientManager.cpp:74;
 * facts/telegram.md §3.4). On api.telegram.org such a token does not get past the front end.
 */
export function malformedTokenError(token: string): ApiError {
  const colon = token.indexOf(':');
  if (token.startsWith('0') || Buffer.byteLength(token) > LONGEST_TOKEN || colon < 0) return INVALID;
  const id = token.slice(0, colon);
  // A number that does not fit 64 bits is none to the official server.
  if (!/^(?:0|-?[1-9]\d*)$/.test(id) || BigInt(id) !== BigInt.asIntN(64, BigInt(id))) {
    return new ApiError(421, 'Misdirected Request: unallowed token specified');
  }
  if (Number(id) <= 0 || Number(id) >= ID_LIMIT) return INVALID;
  return new ApiError(401, 'Unauthorized');
}

/** A well-formed token for this bot. */
export function makeToken(id: number, random: Random): string {
  let secret = 'AA';
  while (secret.length < SECRET_LENGTH) {
    secret += SECRET_ALPHABET.charAt(randomInteger(random, 0, SECRET_ALPHABET.length - 1));
  }
  return `${id}:${secret}`;
}
