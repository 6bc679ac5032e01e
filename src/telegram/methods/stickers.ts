import type { File, Sticker } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import {
  existingSet,
  type StickerEntry,
  type StickerSetState,
  setResult,
  stickerOf,
} from '../chats/sticker-book.js';
import { booleanParam, INT32_MAX, integerParam, requiredParam, userIdParam } from '../coercion.js';
import type { Files, Params } from '../contracts.js';
import { uploadFor } from '../files/attached.js';
import type { StoredFile } from '../files/file-store.js';
import { parseJsonParam } from '../json-fields.js';
import type { World } from '../world.js';
import { DONE, type Handlers } from './outcome.js';
import {
  type NewSticker,
  readEmojis,
  readFormat,
  readInputSticker,
  readInputStickers,
  readKeywords,
  readMaskParam,
  readStickerKind,
  storeSticker,
} from './sticker-input.js';

const LONGEST_TITLE = 64;
const LONGEST_NAME = 64;
const MOST_IN_SET = 120;
const MOST_IN_EMOJI_SET = 200;
const MOST_EMOJI_IDS = 200;

export const STICKER_METHODS: Handlers = {
  getStickerSet: ({ world, params }) => ({
    result: setResult(existingSet(world.stickers, params.get('name') ?? '')),
  }),

  getCustomEmojiStickers: ({ world, params }) => ({ result: customEmojis(world, params) }),

  uploadStickerFile: ({ world, params, files }) => ({ result: upload(world, params, files) }),

  createNewStickerSet: ({ world, params, files }) => {
    const ownerId = userIdParam(params);
    const given = readInputStickers(params, files);
    const kind = booleanParam(params, 'contains_masks')
      ? 'mask'
      : readStickerKind(params.get('sticker_type') ?? '');
    world.chats.knownUser(ownerId);
    const title = clip(params.get('title') ?? '', LONGEST_TITLE);
    if (title === '') throw badRequest('sticker set title must be non-empty');
    const name = clip(params.get('name') ?? '', LONGEST_NAME);
    if (name === '') throw badRequest('sticker set name must be non-empty');
    if (given.length === 0) throw badRequest('at least 1 sticker must be specified');
    const needsRepainting = booleanParam(params, 'needs_repainting');
    if (needsRepainting && kind !== 'custom_emoji') {
      throw badRequest('only custom emoji stickers support repainting');
    }
    const stickers = given.map((sticker) => storeSticker(world, sticker, kind));
    checkName(world, name);
    world.stickers.add({ name, kind, ownerId, needsRepainting, title, stickers });
    return DONE;
  },

  addStickerToSet: ({ world, params, files }) => {
    const ownerId = userIdParam(params);
    const given = readInputSticker(params, files);
    world.chats.knownUser(ownerId);
    const set = ownSet(world, params, ownerId);
    const entry = storeSticker(world, fitting(given, set), set.kind);
    const most = set.kind === 'custom_emoji' ? MOST_IN_EMOJI_SET : MOST_IN_SET;
    if (set.stickers.length >= most) throw badRequest('STICKERS_TOO_MUCH');
    world.stickers.insert(set, entry);
    return DONE;
  },

  replaceStickerInSet: ({ world, params, files }) => {
    const ownerId = userIdParam(params);
    const oldId = requiredSticker(params, 'old_sticker');
    const given = readInputSticker(params, files);
    world.chats.knownUser(ownerId);
    const set = ownSet(world, params, ownerId);
    const [oldSet, old] = stickerIn(world, oldId);
    if (oldSet !== set) throw badRequest('STICKER_INVALID');
    const entry = storeSticker(world, fitting(given, set), set.kind);
    world.stickers.insert(set, entry, set.stickers.indexOf(old));
    world.stickers.remove(set, old);
    return DONE;
  },

  setStickerPositionInSet: ({ world, params }) => {
    const fileId = requiredSticker(params);
    const position = integerParam(params, 'position', { fallback: -1, min: -INT32_MAX, max: INT32_MAX });
    if (position < 0) throw badRequest('wrong sticker position specified');
    const [set, entry] = stickerIn(world, fileId);
    const others = set.stickers.filter((other) => other !== entry);
    set.stickers = others.toSpliced(Math.min(position, others.length), 0, entry);
    return DONE;
  },

  deleteStickerFromSet: ({ world, params }) => {
    world.stickers.remove(...stickerIn(world, requiredSticker(params)));
    return DONE;
  },

  setStickerEmojiList: ({ world, params }) => {
    const fileId = requiredSticker(params);
    const emojis = readEmojis(params.get('emoji_list') ?? '');
    stickerIn(world, fileId)[1].emojis = emojis;
    return DONE;
  },

  setStickerKeywords: ({ world, params }) => {
    const fileId = requiredSticker(params);
    const keywords = readKeywords(params);
    stickerIn(world, fileId)[1].keywords = keywords;
    return DONE;
  },

  setStickerMaskPosition: ({ world, params }) => {
    const fileId = requiredSticker(params);
    const position = readMaskParam(params);
    const [set, entry] = stickerIn(world, fileId);
    if (set.kind !== 'mask') throw badRequest('STICKER_MASK_COORDS_NOT_SUPPORTED');
    if (position === undefined) delete entry.maskPosition;
    else entry.maskPosition = position;
    return DONE;
  },

  setStickerSetTitle: ({ world, params }) => {
    const name = nameParam(params);
    const title = clip(params.get('title') ?? '', LONGEST_TITLE);
    if (title === '') throw badRequest('sticker set title must be non-empty');
    existingSet(world.stickers, name).title = title;
    return DONE;
  },

  setStickerSetThumbnail: ({ world, params, files }) => {
    const ownerId = userIdParam(params);
    const format = readFormat(params.get('format') || 'auto') ?? 'static';
    world.chats.knownUser(ownerId);
    const set = ownSet(world, params, ownerId);
    if (set.kind === 'custom_emoji') {
      throw badRequest("the method can't be used to set thumbnail of custom emoji sticker sets");
    }
    const field = hasFile(params, files, 'thumbnail') ? 'thumbnail' : 'thumb';
    if (!hasFile(params, files, field)) {
      delete set.thumbnail;
      return DONE;
    }
    const source = sourceOf(params, files, field);
    const { file } = storeSticker(world, { source, format, emojis: ['x'], keywords: [] }, set.kind);
    set.thumbnail = thumbnailOf(file);
    return DONE;
  },

  setCustomEmojiStickerSetThumbnail: ({ world, params }) => {
    const set = existingSet(world.stickers, nameParam(params));
    if (set.kind !== 'custom_emoji') {
      throw badRequest('the method can be used to set thumbnail only for custom emoji sticker sets');
    }
    const id = params.get('custom_emoji_id') ?? '';
    const entry = set.stickers.find(({ customEmojiId }) => customEmojiId === id);
    if (id !== '' && id !== '0' && entry === undefined) throw badRequest('STICKER_INVALID');
    if (entry === undefined) delete set.thumbnail;
    else set.thumbnail = thumbnailOf(entry.file);
    return DONE;
  },

  deleteStickerSet: ({ world, params }) => {
    world.stickers.delete(existingSet(world.stickers, nameParam(params)).name);
    return DONE;
  },
};

