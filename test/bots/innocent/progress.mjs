// A message edited ten times in a quarter of a second, then a text that is the same each time.
import { setTimeout as pause } from 'node:timers/promises';
import { call, say, serve } from './serve.mjs';

const STEPS = 10;

serve(async ({ message }) => {
  const chat_id = message.chat.id;
  if (message.text !== '/report') {
    await say(chat_id, 'Send /report.');
    return;
  }
  const { message_id } = await say(chat_id, 'Working…');
  for (let step = 1; step <= STEPS; step += 1) {
    await pause(25);
    await call('editMessageText', {
      chat_id,
      message_id,
      text: `Working… ${'▓'.repeat(step)}${'░'.repeat(STEPS - step)}`,
    });
  }
  await say(chat_id, 'The report is ready.');
});
