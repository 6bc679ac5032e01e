import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findEntities } from '../../src/telegram/text/auto-entities.js';
import { MarkupError } from '../../src/telegram/text/entity.js';
import { codePoints, finishText } from '../../src/telegram/text/formatted-text.js';
import { parseHtml } from '../../src/telegram/text/html.js';
import { parseMarkdown } from '../../src/telegram/text/markdown.js';
import { parseMarkdownV2 } from '../../src/telegram/text/markdown-v2.js';

/** Entities as `type:covered text`, with what they carry. */
function show({ text, entities }: ReturnType<typeof parseHtml>): string[] {
  return entities.map(({ offset, length, type, ...rest }) => {
    const extra = Object.values(rest).map((value) => JSON.stringify(value));
    return [`${type}:${text.slice(offset, offset + length)}`, ...extra].join(' ');
  });
}

const nobody = () => undefined;

describe('MarkdownV2', () => {
  test.each([
    [
      '*b _i __u__ i_* ~s~ ||h||',
      'b i u i s h',
      ['bold:b i u i', 'italic:i u i', 'underline:u', 'strikethrough:s', 'spoiler:h'],
    ],
    ['`a.b` \\.', 'a.b .', ['code:a.b']],
    ['```ts\nlet a = 1;\n```', 'let a = 1;\n', ['pre:let a = 1;\n "ts"']],
    ['```\nplain```', 'plain', ['pre:plain']],
    ['```inline```', 'inline', ['pre:inline']],
    ['[t](https://a.b)', 't', ['text_link:t "https://a.b/"']],
    ['[t](https://a.b/\\)x)', 't', ['text_link:t "https://a.b/)x"']],
    ['[t](tg://user?id=7)', 't', ['text_mention:t {"id":7}']],
    ['[a\\.b]', 'a.b', ['text_link:a.b "http://a.b/"']],
    ['[t](nonsense)', 't', []],
    ['![👍](tg://emoji?id=5368)', '👍', ['custom_emoji:👍 "5368"']],
    ['![t](tg://time?unix=1647531900&format=wDT)', 't', ['date_time:t 1647531900 "wDT"']],
    ['>one\n>two\nout', 'one\ntwo\nout', ['blockquote:one\ntwo\n']],
    ['>one\n>two||', 'one\ntwo', ['expandable_blockquote:one\ntwo']],
    ['>a\n**>b', 'a\nb', ['blockquote:a\n', 'blockquote:b']],
    ['🦔*x*', '🦔x', ['bold:x']],
    ['**', '', []],
  ])('%j', (source, text, entities) => {
    const parsed = parseMarkdownV2(source);
    expect(parsed.text).toBe(text);
    expect(show(parsed)).toEqual(entities);
  });

  test.each([
    ...[...'_*[]()~`>#+-=|{}.!']
      .filter((c) => !'_*[~`>'.includes(c))
      .map((c) => [`a${c}`, `Character '${c}' is reserved and must be escaped with the preceding '\\'`]),
    ['a>', "Character '>' is reserved and must be escaped with the preceding '\\'"],
    ['é_a', "Can't find end of Italic entity at byte offset 2"],
    ['__a', "Can't find end of Underline entity at byte offset 0"],
    ['~a', "Can't find end of Strikethrough entity at byte offset 0"],
    ['||a', "Can't find end of Spoiler entity at byte offset 0"],
    ['`a', "Can't find end of Code entity at byte offset 0"],
    ['```a', "Can't find end of Pre entity at byte offset 0"],
    ['```js\na', "Can't find end of PreCode entity at byte offset 0"],
    ['[a', "Can't find end of TextUrl entity at byte offset 0"],
    ['[a](b', "Can't find end of a URL at byte offset 4"],
    ['>a *b\nc', "Can't find end of Bold entity at byte offset 3"],
    ['![a]', 'The entity must contain a tg://emoji or tg://time URL'],
    ['![a](https://a.b)', 'Invalid tg://emoji or tg://time URL specified'],
    ['![a](tg://time?unix=0)', 'Invalid tg://emoji or tg://time URL specified'],
    ['![a](tg://time?unix=5&format=x)', 'Invalid date format used'],
  ])('%j fails', (source, why) => {
    expect(() => parseMarkdownV2(source as string)).toThrow(new MarkupError(why as string));
  });

  test('escaped text comes out as it went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const escaped = text.replace(/[!-~]/g, (c) => (/[A-Za-z0-9]/.test(c) ? c : `\\${c}`));
        expect(parseMarkdownV2(escaped)).toEqual({ text, entities: [] });
      }),
    );
  });
});

