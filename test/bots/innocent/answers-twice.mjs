// Stops the spinner at once, and shows a toast when the work is done: two answers to each tap, the second may fail.
import { buttons, call, say, serve } from './serve.mjs';

const answer = (callback_query_id, more = {}) =>
  call('answerCallbackQuery', { callback_query_id, ...more }).catch((error) => console.error(error.message));

serve(async ({ message, callback_query: query }) => {
  if (query === undefined) {
    await say(message.chat.id, 'The lamp?', buttons('On', 'Off'));
    return;
  }
  const { chat, message_id, text } = query.message;
  await answer(query.id);
  const now = `The lamp is ${query.data.toLowerCase()}.`;
  if (text !== now) {
    await call('editMessageText', { chat_id: chat.id, message_id, text: now }).catch((error) =>
      console.error(error.message),
    );
  }
  await answer(query.id, { text: 'Done' });
});
