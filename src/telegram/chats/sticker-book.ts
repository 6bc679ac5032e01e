import type { MaskPosition, PhotoSize, Sticker, StickerSet } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { StoredFile } from '../files/file-store.js';

/** Sets of one bot that are kept; more replace the oldest. */
const KEPT_SETS = 1_000;

export type StickerKind = 'regular' | 'mask' | 'custom_emoji';
export type StickerFormat = 'static' | 'animated' | 'video';

export interface StickerEntry {
  readonly file: StoredFile;
  readonly format: StickerFormat;
  readonly customEmojiId?: string;
  emojis: readonly string[];
  keywords: readonly string[];
  maskPosition?: MaskPosition;
}

export interface StickerSetState {
  readonly name: string;
  readonly kind: StickerKind;
  readonly ownerId: number;
  readonly needsRepainting: boolean;
  title: string;
  stickers: StickerEntry[];
  thumbnail?: PhotoSize;
}

/** The sticker sets that one bot has made. Officially their names are shared by all of Telegram. */
export class StickerBook {
  readonly #sets = new Map<string, StickerSetState>();
  readonly #byFile = new Map<string, [StickerSetState, StickerEntry]>();
  readonly #byEmojiId = new Map<string, [StickerSetState, StickerEntry]>();

  set(name: string): StickerSetState | undefined {
    return this.#sets.get(keyOf(name));
  }

  add(set: StickerSetState): void {
    this.#sets.set(keyOf(set.name), set);
    for (const entry of set.stickers) this.#note(set, entry);
    for (const [key, oldest] of this.#sets) {
      if (this.#sets.size <= KEPT_SETS) return;
      this.#forget(oldest);
      this.#sets.delete(key);
    }
  }

  delete(name: string): void {
    const set = this.set(name);
    if (set === undefined) return;
    this.#forget(set);
    this.#sets.delete(keyOf(name));
  }

  insert(set: StickerSetState, entry: StickerEntry, at = set.stickers.length): void {
    set.stickers = set.stickers.toSpliced(at, 0, entry);
    this.#note(set, entry);
  }

  /** A set without stickers goes as a whole. */
  remove(set: StickerSetState, entry: StickerEntry): void {
    set.stickers = set.stickers.filter((other) => other !== entry);
    this.#forgetEntry(entry);
    if (set.stickers.length === 0) this.delete(set.name);
  }

  /** The sticker of a set with this file_id. */
  ofFile(fileId: string): [StickerSetState, StickerEntry] | undefined {
    return this.#byFile.get(fileId);
  }

  ofEmojiId(id: string): [StickerSetState, StickerEntry] | undefined {
    return this.#byEmojiId.get(id);
  }

  #note(set: StickerSetState, entry: StickerEntry): void {
    this.#byFile.set(entry.file.fileId, [set, entry]);
    if (entry.customEmojiId !== undefined) this.#byEmojiId.set(entry.customEmojiId, [set, entry]);
  }

  #forget(set: StickerSetState): void {
    for (const entry of set.stickers) this.#forgetEntry(entry);
  }

  #forgetEntry(entry: StickerEntry): void {
    this.#byFile.delete(entry.file.fileId);
    if (entry.customEmojiId !== undefined) this.#byEmojiId.delete(entry.customEmojiId);
  }
}

/** @throws ApiError `STICKERSET_INVALID` */
export function existingSet(book: StickerBook, name: string): StickerSetState {
  const set = book.set(name.trim());
  if (set === undefined) throw badRequest('STICKERSET_INVALID');
  return set;
}

/** As in a message or a set, in the official key order. */
export function stickerOf(set: StickerSetState, entry: StickerEntry): Sticker {
  const { file, format, maskPosition, customEmojiId } = entry;
  const side = set.kind === 'custom_emoji' ? 100 : 512;
  const emoji = entry.emojis[0];
  return {
    width: side,
    height: side,
    ...(emoji === undefined ? {} : { emoji }),
    set_name: set.name,
    is_animated: format === 'animated',
    is_video: format === 'video',
    type: set.kind,
    ...(maskPosition === undefined ? {} : { mask_position: maskPosition }),
    ...(customEmojiId === undefined ? {} : { custom_emoji_id: customEmojiId }),
    ...(set.kind === 'custom_emoji' && set.needsRepainting ? { needs_repainting: true } : {}),
    file_id: file.fileId,
    file_unique_id: file.fileUniqueId,
    file_size: file.size,
  };
}

/** As `getStickerSet` answers: `contains_masks` is still there. */
export function setResult(set: StickerSetState): StickerSet & { readonly contains_masks: boolean } {
  const { name, title, kind, stickers, thumbnail } = set;
  return {
    name,
    title,
    ...(thumbnail === undefined ? {} : { thumbnail }),
    sticker_type: kind,
    contains_masks: kind === 'mask',
    stickers: stickers.map((entry) => stickerOf(set, entry)),
  };
}

/** Names are compared without case. */
function keyOf(name: string): string {
  return name.toLowerCase();
}
