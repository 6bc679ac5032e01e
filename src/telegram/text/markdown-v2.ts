import { dateEntity, dateOfLink } from './date-time.js';
import { byteOffset, compareEntities, type Entity, type FormattedText, MarkupError } from './entity.js';
import { linkEntity } from './link-entity.js';

type OpenType =
  | 'Bold'
  | 'Italic'
  | 'Underline'
  | 'Strikethrough'
  | 'Spoiler'
  | 'Code'
  | 'Pre'
  | 'PreCode'
  | 'TextUrl'
  | 'CustomEmoji'
  | 'BlockQuote';

interface OpenEntity {
  readonly type: OpenType;
  /** Where it begins in the result. */
  readonly offset: number;
  /** Where it begins in the source. */
  readonly begin: number;
  readonly language?: string;
}

const RESERVED = '_*[]()~`>#+-=|{}.!';

/** What opens an entity; longer markers first. */
const OPENERS: readonly (readonly [string, OpenType])[] = [
  ['__', 'Underline'],
  ['_', 'Italic'],
  ['*', 'Bold'],
  ['~', 'Strikethrough'],
  ['||', 'Spoiler'],
  ['![', 'CustomEmoji'],
  ['[', 'TextUrl'],
  ['`', 'Code'],
  ['>', 'BlockQuote'],
];

const TYPE_NAMES: Readonly<Partial<Record<OpenType, string>>> = {
  Bold: 'bold',
  Italic: 'italic',
  Underline: 'underline',
  Strikethrough: 'strikethrough',
  Spoiler: 'spoiler',
  Code: 'code',
  Pre: 'pre',
};

/**
 * Reads MarkdownV2.
 * @throws MarkupError with UTF-8 byte offsets
 */
export function parseMarkdownV2(source: string): FormattedText {
  return new MarkdownV2Parser(source).parse();
}

class MarkdownV2Parser {
  readonly #source: string;
  readonly #entities: Entity[] = [];
  readonly #open: OpenEntity[] = [];
  #text = '';
  #at = 0;
  #inQuote = false;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): FormattedText {
    while (this.#at < this.#source.length) this.#step();
    if (this.#inQuote) this.#closeQuote();
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) this.#failUnclosed(unclosed);
    return { text: this.#text, entities: this.#entities.sort(compareEntities) };
  }

  #step(): void {
    const c = this.#source.charAt(this.#at);
    const next = this.#source.charCodeAt(this.#at + 1);
    if (c === '\\' && next > 0 && next <= 126) {
      this.#text += this.#source.charAt(this.#at + 1);
      this.#at += 2;
      return;
    }
    const top = this.#open.at(-1);
    const inCode = top !== undefined && (top.type === 'Code' || top.type === 'Pre' || top.type === 'PreCode');
    if (inCode ? c !== '`' : c !== '\n' && !RESERVED.includes(c)) {
      this.#text += c;
      this.#at += 1;
    } else if (c === '\n') {
      this.#newLine();
    } else if (top !== undefined && this.#ends(top)) {
      this.#end(top);
    } else {
      this.#begin(c);
    }
  }

  #newLine(): void {
    this.#text += '\n';
    this.#at += 1;
    if (!this.#inQuote) return;
    if (this.#source.charAt(this.#at) === '>') this.#at += 1;
    else this.#closeQuote();
  }

  #ends(top: OpenEntity): boolean {
    switch (top.type) {
      case 'Bold':
        return this.#sees('*');
      case 'Italic':
        return this.#sees('_') && !this.#sees('__');
      case 'Underline':
        return this.#sees('__');
      case 'Strikethrough':
        return this.#sees('~');
      case 'Spoiler':
        return this.#sees('||');
      case 'Code':
        return this.#sees('`');
      case 'Pre':
      case 'PreCode':
        return this.#sees('```');
      case 'TextUrl':
      case 'CustomEmoji':
        return this.#sees(']');
      case 'BlockQuote':
        return false;
    }
  }

  #begin(c: string): void {
    if (this.#sees('```')) {
      this.#beginPre();
      return;
    }
    const opened = OPENERS.find(([marker]) => this.#sees(marker));
    const [marker, type] = opened ?? this.#failReserved(c);
    if (type === 'BlockQuote') {
      if (this.#inQuote || !this.#atLineStart()) this.#failReserved(c);
      this.#inQuote = true;
    }
    this.#open.push({ type, offset: this.#text.length, begin: this.#at });
    this.#at += marker.length;
  }

  #atLineStart(): boolean {
    return this.#text === '' || this.#text.endsWith('\n');
  }

