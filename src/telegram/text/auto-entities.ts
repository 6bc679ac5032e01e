import { compareEntities, type Entity, isCode } from './entity.js';
import { COMMON_TLDS, COUNTRY_TLDS } from './tlds.js';

/**
 * What Telegram finds in a text by itself. Explicit entities stay; nothing is found inside code, links
 * and custom emoji.
 */

const MENTION = /(?<![\p{L}\p{N}_])@([A-Za-z0-9_]{2,32})(?![\p{L}\p{N}_])/gu;
/** The only names shorter than four characters. */
const SHORT_MENTIONS = ['gif', 'pic', 'vid', 'ufc', 'nft'];
const COMMAND = /(?<![\p{L}\p{N}_/<>])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\p{L}\p{N}_/<>])/gu;
const HASHTAG =
  /(?<![\p{L}\p{N}_#@])#(?!\p{Nd}+(?![\p{L}\p{N}_]))[\p{L}\p{N}_\u200c\u00b7]{1,256}(?![\p{L}\p{N}_#])/gu;
const CASHTAG = /(?<![\p{L}\p{N}_$])\$(?:1INCH|[A-Z]{1,8})(?![\p{L}\p{N}_$])/gu;
const EMAIL =
  /(?<![\p{L}\p{N}_.+@-])[A-Za-z0-9_-]+(?:[.+:][A-Za-z0-9_-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?\.)+[A-Za-z]{2,8}(?![\p{L}\p{N}_])/gu;
const URL =
  /(?<![\p{L}\p{N}_@.$/-])(?:(https?|ftp|tonsite):\/\/(?:[^\s/?#@<>"]{1,128}@)?)?((?:[\p{L}\p{N}](?:[\p{L}\p{N}_~-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{1,63})(?::\d{1,5})?(?:[/?#][^\s<>"\u00ab\u00bb\u2026]*)?/giu;
const APP_URL = /(?<![\p{L}\p{N}_])(?:tg|ton):\/\/[A-Za-z0-9_-]+(?:[/?#][^\s<>"]*)?/giu;
const CARD = /(?<![\p{L}\p{N}_.,+-])\d(?:[ -]?\d){12,18}(?![\p{L}\p{N}_])/gu;

/** Types that replace explicit ones of the same name: they are always found anew. */
export const DETECTED_TYPES: ReadonlySet<string> = new Set([
  'mention',
  'hashtag',
  'cashtag',
  'bot_command',
  'url',
  'email',
  'phone_number',
  'bank_card_number',
]);

/** The explicit entities and those found in the text, in order. */
export function withAutoEntities(text: string, explicit: readonly Entity[]): readonly Entity[] {
  const found = findEntities(text);
  if (found.length === 0) return explicit;
  const closed = explicit.filter((entity) => closesText(entity.type));
  const free = found.filter((entity) => !closed.some((other) => overlaps(entity, other)));
  return [...explicit, ...free].sort(compareEntities);
}

const CLOSED_TYPES: ReadonlySet<string> = new Set(['text_link', 'text_mention', 'custom_emoji', 'date_time']);

function closesText(type: string): boolean {
  return isCode(type) || CLOSED_TYPES.has(type);
}

/** What is in a plain text. */
export function findEntities(text: string): readonly Entity[] {
  const found: Entity[] = [];
  const add = (type: string, offset: number, length: number): void => {
    const entity = { offset, length, type };
    if (!found.some((other) => overlaps(entity, other))) found.push(entity);
  };
  const all = (
    pattern: RegExp,
    type: string,
    accept: (match: RegExpExecArray) => boolean = () => true,
  ): void => {
    for (const match of text.matchAll(pattern)) if (accept(match)) add(type, match.index, match[0].length);
  };
  const hasAt = text.includes('@');
  // A dot that ends a sentence is in no address.
  const hasDot = /\.[^\s.]/.test(text);
  // Wider kinds first: what they cover is not looked at again.
  if (text.includes('://')) all(APP_URL, 'url');
  if (hasAt && hasDot) all(EMAIL, 'email');
  if (hasDot) {
    for (const match of text.matchAll(URL)) {
      const length = urlLength(match);
      if (length > 0) add('url', match.index, length);
    }
  }
  if (text.includes('/')) all(COMMAND, 'bot_command');
  if (hasAt) all(MENTION, 'mention', ([, name = '']) => name.length >= 4 || SHORT_MENTIONS.includes(name));
  if (text.includes('#')) all(HASHTAG, 'hashtag');
  if (text.includes('$')) all(CASHTAG, 'cashtag');
  if (/\d{4}/.test(text)) all(CARD, 'bank_card_number', ([digits]) => passesLuhn(digits.replace(/\D/g, '')));
  return found.length > 1 ? found.sort(compareEntities) : found;
}

/** How much of a match is a URL; 0 when it is none. */
function urlLength(match: RegExpExecArray): number {
  const [whole, scheme, host = ''] = match;
  const last = host.slice(host.lastIndexOf('.') + 1).toLowerCase();
  const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
  if (!isAddress) {
    if (!/^(?:\p{L}{2,}|xn--[a-z0-9-]+)$/u.test(last)) return 0;
    if (scheme === undefined && !COMMON_TLDS.has(last) && !COUNTRY_TLDS.has(last)) return 0;
  }
  return withoutTail(whole).length;
}

/** Punctuation at the end belongs to the sentence, as does a bracket that was not opened. */
function withoutTail(url: string): string {
  let end = url.length;
  for (;;) {
    const last = url.charAt(end - 1);
    const body = url.slice(0, end);
    if (".:;,('?!`[{".includes(last)) end -= 1;
    else if (last === ')' && count(body, ')') > count(body, '(')) end -= 1;
    else if (last === ']' && count(body, ']') > count(body, '[')) end -= 1;
    else if (last === '}' && count(body, '}') > count(body, '{')) end -= 1;
    else return body;
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - i));
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function overlaps(a: Entity, b: Entity): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}
