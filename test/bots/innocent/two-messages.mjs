// Every answer comes in two messages, the second one with a moment between.
import { setTimeout as pause } from 'node:timers/promises';
import { say, serve } from './serve.mjs';

const FACTS = {
  '/sun': 'It is a star.',
  '/moon': 'It has no light of its own.',
  '/mars': 'Its sand is red.',
};

serve(async ({ message: { chat, text } }) => {
  const fact = FACTS[text];
  await say(chat.id, fact === undefined ? 'I do not know that.' : 'Good question.');
  await pause(180);
  await say(chat.id, fact ?? 'Try /sun, /moon or /mars.');
});