describe('HTML', () => {
  test.each([
    ['<b>b <i>i</i></b>', 'b i', ['bold:b i', 'italic:i']],
    [
      '<strong>a</strong><em>b</em><ins>c</ins><del>d</del>',
      'abcd',
      ['bold:a', 'italic:b', 'underline:c', 'strikethrough:d'],
    ],
    ['<span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>', 'st', ['spoiler:s', 'spoiler:t']],
    ['<A HREF="https://a.b/?x=1&amp;y=2">t</a>', 't', ['text_link:t "https://a.b/?x=1&y=2"']],
    ['<a href=a.b>t</a>', 't', ['text_link:t "http://a.b/"']],
    ['<a href="tg://user?id=5">t</a>', 't', ['text_mention:t {"id":5}']],
    ['<pre><code class="language-py">x</code></pre>', 'x', ['pre:x "py"']],
    ['<pre>x</pre><code>y</code>', 'xy', ['pre:x', 'code:y']],
    [
      '<blockquote>q</blockquote><blockquote expandable>r</blockquote>',
      'qr',
      ['blockquote:q', 'expandable_blockquote:r'],
    ],
    ['<tg-emoji emoji-id="53">👍</tg-emoji>', '👍', ['custom_emoji:👍 "53"']],
    ['<tg-time unix="1647531900" format="TDw">t</tg-time>', 't', ['date_time:t 1647531900 "wDT"']],
    ['<tg-time unix="1647531900">t</tg-time>', 't', ['date_time:t 1647531900 ""']],
    ['<tg-time unix="5" format="R">t</tg-time>', 't', ['date_time:t 5 "r"']],
    ['<tg-time unix="never">t</tg-time>', 't', []],
    ['&lt;&amp;&gt;&quot;&#65;&#x42;&nbsp;&', '<&>"AB&nbsp;&', []],
    ['<b>a</>', 'a', ['bold:a']],
    ['<b></b>x', 'x', []],
  ])('%j', (source, text, entities) => {
    const parsed = parseHtml(source);
    expect(parsed.text).toBe(text);
    expect(show(parsed)).toEqual(entities);
  });

  test.each([
    ['é<b', 'Unclosed start tag at byte offset 2'],
    ['<div>a</div>', 'Unsupported start tag "div" at byte offset 0'],
    ['<a ="x">t</a>', 'Empty attribute name in the tag "a" at byte offset 0'],
    ['<a href', 'Unclosed start tag "a" at byte offset 0'],
    ['<a href=', 'Unclosed start tag "a" at byte offset 0'],
    ['<a href="x', 'Unclosed start tag at byte offset 0'],
    ['<a href=a_b>', 'Unexpected end of name token at byte offset 8'],
    ['<span>a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['a</b>', 'Unexpected end tag at byte offset 1'],
    ['<b>a</b', 'Unclosed end tag at byte offset 4'],
    ['<b>a</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ['<b>a', 'Can\'t find end tag corresponding to start tag "b"'],
    ['<tg-time unix="5" format="x">a</tg-time>', 'Invalid date format used'],
    [
      '&#xd83d;',
      'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units',
    ],
    ['<tg-emoji emoji-id="x">a</tg-emoji>', 'Invalid custom emoji identifier specified'],
  ])('%j fails', (source, why) => {
    expect(() => parseHtml(source)).toThrow(new MarkupError(why));
  });

  test('escaped text comes out as it went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
        expect(parseHtml(escaped)).toEqual({ text, entities: [] });
      }),
    );
  });
});

