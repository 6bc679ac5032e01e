import type { Message, User } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as groupLife from '../../src/telegram/people/group-life.js';
import * as membership from '../../src/telegram/people/membership.js';
import type { PersonInChat } from '../../src/telegram/people/person-in-chat.js';
import { ANNA } from './api-harness.js';
import { Groups } from './group-harness.js';

let groups: Groups;
beforeEach(async () => {
  groups = await Groups.start();
});
afterEach(() => groups.close());

const anna = (chat: number, of = groups): PersonInChat => of.api.bot.person(ANNA).in(chat);
const texts = async (of = groups): Promise<(string | undefined)[]> =>
  (await of.updates()).map(({ message, edited_message: edited }) => (message ?? edited)?.text);

test('a plain member hears what is for it', async () => {
  const chat = await groups.create('supergroup');
  const place = anna(chat);
  place.say('good morning everybody');
  place.say('/help@my_bot');
  place.say('/help@another_bot');
  place.say('/rules');
  place.say('what do you think, @my_bot?');
  place.say('what do you think, @another_bot?');
  expect(await texts()).toEqual(['/help@my_bot', '/rules', 'what do you think, @my_bot?']);
});

test('a reply to the bot is heard; one to another bot is for that alone', async () => {
  const chat = await groups.create('supergroup');
  const place = anna(chat);
  const { message_id: own } = await groups.api.result<Message>('sendMessage', {
    chat_id: chat,
    text: 'Which?',
  });
  place.say('the red one', { replyTo: own });
  const other: User = { id: 3001, is_bot: true, first_name: 'Other', username: 'another_bot' };
  const { messageId = 0 } = groups.api.write({ from: other, chat: place.chat, text: 'Me too' });
  place.say('/no @my_bot, you', { replyTo: messageId });
  place.say('to myself', { replyTo: place.say('first').messageId ?? 0 });
  expect(await texts()).toEqual(['the red one', 'Me too']);
});

test('a command for nobody in particular is for the bot that wrote last', async () => {
  const chat = await groups.create('supergroup');
  const place = anna(chat);
  const other: User = { id: 3001, is_bot: true, first_name: 'Other', username: 'another_bot' };
  groups.api.write({ from: other, chat: place.chat, text: 'mine' });
  await groups.updates();
  place.say('/next');
  expect(await texts()).toEqual([]);
  await groups.api.result('sendMessage', { chat_id: chat, text: 'now me' });
  place.say('/next');
  expect(await texts()).toEqual(['/next']);
});

test('what is not heard is there all the same', async () => {
  const chat = await groups.create('supergroup');
  const place = anna(chat);
  const { messageId = 0, updateId } = place.say('only for people');
  expect(updateId).toBeUndefined();
  place.editText(messageId, 'still only for people');
  const { message_id } = await groups.api.result<Message>('sendMessage', {
    chat_id: chat,
    text: 'x',
    reply_parameters: { message_id: messageId },
  });
  expect(message_id).toBe(messageId + 1);
  expect(await texts()).toEqual([]);
});

test('service messages are always heard', async () => {
  const chat = await groups.create('group');
  groupLife.renameChat(groups.world, ANNA, chat, 'New name');
  expect((await groups.updates()).map(({ message }) => message?.new_chat_title)).toEqual(['New name']);
});

test('an administrator hears everything, and so does a bot without privacy mode', async () => {
  const chat = await groups.create('supergroup', ['can_pin_messages']);
  anna(chat).say('good morning everybody');
  expect(await texts()).toEqual(['good morning everybody']);

  const open = await Groups.start({ readsAllGroupMessages: true });
  const group = await open.create('group');
  anna(group, open).say('good morning everybody');
  expect(await texts(open)).toEqual(['good morning everybody']);
  expect(await open.api.result('getMe')).toMatchObject({ can_read_all_group_messages: true });
  await open.close();
  expect(await groups.api.result('getMe')).toMatchObject({ can_read_all_group_messages: false });
});

test('what a recording says the bot heard, it hears', async () => {
  const chat = { id: -1_000_000_000_888, type: 'supergroup', title: 'Recorded' };
  groups.api.write({ from: ANNA, chat, text: 'not for the bot' });
  expect(await texts()).toEqual(['not for the bot']);
});

test('a bot that is out hears nothing', async () => {
  const chat = await groups.create('supergroup', ['can_pin_messages']);
  const place = anna(chat);
  membership.removeBot(groups.world, ANNA, chat);
  await groups.updates();
  place.say('it is gone');
  expect(await groups.updates()).toEqual([]);
});
