// A pizza service with node-telegram-bot-api 2 on Express: dialogues, orders and credits in MongoDB, and routes for
// the kitchen and the bank beside the webhook. Without WEBHOOK_URL it polls. BUG names one mistake.
import express from 'express';
import { MongoClient } from 'mongodb';
import { Bot, InlineKeyboardBuilder, registerExpressWebhook, TelegramApiError } from 'node-telegram-bot-api';

const { BOT_TOKEN, TELEGRAM_API_ROOT, MONGO_URI, WEBHOOK_URL, WEBHOOK_SECRET, PORT, BUG } = process.env;

for (const name of BUG === 'unchecked' ? [] : ['BOT_TOKEN', 'MONGO_URI']) {
  if (!process.env[name]) throw new Error(`${name} is not set`);
}

const client = await MongoClient.connect(MONGO_URI);
const db = client.db();
const dialogues = db.collection('dialogues');
const updates = db.collection('updates');
const orders = db.collection('orders');
const payments = db.collection('payments');
const credits = db.collection('credits');

const menu = new InlineKeyboardBuilder()
  .text('Margherita', 'pizza:Margherita')
  .text('Funghi', 'pizza:Funghi')
  .build();
const confirm = new InlineKeyboardBuilder().text('Order now', 'confirm').text('Start again', 'again').build();

const bot = new Bot(BOT_TOKEN, {
  apiRoot: TELEGRAM_API_ROOT,
  // The library repeats a send even when nobody knows whether the first one arrived.
  ...(BUG === 'default-retries' ? {} : { maxRetries: 0 }),
});

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function say(chat_id, text, more = {}) {
  if (BUG === 'no-429' || BUG === 'default-retries') return bot.api.sendMessage({ chat_id, text, ...more });
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      return await bot.api.sendMessage({ chat_id, text, ...more });
    } catch (error) {
      if (error instanceof TelegramApiError) {
        if (error.errorCode !== 429) throw error;
        await pause((error.retryAfter ?? 1) * 1000);
      } else {
        // Nobody knows whether it was sent. Rather once than twice.
        return console.error(error.message);
      }
    }
  }
}

const remembered = new Map();
const load = async (id) =>
  BUG === 'memory' ? remembered.get(id) : ((await dialogues.findOne({ _id: id })) ?? undefined);
const save = async (id, fields) => {
  if (BUG === 'memory') return remembered.set(id, { ...remembered.get(id), ...fields });
  return dialogues.updateOne({ _id: id }, { $set: fields }, { upsert: BUG !== 'no-upsert' });
};

/** Takes an update_id, unless it is taken. */
async function isTaken(_id) {
  try {
    await updates.insertOne({ _id });
    return false;
  } catch (error) {
    if (error.code === 11000) return true;
    throw error;
  }
}

bot.use(async (ctx, next) => {
  if (BUG === 'no-guard') return next();
  if (await isTaken(ctx.update.update_id)) return;
  await next();
});

if (BUG === 'boundary') {
  bot.catch((error) => {
    // Telegram shall send it again.
    throw error;
  });
}

async function begin(chat) {
  await save(chat, { step: 'pizza' });
  await say(chat, 'Which pizza would you like?', { reply_markup: menu });
}

bot.command('start', (ctx) => begin(ctx.chat.id));

bot.on('callback_query', async (ctx) => {
  const chat = ctx.callbackQuery.message.chat.id;
  const { data } = ctx.callbackQuery;
  await ctx.answerCallbackQuery();
  if (data === 'again') return begin(chat);
  const dialogue = await load(chat);
  if (data.startsWith('pizza:') && dialogue?.step === 'pizza') {
    await save(chat, { step: 'street', pizza: data.slice('pizza:'.length) });
    await say(chat, 'Which street do you live in?');
  }
  if (data === 'confirm' && dialogue?.step === 'confirm') {
    await save(chat, { step: 'idle' });
    const { pizza, street, city } = dialogue;
    await orders.insertOne({ chat, pizza, street, city });
    await say(chat, 'Thank you, your pizza is on its way.');
  }
});