  /** The language is everything up to a space or line break, unless the block ends first. */
  #beginPre(): void {
    const begin = this.#at;
    let i = begin + 3;
    let languageEnd = i;
    while (languageEnd < this.#source.length && !/[\s`]/.test(this.#source.charAt(languageEnd)))
      languageEnd += 1;
    let language: string | undefined;
    if (languageEnd > i && languageEnd < this.#source.length && this.#source.charAt(languageEnd) !== '`') {
      language = this.#source.slice(i, languageEnd);
      i = languageEnd;
    }
    const first = this.#source.charAt(i);
    if (first === '\n' || first === '\r') {
      const second = this.#source.charAt(i + 1);
      i += (second === '\n' || second === '\r') && second !== first ? 2 : 1;
    }
    this.#at = i;
    const offset = this.#text.length;
    if (language === undefined) this.#open.push({ type: 'Pre', offset, begin });
    else this.#open.push({ type: 'PreCode', offset, begin, language });
  }

  #end(top: OpenEntity): void {
    const { offset, type } = top;
    const length = this.#text.length - offset;
    let entity: Entity | undefined;
    if (type === 'TextUrl') {
      const url = this.#readTarget() ?? this.#text.slice(offset);
      entity = linkEntity(offset, length, url);
    } else if (type === 'CustomEmoji') {
      entity = this.#emojiOrTime(offset, length);
    } else {
      this.#at +=
        type === 'Pre' || type === 'PreCode' ? 3 : type === 'Underline' || type === 'Spoiler' ? 2 : 1;
      entity =
        top.language === undefined
          ? { offset, length, type: TYPE_NAMES[type] ?? '' }
          : { offset, length, type: 'pre', language: top.language };
    }
    this.#open.pop();
    if (entity !== undefined && length > 0) this.#entities.push(entity);
  }

  /** `![…](tg://emoji?id=…)` and `![…](tg://time?unix=…)`. */
  #emojiOrTime(offset: number, length: number): Entity | undefined {
    const url = this.#readTarget();
    if (url === undefined) throw new MarkupError('The entity must contain a tg://emoji or tg://time URL');
    const date = dateOfLink(url);
    if (date !== undefined) return dateEntity(offset, length, date.unixTime, date.format);
    const id = /^tg:(?:\/\/)?emoji\/?\?(?:.*&)?id=(\d{1,19})/i.exec(url)?.[1];
    if (id === undefined) throw new MarkupError('Invalid tg://emoji or tg://time URL specified');
    return { offset, length, type: 'custom_emoji', custom_emoji_id: id };
  }

  /** Reads `](…)` from the bracket on; `undefined` when no parenthesis follows. */
  #readTarget(): string | undefined {
    this.#at += 1;
    if (this.#source.charAt(this.#at) !== '(') return undefined;
    this.#at += 1;
    const begin = this.#at;
    let url = '';
    while (this.#at < this.#source.length && this.#source.charAt(this.#at) !== ')') {
      const next = this.#source.charCodeAt(this.#at + 1);
      if (this.#source.charAt(this.#at) === '\\' && next > 0 && next <= 126) this.#at += 1;
      url += this.#source.charAt(this.#at);
      this.#at += 1;
    }
    if (this.#at >= this.#source.length) {
      throw new MarkupError(`Can't find end of a URL at byte offset ${byteOffset(this.#source, begin)}`);
    }
    this.#at += 1;
    return url;
  }

  /** A quote ends with its last line. An empty spoiler at its very end makes it expandable. */
  #closeQuote(): void {
    this.#inQuote = false;
    let type = 'blockquote';
    const end = this.#text.endsWith('\n') ? this.#text.length - 1 : this.#text.length;
    const inner = this.#open.at(-1);
    if (inner?.type === 'Spoiler' && inner.offset >= end) {
      this.#open.pop();
      type = 'expandable_blockquote';
    }
    const quote = this.#open.at(-1);
    if (quote === undefined) return;
    if (quote.type !== 'BlockQuote') this.#failUnclosed(quote);
    this.#open.pop();
    const length = this.#text.length - quote.offset;
    if (length > 0) this.#entities.push({ offset: quote.offset, length, type });
  }

  #sees(marker: string): boolean {
    return this.#source.startsWith(marker, this.#at);
  }

  #failReserved(c: string): never {
    throw new MarkupError(`Character '${c}' is reserved and must be escaped with the preceding '\\'`);
  }

  #failUnclosed(open: OpenEntity): never {
    throw new MarkupError(
      `Can't find end of ${open.type} entity at byte offset ${byteOffset(this.#source, open.begin)}`,
    );
  }
}
