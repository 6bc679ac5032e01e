import type { Message } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import type { PersonInChat } from '../../src/telegram/people/person-in-chat.js';
import { type ApiHarness, SUPERGROUP } from './api-harness.js';
import { updateOf, updatesOf, withAnna } from './people-harness.js';

let api: ApiHarness;
let chat: PersonInChat;
let now: number;

beforeEach(async () => {
  ({ api, chat } = await withAnna());
  now = api.clock.unixSeconds();
});
afterEach(() => api.server.close());

const USER = {
  id: 1001,
  is_bot: false,
  first_name: 'Anna',
  last_name: 'Ash',
  username: 'anna_test',
  language_code: 'en',
};
const CHAT = { id: 1001, first_name: 'Anna', last_name: 'Ash', username: 'anna_test', type: 'private' };

/** The message of the one update that waits. */
async function message(): Promise<Message> {
  const update = await updateOf(api);
  const found = update.message ?? update.edited_message ?? update.channel_post ?? update.edited_channel_post;
  if (found === undefined) throw new Error(`no message: ${JSON.stringify(update)}`);
  return found;
}

/** What a person cannot do, in words. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof SendtwiceError && error.code === 'people/impossible') return error.message;
    throw error;
  }
  throw new Error('this should be impossible');
}

describe('a text', () => {
  test('comes as Telegram writes it, byte by byte', async () => {
    chat.say('Hello');
    const { text } = await api.request('getUpdates');
    expect(text.replace(/"update_id":\d+,\n/, '"update_id":1,')).toBe(
      JSON.stringify({
        ok: true,
        result: [
          { update_id: 1, message: { message_id: 1, from: USER, chat: CHAT, date: now, text: 'Hello' } },
        ],
      }),
    );
  });

  test('has the entities that Telegram finds, beside those that were written', async () => {
    chat.say('  bold /go @name  ', { entities: [{ type: 'bold', offset: 2, length: 4 }] });
    expect(await message()).toMatchObject({
      text: 'bold /go @name',
      entities: [
        { type: 'bold', offset: 0, length: 4 },
        { type: 'bot_command', offset: 5, length: 3 },
        { type: 'mention', offset: 9, length: 5 },
      ],
    });
  });

  test('may be a command, or the payload of a link', async () => {
    chat.start('ref_42');
    chat.command('help');
    chat.command('/set', 'a b', { mention: true });
    const texts = (await updatesOf(api)).map((update) => [update.message?.text, update.message?.entities]);
    expect(texts).toEqual([
      ['/start ref_42', [{ offset: 0, length: 6, type: 'bot_command' }]],
      ['/help', [{ offset: 0, length: 5, type: 'bot_command' }]],
      ['/set@my_bot a b', [{ offset: 0, length: 11, type: 'bot_command' }]],
    ]);
    expect(refusal(() => chat.start('a b'))).toBe('“a b” cannot be in a link to a bot');
  });

  test('replies and quotes', async () => {
    const first = chat.say('one two three');
    chat.say('yes', { replyTo: first.messageId ?? 0, quote: 'two' });
    const [, update] = await updatesOf(api);
    expect(JSON.stringify(update?.message)).toBe(
      JSON.stringify({
        message_id: 2,
        from: USER,
        chat: CHAT,
        date: now,
        reply_to_message: { message_id: 1, from: USER, chat: CHAT, date: now, text: 'one two three' },
        quote: { text: 'two', position: 4, is_manual: true },
        text: 'yes',
      }),
    );
  });

  test('cannot be what nobody can write', () => {
    expect(refusal(() => chat.say(' \n '))).toBe('a text must not be empty');
    expect(refusal(() => chat.say('x'.repeat(4097)))).toBe(
      'a text of 4097 characters is too long: 4096 at most',
    );
    expect(refusal(() => chat.say('x', { replyTo: 5 }))).toBe(
      'cannot reply to message 5: there is none with this number in chat 1001',
    );
    expect(refusal(() => chat.say('x', { quote: 'y' }))).toBe('“y” cannot be quoted from nothing');
    expect(refusal(() => chat.say('x', { thread: 3 }))).toBe('chat 1001 has no topic 3: it is no forum');
    expect(refusal(() => chat.say('x', { entities: [{ type: 'bold', offset: 0, length: 9 }] }))).toMatch(
      /cannot be written: Bad Request: entity beginning at UTF-16 offset 0 ends after/,
    );
  });
});

describe('files', () => {
  test('a photo has its sizes, smallest first, and a caption with entities', async () => {
    chat.sendPhoto({ width: 1000, height: 500, size: 90_000 }, { caption: 'see #this', spoiler: true });
    const { photo, ...rest } = await message();
    expect(photo?.map(({ width, height }) => [width, height])).toEqual([
      [90, 45],
      [320, 160],
      [800, 400],
      [1000, 500],
    ]);
    expect(photo?.at(-1)?.file_size).toBe(90_000);
    expect(new Set(photo?.map(({ file_id: id }) => id)).size).toBe(4);
    expect(rest).toMatchObject({
      caption: 'see #this',
      caption_entities: [{ offset: 4, length: 5, type: 'hashtag' }],
      has_media_spoiler: true,
    });
  });

  test('each kind has its own fields', async () => {
    chat.sendVideo({ name: 'a.mp4', duration: 9, width: 64, height: 48 });
    chat.sendAnimation({ name: 'b.mp4', size: 7 });
    chat.sendAudio({ duration: 100, title: 'Song', performer: 'She' });
    chat.sendVoice({ duration: 3 });
    chat.sendVideoNote({ duration: 4, length: 300 });
    chat.sendDocument({ name: 'c.pdf', mimeType: 'application/pdf' });
    chat.sendSticker({ emoji: '👍', setName: 'Thumbs' });
    const messages = (await updatesOf(api)).map((update) => update.message);
    const ids = { file_id: expect.any(String), file_unique_id: expect.any(String), file_size: 20_480 };
    expect(messages[0]?.video).toEqual({
      duration: 9,
      width: 64,
      height: 48,
      file_name: 'a.mp4',
      mime_type: 'video/mp4',
      ...ids,
    });
    expect(messages[1]?.animation).toMatchObject({ file_name: 'b.mp4', file_size: 7, duration: 1 });
    expect(messages[1]?.document).toEqual({
      file_name: 'b.mp4',
      mime_type: 'video/mp4',
      ...ids,
      file_size: 7,
    });
    expect(messages[2]?.audio).toMatchObject({ duration: 100, title: 'Song', performer: 'She' });
    expect(Object.keys(messages[2]?.audio ?? {})).toEqual([
      'duration',
      'mime_type',
      'title',
      'performer',
      'file_id',
      'file_unique_id',
      'file_size',
    ]);
    expect(messages[3]?.voice).toEqual({ duration: 3, mime_type: 'audio/ogg', ...ids });
    expect(messages[4]?.video_note).toEqual({ duration: 4, length: 300, ...ids });
    expect(messages[5]?.document).toEqual({ file_name: 'c.pdf', mime_type: 'application/pdf', ...ids });
    expect(messages[6]?.sticker).toMatchObject({ emoji: '👍', set_name: 'Thumbs', is_animated: false });
  });

  test('can be downloaded, and the same file is recognised', async () => {
    chat.sendDocument({ name: 'a.txt', content: 'some words' });
    chat.sendDocument({ name: 'b.txt', content: 'some words' });
    const [first, second] = (await updatesOf(api)).map((update) => update.message?.document);
    expect(first?.file_unique_id).toBe(second?.file_unique_id);
    expect(first?.file_id).not.toBe(second?.file_id);
    const file = await api.result<{ file_path: string }>('getFile', { file_id: first?.file_id });
    const answer = await fetch(`${api.server.origin}/file/bot${api.bot.token}/${file.file_path}`);
    expect(await answer.text()).toBe('some words');
  });

  test('an album is one update a file, with one media_group_id', async () => {
    chat.album([{ photo: {}, caption: 'all' }, { video: {} }]);
    const [first, second] = (await updatesOf(api)).map((update) => update.message);
    expect(first?.media_group_id).toMatch(/^\d+$/);
    expect(second?.media_group_id).toBe(first?.media_group_id);
    expect(first?.caption).toBe('all');
    expect(Object.keys(first ?? {})).toEqual([
      'message_id',
      'from',
      'chat',
      'date',
      'media_group_id',
      'photo',
      'caption',
    ]);
    expect(refusal(() => chat.album([{ photo: {} }]))).toBe('1 files make no album');
    expect(refusal(() => chat.album([{ photo: {} }, { document: {} }]))).toBe(
      'photo and document cannot be in one album',
    );
  });
});

describe('places, contacts, dice', () => {
  test('a place, a venue', async () => {
    chat.shareLocation({ latitude: 1.5, longitude: 2.5, accuracyM: 20 });
    chat.shareVenue({ latitude: 1, longitude: 2, title: 'Bar', address: 'Street 1', foursquareId: 'f' });
    const [place, venue] = (await updatesOf(api)).map((update) => update.message);
    expect(place?.location).toEqual({ latitude: 1.5, longitude: 2.5, horizontal_accuracy: 20 });
    expect(venue?.venue).toEqual({
      location: { latitude: 1, longitude: 2 },
      title: 'Bar',
      address: 'Street 1',
      foursquare_id: 'f',
    });
    expect(venue?.location).toEqual({ latitude: 1, longitude: 2 });
    expect(refusal(() => chat.shareLocation({ latitude: 91, longitude: 0 }))).toBe(
      '91, 0 is no place on Earth',
    );
  });

  test('a live location moves, and ends', async () => {
    const { messageId = 0 } = chat.shareLiveLocation({ latitude: 1, longitude: 2, livePeriodS: 60 });
    await api.clock.advance(5_000);
    chat.moveTo(messageId, { latitude: 1, longitude: 3, heading: 90 });
    chat.stopLocation(messageId);
    const [shared, moved, stopped] = await updatesOf(api);
    expect(shared?.message?.location).toEqual({ latitude: 1, longitude: 2, live_period: 60 });
    expect(moved?.edited_message).toMatchObject({
      message_id: 1,
      date: now,
      edit_date: now + 5,
      location: { latitude: 1, longitude: 3, live_period: 60, heading: 90 },
    });
    expect(stopped?.edited_message?.location).toEqual({ latitude: 1, longitude: 3 });
    expect(refusal(() => chat.moveTo(messageId, { latitude: 1, longitude: 3 }))).toMatch(/no live location/);
  });

  test('the own contact has the user id', async () => {
    chat.shareContact();
    expect((await message()).contact).toEqual({
      phone_number: '4930123456',
      first_name: 'Anna',
      last_name: 'Ash',
      user_id: 1001,
    });
    chat.shareContact({ phoneNumber: '1', firstName: 'Bob' });
    expect((await message()).contact).toEqual({ phone_number: '1', first_name: 'Bob' });
  });

  test('dice show what Telegram throws, or what the test needs', async () => {
    chat.throwDice('🎯', { value: 6 });
    expect((await message()).dice).toEqual({ emoji: '🎯', value: 6 });
    chat.throwDice();
    expect((await message()).dice?.value).toBeOneOf([1, 2, 3, 4, 5, 6]);
    expect(refusal(() => chat.throwDice('🎲', { value: 7 }))).toBe('🎲 cannot show 7');
  });
});

describe('edits and deletions', () => {
  test('an edit keeps place, date and reply, and says nothing when nothing changes', async () => {
    const first = chat.say('one').messageId ?? 0;
    const second = chat.say('two', { replyTo: first }).messageId ?? 0;
    await updatesOf(api);
    await api.clock.advance(3_000);
    chat.editText(second, 'two /go');
    const { edited_message: edited } = await updateOf(api);
    expect(JSON.stringify(edited)).toBe(
      JSON.stringify({
        message_id: second,
        from: USER,
        chat: CHAT,
        date: now,
        edit_date: now + 3,
        reply_to_message: { message_id: first, from: USER, chat: CHAT, date: now, text: 'one' },
        text: 'two /go',
        entities: [{ offset: 4, length: 3, type: 'bot_command' }],
      }),
    );
    expect(chat.editText(second, 'two /go').updateId).toBeUndefined();
  });

  test('captions and files', async () => {
    const { messageId: id = 0 } = chat.sendPhoto({}, { caption: 'a' });
    const before = await message();
    chat.editCaption(id, 'b');
    const after = await message();
    expect(after.caption).toBe('b');
    expect(after.photo).toEqual(before.photo);
    chat.editCaption(id, '');
    expect(await message()).not.toHaveProperty('caption');
    chat.editMedia(id, { document: { name: 'x' }, caption: 'c' });
    const replaced = await message();
    expect(replaced).not.toHaveProperty('photo');
    expect(replaced).toMatchObject({ document: { file_name: 'x' }, caption: 'c' });
  });

  test('only of what one wrote oneself', async () => {
    chat.say('hi');
    const sent = await api.result('sendMessage', { chat_id: 1001, text: 'hello' });
    expect(refusal(() => chat.editText(sent, 'x'))).toBe(
      `Anna (1001) cannot edit message 2: it is by Test bot (${api.bot.id})`,
    );
    expect(refusal(() => chat.editText(77, 'x'))).toBe(
      'cannot edit message 77: there is none with this number in chat 1001',
    );
    expect(refusal(() => chat.editCaption(1, 'x'))).toBe('message 1 can have no caption');
    expect(refusal(() => chat.editMedia(1, { photo: {} }))).toBe('message 1 has no file to replace');
    const photo = chat.sendPhoto().messageId ?? 0;
    expect(refusal(() => chat.editText(photo, 'x'))).toBe('message 3 has no text to edit');
  });

  test('a deleted message is gone for the bot, which is not told', async () => {
    const { messageId = 0 } = chat.say('hi');
    const sent = await api.result('sendMessage', { chat_id: 1001, text: 'hello' });
    await updatesOf(api);
    chat.delete(messageId, sent);
    expect(await updatesOf(api)).toEqual([]);
    expect(chat.sees().messages).toEqual([]);
    expect(
      await api.error('editMessageText', { chat_id: 1001, message_id: sent.message_id, text: 'x' }),
    ).toBe('Bad Request: message to edit not found');
    expect(refusal(() => chat.delete(messageId))).toMatch(/^cannot delete message 1/);
  });
});

describe('forwards', () => {
  const BOB = { id: 7, is_bot: false, first_name: 'Bob', last_name: 'Bean' };
  const CHANNEL = { id: -1_000_000_000_999, type: 'channel', title: 'News' } as const;
  const elsewhere = (fields: object): Message =>
    ({ message_id: 31, date: 500, text: 'x', ...fields }) as Message;

  test.each([
    [
      'of a person',
      elsewhere({ from: BOB, chat: { ...BOB, type: 'private' } }),
      {},
      {
        forward_origin: { type: 'user', sender_user: BOB, date: 500 },
        forward_from: BOB,
        forward_date: 500,
      },
    ],
    [
      'of a person who hides',
      elsewhere({ from: BOB, chat: { ...BOB, type: 'private' } }),
      { hidden: true },
      {
        forward_origin: { type: 'hidden_user', sender_user_name: 'Bob Bean', date: 500 },
        forward_sender_name: 'Bob Bean',
        forward_date: 500,
      },
    ],
    [
      'of a channel',
      elsewhere({ sender_chat: CHANNEL, chat: CHANNEL, author_signature: 'Ed' }),
      {},
      {
        forward_origin: {
          type: 'channel',
          chat: CHANNEL,
          message_id: 31,
          author_signature: 'Ed',
          date: 500,
        },
        forward_from_chat: CHANNEL,
        forward_from_message_id: 31,
        forward_signature: 'Ed',
        forward_date: 500,
      },
    ],
    [
      'of an anonymous administrator',
      elsewhere({ from: BOB, sender_chat: SUPERGROUP, chat: SUPERGROUP }),
      {},
      {
        forward_origin: { type: 'chat', sender_chat: SUPERGROUP, date: 500 },
        forward_from_chat: SUPERGROUP,
        forward_date: 500,
      },
    ],
  ])('%s', async (_, original, options, expected) => {
    chat.forward(original, options);
    expect(JSON.stringify(await message())).toBe(
      JSON.stringify({ message_id: 1, from: USER, chat: CHAT, date: now, ...expected, text: 'x' }),
    );
  });

  test('a forward of a forward keeps its origin, and is not edited', async () => {
    chat.forward(elsewhere({ from: BOB, chat: { ...BOB, type: 'private' } }));
    chat.forward(1);
    const [first, second] = (await updatesOf(api)).map((update) => update.message);
    expect(second?.forward_origin).toEqual(first?.forward_origin);
    expect(refusal(() => chat.editText(1, 'y'))).toBe('message 1 is a forwarded one and cannot be edited');
    expect(refusal(() => chat.forward(9))).toMatch(/^cannot forward message 9/);
  });

  test('a message of another chat can be replied to', async () => {
    chat.say('see', { replyTo: elsewhere({ from: BOB, chat: SUPERGROUP, text: 'long ago' }), quote: 'ago' });
    expect(await message()).toMatchObject({
      external_reply: {
        origin: { type: 'user', sender_user: BOB, date: 500 },
        chat: SUPERGROUP,
        message_id: 31,
      },
      quote: { text: 'ago', position: 5, is_manual: true },
    });
  });
});