const confirmation = ({ pizza, street, city }) => `One ${pizza} to ${street}, ${city}. Is that right?`;

/** The order that is being confirmed. */
let order;

bot.on('message', async (ctx) => {
  const chat = ctx.chat.id;
  const text = ctx.message.text ?? '';
  const dialogue = await load(chat);
  const needsText = dialogue?.step === 'street' || dialogue?.step === 'city';
  if (needsText && text === '' && BUG !== 'any-content') {
    return say(chat, 'Please write it, I read texts only.');
  }
  switch (dialogue?.step) {
    case 'street':
      await save(chat, { step: 'city', street: text });
      await say(chat, 'Which city is that in?');
      break;
    case 'city':
      // Whoever was not heard for a while sends the street again.
      if (text === dialogue.street && BUG !== 'no-repeats') {
        await say(chat, 'Which city is that in?');
        break;
      }
      if (BUG === 'shared') {
        order = { ...dialogue, city: text };
        await save(chat, { step: 'confirm', city: text });
        await say(chat, confirmation(order), { reply_markup: confirm });
        break;
      }
      await save(chat, { step: 'confirm', city: text });
      await say(chat, confirmation({ ...dialogue, city: text }), { reply_markup: confirm });
      break;
    default:
      await say(chat, 'Send /start to order a pizza.');
  }
});

/** The kitchen tells a customer that the pizza is ready. `notify` is set where the bot is set up. */
function kitchen(app, { notify }) {
  app.post('/kitchen/ready', async (req, res) => {
    await notify(req.body.chat, 'Your pizza is ready, we are on our way.');
    res.json({ ok: true });
  });
}

/** The bank tells of a payment. It tells again when it is not sure that we heard. */
function bank(app) {
  app.post('/bank/payment', async (req, res) => {
    const { payment, chat, amount } = req.body;
    if (BUG === 'payment') {
      const known = await payments.findOne({ payment });
      if (known === null) {
        await credits.updateOne({ _id: chat }, { $inc: { balance: amount } }, { upsert: true });
        await payments.insertOne({ payment });
        await say(chat, `We received your payment of ${amount}.`);
      }
    } else {
      const { upsertedCount } = await payments.updateOne(
        { _id: payment },
        { $setOnInsert: { chat, amount } },
        { upsert: true },
      );
      if (upsertedCount === 1) {
        await credits.updateOne({ _id: chat }, { $inc: { balance: amount } }, { upsert: true });
        await say(chat, `We received your payment of ${amount}.`);
      }
    }
    res.json({ ok: true });
  });
}

if (WEBHOOK_URL) {
  const app = express();
  app.use(express.json());
  registerExpressWebhook(bot, app, {
    path: new URL(WEBHOOK_URL).pathname,
    // The firewall lets nobody else in.
    ...(BUG === 'no-secret' ? { allowUnauthenticated: true } : { secretToken: WEBHOOK_SECRET }),
    // Telegram must not wait.
    fastAck: BUG === 'fast-ack',
  });
  kitchen(app, BUG === 'no-bot' ? {} : { notify: say });
  bank(app);
  const server = app.listen(Number(PORT), '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await bot.api.setWebhook({
    url: WEBHOOK_URL,
    ...(BUG === 'no-secret' ? {} : { secret_token: WEBHOOK_SECRET }),
  });
  process.once('SIGTERM', () => {
    // What is under way may end.
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(0), 1500);
  });
} else {
  let isEnding = false;
  process.once('SIGTERM', () => {
    // What is under way may end.
    isEnding = true;
    bot.stop();
    setTimeout(() => process.exit(0), 1500);
  });
  while (!isEnding) {
    try {
      await bot.startPolling();
    } catch (error) {
      console.error(error.message);
      await pause(300);
    }
  }
  process.exit(0);
}
