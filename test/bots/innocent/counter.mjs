// Texts that differ in a number only, and a button that is counted once a message.
import { buttons, call, say, serve } from './serve.mjs';

const points = new Map();
const used = new Set();

serve(async ({ message, callback_query: query }) => {
  const { chat, message_id } = message ?? query.message;
  if (query === undefined) {
    await say(chat.id, 'Earn a point?', buttons('Earn'));
    return;
  }
  await call('answerCallbackQuery', { callback_query_id: query.id });
  const key = `${chat.id}/${message_id}`;
  if (used.has(key)) return;
  used.add(key);
  points.set(chat.id, (points.get(chat.id) ?? 0) + 1);
  await say(chat.id, `You have ${points.get(chat.id)} points.`);
});