describe('Markdown', () => {
  test.each([
    ['*b* _i_ `c` [t](a.b)', 'b i c t', ['bold:b', 'italic:i', 'code:c', 'text_link:t "http://a.b/"']],
    ['\\*a\\_', '*a_', []],
    ['```py\nx```', 'x', ['pre:x "py"']],
    ['a.b (c) ~d~', 'a.b (c) ~d~', []],
    ['**', '', []],
  ])('%j', (source, text, entities) => {
    const parsed = parseMarkdown(source);
    expect(parsed.text).toBe(text);
    expect(show(parsed)).toEqual(entities);
  });

  test.each([
    ['é_a', 2],
    ['[a', 0],
    ['```a`', 0],
  ])('%j fails', (source, offset) => {
    expect(() => parseMarkdown(source)).toThrow(
      new MarkupError(`Can't find end of the entity starting at byte offset ${offset}`),
    );
  });
});

describe('entities found in a text', () => {
  test.each([
    ['@abcd @abc @gif a@abcd @abcd_', ['mention:@abcd', 'mention:@gif', 'mention:@abcd_']],
    ['/a /a@bot_x //b /c/d </e /f, a/g', ['bot_command:/a', 'bot_command:/a@bot_x', 'bot_command:/f']],
    ['#тег #1 #1a a#b #x_y', ['hashtag:#тег', 'hashtag:#1a', 'hashtag:#x_y']],
    ['$USD $usd $1INCH $TOOLONGXX', ['cashtag:$USD', 'cashtag:$1INCH']],
    ['mail a.b@c.com now', ['email:a.b@c.com']],
    [
      'https://t.me/x?y=1. (example.com) foo.bar file.zip 1.2.3.4',
      ['url:https://t.me/x?y=1', 'url:example.com', 'url:foo.bar', 'url:1.2.3.4'],
    ],
    ['http://localhost tg://resolve?domain=x', ['url:tg://resolve?domain=x']],
    ['https://a.bc/c_(d) https://a.bc/c)', ['url:https://a.bc/c_(d)', 'url:https://a.bc/c']],
    ['4111 1111 1111 1111 4111 1111 1111 1112', ['bank_card_number:4111 1111 1111 1111']],
    ['plain words, nothing else', []],
  ])('%j', (text, entities) => {
    expect(show({ text, entities: findEntities(text) })).toEqual(entities);
  });

  test('long texts of one kind take no long time', () => {
    const started = performance.now();
    for (const text of [
      'a.'.repeat(16_000),
      'a'.repeat(32_000),
      '@a'.repeat(16_000),
      ',a'.repeat(16_000),
      '1 '.repeat(16_000),
    ]) {
      findEntities(`${text}.@/#$`);
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('the finished text', () => {
  test('is trimmed, and explicit entities move along', () => {
    const finished = finishText(
      { text: '\n  ab \n', entities: [{ offset: 4, length: 3, type: 'bold' }] },
      nobody,
    );
    expect(finished).toEqual({ text: 'ab', entities: [{ offset: 1, length: 1, type: 'bold' }] });
  });

  test('keeps leading space inside an entity', () => {
    const finished = finishText({ text: ' a', entities: [{ offset: 0, length: 2, type: 'code' }] }, nobody);
    expect(finished.text).toBe(' a');
  });

  test('has no control characters', () => {
    const finished = finishText(
      {
        text: 'a\r\nb\u0001c',
        entities: [{ offset: 3, length: 1, type: 'bold' }],
      },
      nobody,
    );
    expect(finished).toEqual({ text: 'a\nb c', entities: [{ offset: 2, length: 1, type: 'bold' }] });
  });

  test('finds nothing inside code and links', () => {
    const text = '#a #b #c';
    const entities = [
      { offset: 0, length: 2, type: 'code' },
      { offset: 3, length: 2, type: 'bold' },
      { offset: 6, length: 2, type: 'text_link', url: 'http://a.b/' },
    ];
    expect(show(finishText({ text, entities }, nobody))).toEqual([
      'code:#a',
      'hashtag:#b',
      'bold:#b',
      'text_link:#c "http://a.b/"',
    ]);
  });

  test('is counted in code points', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(codePoints(text)).toBe([...text].length);
      }),
    );
  });
});
