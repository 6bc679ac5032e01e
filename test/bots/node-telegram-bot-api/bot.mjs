// The same sign-up dialogue with node-telegram-bot-api 2; the dialogue's state is kept in MongoDB.
import { MongoClient } from 'mongodb';
import { Bot, InlineKeyboardBuilder } from 'node-telegram-bot-api';
import { run, startWebhook } from 'node-telegram-bot-api/node';

const { BOT_TOKEN, TELEGRAM_API_ROOT, MONGO_URI, WEBHOOK_URL, WEBHOOK_SECRET, PORT } = process.env;

const client = await MongoClient.connect(MONGO_URI);
const dialogues = client.db().collection('dialogues');

const bot = new Bot(BOT_TOKEN, { apiRoot: TELEGRAM_API_ROOT });
const moveTo = (ctx, state, fields = {}) =>
  dialogues.updateOne({ _id: ctx.chat.id }, { $set: { state, ...fields } }, { upsert: true });

bot.command('start', async (ctx) => {
  await moveTo(ctx, 'name');
  await ctx.reply('What is your name?');
});

bot.on('message', async (ctx) => {
  const text = ctx.message.text ?? '';
  const dialogue = await dialogues.findOne({ _id: ctx.chat.id });
  switch (dialogue?.state) {
    case 'name':
      await moveTo(ctx, 'age', { name: text });
      await ctx.reply('How old are you?');
      break;
    case 'age':
      if (!/^\d+$/.test(text)) {
        await ctx.reply('Please send your age as a number.');
        break;
      }
      await moveTo(ctx, 'course', { age: Number(text) });
      await ctx.reply('Which course would you like to take?', {
        reply_markup: new InlineKeyboardBuilder()
          .text('Pottery', 'pottery')
          .text('Sailing', 'sailing')
          .build(),
      });
      break;
    case 'course':
      await ctx.reply('Please use the buttons.');
      break;
    default:
      await ctx.reply('Send /start to begin.');
  }
});

bot.on('callback_query', async (ctx) => {
  await ctx.answerCallbackQuery();
  await moveTo(ctx, 'done');
  await ctx.reply(`Thank you, you are signed up for ${ctx.callbackQuery.data}.`);
});

if (WEBHOOK_URL) {
  await bot.api.setWebhook({ url: WEBHOOK_URL, secret_token: WEBHOOK_SECRET });
  await startWebhook(bot, {
    hostname: '127.0.0.1',
    port: Number(PORT),
    path: new URL(WEBHOOK_URL).pathname,
    secretToken: WEBHOOK_SECRET,
  });
} else {
  await run(bot);
}
await client.close();
