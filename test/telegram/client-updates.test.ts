import { AllowedUpdatesFilter, Bot as GramioBot } from 'gramio';
import { API_CONSTANTS, Bot as GrammyBot } from 'grammy';
import { Bot as NodeBot } from 'node-telegram-bot-api';
import { Telegram as Puregram, UpdatesFilter } from 'puregram';
import { Telegraf } from 'telegraf';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import type { EventBody } from '../../src/history/events.js';
import type { BotAccount } from '../../src/telegram/bot-account.js';
import { TelegramServer } from '../../src/telegram/server.js';
import { until } from './api-harness.js';

/** What people do must reach the handlers of each library as what it was. */

let server: TelegramServer;
let account: BotAccount;
let events: EventBody[];
beforeEach(async () => {
  events = [];
  server = await TelegramServer.start({
    clock: new RealClock(),
    emit: (event) => events.push(event),
    seed: 'updates of people',
  });
  account = server.addBot({ settings: { inGroups: 'administrator', readsAllGroupMessages: true } });
});
afterEach(() => server.close());

/** Everything that {@link act} does, by the words of the Bot API, in its order. */
const HEARD = [
  'text',
  'photo',
  'video',
  'audio',
  'voice',
  'video_note',
  'animation',
  'document',
  'sticker',
  'location',
  'venue',
  'contact',
  'dice',
  'edited_message',
  'callback_query',
  'inline_query',
  'chosen_inline_result',
  'pre_checkout_query',
  'poll_answer',
  'message_reaction',
  'new_chat_members',
  'pinned_message',
  'left_chat_member',
  'chat_join_request',
  'chat_member',
  'my_chat_member',
] as const;

function act(): void {
  const person = account.person({ first_name: 'Anna', language_code: 'en' });
  const { user } = person;
  const chat = person.privateChat();
  const { messageId = 0 } = chat.say('hello');
  chat.sendPhoto();
  chat.sendVideo();
  chat.sendAudio();
  chat.sendVoice();
  chat.sendVideoNote();
  chat.sendAnimation();
  chat.sendDocument();
  chat.sendSticker();
  chat.shareLocation({ latitude: 1, longitude: 2 });
  chat.shareVenue({ latitude: 1, longitude: 2, title: 'Café', address: 'Main Street' });
  chat.shareContact();
  chat.throwDice();
  chat.editText(messageId, 'hello again');
  const here = { id: user.id, type: 'private', first_name: user.first_name };
  const query = { id: '4711', from: user };
  const old = { chat: here, message_id: messageId };
  account.receive({ kind: 'callback_query', payload: { from: user, message: old, data: 'x' } });
  account.receive({ kind: 'inline_query', payload: { ...query, query: 'tea', offset: '' } });
  account.receive({
    kind: 'chosen_inline_result',
    payload: { result_id: 'a', from: user, query: 'tea' },
  });
  account.receive({
    kind: 'pre_checkout_query',
    payload: { ...query, currency: 'XTR', total_amount: 1, invoice_payload: 'mug' },
  });
  account.receive({
    kind: 'poll_answer',
    payload: { poll_id: '77', user, option_ids: [0], option_persistent_ids: ['0'] },
  });
  account.receive({
    kind: 'message_reaction',
    payload: {
      ...old,
      user,
      old_reaction: [],
      new_reaction: [{ type: 'emoji', emoji: '👍' }],
    },
  });
  const group = { id: -1_000_000_000_779, type: 'supergroup', title: 'Garden' } as const;
  const inGroup = { from: user, chat: group };
  const boris = { id: 1002, is_bot: false, first_name: 'Boris' };
  account.receive({ kind: 'message', payload: { ...inGroup, new_chat_members: [boris] } });
  const pinned = { message_id: 1, date: 1, chat: group, from: user, text: 'look' };
  account.receive({ kind: 'message', payload: { ...inGroup, pinned_message: pinned } });
  account.receive({ kind: 'message', payload: { ...inGroup, left_chat_member: boris } });
  account.receive({ kind: 'chat_join_request', payload: { ...inGroup, user_chat_id: user.id } });
  const change = {
    old_chat_member: { user: boris, status: 'left' },
    new_chat_member: { user: boris, status: 'member' },
  };
  account.receive({ kind: 'chat_member', payload: { ...inGroup, ...change } });
  account.receive({
    kind: 'my_chat_member',
    payload: {
      from: user,
      chat: here,
      old_chat_member: { user: account.user, status: 'member' },
      new_chat_member: { user: account.user, status: 'kicked', until_date: 0 },
    },
  });
}

type Hear = (what: string) => void;
/** Starts to poll; returns how to stop. */
type Listen = (hear: Hear) => Promise<() => unknown>;

