import type { Message, Poll, Update } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANNA, ApiHarness } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello(); // message 1
});
afterEach(() => api.server.close());

const send = (method: string, params: object) => api.result(method, { chat_id: ANNA.id, ...params });
const refusal = async (method: string, params: object) =>
  (await api.error(method, { chat_id: ANNA.id, ...params })).replace('Bad Request: ', '');

test('a location, and a live one', async () => {
  const place = { latitude: '52.5 N', longitude: 13.4, horizontal_accuracy: 2000 };
  expect((await send('sendLocation', place)).location).toEqual({
    latitude: 52.5,
    longitude: 13.4,
    horizontal_accuracy: 1500,
  });
  const live = { ...place, live_period: 60, heading: 90, proximity_alert_radius: 5 };
  expect((await send('sendLocation', live)).location).toMatchObject({ live_period: 60, heading: 90 });
  expect((await api.ended(2)).map(({ contents }) => contents?.[0]?.kind)).toEqual(['location', 'location']);
});

test.each([
  [{}, 'latitude is empty'],
  [{ latitude: 1, longitude: ' ' }, 'longitude is empty'],
  [{ latitude: 91, longitude: 0 }, 'invalid location specified'],
  [{ latitude: 91, longitude: 0, live_period: 60 }, 'invalid live location specified'],
  [{ latitude: 1, longitude: 0, live_period: 59 }, 'wrong live location period specified'],
  [{ latitude: 1, longitude: 0, live_period: 60, heading: 361 }, 'wrong live location heading specified'],
  [
    { latitude: 1, longitude: 0, live_period: 60, proximity_alert_radius: -1 },
    'wrong live location proximity alert radius specified',
  ],
  [{ latitude: 1, longitude: 0, chat_id: 5 }, 'chat not found'],
])('sendLocation %j is refused', async (params, why) => {
  expect(await refusal('sendLocation', params)).toBe(why);
});

test('a venue holds its place twice; Foursquare wins', async () => {
  const params = { latitude: 1, longitude: 2, title: 'Inn', address: 'Road 1' };
  const sent = await send('sendVenue', { ...params, foursquare_id: 'f', google_place_id: 'g' });
  expect(sent.venue).toEqual({
    location: { latitude: 1, longitude: 2 },
    title: 'Inn',
    address: 'Road 1',
    foursquare_id: 'f',
  });
  expect(sent.location).toEqual({ latitude: 1, longitude: 2 });
  expect((await send('sendVenue', { ...params, google_place_type: 'inn' })).venue).toHaveProperty(
    'google_place_type',
  );
  expect(await refusal('sendVenue', { ...params, longitude: 181 })).toBe('wrong venue location specified');
});

test('a contact', async () => {
  const contact = { phone_number: '+49', first_name: 'Anna', last_name: 'B' };
  expect((await send('sendContact', contact)).contact).toEqual(contact);
  expect(await refusal('sendContact', { first_name: 'A' })).toBe('parameter "phone_number" is required');
  expect(await refusal('sendContact', { phone_number: '1' })).toBe('parameter "first_name" is required');
});

test('dice fall within their sides', async () => {
  for (const [emoji, sides] of [
    ['🎲', 6],
    ['⚽', 5],
    ['🎰', 64],
  ] as const) {
    const { dice } = await send('sendDice', { emoji });
    expect(dice).toEqual({ emoji, value: expect.any(Number) });
    expect(dice?.value).toBeGreaterThanOrEqual(1);
    expect(dice?.value).toBeLessThanOrEqual(sides);
  }
  expect((await send('sendDice', {})).dice?.emoji).toBe('🎲');
  expect(await refusal('sendDice', { emoji: '🦔' })).toBe('DICE_EMOJI_INVALID');
});

const poll = { question: 'Tea?', options: ['Yes', { text: '<b>No</b>', text_parse_mode: 'HTML' }] };

test('a poll has its keys in the official order', async () => {
  const sent = await send('sendPoll', { ...poll, open_period: 60 });
  expect(JSON.stringify({ ...sent.poll, id: '0' })).toMatchInlineSnapshot(
    `"{"id":"0","question":"Tea?","options":[{"persistent_id":"0","text":"Yes","voter_count":0},{"persistent_id":"1","text":"No","voter_count":0}],"total_voter_count":0,"open_period":60,"close_date":1800000060,"is_closed":false,"is_anonymous":true,"allows_multiple_answers":false,"allows_revoting":true,"members_only":false,"type":"regular"}"`,
  );
  expect(sent.poll?.id).toMatch(/^\d+$/);
});

