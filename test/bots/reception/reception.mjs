// Answers who comes to the reception: with grammY on node:http, with Telegraf polling. BUG names one mistake.
import { createServer } from 'node:http';
import { Bot, webhookCallback } from 'grammy';
import { Telegraf } from 'telegraf';

const { BOT_TOKEN, TELEGRAM_API_ROOT, WEBHOOK_URL, WEBHOOK_SECRET, PORT, BUG } = process.env;

const bot = WEBHOOK_URL
  ? new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT } })
  : new Telegraf(BOT_TOKEN, { telegram: { apiRoot: TELEGRAM_API_ROOT } });

// Who was here, for the log.
bot.use((ctx, next) => {
  const who = BUG === 'every-sender' ? ctx.from.first_name : (ctx.from?.first_name ?? 'somebody');
  console.log(`${who} is at the reception`);
  return next();
});
bot.command('start', (ctx) => ctx.reply('Good morning! Whom would you like to see?'));
bot.on('message', (ctx) => {
  const text = BUG === 'every-text' ? ctx.message.text.trim() : (ctx.message.text ?? '').trim();
  if (text === '') return ctx.reply('Please write a name.');
  if (text === 'Thank you') return ctx.reply('You are welcome.');
  return ctx.reply(`I am telling ${text} that you are here.`);
});

if (WEBHOOK_URL) {
  const server = createServer(webhookCallback(bot, 'http', { secretToken: WEBHOOK_SECRET }));
  server.listen(Number(PORT), '127.0.0.1', () =>
    bot.api.setWebhook(WEBHOOK_URL, { secret_token: WEBHOOK_SECRET }),
  );
} else {
  process.once('SIGTERM', () => bot.stop('SIGTERM'));
  bot.launch();
}
