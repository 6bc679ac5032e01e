// Keeps its menu at the end of the chat: it deletes the old one and sends the same again.
import { buttons, call, say, serve } from './serve.mjs';

const menus = new Map();

async function moveMenu(chat_id) {
  const message_id = menus.get(chat_id);
  if (message_id !== undefined) await call('deleteMessage', { chat_id, message_id });
  const menu = await say(chat_id, 'What next?', buttons('Weather', 'News'));
  menus.set(chat_id, menu.message_id);
}

serve(async ({ message, callback_query: query }) => {
  const { chat, message_id } = message ?? query.message;
  if (query !== undefined) {
    await call('answerCallbackQuery', { callback_query_id: query.id });
    // A tap on a menu that is gone already.
    if (menus.get(chat.id) !== message_id) return;
    await say(chat.id, query.data === 'Weather' ? 'Rain, later sun.' : 'Nothing new.');
  }
  await moveMenu(chat.id);
});
