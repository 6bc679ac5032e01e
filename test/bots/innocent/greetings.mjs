// Greets everybody with another greeting, drawn at random. (grammY)
import { Bot } from 'grammy';
import { serve } from './serve.mjs';

const { BOT_TOKEN, TELEGRAM_API_ROOT } = process.env;
const GREETINGS = ['Hello!', 'Good to see you!', 'Hi there!', 'Welcome back!', 'How nice!'];
const bot = new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT } });
bot.command('start', async (ctx) => {
  await ctx.reply(GREETINGS[Math.floor(Math.random() * GREETINGS.length)]);
  await ctx.reply('Which room are you looking for?');
});
bot.on('message:text', (ctx) => ctx.reply(`Room ${ctx.msg.text} is on the first floor.`));

await bot.init();
serve((update) => bot.handleUpdate(update));