function customEmojis(world: World, params: Params): Sticker[] {
  const ids = parseJsonParam(requiredParam(params, 'custom_emoji_ids'), 'custom emoji identifiers');
  if (!Array.isArray(ids)) throw badRequest('expected an Array of custom emoji identifiers');
  for (const id of ids) {
    if (typeof id !== 'string') throw badRequest('custom emoji identifier must be of type String');
    if (!/^-?\d{1,19}$/.test(id)) throw badRequest('invalid custom emoji identifier specified');
  }
  if (ids.length > MOST_EMOJI_IDS) throw badRequest('too many custom emoji identifiers specified');
  return ids.flatMap((id: string) => {
    const found = world.stickers.ofEmojiId(id);
    return found === undefined ? [] : stickerOf(...found);
  });
}

function upload(world: World, params: Params, files: Files): File {
  const ownerId = userIdParam(params);
  const isNew = params.has('sticker') || files.has('sticker');
  const format = isNew ? readFormat(params.get('sticker_format') ?? '') : 'static';
  world.chats.knownUser(ownerId);
  const field = isNew ? 'sticker' : 'png_sticker';
  const uploaded = uploadFor(params, files, field);
  if (uploaded === undefined) throw badRequest("can't upload sticker file: empty file");
  const source = { upload: uploaded };
  const entry = { source, format: format ?? 'static', emojis: ['x'], keywords: [] } as const;
  const { file } = storeSticker(world, entry, 'regular', format === 'animated' ? 'sticker' : 'document');
  return { file_id: file.fileId, file_unique_id: file.fileUniqueId, file_size: file.size };
}

/** A set of this bot that belongs to this user. */
function ownSet(world: World, params: Params, ownerId: number): StickerSetState {
  const set = existingSet(world.stickers, nameParam(params));
  if (set.ownerId !== ownerId) throw badRequest('STICKERSET_INVALID');
  return set;
}

function nameParam(params: Params): string {
  const name = clip(params.get('name') ?? '', LONGEST_NAME);
  if (name === '') throw badRequest('sticker set name must be non-empty');
  return name;
}

/** Names end in `_by_<bot's username>`, begin with a letter and have no two underscores in a row. */
function checkName(world: World, name: string): void {
  const ending = `_by_${world.user.username ?? ''}`.toLowerCase();
  const isGood = /^[A-Za-z]\w*$/.test(name) && !name.includes('__');
  if (!isGood || !name.toLowerCase().endsWith(ending) || name.length <= ending.length) {
    throw badRequest('invalid sticker set name is specified');
  }
  if (world.stickers.set(name) !== undefined) throw badRequest('sticker set name is already occupied');
}

function requiredSticker(params: Params, name = 'sticker'): string {
  const fileId = (params.get(name) ?? '').trim();
  if (fileId === '') throw badRequest('sticker is not specified');
  return fileId;
}

/** @throws ApiError for what is no file_id, and for a sticker that is in no set of this bot */
function stickerIn(world: World, fileId: string): [StickerSetState, StickerEntry] {
  const found = world.stickers.ofFile(fileId);
  if (found !== undefined) return found;
  world.files.get(fileId);
  throw badRequest('STICKERSET_INVALID');
}

/** The format is taken from the set when it is not told (`auto`). */
function fitting(given: NewSticker, set: StickerSetState): NewSticker {
  const format = given.format ?? set.stickers[0]?.format;
  return format === undefined ? given : { ...given, format };
}

function thumbnailOf(file: StoredFile): NonNullable<StickerSetState['thumbnail']> {
  return {
    file_id: file.fileId,
    file_unique_id: file.fileUniqueId,
    file_size: file.size,
    width: 100,
    height: 100,
  };
}

function hasFile(params: Params, files: Files, field: string): boolean {
  return (params.get(field) ?? '') !== '' || files.has(field);
}

function sourceOf(params: Params, files: Files, field: string): NewSticker['source'] {
  const upload = uploadFor(params, files, field);
  return upload === undefined ? { text: params.get(field) ?? '' } : { upload };
}

function clip(text: string, longest: number): string {
  return [...text.trim()].slice(0, longest).join('').trim();
}
