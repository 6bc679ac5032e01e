// A slow bot that is right: it acknowledges at once and answers three seconds later, each person in turn.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Bot } from 'grammy';

const { BOT_TOKEN, TELEGRAM_API_ROOT, WEBHOOK_URL, WEBHOOK_SECRET, PORT, GUARD } = process.env;
const WORK_MS = 3_000;

const bot = new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT } });
const taken = new Set();
/** The last work of each chat. */
const lines = new Map();
const names = new Map();

bot.on('message:text', async (ctx) => {
  await pause(WORK_MS);
  const { text } = ctx.msg;
  if (text === '/start') {
    names.delete(ctx.chat.id);
    await ctx.reply('Who is calling?');
  } else if (!names.has(ctx.chat.id)) {
    names.set(ctx.chat.id, text);
    await ctx.reply(`Good evening, ${text}. Which table?`);
  } else {
    await ctx.reply(`It is yours, ${names.get(ctx.chat.id)}.`);
  }
});

await bot.init();
const server = createServer(async (request, response) => {
  const update = JSON.parse(Buffer.concat(await request.toArray()).toString('utf8'));
  response.end();
  if (GUARD !== 'off' && taken.has(update.update_id)) return;
  taken.add(update.update_id);
  const chat = update.message.chat.id;
  lines.set(
    chat,
    (lines.get(chat) ?? Promise.resolve()).then(() => bot.handleUpdate(update)),
  );
});
server.listen(Number(PORT), '127.0.0.1', () =>
  bot.api.setWebhook(WEBHOOK_URL, { secret_token: WEBHOOK_SECRET }),
);
process.once('SIGTERM', () => process.exit(0));
