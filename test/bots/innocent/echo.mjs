// Says what it hears, also when it hears the same twice. (node-telegram-bot-api)
import { Bot } from 'node-telegram-bot-api';
import { serve } from './serve.mjs';

const { BOT_TOKEN, TELEGRAM_API_ROOT } = process.env;
const bot = new Bot(BOT_TOKEN, { apiRoot: TELEGRAM_API_ROOT, maxRetries: 0 });

serve(({ message }) => bot.api.sendMessage({ chat_id: message.chat.id, text: message.text }));
