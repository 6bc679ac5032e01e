// A pizza service with grammY on Express: the order of each chat is its session in MongoDB. BUG names one mistake.
import { MongoDBAdapter } from '@grammyjs/storage-mongodb';
import express from 'express';
import { Bot, HttpError, InlineKeyboard, session, webhookCallback } from 'grammy';
import { MongoClient } from 'mongodb';

const { BOT_TOKEN, TELEGRAM_API_ROOT, MONGO_URI, WEBHOOK_URL, WEBHOOK_SECRET, PORT, BUG } = process.env;

const client = await MongoClient.connect(MONGO_URI);
const db = client.db();
const sessions = db.collection('sessions');
const updates = db.collection('updates');
const orders = db.collection('orders');
const menu = new InlineKeyboard().text('Margherita', 'pizza:Margherita').text('Funghi', 'pizza:Funghi');
const confirm = new InlineKeyboard().text('Order now', 'confirm').text('Start again', 'again');

const bot = new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT } });

if (BUG === 'retry') {
  // Networks fail: try again.
  bot.api.config.use(async (prev, method, payload, signal) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await prev(method, payload, signal);
      } catch (error) {
        if (!(error instanceof HttpError) || attempt === 3) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
      }
    }
  });
} else {
  // A call with an unknown outcome is let be: the user may have seen it.
  bot.api.config.use(async (prev, method, payload, signal) => {
    try {
      return await prev(method, payload, signal);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      console.error(`${method}: ${error.message}`);
      return { ok: true, result: true };
    }
  });
}

let lastUpdateId = 0;

/** Lets each update through once. */
async function onlyOnce(ctx, next) {
  const _id = ctx.update.update_id;
  if (BUG === 'no-guard' || BUG === 'timeout') return next();
  if (BUG === 'high-water') {
    if (_id <= lastUpdateId) return;
    lastUpdateId = _id;
    return next();
  }
  try {
    await updates.insertOne({ _id, at: new Date() });
  } catch (error) {
    if (error.code === 11000) return;
    if (BUG !== 'store-fails') throw error;
    console.error('de-duplication is not available', error.message);
  }
  try {
    await next();
  } catch (error) {
    // It was not done, so it may come again.
    await updates.deleteOne({ _id });
    throw error;
  }
}

const queues = new Map();

/** Handles the updates of a chat one after the other. */
async function oneAtATime(ctx, next) {
  // Every update has a chat.
  const key = BUG === 'every-chat' ? ctx.chat.id : ctx.chat?.id;
  const turn = (queues.get(key) ?? Promise.resolve()).then(next);
  const settled = turn.catch(() => {});
  queues.set(key, settled);
  await turn;
  if (queues.get(key) === settled) queues.delete(key);
}

bot.use(onlyOnce);
if (BUG !== 'race') bot.use(oneAtATime);
bot.use(
  session({ initial: () => ({ step: 'idle' }), storage: new MongoDBAdapter({ collection: sessions }) }),
);

const begin = async (ctx) => {
  ctx.session = { step: 'pizza' };
  await ctx.reply('Which pizza would you like?', { reply_markup: menu });
};

bot.command('start', begin);
bot.command('note', (ctx) => {
  ctx.session.note = ctx.match;
});
bot.command('mynote', (ctx) =>
  ctx.reply(
    ctx.session.note === undefined ? 'You have left no note.' : `For the kitchen: ${ctx.session.note}`,
  ),
);
bot.callbackQuery(/^pizza:(.+)$/, async (ctx) => {
  await ctx.answerCallbackQuery();
  if (ctx.session.step !== 'pizza') return;
  ctx.session.pizza = ctx.match[1];
  ctx.session.step = 'street';
  await ctx.reply('Which street do you live in?');
});
bot.callbackQuery('again', async (ctx) => {
  await ctx.answerCallbackQuery();
  await begin(ctx);
});
bot.callbackQuery('confirm', async (ctx) => {
  await ctx.answerCallbackQuery();
  if (ctx.session.step !== 'confirm') return;
  const { pizza, street, city, note } = ctx.session;
  ctx.session.step = 'idle';
  await orders.insertOne({ chat: ctx.chat.id, pizza, street, city, note });
  await ctx.reply('Thank you, your pizza is on its way.');
});
bot.on('message:text', async (ctx) => {
  const { text } = ctx.message;
  switch (ctx.session.step) {
    case 'street':
      ctx.session.street = text;
      ctx.session.step = 'city';
      await ctx.reply('Which city is that in?');
      break;
    case 'city': {
      ctx.session.city = text;
      ctx.session.step = 'confirm';
      await ctx.reply(`One ${ctx.session.pizza} to ${ctx.session.street}, ${text}. Is that right?`, {
        reply_markup: confirm,
      });
      break;
    }
    default:
      await ctx.reply('Send /start to order a pizza.');
  }
});

const app = express();
app.use(express.json());
const handle = webhookCallback(bot, 'express', {
  // Nobody else knows the address.
  ...(BUG === 'open-webhook' ? {} : { secretToken: WEBHOOK_SECRET }),
  // The platform allows no long requests.
  timeoutMilliseconds: BUG === 'timeout' ? 800 : BUG === 'return' ? 100 : 55_000,
  onTimeout: BUG === 'return' ? 'return' : 'throw',
});
app.post(new URL(WEBHOOK_URL).pathname, (req, res, next) => handle(req, res).catch(next));
const server = app.listen(Number(PORT), '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
await bot.api.setWebhook(WEBHOOK_URL, { secret_token: WEBHOOK_SECRET });
process.once('SIGTERM', () => {
  // What is under way may end.
  server.close(() => process.exit(0));
  setTimeout(() => process.exit(0), 1500);
});
