// Adds characters that nobody sees, so that apps draw its keyboard anew each time.
import { buttons, call, say, serve } from './serve.mjs';

const HIDDEN = ['\u200B', '\u2060', '\u2063', '\uFEFF'];
let sent = 0;
const hide = (text) => `${text}${HIDDEN[sent++ % HIDDEN.length].repeat(1 + (sent % 3))}`;
const used = new Set();

serve(async ({ message, callback_query: query }) => {
  const { chat, message_id } = message ?? query.message;
  if (query === undefined) {
    await say(chat.id, hide('Where do you live?'), buttons('North', 'South'));
    return;
  }
  await call('answerCallbackQuery', { callback_query_id: query.id });
  const key = `${chat.id}/${message_id}`;
  if (used.has(key)) return;
  used.add(key);
  await say(chat.id, hide(`In the ${query.data}, then.`));
});
