import { describe, expect, it } from 'vitest';
import { isInnocent, MODES, ofType, playStranger, refusals } from './strangers.js';

/**
 * Bots of five libraries for JavaScript, each with what its library is known for, play a dialogue of their own:
 * menus, conversations, scenes, sessions in MongoDB, files in both directions. Nothing is broken, so nothing may
 * be found, and every act must get its answer.
 */
const STRANGERS = [
  {
    folder: 'grammy',
    recording: 'repair.jsonl',
    calls: ['answerCallbackQuery', 'editMessageText', 'getFile', 'sendChatAction', 'sendMessage'],
    // Sessions and conversations are in MongoDB.
    commands: ['find', 'update'],
  },
  {
    folder: 'telegraf',
    recording: 'pinboard.jsonl',
    calls: ['getFile', 'sendMessage', 'sendPhoto'],
    commands: [],
  },
  {
    folder: 'node-telegram-bot-api',
    recording: 'posters.jsonl',
    calls: ['answerCallbackQuery', 'getFile', 'sendMediaGroup', 'sendMessage', 'sendPhoto'],
    commands: ['find', 'update'],
  },
  {
    folder: 'gramio',
    recording: 'lost-property.jsonl',
    calls: [
      'answerCallbackQuery',
      'editMessageText',
      'getFile',
      'sendDocument',
      'sendMediaGroup',
      'sendMessage',
    ],
    commands: [],
  },
  {
    folder: 'puregram',
    recording: 'studio.jsonl',
    calls: [
      'answerCallbackQuery',
      'editMessageText',
      'getFile',
      'sendChatAction',
      'sendMessage',
      'sendPhoto',
    ],
    commands: [],
  },
] as const;

/** Calls about the updates themselves: which there are is the library's business. */
const RECEIVING = new Set(['deleteWebhook', 'getMe', 'getUpdates', 'setWebhook']);

// A play takes some 8 s, in which it waits more than it works: two go side by side.
describe.each(STRANGERS)('$folder', { timeout: 120_000 }, ({ calls, commands, ...bot }) => {
  it.concurrent.each(MODES)('%s: plays its dialogue, and nothing is found', async (mode) => {
    const run = await playStranger({ ...bot, inPlace: true }, mode, 'unbroken');
    isInnocent(run);
    // Whatever a library complains about, it writes.
    expect(run.log).not.toMatch(/error/i);
    const steps = ofType(run, 'step.ended').map(({ outcome }) => outcome);
    expect(steps.length).toBeGreaterThan(10);
    expect(steps).toEqual(steps.map(() => 'answered'));
    expect(refusals(run)).toEqual([]);
    const called = new Set(ofType(run, 'call.ended').map(({ method }) => method));
    expect([...called].filter((method) => !RECEIVING.has(method)).sort()).toEqual(calls);
    expect(called.has('getUpdates')).toBe(mode === 'polling');
    const used = new Set(ofType(run, 'command.started').map(({ name }) => name));
    for (const command of commands) expect(used).toContain(command);
    expect(ofType(run, 'warning')).toEqual([]);
    expect(ofType(run, 'bot.exited')).toMatchObject([{ code: 0, expected: true }]);
  });
});
