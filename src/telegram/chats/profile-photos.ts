import type { ChatAdministratorRights, PhotoSize, UserProfilePhotos } from '@grammyjs/types';
import { dropOldest } from '../bounded.js';
import type { FileStore, StoredFile } from '../files/file-store.js';

/** Photos of one user that are kept. */
const MOST_PHOTOS = 100;
/** Users with photos that are kept. */
const KEPT_USERS = 10_000;

/** Profile photos are squares of these sides, smallest first. */
const SIDES = [160, 320, 640] as const;

export type ProfilePhoto = readonly PhotoSize[];

/** Profile photos, newest first, and what else people set once for all chats. */
export class ProfilePhotos {
  readonly #photos = new Map<number, readonly ProfilePhoto[]>();
  /** Rights that the bot asks for when it is added to groups, and to channels. */
  readonly rights: Partial<Record<'groups' | 'channels', ChatAdministratorRights>> = {};
  /** People who let the bot set their emoji status, with the status it has set. */
  readonly emojiStatuses = new Map<number, { readonly id: string; readonly until: number } | undefined>();

  allowEmojiStatus(user: number): void {
    this.emojiStatuses.set(user, undefined);
    dropOldest(this.emojiStatuses, KEPT_USERS);
  }

  add(user: number, photo: ProfilePhoto): void {
    const photos = [photo, ...(this.#photos.get(user) ?? [])].slice(0, MOST_PHOTOS);
    this.#photos.delete(user);
    this.#photos.set(user, photos);
    dropOldest(this.#photos, KEPT_USERS);
  }

  /** The newest one goes; the one before it is shown again. */
  removeNewest(user: number): boolean {
    const photos = this.#photos.get(user) ?? [];
    if (photos.length === 0) return false;
    this.#photos.set(user, photos.slice(1));
    return true;
  }

  of(user: number, offset: number, limit: number): UserProfilePhotos {
    const photos = this.#photos.get(user) ?? [];
    return {
      total_count: photos.length,
      photos: photos.slice(offset, offset + limit).map((sizes) => [...sizes]),
    };
  }
}

/** The sizes that Telegram makes of a profile photo. */
export function profileSizes(files: FileStore, file: StoredFile): ProfilePhoto {
  return SIDES.map((side) => {
    const isWhole = side === SIDES[SIDES.length - 1];
    const made = files.add('photo', {
      identity: `${file.fileUniqueId} ${side}`,
      size: isWhole ? file.size : Math.max(1, Math.round((file.size * side) / 640)),
      folder: 'profile_photos',
      ...(isWhole && file.content !== undefined ? { content: file.content } : {}),
    });
    return {
      file_id: made.fileId,
      file_unique_id: made.fileUniqueId,
      file_size: made.size,
      width: side,
      height: side,
    };
  });
}
