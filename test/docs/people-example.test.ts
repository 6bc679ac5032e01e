import { Bot } from 'grammy';
import { expect, test } from 'vitest';
import { TelegramServer } from '../../src/index.js';

test('the bot asks for a name, and greets', async () => {
  const telegram = await TelegramServer.start();
  const account = telegram.addBot();
  const bot = new Bot(account.token, { client: { apiRoot: account.apiRoot } });
  const skip = { inline_keyboard: [[{ text: 'Skip', callback_data: 'skip' }]] };
  bot.command('start', (ctx) => ctx.reply('Your name?', { reply_markup: skip }));
  bot.on('message:text', (ctx) => ctx.reply(`Hello, ${ctx.msg.text}!`));
  bot.on('callback_query:data', (ctx) => ctx.answerCallbackQuery('As you like'));
  const running = bot.start();

  const chat = account.person({ first_name: 'Anna' }).privateChat();
  chat.start();
  const question = await chat.nextReply();
  chat.tap(question, 'Skip');
  expect((await chat.nextAnswer()).text).toBe('As you like');
  chat.say('Anna');
  expect((await chat.nextReply()).text).toBe('Hello, Anna!');

  await bot.stop();
  await running;
  await telegram.close();
});
