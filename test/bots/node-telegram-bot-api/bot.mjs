// The same evening school with node-telegram-bot-api 2: the state of the sign-up is kept in MongoDB. It makes posters,
// and enlarges photos.
import { MongoClient } from 'mongodb';
import { Bot, InlineKeyboardBuilder, InputFile, MediaGroupBuilder } from 'node-telegram-bot-api';
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

bot.hears(/^poster (.+)$/i, async (ctx) => {
  const title = ctx.match[1];
  await ctx.api.sendPhoto({
    chat_id: ctx.chat.id,
    photo: new InputFile(Buffer.from(`A poster: ${title}`), {
      filename: 'poster.png',
      contentType: 'image/png',
    }),
    caption: `Here is your poster: ${title}`,
    reply_parameters: { message_id: ctx.message.message_id },
  });
});

bot.on('message', async (ctx, next) => {
  if (ctx.message.photo === undefined) return next();
  // The library has no download of its own.
  const { file_path: path } = await ctx.api.getFile({ file_id: ctx.message.photo.at(-1).file_id });
  const response = await fetch(`${TELEGRAM_API_ROOT}/file/bot${BOT_TOKEN}/${path}`);
  if (!response.ok) throw new Error(`The photo cannot be downloaded: ${response.status}`);
  const photo = new Uint8Array(await response.arrayBuffer());
  await ctx.api.sendMediaGroup({
    chat_id: ctx.chat.id,
    media: new MediaGroupBuilder()
      .photo({
        media: new InputFile(photo, { filename: 'large.jpg' }),
        caption: `Larger: ${photo.length} bytes`,
      })
      .photo({ media: new InputFile(photo, { filename: 'larger.jpg' }) })
      .build(),
  });
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
