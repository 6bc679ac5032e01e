import type { MaskPosition } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { StickerEntry, StickerFormat, StickerKind } from '../chats/sticker-book.js';
import type { Files, Params, UploadedFile } from '../contracts.js';
import { attachedFile, isAttached } from '../files/attached.js';
import type { FileKind } from '../files/file-id.js';
import type { StoredFile } from '../files/file-store.js';
import {
  arrayField,
  FieldError,
  isObject,
  type JsonObject,
  parseJsonParam,
  parsing,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import { longId } from '../random-ids.js';
import type { World } from '../world.js';

const MOST_EMOJIS = 20;
const MOST_STICKERS = 50;
const MASK_POINTS = ['forehead', 'eyes', 'mouth', 'chin'] as const;

/** A sticker as the bot gives it. */
export interface NewSticker {
  readonly source: { readonly upload: UploadedFile } | { readonly text: string };
  /** Absent for `auto`. */
  readonly format?: StickerFormat;
  readonly emojis: readonly string[];
  readonly keywords: readonly string[];
  readonly maskPosition?: MaskPosition;
}

/** The `stickers` argument, or the older single one. @throws ApiError */
export function readInputStickers(params: Params, files: Files): NewSticker[] {
  if (!params.has('stickers')) return [readLegacy(params, files)];
  const list = parseJsonParam(params.get('stickers') ?? '', 'stickers');
  if (!Array.isArray(list)) throw badRequest('expected an Array of InputSticker');
  if (list.length > MOST_STICKERS) throw badRequest('too many stickers specified');
  const format = params.get('sticker_format') ?? '';
  return list.map((item: unknown) => parsing('InputSticker', () => readSticker(item, files, format)));
}

/** The `sticker` argument, or the older ones. @throws ApiError */
export function readInputSticker(params: Params, files: Files): NewSticker {
  if (!params.has('sticker') && !files.has('sticker')) return readLegacy(params, files);
  const object = parseJsonParam(params.get('sticker') ?? '', 'sticker');
  return parsing('sticker', () => readSticker(object, files, 'auto'));
}

function readSticker(item: unknown, files: Files, defaultFormat: string): NewSticker {
  if (!isObject(item)) throw new FieldError('InputSticker must be an Object');
  const source = sourceIn(stringField(item, 'sticker') ?? '', files);
  if (source === undefined) throw new FieldError('sticker not found');
  const formatText =
    defaultFormat === '' ? requiredStringField(item, 'format') : stringField(item, 'format') || defaultFormat;
  const format = formatNamed(formatText);
  if (item.emoji_list === undefined) throw new FieldError('Can\'t find field "emoji_list"');
  const emojis = emojisIn(arrayField(item, 'emoji_list'));
  const maskPosition = maskIn(item.mask_position);
  const keywords = keywordsIn(item);
  return {
    source,
    emojis,
    keywords,
    ...(format === undefined ? {} : { format }),
    ...(maskPosition === undefined ? {} : { maskPosition }),
  };
}

function readLegacy(params: Params, files: Files): NewSticker {
  const emojis = [...(params.get('emojis') ?? '')].slice(0, 1);
  const shared = { emojis, keywords: [] };
  const png = sourceIn(params.get('png_sticker') ?? '', files) ?? uploadIn(files, 'png_sticker');
  if (png !== undefined) {
    const maskPosition = readMaskParam(params);
    return {
      ...shared,
      source: png,
      format: 'static',
      ...(maskPosition === undefined ? {} : { maskPosition }),
    };
  }
  const tgs = uploadIn(files, 'tgs_sticker');
  if (tgs !== undefined) return { ...shared, source: tgs, format: 'animated' };
  const webm = uploadIn(files, 'webm_sticker');
  if (webm !== undefined) return { ...shared, source: webm, format: 'video' };
  if (params.get('tgs_sticker')) throw badRequest('animated sticker must be uploaded as an InputFile');
  if (params.get('webm_sticker')) throw badRequest('video sticker must be uploaded as an InputFile');
  throw badRequest('there is no sticker file in the request');
}

function uploadIn(files: Files, field: string): NewSticker['source'] | undefined {
  const upload = files.get(field);
  return upload === undefined ? undefined : { upload };
}

function sourceIn(text: string, files: Files): NewSticker['source'] | undefined {
  if (text === '') return undefined;
  if (!isAttached(text)) return { text };
  const upload = attachedFile(text, files);
  return upload === undefined ? undefined : { upload };
}

/** `undefined` for `auto`. @throws ApiError */
export function readFormat(text: string): StickerFormat | undefined {
  try {
    return formatNamed(text);
  } catch (error) {
    if (error instanceof FieldError) throw badRequest('invalid sticker format specified');
    throw error;
  }
}

function formatNamed(text: string): StickerFormat | undefined {
  if (text === 'static' || text === 'animated' || text === 'video') return text;
  if (text === 'auto') return undefined;
  throw new FieldError('Invalid sticker format specified');
}

/** @throws ApiError `can't parse emoji list: …` */
export function readEmojis(json: string): string[] {
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch {
    throw badRequest("can't parse emoji list JSON array");
  }
  return parsing('emoji list', () => emojisIn(list));
}

function emojisIn(list: unknown): string[] {
  if (!Array.isArray(list)) throw new FieldError('expected an Array of string');
  if (list.length === 0) throw new FieldError('emoji list must be non-empty');
  if (list.length > MOST_EMOJIS) throw new FieldError('too many emoji specified');
  return list.map((emoji: unknown) => {
    if (typeof emoji !== 'string') throw new FieldError('emoji must be a string');
    if (!isEmoji(emoji)) throw new FieldError('expected a Unicode emoji');
    return emoji;
  });
}

/** One emoji, with what may follow it. */
function isEmoji(text: string): boolean {
  return (
    /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[#*0-9]\ufe0f?\u20e3)/u.test(text) &&
    [...new Intl.Segmenter().segment(text)].length === 1
  );
}

/** @throws ApiError */
export function readKeywords(params: Params): string[] {
  if (!params.has('keywords')) return [];
  const list = parseJsonParam(params.get('keywords') ?? '', 'keywords');
  if (!Array.isArray(list)) throw badRequest('field "keywords" must be an Array');
  return list.map((keyword: unknown) => {
    if (typeof keyword !== 'string') throw badRequest('keyword must be a string');
    return keyword;
  });
}

function keywordsIn(item: JsonObject): string[] {
  return (arrayField(item, 'keywords') ?? []).map((keyword) => {
    if (typeof keyword !== 'string') throw new FieldError('keyword must be a string');
    return keyword;
  });
}

/** The `mask_position` argument. @throws ApiError */
export function readMaskParam(params: Params): MaskPosition | undefined {
  const json = params.get('mask_position') ?? '';
  if (json === '') return undefined;
  const value = parseJsonParam(json, 'mask position');
  return parsing('mask position', () => maskIn(value));
}

function maskIn(value: unknown): MaskPosition | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new FieldError('MaskPosition must be an Object');
  const named = requiredStringField(value, 'point').toLowerCase().trim();
  const point = MASK_POINTS.find((known) => known === named);
  if (point === undefined) throw new FieldError('Wrong point specified in MaskPosition');
  const numberIn = (name: string): number => {
    const given = value[name];
    if (given === undefined) throw new FieldError(`Can't find field "${name}"`);
    const number = Number(given);
    if (!Number.isFinite(number)) throw new FieldError(`Field "${name}" must be a Number`);
    return number;
  };
  return { point, x_shift: numberIn('x_shift'), y_shift: numberIn('y_shift'), scale: numberIn('scale') };
}

/** @throws ApiError */
export function readStickerKind(text: string): StickerKind {
  if (text === '' || text === 'regular') return 'regular';
  if (text === 'mask' || text === 'custom_emoji') return text;
  throw badRequest('unsupported sticker type specified');
}

const KIB = 1024;

/** Largest size of a file by its format; half or less for custom emoji (StickerFormat.cpp:151). */
function largestSize(format: StickerFormat, kind: StickerKind): number {
  const isEmojiSet = kind === 'custom_emoji';
  if (format === 'animated') return 64 * KIB;
  if (format === 'video') return isEmojiSet ? 64 * KIB : 256 * KIB;
  return isEmojiSet ? 128 * KIB : 512 * KIB;
}

/**
 * Makes a sticker of what was given; it gets a file_id of its own. Its picture is not looked into.
 * @throws ApiError for a file that cannot be one
 */
export function storeSticker(
  world: World,
  { source, emojis, keywords, maskPosition, ...given }: NewSticker,
  kind: StickerKind,
  fileKind: FileKind = 'sticker',
): StickerEntry {
  if (given.format === undefined) throw badRequest('sticker format must be non-empty');
  const { format } = given;
  const file = 'upload' in source ? fromUpload(source.upload) : fromText(source.text);
  if (emojis.length === 0) throw badRequest('invalid sticker emojis');
  return {
    file,
    format,
    emojis,
    keywords,
    ...(kind === 'custom_emoji' ? { customEmojiId: longId(world.random) } : {}),
    ...(kind === 'mask' && maskPosition !== undefined ? { maskPosition } : {}),
  };

  function fromUpload({ size, hash, fileName, mimeType, content }: UploadedFile): StoredFile {
    if (size === 0) throw badRequest('file must be non-empty');
    if (size > largestSize(format, kind)) throw badRequest('file is too big');
    return world.files.add(fileKind, {
      identity: hash,
      size,
      fileName,
      mimeType,
      ...(content === undefined ? {} : { content }),
    });
  }

  function fromText(text: string): StoredFile {
    if (text.includes('.')) {
      if (format === 'animated') throw badRequest("animated stickers can't be uploaded by URL");
      if (format === 'video') throw badRequest("video stickers can't be uploaded by URL");
      return world.files.add(fileKind, { identity: text });
    }
    const known = world.files.get(text);
    return world.files.add(fileKind, {
      identity: known.fileUniqueId,
      size: known.size,
      ...(known.content === undefined ? {} : { content: known.content }),
    });
  }
}
