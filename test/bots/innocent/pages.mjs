// A menu that is edited in place, page after page. A second tap finds its page there already. (Telegraf)
import { Markup, Telegraf } from 'telegraf';
import { serve } from './serve.mjs';

const { BOT_TOKEN, TELEGRAM_API_ROOT } = process.env;
const BOOKS = ['Emma', 'Ulysses', 'Dune', 'Walden'];
const bot = new Telegraf(BOT_TOKEN, { telegram: { apiRoot: TELEGRAM_API_ROOT, webhookReply: false } });
const page = (at) => [
  `Book: ${BOOKS[at]}`,
  Markup.inlineKeyboard([
    ...(at > 0 ? [Markup.button.callback('Back', String(at - 1))] : []),
    ...(at < BOOKS.length - 1 ? [Markup.button.callback('Next', String(at + 1))] : []),
  ]),
];
bot.command('books', (ctx) => ctx.reply(...page(0)));
bot.on('callback_query', async (ctx) => {
  await ctx.answerCbQuery();
  try {
    await ctx.editMessageText(...page(Number(ctx.callbackQuery.data)));
  } catch (error) {
    if (!error.message.includes('message is not modified')) throw error;
  }
});

serve((update) => bot.handleUpdate(update));
