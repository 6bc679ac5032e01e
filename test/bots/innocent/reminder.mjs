// Reminds while another dialogue is going on: the reminder belongs to no input of that moment.
import { say, serve } from './serve.mjs';

const AFTER_MS = 900;
const asked = new Set();

serve(async ({ message }) => {
  const chat = message.chat.id;
  if (message.text === '/start') {
    asked.add(chat);
    await say(chat, 'What shall I remind you of?');
  } else if (asked.delete(chat)) {
    setTimeout(() => say(chat, `Do not forget: ${message.text}!`), AFTER_MS);
    await say(chat, 'I will remind you. /start for another one.');
  } else {
    await say(chat, 'Send /start.');
  }
});
