import { leadingInteger } from '../coercion.js';
import { dateEntity } from './date-time.js';
import {
  byteOffset,
  compareEntities,
  type Entity,
  type FormattedText,
  isWellFormed,
  MarkupError,
} from './entity.js';
import { linkEntity } from './link-entity.js';

/** Tag to the entity that it makes. `a`, `pre`, `code`, `span` and the like have rules of their own. */
const SIMPLE_TAGS: Readonly<Record<string, string>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  u: 'underline',
  ins: 'underline',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
};
const OTHER_TAGS = ['a', 'pre', 'code', 'tg-emoji', 'tg-time', 'blockquote'];
const NAMED_CHARACTERS: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

interface OpenTag {
  readonly tag: string;
  readonly argument: string;
  /** Of a `tg-time`. */
  readonly unixTime: number;
  readonly offset: number;
}

/**
 * Reads HTML as parse_mode HTML does.
 * @throws MarkupError with UTF-8 byte offsets
 */
export function parseHtml(source: string): FormattedText {
  const entities: Entity[] = [];
  const open: OpenTag[] = [];
  let text = '';
  let i = 0;
  while (i < source.length) {
    const special = nextSpecial(source, i);
    text += source.slice(i, special);
    i = special;
    if (i >= source.length) break;
    if (source.charAt(i) === '&') {
      const character = readCharacter(source, i);
      text += character.text;
      i = character.end;
    } else if (source.charAt(i + 1) === '/') {
      i = closeTag(source, i, text, open, entities);
    } else {
      const tag = readStartTag(source, i);
      open.push({ tag: tag.name, argument: tag.argument, unixTime: tag.unixTime, offset: text.length });
      i = tag.end;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) {
    throw new MarkupError(`Can't find end tag corresponding to start tag "${unclosed.tag}"`);
  }
  if (!isWellFormed(text)) {
    throw new MarkupError(
      'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units',
    );
  }
  return { text, entities: entities.sort(compareEntities) };
}

function nextSpecial(source: string, from: number): number {
  for (let i = from; i < source.length; i += 1) {
    const code = source.charCodeAt(i);
    if (code === 0x26 || code === 0x3c) return i;
  }
  return source.length;
}

/** `&lt;`, `&#60;`, `&#x3c;`; the semicolon may be missing. An unknown one stands for itself. */
function readCharacter(source: string, at: number): { readonly text: string; readonly end: number } {
  const match = /^&(?:#x([0-9a-f]{1,8})|#(\d{1,9})|([a-z]+));?/i.exec(source.slice(at, at + 16));
  if (match !== null) {
    const [whole, hex, decimal, name] = match;
    const named = name === undefined ? undefined : NAMED_CHARACTERS[name];
    if (named !== undefined) return { text: named, end: at + whole.length };
    const code = hex !== undefined ? Number.parseInt(hex, 16) : decimal === undefined ? 0 : Number(decimal);
    if (code > 0 && code <= 0x10ffff) return { text: String.fromCodePoint(code), end: at + whole.length };
  }
  return { text: '&', end: at + 1 };
}

interface StartTag {
  readonly name: string;
  readonly argument: string;
  readonly unixTime: number;
  readonly end: number;
}

function readStartTag(source: string, begin: number): StartTag {
  const where = (): number => byteOffset(source, begin);
  let i = begin + 1;
  while (i < source.length && !isSpace(source, i) && source.charAt(i) !== '>') i += 1;
  if (i >= source.length) throw new MarkupError(`Unclosed start tag at byte offset ${where()}`);
  const name = source.slice(begin + 1, i).toLowerCase();
  if (SIMPLE_TAGS[name] === undefined && !OTHER_TAGS.includes(name)) {
    throw new MarkupError(`Unsupported start tag "${name}" at byte offset ${where()}`);
  }
  let argument = '';
  let unixTime = 0;
  for (;;) {
    i = skipSpace(source, i);
    if (i >= source.length) throw new MarkupError(`Unclosed start tag "${name}" at byte offset ${where()}`);
    if (source.charAt(i) === '>') break;
    const attributeBegin = i;
    while (i < source.length && !isSpace(source, i) && !'=>'.includes(source.charAt(i))) i += 1;
    const attribute = source.slice(attributeBegin, i).toLowerCase();
    if (attribute === '') {
      throw new MarkupError(`Empty attribute name in the tag "${name}" at byte offset ${where()}`);
    }
    i = skipSpace(source, i);
    if (source.charAt(i) !== '=') {
      argument = argumentOf(name, attribute, '') ?? argument;
      continue;
    }
    i = skipSpace(source, i + 1);
    if (i >= source.length) throw new MarkupError(`Unclosed start tag "${name}" at byte offset ${where()}`);
    const value = readAttributeValue(source, i, begin);
    if (name === 'tg-time' && attribute === 'unix') unixTime = leadingInteger(value.text);
    argument = argumentOf(name, attribute, value.text) ?? argument;
    i = value.end;
  }
  if (name === 'span' && argument !== 'spoiler') {
    throw new MarkupError(`Tag "span" must have class "tg-spoiler" at byte offset ${where()}`);
  }
  return { name, argument, unixTime, end: i + 1 };
}

function readAttributeValue(
  source: string,
  at: number,
  tagBegin: number,
): { readonly text: string; readonly end: number } {
  const quote = source.charAt(at);
  let i = at;
  if (quote !== '"' && quote !== "'") {
    while (/[A-Za-z0-9.-]/.test(source.charAt(i))) i += 1;
    if (!isSpace(source, i) && source.charAt(i) !== '>') {
      throw new MarkupError(`Unexpected end of name token at byte offset ${byteOffset(source, at)}`);
    }
    return { text: source.slice(at, i).toLowerCase(), end: i };
  }
  let text = '';
  for (i += 1; i < source.length && source.charAt(i) !== quote; ) {
    if (source.charAt(i) === '&') {
      const character = readCharacter(source, i);
      text += character.text;
      i = character.end;
    } else {
      text += source.charAt(i);
      i += 1;
    }
  }
  if (i >= source.length) {
    throw new MarkupError(`Unclosed start tag at byte offset ${byteOffset(source, tagBegin)}`);
  }
  return { text, end: i + 1 };
}

/** What an attribute says to its tag; `undefined` when it says nothing. */
function argumentOf(tag: string, attribute: string, value: string): string | undefined {
  if (tag === 'a' && attribute === 'href') return value;
  if (tag === 'code' && attribute === 'class' && value.startsWith('language-')) return value.slice(9);
  if (tag === 'span' && attribute === 'class' && value.startsWith('tg-')) return value.slice(3);
  if (tag === 'tg-emoji' && attribute === 'emoji-id') return value;
  if (tag === 'tg-time' && attribute === 'format') return value;
  if (tag === 'blockquote' && attribute === 'expandable') return 'expandable';
  return undefined;
}

/** Returns the position behind the end tag. */
function closeTag(source: string, begin: number, text: string, open: OpenTag[], entities: Entity[]): number {
  const where = byteOffset(source, begin);
  const tag = open.pop();
  if (tag === undefined) throw new MarkupError(`Unexpected end tag at byte offset ${where}`);
  let i = begin + 2;
  while (i < source.length && !isSpace(source, i) && source.charAt(i) !== '>') i += 1;
  const name = source.slice(begin + 2, i).toLowerCase();
  i = skipSpace(source, i);
  if (source.charAt(i) !== '>') throw new MarkupError(`Unclosed end tag at byte offset ${where}`);
  if (name !== '' && name !== tag.tag) {
    throw new MarkupError(
      `Unmatched end tag at byte offset ${where}, expected "</${tag.tag}>", found "</${name}>"`,
    );
  }
  if (text.length > tag.offset) addEntity(tag, text, entities);
  return i + 1;
}

function addEntity({ tag, argument, unixTime, offset }: OpenTag, text: string, entities: Entity[]): void {
  const length = text.length - offset;
  const simple = SIMPLE_TAGS[tag];
  if (simple !== undefined) {
    entities.push({ offset, length, type: simple });
    return;
  }
  switch (tag) {
    case 'a': {
      const link = linkEntity(offset, length, argument === '' ? text.slice(offset) : argument);
      if (link !== undefined) entities.push(link);
      return;
    }
    case 'tg-emoji':
      if (!/^\d{1,19}$/.test(argument)) throw new MarkupError('Invalid custom emoji identifier specified');
      entities.push({ offset, length, type: 'custom_emoji', custom_emoji_id: argument });
      return;
    case 'blockquote':
      entities.push({ offset, length, type: argument === '' ? 'blockquote' : 'expandable_blockquote' });
      return;
    case 'pre':
    case 'code':
      addCode(tag, argument, offset, length, entities);
      return;
    default: {
      const date = dateEntity(offset, length, unixTime, argument);
      if (date !== undefined) entities.push(date);
    }
  }
}

/** `<pre><code class="language-x">` (either way round) is one entity: a pre with a language. */
function addCode(
  tag: 'pre' | 'code',
  language: string,
  offset: number,
  length: number,
  entities: Entity[],
): void {
  const last = entities.at(-1);
  const other = tag === 'pre' ? 'code' : 'pre';
  if (last?.type === other && last.offset === offset && last.length === length) {
    const found = tag === 'pre' ? last.language : language;
    if (found !== undefined && found !== '') {
      entities[entities.length - 1] = { offset, length, type: 'pre', language: found };
      return;
    }
  }
  const keepsLanguage = tag === 'code' && language !== '';
  entities.push({ offset, length, type: tag, ...(keepsLanguage ? { language } : {}) });
}

function isSpace(source: string, at: number): boolean {
  return ' \t\n\r\v\f'.includes(source.charAt(at)) && at < source.length;
}

function skipSpace(source: string, at: number): number {
  let i = at;
  while (isSpace(source, i)) i += 1;
  return i;
}