test('a quiz knows its answer', async () => {
  const quiz = { ...poll, type: 'quiz', correct_option_ids: [1], explanation: 'See #tea' };
  expect((await send('sendPoll', quiz)).poll).toMatchObject({
    type: 'quiz',
    allows_revoting: false,
    correct_option_id: 1,
    correct_option_ids: [1],
    explanation: 'See #tea',
    explanation_entities: [{ type: 'hashtag' }],
  });
});

test.each([
  [{ question: '' }, 'text must be non-empty'],
  [{ question: 'x'.repeat(301) }, 'poll question length must not exceed 300'],
  [{ options: 'x' }, "can't parse options JSON object"],
  [{ options: {} }, 'expected an Array of String as options'],
  [{ options: [1] }, 'expected an option to be of type String'],
  [{ options: [{}] }, 'can\'t find field "text"'],
  [{ options: [] }, 'poll must have at least one answer option'],
  [{ options: Array(13).fill('x') }, "poll can't have more than 12 options"],
  [{ options: ['x'.repeat(101)] }, 'poll options length must not exceed 100'],
  [{ options: [' '] }, 'text must be non-empty'],
  [{ type: 'vote' }, 'unsupported poll type specified'],
  [{ type: 'quiz' }, 'correct quiz option list must be non-empty'],
  [{ type: 'quiz', correct_option_id: 2 }, 'wrong quiz correct_option_id'],
  [{ type: 'quiz', correct_option_ids: '{' }, "can't parse correct option identifiers JSON object"],
  [{ type: 'quiz', correct_option_ids: {} }, 'expected an Array of correct option identifiers'],
  [{ type: 'quiz', correct_option_ids: ['1'] }, 'correct option identifier must be of type Number'],
  [{ type: 'quiz', correct_option_ids: [0.5] }, 'invalid correct option identifier specified'],
  [{ type: 'quiz', correct_option_ids: [1, 0] }, 'correct quiz option list must be increasing'],
])('sendPoll %j is refused', async (params, why) => {
  expect(await refusal('sendPoll', { ...poll, ...params })).toBe(why);
});

test('a poll is stopped once; the bot gets a poll update', async () => {
  const { message_id } = await send('sendPoll', poll);
  const stopped = await api.result<Poll>('stopPoll', { chat_id: ANNA.id, message_id });
  expect(stopped).toMatchObject({ question: 'Tea?', is_closed: true });
  const updates = await api.result<Update[]>('getUpdates');
  expect(updates.at(-1)?.poll).toEqual(stopped);
  expect(await refusal('stopPoll', { message_id })).toBe('poll has already been closed');
  expect(await refusal('stopPoll', { message_id: 1 })).toBe('message is not a poll');
  expect(await refusal('stopPoll', { message_id: 99 })).toBe('message with poll to stop not found');
});

const invoice = {
  title: 'Tea',
  description: 'One cup',
  payload: 'p1',
  provider_token: 'test:1',
  currency: 'EUR',
  prices: [
    { label: 'Cup', amount: 3 },
    { label: 'Milk', amount: '2' },
  ],
};

test('an invoice sums its prices', async () => {
  expect((await send('sendInvoice', invoice)).invoice).toEqual({
    title: 'Tea',
    description: 'One cup',
    start_parameter: '',
    currency: 'EUR',
    total_amount: 5,
  });
});

test.each([
  [{ title: '' }, 'parameter "title" is required'],
  [{ payload: '\ud800' }, 'the payload must be encoded in UTF-8'],
  [{ prices: '{' }, "can't parse prices JSON object"],
  [{ prices: {} }, 'expected an Array of labeled prices'],
  [{ prices: [] }, 'there must be at least one price'],
  [{ prices: [1] }, "can't parse labeled price: LabeledPrice must be an Object"],
  [{ prices: [{ label: '' }] }, "can't parse labeled price: LabeledPrice label must be non-empty"],
  [{ prices: [{ label: 'x' }] }, 'can\'t parse labeled price: Can\'t find field "amount"'],
  [{ max_tip_amount: 'x' }, 'can\'t parse "max_tip_amount" as Number'],
  [{ max_tip_amount: -1 }, 'invalid max_tip_amount of the currency specified'],
  [{ suggested_tip_amounts: {} }, 'expected an Array of suggested tip amounts'],
  [{ suggested_tip_amounts: [null] }, 'suggested tip amount must be of type Number or String'],
  [{ suggested_tip_amounts: ['x'] }, "can't parse suggested tip amount as Number"],
  [{ suggested_tip_amounts: [0] }, 'suggested tip amount must be positive'],
  [{ suggested_tip_amounts: [1] }, "suggested tip amount can't be bigger than max_tip_amount"],
  [
    { max_tip_amount: 9, suggested_tip_amounts: [1, 2, 3, 4, 5] },
    'there can be at most 4 suggested tip amounts',
  ],
])('sendInvoice %j is refused', async (params, why) => {
  expect(await refusal('sendInvoice', { ...invoice, ...params })).toBe(why);
});

