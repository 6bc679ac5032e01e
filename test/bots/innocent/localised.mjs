// Answers in the language of the person. (grammY)
import { Bot, InlineKeyboard } from 'grammy';
import { serve } from './serve.mjs';

const { BOT_TOKEN, TELEGRAM_API_ROOT } = process.env;
const TEXTS = {
  de: {
    ask: 'Womit kann ich helfen?',
    hours: 'Öffnungszeiten',
    way: 'Anfahrt',
    open: 'Von neun bis fünf.',
    road: 'Am Hafen 3.',
  },
  en: {
    ask: 'How can I help?',
    hours: 'Opening hours',
    way: 'The way',
    open: 'From nine to five.',
    road: '3 Harbour Road.',
  },
  fi: {
    ask: 'Kuinka voin auttaa?',
    hours: 'Aukioloajat',
    way: 'Reitti',
    open: 'Yhdeksästä viiteen.',
    road: 'Satamatie 3.',
  },
};
const bot = new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT } });
const textsOf = (ctx) => TEXTS[ctx.from.language_code] ?? TEXTS.en;
bot.on('message:text', (ctx) => {
  const { ask, hours, way } = textsOf(ctx);
  return ctx.reply(ask, { reply_markup: new InlineKeyboard().text(hours, 'open').text(way, 'road') });
});
bot.on('callback_query:data', async (ctx) => {
  const text = textsOf(ctx)[ctx.callbackQuery.data];
  // A toast each time, the message only when it is not there yet.
  await ctx.answerCallbackQuery({ text });
  if (ctx.msg.text !== text) await ctx.editMessageText(text).catch((error) => console.error(error.message));
});

await bot.init();
serve((update) => bot.handleUpdate(update));
