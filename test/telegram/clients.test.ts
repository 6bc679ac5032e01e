import { createServer } from 'node:http';
import { Bot, InlineKeyboard, InputFile } from 'grammy';
import { Telegraf } from 'telegraf';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import { chatId } from '../../src/base/ids.js';
import type { EventBody } from '../../src/history/events.js';
import type { BotAccount } from '../../src/telegram/bot-account.js';
import type { Seen } from '../../src/telegram/contracts.js';
import { TelegramServer } from '../../src/telegram/server.js';
import { ANNA } from './api-harness.js';

/** The libraries that bots are written with must not notice that the server is a fake. */

let server: TelegramServer;
let account: BotAccount;
let events: EventBody[];
beforeEach(async () => {
  events = [];
  server = await TelegramServer.start({
    clock: new RealClock(),
    emit: (event) => events.push(event),
    seed: 'clients',
  });
  account = server.addBot();
});
afterEach(() => server.close());

const CHAT = { id: ANNA.id, first_name: 'Anna', type: 'private' };

/** Does something, and waits for what the bot then shows. */
function shows(what: Seen['what'], act: () => void): Promise<Seen> {
  const seen = new Promise<Seen>((resolve) => {
    const stop = account.onSeen((it) => {
      if (it.what !== what) return;
      stop();
      resolve(it);
    });
  });
  act();
  return seen;
}

const say = (text: string) => () =>
  void account.receive({ kind: 'message', payload: { from: ANNA, chat: CHAT, text } });
const tap = (messageId: number | undefined, data: string) => () =>
  void account.receive({
    kind: 'callback_query',
    payload: { from: ANNA, message: { chat: CHAT, message_id: messageId }, data },
  });

test('grammY: polling, keyboard, edit, callback answer, upload and download', async () => {
  const bot = new Bot(account.token, { client: { apiRoot: account.apiRoot } });
  bot.command('start', (ctx) =>
    ctx.reply('Choose', { reply_markup: new InlineKeyboard().text('One', 'one') }),
  );
  bot.callbackQuery('one', async (ctx) => {
    await ctx.editMessageText('<b>One</b> it is', { parse_mode: 'HTML' });
    await ctx.answerCallbackQuery('Saved');
  });
  bot.hears('photo', (ctx) =>
    ctx.replyWithPhoto(new InputFile(Buffer.from('pixels'), 'p.jpg'), { caption: 'Here' }),
  );
  const running = bot.start();
  try {
    const menu = await shows('sent', say('/start'));
    expect(menu.message).toMatchObject({ text: 'Choose' });
    const toast = shows('callback-answered', () => undefined);
    const edited = await shows('edited', tap(menu.messageId, 'one'));
    expect(edited.message).toMatchObject({
      text: 'One it is',
      entities: [{ type: 'bold', offset: 0, length: 3 }],
    });
    expect((await toast).content).toEqual({ kind: 'toast', text: 'Saved' });
    const photo = await shows('sent', say('photo'));
    expect(photo.message).toMatchObject({ caption: 'Here' });
    const largest = photo.message?.photo?.at(-1)?.file_id ?? '';
    const { file_path: path } = await bot.api.getFile(largest);
    const download = await fetch(`${account.apiRoot}/file/bot${account.token}/${path}`);
    expect(await download.text()).toBe('pixels');
  } finally {
    await bot.stop();
    await running;
  }
  expect(account.hasCalled('getUpdates')).toBe(true);
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
});

test('Telegraf: webhook, and a call in its answer', async () => {
  const bot = new Telegraf(account.token, { telegram: { apiRoot: account.apiRoot, webhookReply: true } });
  bot.start((ctx) => ctx.reply('Hello'));
  bot.hears('delete me', (ctx) => ctx.deleteMessage());
  const listener = createServer(bot.webhookCallback('/hook'));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  try {
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await bot.telegram.setWebhook(`http://127.0.0.1:${port}/hook`);
    const hello = await shows('sent', say('/start'));
    expect(hello).toMatchObject({ chatId: chatId(ANNA.id), message: { text: 'Hello' } });
    await shows('deleted', say('delete me'));
    const vias = events.flatMap((event) =>
      event.type === 'call.started' ? [`${event.method} ${event.via}`] : [],
    );
    expect(vias).toContain('deleteMessage webhook-answer');
  } finally {
    listener.closeAllConnections();
    await new Promise((resolve) => listener.close(resolve));
  }
});
