import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bot, InlineKeyboard } from 'grammy';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import { botFileText, environmentFor, meaningOf } from '../../src/init/bot-file.js';
import { type Crawled, crawl, guess } from '../../src/init/crawl.js';
import { TelegramServer } from '../../src/telegram/server.js';

describe('a bot file from what lies in a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sendtwice-init-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['BOT_TOKEN', '${telegram.token}'],
    ['TELEGRAM_BOT_TOKEN', '${telegram.token}'],
    ['TOKEN', '${telegram.token}'],
    ['API_ROOT', '${telegram.apiRoot}'],
    ['TELEGRAM_API_URL', '${telegram.apiRoot}'],
    ['MONGODB_URI', '${mongo.uri}'],
    ['DATABASE_URL', '${mongo.uri}'],
    ['WEBHOOK_URL', '${webhook.url}'],
    ['WEBHOOK_SECRET', '${webhook.secret}'],
    ['WEBHOOK_SECRET_TOKEN', '${webhook.secret}'],
    ['PORT', '${webhook.port}'],
    ['SENTRY_DSN', undefined],
    ['ADMIN_IDS', undefined],
    ['IMPORTANT', undefined],
    ['SUPPORT', undefined],
  ])('%s is %s', (name, meaning) => {
    expect(meaningOf(name)).toBe(meaning);
  });

  it('takes names from .env and never a value, and says which it knows nothing about', () => {
    writeFileSync(
      join(folder, '.env'),
      'BOT_TOKEN=1:real\n# a comment\nexport MONGO_URL="mongodb://prod"\nADMIN=7\n',
    );
    const { env, unknown } = environmentFor(folder, { LANG_OF_BOT: 'en' });
    expect(env).toEqual({ BOT_TOKEN: '${telegram.token}', MONGO_URL: '${mongo.uri}', LANG_OF_BOT: 'en' });
    expect(unknown).toEqual(['ADMIN']);
    const text = botFileText({ command: 'node bot.js', env });
    expect(text).toContain('command: node bot.js');
    expect(text).not.toMatch(/real|prod/);
  });
});

describe('a crawl', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** Crawls over a polling bot of grammY. */
  async function crawled(
    build: (bot: Bot) => void,
    options: { acts?: number; answers?: readonly string[] } = {},
  ): Promise<{ acts: string[]; result: Crawled }> {
    const server = await TelegramServer.start();
    const account = server.addBot();
    const bot = new Bot(account.token, { client: { apiRoot: server.origin } });
    build(bot);
    const polling = bot.start({ drop_pending_updates: false });
    closing.push(async () => {
      await bot.stop();
      await polling;
      await server.close();
    });
    const acts: string[] = [];
    const result = await crawl({
      account,
      clock: new RealClock(),
      signal: AbortSignal.timeout(15_000),
      quietMs: 400,
      patienceMs: 1_500,
      ...options,
      onAct: (act) => acts.push(act),
    });
    return { acts, result };
  }

  it('goes through all buttons, comes back for those it left, and takes ways out last', async () => {
    const menu = () => new InlineKeyboard().text('Cancel', 'end').text('Red', 'red').text('Blue', 'blue');
    const { acts, result } = await crawled((bot) => {
      bot.command('start', (ctx) => ctx.reply('Which colour?', { reply_markup: menu() }));
      bot.callbackQuery(/red|blue/, async (ctx) => {
        await ctx.answerCallbackQuery();
        await ctx.reply(`You have chosen ${ctx.callbackQuery.data}. What is your name?`);
      });
      bot.callbackQuery('end', async (ctx) => {
        await ctx.answerCallbackQuery();
        await ctx.editMessageText('Bye');
      });
      bot.on('message:text', (ctx) => ctx.reply('Thank you'));
    });
    expect(acts.slice(0, 3)).toEqual(['/start', '[Red]', 'Ann Quillfeather']);
    expect(acts).toContain('[Blue]');
    expect(acts.indexOf('[Cancel]')).toBeGreaterThan(acts.indexOf('[Blue]'));
    expect(result).toMatchObject({ leftOut: 0 });
    expect(result.acts).toBeLessThan(16);
  });

  it('ends after so many acts and says what it left out', async () => {
    const { acts, result } = await crawled(
      (bot) => {
        const rows = InlineKeyboard.from(
          Array.from({ length: 30 }, (_, i) => [
            InlineKeyboard.text(`Item ${'abcdefghijklmnopqrstuvwxyzABCD'[i]}`, `i${i}`),
          ]),
        );
        bot.command('start', (ctx) => ctx.reply('Choose', { reply_markup: rows }));
        bot.on('callback_query', async (ctx) => {
          await ctx.answerCallbackQuery();
          await ctx.reply('Choose', { reply_markup: rows });
        });
      },
      { acts: 6 },
    );
    expect(acts).toHaveLength(6);
    expect(result).toEqual({ acts: 6, answered: 6, leftOut: 25 });
  });

  it('says what it is told to say, and counts what is never answered', async () => {
    const { acts, result } = await crawled(
      (bot) => {
        bot.command('start', (ctx) => ctx.reply('Which tracking number?'));
        bot.hears('AB-77', () => undefined);
      },
      { answers: ['AB-77'] },
    );
    expect(acts).toEqual(['/start', 'AB-77']);
    expect(result.answered).toBe(1);
  });

  it('guesses answers by the words of a question', () => {
    expect(guess('Your e-mail, please')).toMatch(/@/);
    expect(guess('A phone number for the courier')).toMatch(/^\+\d+$/);
    expect(guess('How many?')).toBe('2');
    expect(guess('Как вас зовут?')).toBe('Ann Quillfeather');
    expect(guess('Tell us something')).toBe('hello');
  });
});
