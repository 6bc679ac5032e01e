// A pizza service with Telegraf on Express: sessions and orders in MongoDB. BUG names one mistake.
import express from 'express';
import { MongoClient } from 'mongodb';
import { Markup, session, Telegraf } from 'telegraf';
import { message } from 'telegraf/filters';

const { BOT_TOKEN, TELEGRAM_API_ROOT, MONGO_URI, WEBHOOK_URL, WEBHOOK_SECRET, PORT, BUG } = process.env;

if (BUG !== 'unchecked') {
  const missing = ['BOT_TOKEN', 'MONGO_URI', 'WEBHOOK_URL', 'WEBHOOK_SECRET', 'PORT'].filter(
    (name) => !process.env[name],
  );
  if (missing.length > 0) {
    console.error(`Not set: ${missing.join(', ')}`);
    process.exit(1);
  }
}

const client = await MongoClient.connect(MONGO_URI);
const db = client.db();
const sessions = db.collection('sessions');
const orders = db.collection('orders');
const customers = db.collection('customers');

const menu = Markup.inlineKeyboard([
  Markup.button.callback('Margherita', 'pizza:Margherita'),
  Markup.button.callback('Funghi', 'pizza:Funghi'),
]);
const confirm = Markup.inlineKeyboard([
  Markup.button.callback('Order now', 'confirm'),
  Markup.button.callback('Start again', 'again'),
]);

const store = {
  get: async (key) => (await sessions.findOne({ _id: key }))?.session,
  set: async (key, value) => {
    await sessions.replaceOne({ _id: key }, { session: value }, { upsert: true });
  },
  delete: async (key) => {
    await sessions.deleteOne({ _id: key });
  },
};

const bot = new Telegraf(BOT_TOKEN, { telegram: { apiRoot: TELEGRAM_API_ROOT, webhookReply: false } });

const busy = new Set();
const queues = new Map();
if (BUG === 'busy') {
  // One thing at a time: whoever is impatient must wait.
  bot.use(async (ctx, next) => {
    if (busy.has(ctx.chat.id)) return;
    busy.add(ctx.chat.id);
    try {
      await next();
    } finally {
      busy.delete(ctx.chat.id);
    }
  });
} else if (BUG !== 'double-tap' && BUG !== 'own-session') {
  // The updates of a chat wait for each other.
  bot.use(async (ctx, next) => {
    const turn = (queues.get(ctx.chat.id) ?? Promise.resolve()).then(next);
    const settled = turn.catch(() => {});
    queues.set(ctx.chat.id, settled);
    await turn;
    if (queues.get(ctx.chat.id) === settled) queues.delete(ctx.chat.id);
  });
}

// The default store is good enough to begin with.
if (BUG === 'own-session') {
  // What another process has written must be seen.
  bot.use(async (ctx, next) => {
    const key = `${ctx.from?.id}:${ctx.chat?.id}`;
    ctx.session = await store.get(key);
    await next();
    await store.set(key, ctx.session);
  });
} else bot.use(BUG === 'memory' ? session() : session({ store }));
bot.use((ctx, next) => {
  ctx.session ??= { step: 'idle' };
  return next();
});

if (BUG === 'visits') {
  // The shop wants to know who comes back.
  bot.use(async (ctx, next) => {
    const known = await customers.findOne({ _id: ctx.chat.id });
    const visits = (known?.visits ?? 0) + 1;
    await customers.replaceOne({ _id: ctx.chat.id }, { name: ctx.from.first_name, visits }, { upsert: true });
    await next();
  });
}

/** Stops the spinner. A tap that Telegram has forgotten is no reason to do nothing. */
const answerTap = async (ctx) => {
  if (BUG === 'expired') return ctx.answerCbQuery();
  try {
    await ctx.answerCbQuery();
  } catch (error) {
    console.error(error.message);
  }
};

const begin = async (ctx) => {
  ctx.session = { step: 'pizza' };
  await ctx.reply('Which pizza would you like?', menu);
};

if (BUG === 'start-is-text') {
  // Whoever is asked something answers it.
  bot.on(message('text'), (ctx, next) => (ctx.session.step === 'idle' ? next() : takeText(ctx)));
}
bot.start(begin);
bot.command('note', (ctx) => {
  ctx.session.note = ctx.payload;
});
bot.action(/^pizza:(.+)$/, async (ctx) => {
  await answerTap(ctx);
  if (ctx.session.step !== 'pizza') return;
  ctx.session.pizza = ctx.match[1];
  ctx.session.step = 'street';
  await ctx.reply('Which street do you live in?');
});
bot.action('again', async (ctx) => {
  await answerTap(ctx);
  await begin(ctx);
});
bot.action('confirm', async (ctx) => {
  await answerTap(ctx);
  const { step, pizza, street, city } = ctx.session;
  // With a state of its own for the button, a second tap finds nothing to do.
  if (BUG !== 'double-tap' && step !== 'confirm') return;
  await orders.insertOne({ chat: ctx.chat.id, pizza, street, city });
  ctx.session.step = 'idle';
  await ctx.reply('Thank you, your pizza is on its way.');
});
async function takeText(ctx) {
  const { text } = ctx.message;
  switch (ctx.session.step) {
    case 'street':
      ctx.session.street = text;
      ctx.session.step = 'city';
      await ctx.reply('Which city is that in?');
      break;
    case 'city':
      ctx.session.city = text;
      ctx.session.step = 'confirm';
      await ctx.reply(`One ${ctx.session.pizza} to ${ctx.session.street}, ${text}. Is that right?`, confirm);
      break;
    default:
      await ctx.reply('Send /start to order a pizza.');
  }
}
bot.on(message('text'), takeText);
bot.catch((error) => {
  // Express knows what to do with errors.
  if (BUG === 'rethrow') throw error;
  console.error(error);
});

const app = express();
app.use(express.json());
app.post(new URL(WEBHOOK_URL).pathname, (req, res, next) => {
  const secret = req.get('x-telegram-bot-api-secret-token');
  if (BUG !== 'open-webhook' && secret !== WEBHOOK_SECRET) return res.sendStatus(401);
  if (BUG === 'ack-first' || BUG === 'busy') {
    // Telegram must not wait.
    res.sendStatus(200);
    return bot.handleUpdate(req.body).catch((error) => console.error(error));
  }
  return bot.handleUpdate(req.body).then(() => res.sendStatus(200), next);
});
const server = app.listen(Number(PORT), '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
// Of several instances none sets it: the operator does.
if (!process.env.WEBHOOK_IS_SET) {
  await bot.telegram.setWebhook(WEBHOOK_URL, {
    secret_token: WEBHOOK_SECRET,
    // A clean start.
    drop_pending_updates: BUG === 'drop-pending',
  });
}
process.once('SIGTERM', () => {
  // What is under way may end.
  server.close(() => process.exit(0));
  setTimeout(() => process.exit(0), 1500);
});
