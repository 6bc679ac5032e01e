import { describe, expect, it } from 'vitest';
import {
  hasPythonModule,
  isInnocent,
  MODES,
  ofType,
  playStranger,
  refusals,
  type Stranger,
} from './strangers.js';

/** Python bots, by webhook and by polling. `.ci/run` installs their libraries into `.venv`. */

const CONCURRENT = { timeout: 180_000 } as const;

const library = (name: string, module: string, test: () => void): void => {
  const absent = !hasPythonModule(module);
  const note = absent ? ' (skipped: there is no .venv with test/bots/requirements.txt)' : '';
  describe.skipIf(absent)(`${name}${note}`, CONCURRENT, test);
};

library('python-telegram-bot with persistence and the JobQueue', 'apscheduler', () => {
  const bot: Stranger = {
    folder: 'python-telegram-bot',
    prefix: 'reminders-',
    recording: 'reminders.jsonl',
  };

  it.each(MODES)('%s: nothing is wrong, and reminders come a second later', async (mode) => {
    const run = await playStranger(bot, mode, 'unbroken');
    isInnocent(run);
    expect(refusals(run)).toEqual([]);
    const shown = ofType(run, 'call.ended').flatMap(({ contents = [] }) => contents.map(({ text }) => text));
    expect(shown).toContain('It is time: the tulips');
  });

  it.each(MODES)('%s: goes on after a restart where it was', async (mode) => {
    const run = await playStranger(bot, mode, 'restart-in-peace');
    isInnocent(run);
    expect(ofType(run, 'bot.started')).toHaveLength(2);
  });
});

library('aiogram with its state in MongoDB', 'aiogram', () => {
  const bot: Stranger = { folder: 'aiogram', recording: 'feedback.jsonl' };

  it.each(MODES)('%s: nothing is wrong when nothing is broken', async (mode) => {
    const run = await playStranger(bot, mode, 'unbroken');
    isInnocent(run);
    expect(refusals(run)).toEqual([]);
    expect(new Set(ofType(run, 'command.started').map(({ name }) => name))).toContain('findAndModify');
  });

  it.each(MODES)('%s: goes on after a restart where it was', async (mode) => {
    const run = await playStranger(bot, mode, 'restart-in-peace');
    isInnocent(run);
    expect(ofType(run, 'bot.started')).toHaveLength(2);
  });
});

library('pyTelegramBotAPI with its state handlers', 'telebot', () => {
  const bot: Stranger = { folder: 'pytelegrambotapi', recording: 'library.jsonl' };

  it.each(MODES)('%s: nothing is wrong when nothing is broken', async (mode) => {
    const run = await playStranger(bot, mode, 'unbroken');
    isInnocent(run);
    expect(refusals(run)).toEqual([]);
  });
});
