import type { Chat, Gift, OwnedGift, OwnedGifts, User } from '@grammyjs/types';
import { dropOldest } from '../bounded.js';
import type { FileStore } from '../files/file-store.js';

/** Owners whose gifts are kept, and gifts of each. */
const KEPT_OWNERS = 10_000;
const KEPT_GIFTS = 1_000;

/** Gifts that can be had here. The real shop changes; these have prices that it has had. */
const SHOP = [
  { id: '5170145012310081615', emoji: '💝', stars: 15, upgrade: 0 },
  { id: '5170233102089322756', emoji: '🧸', stars: 15, upgrade: 0 },
  { id: '5168103777563050263', emoji: '🌹', stars: 25, upgrade: 0 },
  { id: '5170564780938756245', emoji: '🚀', stars: 50, upgrade: 25 },
] as const;

/** The gift shop, and who was given what by the bot. */
export class GiftBook {
  readonly #files: FileStore;
  #shop: readonly Gift[] | undefined;
  readonly #owned = new Map<number, readonly OwnedGift[]>();

  constructor(files: FileStore) {
    this.#files = files;
  }

  get shop(): readonly Gift[] {
    this.#shop ??= SHOP.map((item) => this.#gift(item));
    return this.#shop;
  }

  give(
    owner: number,
    gift: Gift,
    from: User,
    dateS: number,
    text: Pick<OwnedGift & { type: 'regular' }, 'text' | 'entities'>,
  ): void {
    const given: OwnedGift = { type: 'regular', gift, sender_user: from, send_date: dateS, ...text };
    const gifts = [given, ...(this.#owned.get(owner) ?? [])].slice(0, KEPT_GIFTS);
    this.#owned.delete(owner);
    this.#owned.set(owner, gifts);
    dropOldest(this.#owned, KEPT_OWNERS);
  }

  /** Newest first. `offset` is what an earlier page gave as its next one. */
  ownedBy(owner: Chat['id'], offset: string, limit: number): OwnedGifts {
    const gifts = this.#owned.get(owner) ?? [];
    const from = /^\d{1,9}$/.test(offset) ? Number(offset) : 0;
    const page = gifts.slice(from, from + limit);
    const next = from + page.length;
    return {
      total_count: gifts.length,
      gifts: [...page],
      ...(next < gifts.length ? { next_offset: String(next) } : {}),
    };
  }

  #gift({ id, emoji, stars, upgrade }: (typeof SHOP)[number]): Gift {
    const file = this.#files.add('sticker', { identity: `gift ${id}` });
    return {
      id,
      sticker: {
        width: 512,
        height: 512,
        emoji,
        is_animated: true,
        is_video: false,
        type: 'custom_emoji',
        custom_emoji_id: String(BigInt(id) + 1n),
        file_id: file.fileId,
        file_unique_id: file.fileUniqueId,
        file_size: file.size,
      },
      star_count: stars,
      ...(upgrade === 0 ? {} : { upgrade_star_count: upgrade }),
    };
  }
}
