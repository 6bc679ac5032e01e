import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/report/summary.js';
import { ROOT, Workplace } from './cli.js';
import { HELLO } from './recordings.js';

/** One person who asks for the menu and taps its button. */
const ORDER = ((): string => {
  const chat = { id: 501, type: 'private', first_name: 'Mira' };
  const from = { id: 501, is_bot: false, first_name: 'Mira' };
  const reply_markup = { inline_keyboard: [[{ text: 'Order', callback_data: 'order' }]] };
  const message = (message_id: number, text: string) => ({ message_id, date: 1_795_000_000, chat, text });
  const menu = { ...message(2, 'What may it be?'), reply_markup };
  const tap = { id: '1', from, message: menu, chat_instance: '1', data: 'order' };
  const said = (at: number, params: object, result: object) => ({
    at,
    type: 'call',
    method: 'sendMessage',
    params,
    result,
  });
  const lines = [
    { at: 0, type: 'update', update: { update_id: 10, message: { ...message(1, 'menu'), from } } },
    said(50, { chat_id: 501, text: menu.text, reply_markup }, menu),
    { at: 1000, type: 'update', update: { update_id: 11, callback_query: tap } },
    said(1050, { chat_id: 501, text: 'Your order is placed' }, message(3, 'Your order is placed')),
  ];
  return [HELLO[0], ...lines.map((line) => JSON.stringify(line))].join('\n');
})();

describe('a careless bot', () => {
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
    place.write('order.jsonl', `${ORDER}\n`);
    place.write(
      'order.yaml',
      'scenario: order\nplay: { recording: order.jsonl, users: 2, think: 50ms, patience: 1s, settle: 2500ms }\n',
    );
  });
  afterEach(() => place.remove());

  const findingsWith = async (flaw: string): Promise<string[]> => {
    place.write(
      'bot.yaml',
      `command: node ${ROOT}/test/bots/small/careless.mjs
env: { BOT_TOKEN: "\${telegram.token}", TELEGRAM_API_ROOT: "\${telegram.apiRoot}"${flaw} }
`,
    );
    await place.sendtwice('run', 'order.yaml', '--bot', 'bot.yaml');
    const summary = JSON.parse(
      readFileSync(join(place.runs().at(-1) ?? '', 'summary.json'), 'utf8'),
    ) as Summary;
    return summary.findings
      .map(({ kind, cause, user, step }) => `${kind}, ${cause}: ${user} step ${step}`)
      .sort();
  };

  it('that makes people send everything twice is found out: resend-needed, and nothing else', async () => {
    expect(await findingsWith(', IGNORES_FIRST: 1')).toEqual([
      'resend-needed, acknowledged-then-silent: u1 step 1',
      'resend-needed, acknowledged-then-silent: u2 step 1',
    ]);
  });

  it('that lets the spinner turn is found out: unanswered-callback, and nothing else', async () => {
    expect(await findingsWith(', NEVER_ANSWERS_TAPS: 1')).toEqual([
      'unanswered-callback, handler-omits-answer: u1 step 2',
      'unanswered-callback, handler-omits-answer: u2 step 2',
    ]);
  });

  it('without its flaws is innocent', async () => {
    expect(await findingsWith('')).toEqual([]);
  });
});
