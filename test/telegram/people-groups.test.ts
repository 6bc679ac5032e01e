import type { Message, Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import type { Person } from '../../src/telegram/people/person.js';
import { type ApiHarness, GROUP, SUPERGROUP } from './api-harness.js';
import { updateOf, updatesOf, withAnna } from './people-harness.js';

const CHANNEL = { id: -1_000_000_000_999, type: 'channel', title: 'News', username: 'news' } as const;
const FORUM = { ...SUPERGROUP, id: -1_000_000_000_444, is_forum: true } as const;

let api: ApiHarness;
let anna: Person;

beforeEach(async () => {
  ({ api, anna } = await withAnna());
});
afterEach(() => api.server.close());

/** The words of what a person cannot do. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof SendtwiceError && error.code === 'people/impossible') return error.message;
    throw error;
  }
  throw new Error('this should be impossible');
}

const textsOf = (updates: readonly Update[]): (string | undefined)[] =>
  updates.map(({ message }) => message?.text);

describe('in a group', () => {
  test('privacy mode lets commands, mentions and replies through, and all messages take numbers', async () => {
    const chat = anna.in(SUPERGROUP);
    chat.say('nobody hears this');
    chat.say('/help');
    chat.say('hello @my_bot');
    const sent = await api.result('sendMessage', { chat_id: SUPERGROUP.id, text: 'hi' });
    chat.say('to you', { replyTo: sent });
    expect((await updatesOf(api)).map(({ message }) => [message?.message_id, message?.text])).toEqual([
      [2, '/help'],
      [3, 'hello @my_bot'],
      [5, 'to you'],
    ]);
  });

  test('a reply keyboard answers the message that brought it', async () => {
    const chat = anna.in(GROUP);
    chat.command('start');
    const asked = await api.result('sendMessage', {
      chat_id: GROUP.id,
      text: '?',
      reply_markup: { keyboard: [['Tea']] },
    });
    chat.tapReply('Tea');
    const [, update] = await updatesOf(api);
    expect(update?.message).toMatchObject({
      text: 'Tea',
      reply_to_message: { message_id: asked.message_id },
    });
  });

  test('private chats and basic groups share one counter, supergroups have their own', () => {
    const ids = [anna.privateChat(), anna.in(GROUP), anna.in(SUPERGROUP), anna.privateChat()].map(
      (chat) => chat.say('/x').messageId,
    );
    expect(ids).toEqual([1, 2, 1, 3]);
  });

  test('an anonymous administrator hides behind the group', async () => {
    anna.in(SUPERGROUP, { as: 'anonymous', signature: 'Boss' }).say('/rules');
    const { message } = await updateOf(api);
    expect(JSON.stringify(message)).toBe(
      JSON.stringify({
        message_id: 1,
        from: { id: 1_087_968_824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' },
        author_signature: 'Boss',
        sender_chat: SUPERGROUP,
        chat: SUPERGROUP,
        date: api.clock.unixSeconds(),
        text: '/rules',
        entities: [{ offset: 0, length: 6, type: 'bot_command' }],
      }),
    );
  });

  test('a person may write as a channel, and only so edit what it wrote', async () => {
    const asChannel = anna.in(SUPERGROUP, { as: CHANNEL });
    const { messageId = 0 } = asChannel.say('/ad');
    const { message } = await updateOf(api);
    expect(message).toMatchObject({ from: { id: 136_817_688, is_bot: true }, sender_chat: CHANNEL });
    expect(refusal(() => anna.in(SUPERGROUP).editText(messageId, '/x'))).toBe(
      'Anna (1001) cannot edit message 1: it is by Channel (136817688)',
    );
    asChannel.editText(messageId, '/bargain');
    expect((await updateOf(api)).edited_message).toMatchObject({ sender_chat: CHANNEL, text: '/bargain' });
  });

  test('a topic of a forum', async () => {
    anna.in(FORUM).say('/here', { thread: 12 });
    const { message } = await updateOf(api);
    expect(message).toMatchObject({ message_thread_id: 12, is_topic_message: true });
    expect(Object.keys(message ?? {}).at(-1)).toBe('is_topic_message');
  });

  test('what is said in a topic replies to its opening, unless it replies to something else', async () => {
    api.bot.addChat(FORUM, 'open');
    const chat = anna.in(FORUM);
    const { messageId: opening = 0 } = chat.say('/topic');
    chat.say('/a', { thread: opening });
    const { messageId: other = 0 } = chat.say('/b');
    chat.say('/c', { thread: opening, replyTo: other });
    const replies = (await updatesOf(api)).map(({ message }) => message?.reply_to_message?.text);
    expect(replies).toEqual([undefined, '/topic', undefined, '/b']);
  });

  test('only own messages can be edited or deleted', async () => {
    const bob = api.bot.person({ first_name: 'Bob' });
    const { messageId = 0 } = anna.in(SUPERGROUP).say('/x');
    expect(refusal(() => bob.in(SUPERGROUP).editText(messageId, 'y'))).toBe(
      `Bob (${bob.id}) cannot edit message 1: it is by Anna (1001)`,
    );
    expect(refusal(() => bob.in(SUPERGROUP).delete(messageId))).toMatch(
      /cannot delete message 1: it is by Anna/,
    );
    expect(refusal(() => bob.in(anna.privateChat().chat))).toMatch(/private chat of somebody else/);
    expect(refusal(() => bob.in(-5))).toMatch(/is looking for chat -5, which the bot does not know/);
  });

  test('a bot that was thrown out hears nothing', async () => {
    const chat = anna.in(SUPERGROUP);
    chat.say('/x');
    await updatesOf(api);
    api.bot.setAccess(SUPERGROUP.id as never, 'kicked');
    expect(chat.say('/y')).toEqual({ chatId: SUPERGROUP.id, messageId: 2 });
    expect(await updatesOf(api)).toEqual([]);
  });
});

describe('in a channel', () => {
  test('a post has no sender, and edits are edited_channel_post', async () => {
    const channel = anna.in(CHANNEL, { signature: 'Anna Ash' });
    const { messageId = 0 } = channel.say('News!');
    channel.editText(messageId, 'Old news');
    const [posted, edited] = await updatesOf(api);
    const date = api.clock.unixSeconds();
    const around = { message_id: 1, author_signature: 'Anna Ash', sender_chat: CHANNEL, chat: CHANNEL, date };
    expect(JSON.stringify(posted?.channel_post)).toBe(JSON.stringify({ ...around, text: 'News!' }));
    expect(JSON.stringify(edited?.edited_channel_post)).toBe(
      JSON.stringify({ ...around, edit_date: date, text: 'Old news' }),
    );
  });

  test('a post comes to the discussion group by itself', async () => {
    const channel = anna.in(CHANNEL);
    const { messageId = 0 } = channel.sendPhoto({}, { caption: '/news' });
    await updatesOf(api);
    const group = anna.in(SUPERGROUP);
    const { messageId: copy = 0 } = channel.discuss(messageId, SUPERGROUP);
    group.say('/comment', { replyTo: copy });
    const [forwarded, comment] = (await updatesOf(api)).map(({ message }) => message as Message);
    expect(forwarded).toMatchObject({
      from: { id: 777_000, is_bot: false, first_name: 'Telegram' },
      sender_chat: CHANNEL,
      chat: SUPERGROUP,
      forward_origin: { type: 'channel', chat: CHANNEL, message_id: messageId },
      is_automatic_forward: true,
      forward_from_message_id: messageId,
    });
    expect(comment?.reply_to_message?.is_automatic_forward).toBe(true);
  });
});

describe('several bots in one supergroup', () => {
  test('hear the same messages under the same numbers, each under its own ids', async () => {
    const other = api.server.addBot({ username: 'other_bot' });
    api.bot.shareChat(SUPERGROUP, [other]);
    const chat = anna.in(SUPERGROUP);
    chat.say('/both');
    chat.say('/one@my_bot');
    chat.say('/two@other_bot');
    chat.sendPhoto({ size: 5 }, { caption: '@my_bot @other_bot' });
    const [mine, theirs] = [await updatesOf(api), await updatesOf(api, other)];
    expect(mine.map(({ message }) => message?.message_id)).toEqual([1, 2, 4]);
    expect(theirs.map(({ message }) => message?.message_id)).toEqual([1, 3, 4]);
    const [a, b] = [mine.at(-1)?.message?.photo?.[0], theirs.at(-1)?.message?.photo?.[0]];
    expect(a?.file_unique_id).toBe(b?.file_unique_id);
    expect(a?.file_id).not.toBe(b?.file_id);
  });

  test('do not hear each other, but people see both, and tap the right one', async () => {
    const other = api.server.addBot({ username: 'other_bot' });
    api.bot.shareChat(SUPERGROUP, [other]);
    const chat = anna.in(SUPERGROUP);
    chat.say('/both');
    await Promise.all([updatesOf(api), updatesOf(api, other)]);
    const keyboard = { inline_keyboard: [[{ text: 'a', callback_data: 'b' }]] };
    const send = { chat_id: SUPERGROUP.id, text: 'mine', reply_markup: keyboard };
    const answer = await api.fetch(`${api.server.origin}/bot${other.token}/sendMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(send),
    });
    const theirs = answer.body.result;
    expect(theirs.message_id).toBe(2);
    expect((await api.result('sendMessage', { ...send, text: 'yours' })).message_id).toBe(3);
    expect(chat.sees().messages.map(({ text }) => text)).toEqual(['/both', 'mine', 'yours']);
    chat.tap(theirs, 'a');
    chat.say('you', { replyTo: theirs });
    expect(textsOf(await updatesOf(api))).toEqual([]);
    const [tap, reply] = await updatesOf(api, other);
    expect(tap?.callback_query?.data).toBe('b');
    expect(reply?.message?.reply_to_message?.text).toBe('mine');
    expect(await api.error('editMessageText', { chat_id: SUPERGROUP.id, message_id: 2, text: 'x' })).toBe(
      "Bad Request: message can't be edited",
    );
    chat.delete(chat.say('/x').messageId ?? 0);
    expect(chat.sees().messages.at(-1)?.text).toBe('you');
  });

  test('only where message numbers are the same for all', () => {
    const other = api.server.addBot();
    expect(refusal(() => api.bot.shareChat(GROUP, [other]))).toBe(
      'the group chat -500 cannot be shared by bots',
    );
  });
});
