// A repair desk with grammY: a menu of two pages, a conversation that asks for a photo, and the session of each
// person in MongoDB.
import http from 'node:http';
import { conversations, createConversation } from '@grammyjs/conversations';
import { hydrateFiles } from '@grammyjs/files';
import { Menu } from '@grammyjs/menu';
import { MongoDBAdapter } from '@grammyjs/storage-mongodb';
import { Bot, InlineKeyboard, session, webhookCallback } from 'grammy';
import { MongoClient } from 'mongodb';

const { BOT_TOKEN, TELEGRAM_API_ROOT, MONGO_URI, WEBHOOK_URL, WEBHOOK_SECRET, PORT } = process.env;

const client = await MongoClient.connect(MONGO_URI);
const sessions = client.db().collection('sessions');
const dialogues = client.db().collection('conversations');

const bot = new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT } });
// Conversations call with an Api of their own, so files are hydrated there too.
const files = hydrateFiles(bot.token, { apiRoot: TELEGRAM_API_ROOT });
bot.api.config.use(files);
const withFiles = async (ctx, next) => {
  ctx.api.config.use(files);
  await next();
};

async function sizeOf(file) {
  const response = await fetch(file.getUrl());
  if (!response.ok) throw new Error(`The file cannot be downloaded: ${response.status}`);
  return (await response.arrayBuffer()).byteLength;
}

async function repair(conversation, ctx) {
  await ctx.reply('What is broken?');
  const { message } = await conversation.waitFor('message:text');
  await ctx.reply('Send me a photo of it.');
  const photo = await conversation.waitFor('message:photo', {
    otherwise: (other) => other.reply('A photo, please.'),
  });
  const file = await photo.getFile();
  const bytes = await conversation.external(() => sizeOf(file));
  await ctx.reply(`I have your photo (${bytes} bytes). Is it urgent?`, {
    reply_markup: new InlineKeyboard().text('Yes', 'urgent').text('It can wait', 'patient'),
  });
  const choice = await conversation.waitForCallbackQuery(['urgent', 'patient']);
  const count = await conversation.external((outside) => {
    outside.session.repairs.push(message.text);
    return outside.session.repairs.length;
  });
  await choice.answerCallbackQuery('Noted');
  await choice.editMessageText(choice.match === 'urgent' ? 'It is urgent.' : 'It can wait.');
  await ctx.reply(`Thank you. You have ${count} repairs with us, the last one is ${message.text}.`);
}

const desk = new Menu('desk')
  .text('New repair', (ctx) => ctx.conversation.enter('repair'))
  .row()
  .submenu('Opening hours', 'hours', (ctx) => ctx.editMessageText('We are open from 9 to 17.'));
const hours = new Menu('hours').back('Back', (ctx) => ctx.editMessageText('This is the repair desk.'));
desk.register(hours);

bot.use(session({ initial: () => ({ repairs: [] }), storage: new MongoDBAdapter({ collection: sessions }) }));
bot.use(
  conversations({
    storage: { type: 'key', version: 1, adapter: new MongoDBAdapter({ collection: dialogues }) },
    plugins: [withFiles],
  }),
);
bot.use(createConversation(repair));
bot.use(desk);

bot.command('start', (ctx) => ctx.reply('This is the repair desk.', { reply_markup: desk }));
bot.command('repairs', (ctx) =>
  ctx.reply(ctx.session.repairs.length === 0 ? 'Nothing is here.' : ctx.session.repairs.join(', ')),
);
bot.on('message:document', async (ctx) => {
  await ctx.replyWithChatAction('upload_document');
  const bytes = await sizeOf(await ctx.getFile());
  await ctx.reply(`Your file ${ctx.message.document.file_name} has ${bytes} bytes.`);
});
bot.on('message', (ctx) => ctx.reply('Send /start to begin.'));
bot.catch(({ error }) => console.error(error));

if (WEBHOOK_URL) {
  const server = http.createServer(webhookCallback(bot, 'http', { secretToken: WEBHOOK_SECRET }));
  await new Promise((resolve) => server.listen(Number(PORT), '127.0.0.1', resolve));
  await bot.api.setWebhook(WEBHOOK_URL, { secret_token: WEBHOOK_SECRET });
  process.once('SIGTERM', () => process.exit(0));
} else {
  process.once('SIGTERM', () => bot.stop());
  await bot.start();
  await client.close();
}