test('texts that are not UTF-8 are refused, however they come', async () => {
  const strings = 'Bad Request: strings must be encoded in UTF-8';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = async (body: string | Buffer, type = headers['content-type']) =>
    (await api.request('sendMessage', { method: 'POST', headers: { 'content-type': type }, body })).body;
  expect((await post(`chat_id=${ANNA.id}&text=%ff`)).description).toBe(strings);
  expect((await post(Buffer.from(`chat_id=${ANNA.id}&text=\xff`, 'latin1'))).description).toBe(strings);
  const json = `{"chat_id":${ANNA.id},"text":"\xe9"}`;
  expect((await post(Buffer.from(json, 'latin1'), 'application/json')).description).toBe(strings);
  expect((await post(`{"chat_id":${ANNA.id},"text":"\\ud83d"}`, 'application/json')).description).toBe(
    strings,
  );
  expect((await post(`chat_id=${ANNA.id}&text=%ff&parse_mode=HTML`)).description).toBe(
    'Bad Request: text must be encoded in UTF-8',
  );
  // What stands for unreadable bytes may be meant.
  expect((await post(`chat_id=${ANNA.id}&text=${encodeURIComponent('\ufffd')}`)).result.text).toBe('\ufffd');
});

test('a keyboard and a caption of a photo are edited, the photo stays', async () => {
  const markup = { inline_keyboard: [[{ text: 'b', callback_data: 'd' }]] };
  const sent = await send('sendPhoto', {
    photo: 'https://a.test/p.jpg',
    caption: 'old',
    reply_markup: markup,
  });
  const edit = (method: string, params: object) => send(method, { message_id: sent.message_id, ...params });
  const bare = await edit('editMessageReplyMarkup', {});
  expect(bare).toMatchObject({ photo: sent.photo, caption: 'old' });
  expect(bare).not.toHaveProperty('reply_markup');
  const named = await edit('editMessageCaption', {
    caption: '*new*',
    parse_mode: 'Markdown',
    reply_markup: markup,
  });
  expect(named).toMatchObject({
    photo: sent.photo,
    caption: 'new',
    caption_entities: [{ type: 'bold' }],
    reply_markup: markup,
  });
  expect(Object.keys(named).slice(-4)).toEqual(['photo', 'caption', 'caption_entities', 'reply_markup']);
  const silent = await edit('editMessageCaption', {});
  expect(silent).not.toHaveProperty('caption');
  expect(await refusal('editMessageCaption', { message_id: sent.message_id })).toContain(
    'message is not modified',
  );
  expect(
    await refusal('editMessageCaption', { message_id: sent.message_id, caption: 'x'.repeat(1025) }),
  ).toBe('MEDIA_CAPTION_TOO_LONG');
});

test('a hundred messages are deleted at once', async () => {
  const message_ids = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(await api.result('deleteMessages', { chat_id: ANNA.id, message_ids })).toBe(true);
  const { message_id } = await api.result<Message>('sendMessage', { chat_id: ANNA.id, text: 'x' });
  expect(await api.result('deleteMessages', { chat_id: ANNA.id, message_ids: `["${message_id}"]` })).toBe(
    true,
  );
});

test('a date entity is put in its official form', async () => {
  const date = (format: string) => ({
    text: 'soon',
    entities: [{ type: 'date_time', offset: 0, length: 4, unix_time: 5, date_time_format: format }],
  });
  expect((await send('sendMessage', date('Tw'))).entities).toEqual([
    { offset: 0, length: 4, type: 'date_time', unix_time: 5, date_time_format: 'wT' },
  ]);
  expect(await refusal('sendMessage', date('x'))).toBe(
    "can't parse MessageEntity: Invalid date-time format specified",
  );
});
