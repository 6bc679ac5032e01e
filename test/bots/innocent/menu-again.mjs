// The same menu as often as somebody asks for it.
import { Markup, Telegraf } from 'telegraf';
import { serve } from './serve.mjs';

const { BOT_TOKEN, TELEGRAM_API_ROOT } = process.env;
const bot = new Telegraf(BOT_TOKEN, { telegram: { apiRoot: TELEGRAM_API_ROOT, webhookReply: false } });
const menu = Markup.inlineKeyboard([
  Markup.button.callback('Soup', 'soup'),
  Markup.button.callback('Pie', 'pie'),
]);
/** What a menu has been used for: each serves once. */
const used = new Set();

bot.command('menu', (ctx) => ctx.reply('What would you like?', menu));
bot.on('callback_query', async (ctx) => {
  await ctx.answerCbQuery();
  const { message_id, chat } = ctx.callbackQuery.message;
  const key = `${chat.id}/${message_id}`;
  if (used.has(key)) return;
  used.add(key);
  await ctx.reply(`One ${ctx.callbackQuery.data}.`);
});
bot.on('message', (ctx) => ctx.reply('Send /menu.'));

serve((update) => bot.handleUpdate(update));
