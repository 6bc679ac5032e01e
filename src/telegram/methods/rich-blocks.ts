import type { RichBlock } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { Files } from '../contracts.js';
import type { FileKind } from '../files/file-id.js';
import {
  arrayField,
  booleanField,
  FieldError,
  integerField,
  isObject,
  type JsonObject,
  objectField,
  requiredIntegerField,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import { asParams } from './input-media.js';
import { mediaContent, readInput, storeInput, withDetails } from './media.js';
import { type RichReader, readRichButton, readRichText } from './rich-text.js';

export interface BlockReader extends RichReader {
  readonly files: Files;
  /** Blocks that say “Thinking…” are for drafts. */
  readonly isDraft: boolean;
  /** Media of the field `media`, by id. */
  readonly named: ReadonlyMap<string, JsonObject>;
}

const MOST_COLUMNS = 20;
const MOST_BUTTONS = 8;
const LONGEST_MAP_SIDES = 10_000;
const ALIGNMENTS: readonly string[] = ['left', 'center', 'right'];
const VERTICALS: readonly string[] = ['top', 'middle', 'bottom'];
const MEDIA: Readonly<Record<string, FileKind>> = {
  animation: 'animation',
  audio: 'audio',
  document: 'document',
  photo: 'photo',
  video: 'video',
  voice_note: 'voice',
};

/** @throws ApiError, FieldError. Errors as in td/telegram/WebPageBlock.cpp:4870. */
export function readBlocks(reader: BlockReader, value: unknown, depth = 1): RichBlock[] {
  reader.limits.depth(depth);
  if (!Array.isArray(value)) throw new FieldError('expected an Array of InputRichBlock');
  return value.map((block) => {
    if (!isObject(block)) throw badRequest('block must be non-empty');
    reader.limits.block();
    return readBlock(reader, block, depth) as unknown as RichBlock;
  });
}

function readBlock(reader: BlockReader, block: JsonObject, depth: number): JsonObject {
  const type = requiredStringField(block, 'type');
  const text = (name = 'text'): JsonObject => {
    if (block[name] === undefined) throw new FieldError(`Can't find field "${name}"`);
    return { [name]: readRichText(reader, block[name], depth + 1) };
  };
  const optionalText = (name: string): JsonObject => (block[name] === undefined ? {} : text(name));
  const blocks = (): JsonObject => ({ blocks: readBlocks(reader, block.blocks ?? [], depth + 1) });
  const flags = (...names: readonly string[]): JsonObject =>
    Object.fromEntries(
      names.filter((name) => booleanField(block, name) === true).map((name) => [name, true]),
    );
  if (MEDIA[type] !== undefined)
    return { type, ...readMedia(reader, block, type), ...caption(reader, block, depth) };
  switch (type) {
    case 'paragraph':
    case 'footer':
      return { type, ...text() };
    case 'thinking':
      if (!reader.isDraft) throw badRequest('block is not allowed');
      return { type, ...text() };
    case 'heading': {
      const size = requiredIntegerField(block, 'size');
      const read = text();
      if (size < 1 || size > 6) throw badRequest('invalid section heading size specified');
      return { type, ...read, size };
    }
    case 'pre': {
      const language = stringField(block, 'language') ?? '';
      const code = readRichText({ ...reader, detects: false }, block.text ?? '', depth + 1);
      return { type, text: code, ...(language === '' ? {} : { language }) };
    }
    case 'divider':
      return { type };
    case 'mathematical_expression': {
      const expression = requiredStringField(block, 'expression');
      reader.limits.text(expression);
      return { type, expression };
    }
    case 'anchor':
      return { type, name: requiredStringField(block, 'name') };
    case 'list':
      return { type, items: readItems(reader, arrayField(block, 'items') ?? [], depth + 1) };
    case 'blockquote':
      return { type, ...blocks(), ...optionalText('credit') };
    case 'expandable_blockquote':
    case 'pullquote':
      return { type, ...text(), ...optionalText('credit') };
    case 'collage':
    case 'slideshow':
      return { type, ...blocks(), ...caption(reader, block, depth) };
    case 'table':
      return {
        type,
        cells: readCells(reader, arrayField(block, 'cells') ?? [], depth + 1),
        ...flags('is_bordered', 'is_striped', 'is_compact'),
        ...optionalText('caption'),
      };
    case 'details':
      return { type, ...text('summary'), ...blocks(), ...flags('is_open') };
    case 'map':
      return { type, ...readMap(block), ...caption(reader, block, depth) };
    case 'buttons':
      return { type, ...readButtons(reader, block, depth) };
    default:
      throw new FieldError(`type "${type}" is unsupported`);
  }
}

function caption(reader: BlockReader, block: JsonObject, depth: number): JsonObject {
  const given = objectField(block, 'caption');
  if (given === undefined) return {};
  const read = (name: string): JsonObject =>
    given[name] === undefined ? {} : { [name]: readRichText(reader, given[name], depth + 1) };
  return { caption: { ...read('text'), ...read('credit') } };
}

function readItems(reader: BlockReader, items: readonly unknown[], depth: number): readonly JsonObject[] {
  if (items.length === 0) throw badRequest('list must be non-empty');
  const read = items.map((item) => {
    if (!isObject(item)) throw badRequest('list item must be non-empty');
    reader.limits.block();
    const blocks = readBlocks(reader, item.blocks ?? [], depth + 1);
    const type = stringField(item, 'type') ?? '';
    if (!/^[aAiI1]?$/.test(type)) throw badRequest('invalid list item type specified');
    const value = integerField(item, 'value') ?? 0;
    return {
      label: type === '' ? '•' : orderedLabel(value, type),
      blocks,
      ...(booleanField(item, 'has_checkbox') === true ? { has_checkbox: true } : {}),
      ...(booleanField(item, 'is_checked') === true ? { is_checked: true } : {}),
      ...(type === '' ? {} : { value, type }),
    };
  });
  const isOrdered = (item: JsonObject): boolean => item.type !== undefined;
  if (read.some((item) => isOrdered(item) !== isOrdered(read[0] ?? {}))) {
    throw badRequest('list must be either ordered or unordered');
  }
  return read;
}

const ROMAN: readonly (readonly [number, string])[] = [
  ...([
    [1000, 'M'],
    [900, 'CM'],
    [500, 'D'],
    [400, 'CD'],
    [100, 'C'],
    [90, 'XC'],
    [50, 'L'],
  ] as const),
  ...([
    [40, 'XL'],
    [10, 'X'],
    [9, 'IX'],
    [5, 'V'],
    [4, 'IV'],
    [1, 'I'],
  ] as const),
];

/** `3.`, `c.`, `iii.` (WebPageBlock.cpp:1939) */
function orderedLabel(value: number, type: string): string {
  let label = '';
  if (/a/i.test(type) && value > 0) {
    for (let left = value; left > 0; left = Math.floor((left - 1) / 26)) {
      label = String.fromCharCode(65 + ((left - 1) % 26)) + label;
    }
  } else if (/i/i.test(type) && value > 0 && value < 4000) {
    let left = value;
    for (const [worth, letters] of ROMAN) {
      label += letters.repeat(Math.floor(left / worth));
      left %= worth;
    }
  } else {
    label = String(value);
  }
  return `${type === 'a' || type === 'i' ? label.toLowerCase() : label}.`;
}

function readCells(reader: BlockReader, rows: readonly unknown[], depth: number): readonly JsonObject[][] {
  return rows.map((row) => {
    if (!Array.isArray(row)) throw new FieldError('expected an Array of RichBlockTableCell');
    reader.limits.block();
    let columns = 0;
    const cells = row.map((cell: unknown) => {
      if (!isObject(cell)) throw badRequest('table cell must be non-empty');
      const [colspan = 1, rowspan = 1] = [integerField(cell, 'colspan'), integerField(cell, 'rowspan')];
      if (colspan < 0) throw badRequest('invalid table cell colspan specified');
      if (rowspan < 0) throw badRequest('invalid table cell rowspan specified');
      columns += Math.max(colspan, 1);
      return {
        ...(cell.text === undefined ? {} : { text: readRichText(reader, cell.text, depth + 1) }),
        ...(booleanField(cell, 'is_header') === true ? { is_header: true } : {}),
        ...(colspan > 1 ? { colspan } : {}),
        ...(rowspan > 1 ? { rowspan } : {}),
        align: oneOf(cell, 'align', ALIGNMENTS),
        valign: oneOf(cell, 'valign', VERTICALS),
      };
    });
    if (columns > MOST_COLUMNS) throw badRequest('rich message table has too many columns');
    return cells;
  });
}

function oneOf(object: JsonObject, name: string, allowed: readonly string[]): string {
  const value = stringField(object, name) ?? allowed[0] ?? '';
  if (!allowed.includes(value)) throw new FieldError(`invalid ${name} specified`);
  return value;
}

function readMap(block: JsonObject): JsonObject {
  const place = objectField(block, 'location');
  const [latitude, longitude] = [Number(place?.latitude), Number(place?.longitude)];
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180))
    throw badRequest('invalid location specified');
  const [zoom, width, height] = ['zoom', 'width', 'height'].map((name) =>
    requiredIntegerField(block, name),
  ) as [number, number, number];
  const isTooLong = width < 0 || height < 0 || width + height > LONGEST_MAP_SIDES;
  if (zoom < 0 || zoom > 24 || isTooLong || width > height * 20 || height > width * 20) {
    throw badRequest('invalid map properties specified');
  }
  return { location: { latitude, longitude }, zoom, width, height };
}

