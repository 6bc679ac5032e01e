import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entity, FormattedText } from '../../src/telegram/text/entity.js';
import { finishText } from '../../src/telegram/text/formatted-text.js';
import { parseHtml } from '../../src/telegram/text/html.js';
import { parseMarkdownV2 } from '../../src/telegram/text/markdown-v2.js';

/** What is written in one parse mode, in the other, and as explicit entities is the same message. */

interface Piece {
  readonly type: string;
  readonly text: string;
  /** Bold around it, unless it is code. */
  readonly bold: boolean;
}

const HTML_TAGS: Readonly<Record<string, readonly [string, string]>> = {
  plain: ['', ''],
  italic: ['<i>', '</i>'],
  underline: ['<u>', '</u>'],
  strikethrough: ['<s>', '</s>'],
  spoiler: ['<tg-spoiler>', '</tg-spoiler>'],
  code: ['<code>', '</code>'],
  pre: ['<pre>', '</pre>'],
  text_link: ['<a href="https://example.org/">', '</a>'],
};

const MARKS: Readonly<Record<string, readonly [string, string]>> = {
  plain: ['', ''],
  italic: ['_', '_'],
  underline: ['__', '__'],
  strikethrough: ['~', '~'],
  spoiler: ['||', '||'],
  code: ['`', '`'],
  // What follows at once would be the language.
  pre: ['```\n', '```'],
  text_link: ['[', '](https://example.org/)'],
};

const isCode = (type: string): boolean => type === 'code' || type === 'pre';
const boldAround = ({ type, bold }: Piece): boolean => bold && !isCode(type);

function html({ type, text, bold }: Piece): string {
  const [open, close] = HTML_TAGS[type] ?? ['', ''];
  const inner = `${open}${text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')}${close}`;
  return boldAround({ type, text, bold }) ? `<b>${inner}</b>` : inner;
}

function markdown({ type, text, bold }: Piece): string {
  const [open, close] = MARKS[type] ?? ['', ''];
  const escaped = isCode(type)
    ? text.replace(/[`\\]/g, '\\$&')
    : text.replace(/[_*[\]()~`>#+\-=|{}.!\\]/g, '\\$&');
  const inner = `${open}${escaped}${close}`;
  return boldAround({ type, text, bold }) ? `*${inner}*` : inner;
}

/** A letter stands between pieces, so that neighbours do not run into each other. */
function whole(pieces: readonly Piece[]): FormattedText {
  let text = 'x';
  const entities: Entity[] = [];
  for (const piece of pieces) {
    const at = { offset: text.length, length: piece.text.length };
    if (boldAround(piece)) entities.push({ ...at, type: 'bold' });
    if (piece.type !== 'plain') {
      entities.push({
        ...at,
        type: piece.type,
        ...(piece.type === 'text_link' && { url: 'https://example.org/' }),
      });
    }
    text += `${piece.text}x`;
  }
  return { text, entities };
}

/** Order among entities of one place does not matter here. */
const sorted = ({ text, entities }: FormattedText): unknown => ({
  text,
  entities: [...entities].sort(
    (a, b) => a.offset - b.offset || a.length - b.length || (a.type < b.type ? -1 : 1),
  ),
});

const pieces: fc.Arbitrary<readonly Piece[]> = fc.array(
  fc.record({
    type: fc.constantFrom(...Object.keys(MARKS)),
    // Letters at both ends: neither white space nor marks touch the marks of the piece.
    text: fc
      .string({ unit: fc.constantFrom(...'abc_*[]()~`>#+-=|{}.!\\&<"\' é', '🦔', '\u200d'), maxLength: 12 })
      .map((inner) => `y${inner}y`),
    bold: fc.boolean(),
  }),
  { maxLength: 6 },
);

const stranger = (): undefined => undefined;

test('HTML, MarkdownV2 and explicit entities say the same', () => {
  fc.assert(
    fc.property(pieces, (list) => {
      const meant = whole(list);
      const fromHtml = parseHtml(`x${list.map((piece) => `${html(piece)}x`).join('')}`);
      const fromMarkdown = parseMarkdownV2(`x${list.map((piece) => `${markdown(piece)}x`).join('')}`);
      expect(sorted(fromHtml)).toEqual(sorted(meant));
      expect(sorted(fromMarkdown)).toEqual(sorted(meant));
      expect(finishText(fromHtml, stranger)).toEqual(finishText(meant, stranger));
      expect(finishText(fromMarkdown, stranger)).toEqual(finishText(meant, stranger));
    }),
    { numRuns: 500 },
  );
});

test('a text that was finished is not changed by being finished again', () => {
  fc.assert(
    fc.property(pieces, (list) => {
      const once = finishText(whole(list), stranger);
      expect(finishText({ text: once.text, entities: once.entities.filter(isExplicit) }, stranger)).toEqual(
        once,
      );
    }),
    { numRuns: 300 },
  );
});

const FOUND = ['mention', 'hashtag', 'cashtag', 'bot_command', 'url', 'email', 'bank_card_number'];
function isExplicit({ type }: Entity): boolean {
  return !FOUND.includes(type);
}
