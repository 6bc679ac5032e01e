// Keeps expenses. A report is long work: it is sent when it is ready, while everything else is answered at once.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Bot, webhookCallback } from 'grammy';
import { MongoClient } from 'mongodb';

const { BOT_TOKEN, TELEGRAM_API_ROOT, MONGO_URI, WEBHOOK_URL, WEBHOOK_SECRET, PORT, PROMISE } = process.env;
/** Whoever asks for a report often thinks of one more expense. */
const AFTERTHOUGHT_MS = 700;

const client = await MongoClient.connect(MONGO_URI);
const expenses = client.db().collection('expenses');
const bot = new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT } });

async function sendReport(ctx) {
  await pause(AFTERTHOUGHT_MS);
  const [sum] = await expenses
    .aggregate([
      { $match: { chat: ctx.chat.id } },
      { $group: { _id: null, count: { $sum: 1 }, total: { $sum: '$amount' } } },
    ])
    .toArray();
  await ctx.reply(`Your report is ready: ${sum?.count ?? 0} expenses, ${sum?.total ?? 0} in all.`);
}

bot.command('start', (ctx) => ctx.reply('Tell me what you spend: “12 coffee”. /report for all of it.'));
bot.command('report', async (ctx) => {
  sendReport(ctx).catch((error) => console.error(error));
  if (PROMISE === 'off') await ctx.replyWithChatAction('typing');
  else await ctx.reply('I am putting your report together.');
});
bot.hears(/^(\d+) (.+)$/, async (ctx) => {
  const [, amount, what] = ctx.match;
  await expenses.insertOne({ chat: ctx.chat.id, amount: Number(amount), what });
  await ctx.reply(`Noted: ${what}.`);
});

await bot.init();
const server = createServer(webhookCallback(bot, 'http', { secretToken: WEBHOOK_SECRET }));
server.listen(Number(PORT), '127.0.0.1', () =>
  bot.api.setWebhook(WEBHOOK_URL, { secret_token: WEBHOOK_SECRET }),
);
process.once('SIGTERM', () => process.exit(0));
