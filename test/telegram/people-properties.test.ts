import fc from 'fast-check';
import { type Api, Context } from 'grammy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import type { BotAccount } from '../../src/telegram/bot-account.js';
import { MESSAGES_PER_CHAT } from '../../src/telegram/chats/message-store.js';
import type { Person } from '../../src/telegram/people/person.js';
import type { PersonInChat } from '../../src/telegram/people/person-in-chat.js';
import { ApiHarness, GROUP, SUPERGROUP } from './api-harness.js';
import { updatesOf } from './people-harness.js';

const CHANNEL = { id: -1_000_000_000_999, type: 'channel', title: 'News' } as const;

let api: ApiHarness;
let bot: BotAccount;
let people: readonly Person[];

beforeAll(async () => {
  api = await ApiHarness.start();
  bot = api.server.addBot({ username: 'ears_bot', settings: { readsAllGroupMessages: true } });
  for (const chat of [GROUP, SUPERGROUP, CHANNEL]) bot.addChat(chat);
  people = ['Anna', 'Bob', 'Cy'].map((first_name) => bot.person({ first_name }));
});
afterAll(() => api.server.close());

/** One act of one person in one chat; `number` chooses a message or whatever else there is to choose. */
type Do = (chat: PersonInChat, number: number, text: string) => unknown;

const ACTS: Readonly<Record<string, Do>> = {
  say: (chat, _, text) => chat.say(text),
  reply: (chat, number, text) => chat.say(text, { replyTo: number }),
  command: (chat) => chat.command('go', 'on', { mention: true }),
  photo: (chat, number, text) => chat.sendPhoto({ width: number + 1 }, { caption: text }),
  video: (chat) => chat.sendVideo(),
  animation: (chat) => chat.sendAnimation(),
  audio: (chat) => chat.sendAudio(),
  voice: (chat) => chat.sendVoice(),
  note: (chat) => chat.sendVideoNote(),
  document: (chat, _, text) => chat.sendDocument({ name: 'a', content: text }),
  sticker: (chat) => chat.sendSticker(),
  album: (chat) => chat.album([{ photo: {} }, { video: {} }]),
  place: (chat, number) => chat.shareLocation({ latitude: number, longitude: number }),
  live: (chat) => chat.shareLiveLocation({ latitude: 1, longitude: 1, livePeriodS: 100 }),
  move: (chat, number) => chat.moveTo(number, { latitude: 2, longitude: number }),
  stop: (chat, number) => chat.stopLocation(number),
  venue: (chat) => chat.shareVenue({ latitude: 0, longitude: 0, title: 't', address: 'a' }),
  contact: (chat) => chat.shareContact(),
  dice: (chat) => chat.throwDice(),
  forward: (chat, number) => chat.forward(number, { hidden: number % 2 === 0 }),
  editText: (chat, number, text) => chat.editText(number, text),
  editCaption: (chat, number, text) => chat.editCaption(number, text),
  editMedia: (chat, number) => chat.editMedia(number, { photo: {} }),
  delete: (chat, number) => chat.delete(number),
  tap: (chat, number, text) => chat.tap(number, text),
  tapReply: (chat, _, text) => chat.tapReply(text),
  react: (chat, number) => chat.react(number, '👍'),
  vote: (chat, number) => chat.vote(number, 0),
  look: (chat) => chat.sees(),
};

const act = fc.record({
  name: fc.constantFrom(...Object.keys(ACTS)),
  who: fc.nat(2),
  where: fc.nat(4),
  number: fc.nat(40),
  text: fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.constantFrom('/x', '@my_bot'),
  ),
  waitMs: fc.nat(2_000),
});

function placeOf(who: number, where: number): PersonInChat {
  const person = people[who] as Person;
  if (where === 0) return person.privateChat();
  if (where === 4) return person.in(SUPERGROUP, { as: 'anonymous' });
  return person.in([GROUP, SUPERGROUP, CHANNEL][where - 1] ?? GROUP);
}

interface Dated {
  readonly message_id: number;
  readonly date: number;
  readonly edit_date?: number;
  readonly chat: { readonly id: number };
}

test('whatever people do, updates are in order and readable, and what cannot be is said', async () => {
  const last = new Map<number, number>();
  let lastDate = 0;
  let lastUpdate = 0;
  let heard = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), async (acts) => {
      for (const { name, who, where, number, text, waitMs } of acts) {
        try {
          ACTS[name]?.(placeOf(who, where), number, text);
        } catch (error) {
          if (!(error instanceof SendtwiceError) || error.code !== 'people/impossible') throw error;
          expect(error.message).not.toMatch(/undefined|\[object|NaN/);
        }
        await api.clock.advance(waitMs);
      }
      // A short poll that comes back within three seconds would wait for them.
      await api.clock.advance(3_001);
      for (const update of await updatesOf(api, bot)) {
        heard += 1;
        expect(update.update_id).toBeGreaterThan(lastUpdate);
        lastUpdate = update.update_id;
        const context = new Context(update, {} as Api, bot.user as never);
        const fresh = update.message ?? update.channel_post;
        if (fresh === undefined) {
          expect(context.msg ?? context.messageReaction ?? context.messageReactionCount).toBeDefined();
          continue;
        }
        const { message_id: id, date, chat } = fresh as Dated;
        // Private chats and the basic group share their counter.
        const counter = chat.id > -1_000_000_000_000 ? 0 : chat.id;
        expect(id).toBeGreaterThan(last.get(counter) ?? 0);
        expect(date).toBeGreaterThanOrEqual(lastDate);
        last.set(counter, id);
        lastDate = date;
        expect(context.msgId).toBe(id);
        expect(context.chatId).toBe(chat.id);
        expect(context.from ?? context.senderChat).toBeDefined();
        for (const { offset, length } of fresh.entities ?? fresh.caption_entities ?? []) {
          expect(offset + length).toBeLessThanOrEqual((fresh.text ?? fresh.caption ?? '').length);
        }
      }
    }),
    { numRuns: 60, endOnFailure: true, seed: Number(process.env.SEED ?? Date.now()) },
  );
  expect(heard).toBeGreaterThan(100);
});

test('a chat keeps its last messages only, however much is written', () => {
  const chat = people[0]?.privateChat();
  for (let i = 0; i < MESSAGES_PER_CHAT + 200; i += 1) chat?.say(`line ${i}`);
  expect(chat?.sees().messages).toHaveLength(MESSAGES_PER_CHAT);
});
