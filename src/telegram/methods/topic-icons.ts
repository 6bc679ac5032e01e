import type { Sticker } from '@grammyjs/types';
import { type StickerSetState, stickerOf } from '../chats/sticker-book.js';
import type { World } from '../world.js';
import type { Handlers } from './outcome.js';

/** Telegram's own set of icons has this name. Of its emoji some; their ids are made up. */
const NAME = 'Topics';
const EMOJI = ['📰', '💡', '⚡️', '🎙', '🔝', '🗣', '🆒', '❗️', '📝', '📆', '📁', '🔎', '💬', '👀', '❓', '✅'];
const FIRST_ID = 5_434_144_690_511_290_000n;

export const TOPIC_ICON_METHODS: Handlers = {
  getForumTopicIconStickers: ({ world }) => ({ result: topicIcons(world) }),
};

function topicIcons(world: World): Sticker[] {
  const set = world.stickers.set(NAME) ?? newSet(world);
  return set.stickers.map((entry) => stickerOf(set, entry));
}

function newSet(world: World): StickerSetState {
  const set: StickerSetState = {
    name: NAME,
    kind: 'custom_emoji',
    ownerId: 0,
    needsRepainting: false,
    title: NAME,
    stickers: EMOJI.map((emoji, index) => ({
      file: world.files.add('sticker', { identity: `topic icon ${emoji}` }),
      format: 'animated' as const,
      customEmojiId: String(FIRST_ID + BigInt(index)),
      emojis: [emoji],
      keywords: [],
    })),
  };
  world.stickers.add(set);
  return set;
}
