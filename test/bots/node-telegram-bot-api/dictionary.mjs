// A Swedish dictionary with node-telegram-bot-api on Express: its words are in MongoDB. BUG names one mistake.
import express from 'express';
import { MongoClient } from 'mongodb';
import { Bot, registerExpressWebhook } from 'node-telegram-bot-api';

const { BOT_TOKEN, TELEGRAM_API_ROOT, MONGO_URI, WEBHOOK_URL, WEBHOOK_SECRET, PORT, BUG } = process.env;

const client = await MongoClient.connect(MONGO_URI);
const words = client.db().collection('words');
const SWEDISH = {
  river: 'älv',
  stone: 'sten',
  lamp: 'lampa',
  bread: 'bröd',
  window: 'fönster',
  autumn: 'höst',
};
await words.bulkWrite(
  Object.entries(SWEDISH).map(([_id, swedish]) => ({
    updateOne: { filter: { _id }, update: { $set: { swedish } }, upsert: true },
  })),
);

const bot = new Bot(BOT_TOKEN, { apiRoot: TELEGRAM_API_ROOT, maxRetries: 0 });

if (BUG !== 'no-queue') {
  const queues = new Map();
  // The updates of a chat wait for each other.
  bot.use(async (ctx, next) => {
    const chat = ctx.chat?.id;
    const turn = (queues.get(chat) ?? Promise.resolve()).then(next);
    const settled = turn.catch(() => {});
    queues.set(chat, settled);
    await turn;
    if (queues.get(chat) === settled) queues.delete(chat);
  });
}

bot.command('start', (ctx) => ctx.reply('Send me words, and I tell you what they are in Swedish.'));
bot.on('message', async (ctx) => {
  const word = await words.findOne({ _id: ctx.message.text?.toLowerCase() });
  await ctx.reply(word?.swedish ?? 'I do not know that one.');
});

const app = express();
app.use(express.json());
registerExpressWebhook(bot, app, {
  path: new URL(WEBHOOK_URL).pathname,
  secretToken: WEBHOOK_SECRET,
  // Telegram must not wait.
  fastAck: true,
});
const server = app.listen(Number(PORT), '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
await bot.api.setWebhook({ url: WEBHOOK_URL, secret_token: WEBHOOK_SECRET });
process.once('SIGTERM', () => process.exit(0));
