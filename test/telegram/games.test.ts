import type { GameHighScore, Message } from '@grammyjs/types';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GameBook } from '../../src/telegram/chats/game-book.js';
import { ANNA, ApiHarness, BORIS } from './api-harness.js';

let api: ApiHarness;
let id: number;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
  api.hello('x', BORIS);
  id = (await send()).message_id;
});
afterEach(() => api.server.close());

const where = { chat_id: ANNA.id };
const send = (params: object = {}) =>
  api.result<Message.GameMessage>('sendGame', { ...where, game_short_name: 'chess', ...params });
const score = (user_id: number, points: number, params: object = {}) =>
  api.call<Message>('setGameScore', { ...where, message_id: id, user_id, score: points, ...params });
const scores = (user_id = ANNA.id) =>
  api.result<GameHighScore[]>('getGameHighScores', { ...where, message_id: id, user_id });

test('a game has a button that starts it', async () => {
  expect(await send()).toMatchObject({
    game: { title: 'chess', photo: [{}, {}, {}] },
    reply_markup: { inline_keyboard: [[{ text: 'Play chess', callback_game: {} }]] },
  });
  const button = (...buttons: object[]) => ({ reply_markup: { inline_keyboard: [buttons] } });
  const play = { text: 'Go', callback_game: {} };
  const other = { text: 'x', callback_data: 'x' };
  expect((await send(button(play, other))).reply_markup?.inline_keyboard[0]).toHaveLength(2);
  const error = (params: object) => api.error('sendGame', { ...where, game_short_name: 'chess', ...params });
  expect(await error(button(other, play))).toBe('Bad Request: BUTTON_POS_INVALID');
  expect(await error(button(other))).toBe('Bad Request: REPLY_MARKUP_GAME_EMPTY');
  expect(await error({ game_short_name: '' })).toBe('Bad Request: parameter "game_short_name" is required');
  expect(await error({ game_short_name: 'a b' })).toBe('Bad Request: wrong game short name specified');
});

test('a score is kept, shown in the message, and only beaten by a higher one', async () => {
  const { body } = await score(ANNA.id, 10);
  expect(body.result).toMatchObject({ message_id: id, game: { text: expect.stringContaining('Anna') } });
  expect(body.result).toHaveProperty('edit_date');
  expect(body.result).toHaveProperty('reply_markup');
  expect((await score(ANNA.id, 10)).body.description).toBe('Bad Request: BOT_SCORE_NOT_MODIFIED');
  expect((await score(ANNA.id, 5)).body.description).toBe('Bad Request: BOT_SCORE_NOT_MODIFIED');
  expect((await score(ANNA.id, 5, { force: true })).body.ok).toBe(true);
  expect(await scores()).toEqual([{ position: 1, user: ANNA, score: 5 }]);
  const { body: quiet } = await score(BORIS.id, 7, { disable_edit_message: true });
  expect(quiet.result.game?.text).not.toContain('Boris');
  expect((await scores()).map(({ user }) => user.id)).toEqual([BORIS.id, ANNA.id]);
});

test('scores are those of one chat and game', async () => {
  await score(ANNA.id, 10);
  id = (await send({ game_short_name: 'checkers' })).message_id;
  expect(await scores()).toEqual([]);
});

describe('errors', () => {
  test.each([
    [{ user_id: 0 }, 'invalid user_id specified'],
    [{ user_id: 77 }, 'user not found'],
    [{ message_id: 99 }, 'message to set game score not found'],
    [{ message_id: 1 }, "game score can't be set"],
    [{ score: -1 }, 'SCORE_INVALID'],
  ])('setGameScore %j: %s', async (params, text) => {
    const { body } = await score(ANNA.id, 1, params);
    expect(body.description).toBe(`Bad Request: ${text}`);
  });

  test('high scores of what is no game', async () => {
    const params = { ...where, user_id: ANNA.id };
    expect(await api.error('getGameHighScores', { ...params, message_id: 99 })).toBe(
      'Bad Request: message to get game high scores not found',
    );
    expect(await api.error('getGameHighScores', { ...params, message_id: 1 })).toBe(
      'Bad Request: MESSAGE_ID_INVALID',
    );
  });
});

test('a person is shown among neighbours and behind the best three', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 40 }), fc.nat(39), (points, at) => {
      const book = new GameBook();
      for (const [user, score] of points.entries()) book.setScore(1, 'g', user, score);
      const me = at % points.length;
      const rows = book.around(1, 'g', me, (user) => ({ id: user, is_bot: false, first_name: '' }));
      const mine = rows.find(({ user }) => user.id === me)?.position ?? 0;
      expect(rows.map(({ position }) => position)).toEqual(
        points
          .map((_, index) => index + 1)
          .filter((position) => position <= 3 || Math.abs(position - mine) <= 2),
      );
      const shown = rows.map(({ score }) => score);
      expect(shown).toEqual([...shown].sort((a, b) => b - a));
    }),
  );
});