function readButtons(reader: BlockReader, block: JsonObject, depth: number): JsonObject {
  const buttons = arrayField(block, 'buttons') ?? [];
  if (buttons.length < 1 || buttons.length > MOST_BUTTONS)
    throw badRequest('invalid number of buttons specified');
  return {
    buttons: buttons.map((button) => readRichButton(reader, button, depth + 1)),
    ...(block.align === undefined ? {} : { align: oneOf(block, 'align', ALIGNMENTS) }),
  };
}

function readMedia(reader: BlockReader, block: JsonObject, type: string): JsonObject {
  const { world, files, named, limits } = reader;
  limits.media();
  const kind = MEDIA[type] ?? 'document';
  const given = objectField(block, type);
  if (given === undefined) throw new FieldError(`Can't find field "${type}"`);
  const link = requiredStringField(given, 'media');
  const id = /^tg:\/\/(?:photo|video|audio|document)\?id=([\w-]{1,64})$/.exec(link)?.[1];
  const object = id === undefined ? given : named.get(id);
  if (object === undefined) throw badRequest(`media "${id}" not found`);
  const media = requiredStringField(object, 'media');
  const file = storeInput(world, readInput(new Map([[kind as string, media]]), files, kind), kind);
  const content = withDetails(mediaContent(world, kind, file), kind, asParams(object)) as JsonObject;
  const hasSpoiler =
    booleanField(object, 'has_spoiler') === true || booleanField(given, 'has_spoiler') === true;
  return {
    [type]: content[kind],
    ...(hasSpoiler && kind !== 'audio' && kind !== 'voice' && kind !== 'document'
      ? { has_spoiler: true }
      : {}),
  };
}
