// Says the same line three times, and means it.
import { say, serve } from './serve.mjs';

serve(async ({ message }) => {
  const chat = message.chat.id;
  if (message.text === '/clock') {
    for (let hour = 1; hour <= 3; hour += 1) await say(chat, 'Ding, dong!');
  } else {
    await say(chat, 'Send /clock.');
  }
});