const EVENTS = ['new_chat_members', 'pinned_message', 'left_chat_member'] as const;
/** Parts of a message, in the words of the Bot API. An animation is a document too, a venue a location. */
const PARTS: readonly string[] = [...HEARD.slice(0, HEARD.indexOf('edited_message')), ...EVENTS];
const COVERED: Readonly<Record<string, string>> = { document: 'animation', location: 'venue' };

function partOf(message: object): string {
  const parts = PARTS.filter((part) => part in message);
  return parts.filter((part) => !parts.some((other) => other === COVERED[part])).join();
}

const KINDS = HEARD.filter((what) => !PARTS.includes(what)).filter((what) => what !== 'edited_message');

const LIBRARIES: Readonly<Record<string, Listen>> = {
  grammY: async (hear) => {
    const bot = new GrammyBot(account.token, { client: { apiRoot: account.apiRoot } });
    bot.on('edited_message:text', () => hear('edited_message'));
    bot.on('message', ({ message }) => hear(partOf(message)));
    for (const kind of KINDS) bot.on(kind as 'callback_query', () => hear(kind));
    const running = bot.start({ allowed_updates: API_CONSTANTS.ALL_UPDATE_TYPES });
    return async () => {
      await bot.stop();
      await running;
    };
  },
  Telegraf: async (hear) => {
    const bot = new Telegraf(account.token, { telegram: { apiRoot: account.apiRoot } });
    bot.on('edited_message', () => hear('edited_message'));
    bot.on('message', ({ message }) => hear(partOf(message)));
    for (const kind of KINDS) bot.on(kind as 'callback_query', () => hear(kind));
    const running = bot.launch({ allowedUpdates: ['message', 'edited_message', ...KINDS] as never });
    return async () => {
      bot.stop();
      await running;
    };
  },
  'node-telegram-bot-api': async (hear) => {
    const bot = new NodeBot(account.token, { apiRoot: account.apiRoot });
    bot.on('edited_message', () => hear('edited_message'));
    bot.on('message', ({ message }) => hear(partOf(message ?? {})));
    for (const kind of KINDS) bot.on(kind as 'callback_query', () => hear(kind));
    const running = bot.startPolling(undefined, {
      allowedUpdates: ['message', 'edited_message', ...KINDS],
    });
    return async () => {
      bot.stop();
      await running;
    };
  },
  // These two take service messages and places for updates of their own.
  GramIO: async (hear) => {
    const bot = new GramioBot(account.token, { api: { baseURL: `${account.apiRoot}/bot` } });
    for (const event of EVENTS) bot.on(event, () => hear(event));
    bot.on('location', ({ payload }) => hear(partOf(payload)));
    bot.on('edited_message', () => hear('edited_message'));
    bot.on('message', ({ payload }) => hear(partOf(payload)));
    for (const kind of KINDS) bot.on(kind as 'callback_query', () => hear(kind));
    await bot.start({ allowedUpdates: AllowedUpdatesFilter.all });
    return () => bot.stop();
  },
  puregram: async (hear) => {
    const { updates } = Puregram.fromToken(account.token, { apiBaseUrl: `${account.apiRoot}/bot` });
    for (const event of EVENTS) updates.on(event, () => hear(event));
    updates.on('location', ({ payload }) => hear(partOf(payload)));
    updates.on('edited_message', () => hear('edited_message'));
    updates.on('message', ({ payload }) => hear(partOf(payload)));
    for (const kind of KINDS) updates.on(kind as 'callback_query', () => hear(kind));
    await updates.startPolling({ allowedUpdates: UpdatesFilter.all() } as never);
    return () => updates.stopPolling();
  },
};

const countOf = (type: 'call.started' | 'call.ended'): number =>
  events.filter((event) => event.type === type && event.method === 'getUpdates').length;
const isPolling = (): boolean => countOf('call.ended') > 0 && countOf('call.started') > countOf('call.ended');

/** For everything at once; what is missing then is told, and the library stopped. */
const PATIENCE_MS = 8_000;

test.each(Object.keys(LIBRARIES))('%s hears what people do', async (library) => {
  const heard: string[] = [];
  const polls = new Promise<void>((resolve) => {
    account.onCall((method) => method === 'getUpdates' && resolve());
  });
  const stop = await LIBRARIES[library]?.((what) => heard.push(what));
  try {
    await polls;
    act();
    const deadline = performance.now() + PATIENCE_MS;
    await until(() => heard.length >= HEARD.length || performance.now() > deadline);
    // Some handle all that came at once side by side.
    expect([...heard].sort()).toEqual([...HEARD].sort());
    // All of them ask for more before they can be stopped.
    await until(isPolling);
  } finally {
    const stopped = stop?.();
    // What still waits for updates gets one, and sees that it was stopped.
    account.person({ first_name: 'Last' }).privateChat().say('good night');
    await stopped;
    await until(() => !isPolling());
  }
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
});
