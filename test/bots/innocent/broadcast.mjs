// News for all who have subscribed, 150 ms apart: also for one or two people who did not ask just now.
import { setTimeout as pause } from 'node:timers/promises';
import { say, serve } from './serve.mjs';

const subscribers = new Set();

serve(async ({ message }) => {
  const chat = message.chat.id;
  if (message.text === '/subscribe') {
    subscribers.add(chat);
    await say(chat, 'You have subscribed to the village news.');
  } else if (message.text === '/publish') {
    await say(chat, 'It is published.');
    for (const reader of subscribers) {
      await pause(150);
      await say(reader, 'The market opens at nine on Saturday.');
    }
  } else {
    await say(chat, 'Send /subscribe or /publish.');
  }
});
