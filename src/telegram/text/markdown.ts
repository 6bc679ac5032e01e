import { byteOffset, compareEntities, type Entity, type FormattedText, MarkupError } from './entity.js';
import { linkEntity } from './link-entity.js';

/**
 * Reads the older Markdown: four marks, no nesting.
 * @throws MarkupError with UTF-8 byte offsets
 */
export function parseMarkdown(source: string): FormattedText {
  const entities: Entity[] = [];
  let text = '';
  let i = 0;
  while (i < source.length) {
    const c = source.charAt(i);
    if (c === '\\' && '_*`['.includes(source.charAt(i + 1)) && i + 1 < source.length) {
      text += source.charAt(i + 1);
      i += 2;
    } else if (!'_*`['.includes(c)) {
      text += c;
      i += 1;
    } else {
      const block = readBlock(source, i);
      const offset = text.length;
      text += block.inner;
      const entity = block.inner === '' ? undefined : block.entity(offset);
      if (entity !== undefined) entities.push(entity);
      i = block.end;
    }
  }
  return { text, entities: entities.sort(compareEntities) };
}

interface Block {
  readonly inner: string;
  readonly end: number;
  readonly entity: (offset: number) => Entity | undefined;
}

function readBlock(source: string, begin: number): Block {
  const mark = source.charAt(begin);
  if (source.startsWith('```', begin)) return readPre(source, begin);
  const close = source.indexOf(mark === '[' ? ']' : mark, begin + 1);
  if (close < 0) failUnclosed(source, begin);
  const inner = source.slice(begin + 1, close);
  if (mark === '[') return readLink(source, inner, close);
  const type = mark === '_' ? 'italic' : mark === '*' ? 'bold' : 'code';
  return { inner, end: close + 1, entity: (offset) => ({ offset, length: inner.length, type }) };
}

function readLink(source: string, inner: string, close: number): Block {
  let url = inner;
  let end = close + 1;
  if (source.charAt(end) === '(') {
    const parenthesis = source.indexOf(')', end);
    const urlEnd = parenthesis < 0 ? source.length : parenthesis;
    url = source.slice(end + 1, urlEnd);
    end = Math.min(urlEnd + 1, source.length);
  }
  return { inner, end, entity: (offset) => linkEntity(offset, inner.length, url) };
}

function readPre(source: string, begin: number): Block {
  let from = begin + 3;
  const language = /^[^\s`]+(?=\s)/.exec(source.slice(from))?.[0];
  if (language !== undefined) from += language.length;
  from += /^(?:\r\n|\n\r|\n|\r)?/.exec(source.slice(from, from + 2))?.[0].length ?? 0;
  const close = source.indexOf('```', from);
  if (close < 0) failUnclosed(source, begin);
  const inner = source.slice(from, close);
  return {
    inner,
    end: close + 3,
    entity: (offset) => ({
      offset,
      length: inner.length,
      type: 'pre',
      ...(language === undefined ? {} : { language }),
    }),
  };
}

function failUnclosed(source: string, begin: number): never {
  throw new MarkupError(`Can't find end of the entity starting at byte offset ${byteOffset(source, begin)}`);
}
