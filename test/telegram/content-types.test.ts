import type {
  Checklist,
  ForumTopic,
  GameHighScore,
  LivePhoto,
  Location,
  Message,
  Poll,
} from '@grammyjs/types';
import { describe, expectTypeOf, test } from 'vitest';
import type { GameBook } from '../../src/telegram/chats/game-book.js';
import type { counted, withoutDescription } from '../../src/telegram/chats/poll-book.js';
import type { ReactionBook } from '../../src/telegram/chats/reaction-book.js';
import type { stickerOf } from '../../src/telegram/chats/sticker-book.js';
import type { gameNamed } from '../../src/telegram/methods/games.js';
import type { still } from '../../src/telegram/methods/live-ends.js';
import type { livePhoto } from '../../src/telegram/methods/live-photos.js';
import type { spoiler, withDetails } from '../../src/telegram/methods/media.js';
import type { closePoll } from '../../src/telegram/methods/poll-ends.js';
import type { replyFields } from '../../src/telegram/methods/replies.js';
import type { MessageFields } from '../../src/telegram/methods/send.js';

/** As in message-types.test.ts: these fail when the project is compiled. */
describe('what content is made of', () => {
  test('has the types that bots are written against', () => {
    expectTypeOf<ReturnType<GameBook['around']>>().toEqualTypeOf<GameHighScore[]>();
    expectTypeOf<ReturnType<typeof counted>>().toEqualTypeOf<Poll>();
    expectTypeOf<ReturnType<typeof closePoll>>().toEqualTypeOf<Poll>();
    expectTypeOf<ReturnType<typeof withoutDescription>>().toEqualTypeOf<Poll>();
    expectTypeOf<ReturnType<typeof gameNamed>>().toEqualTypeOf<NonNullable<Message['game']>>();
    expectTypeOf<ReturnType<typeof still>>().toEqualTypeOf<Location>();
    expectTypeOf<ReturnType<typeof livePhoto>>().toEqualTypeOf<LivePhoto>();
    expectTypeOf<ReturnType<typeof stickerOf>>().toExtend<NonNullable<Message['sticker']>>();
    expectTypeOf<ReturnType<typeof spoiler>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof withDetails>>().toExtend<MessageFields>();
    expectTypeOf<ReturnType<typeof replyFields>>().toExtend<MessageFields>();
  });

  test('is refused when it is something else', () => {
    expectTypeOf<{ forum_topic_created: { name: number } }>().not.toExtend<MessageFields>();
    expectTypeOf<{ checklist: { title: string } }>().not.toExtend<{ checklist: Checklist }>();
    expectTypeOf<{ name: string }>().not.toExtend<ForumTopic>();
    expectTypeOf<ReturnType<ReactionBook['counts']>[number]>().toHaveProperty('total_count');
  });
});
