// A polling bot with a menu. IGNORES_FIRST: a text is heard only when it comes a second time.
// NEVER_ANSWERS_TAPS: the author does not know answerCallbackQuery.
const { BOT_TOKEN, TELEGRAM_API_ROOT, IGNORES_FIRST, NEVER_ANSWERS_TAPS } = process.env;

async function call(method, params) {
  const answer = await fetch(`${TELEGRAM_API_ROOT}/bot${BOT_TOKEN}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });
  return (await answer.json()).result;
}

const heard = new Set();
const menu = { inline_keyboard: [[{ text: 'Order', callback_data: 'order' }]] };

async function onMessage({ chat, text }) {
  const key = `${chat.id} ${text}`;
  const isNew = !heard.has(key);
  heard.add(key);
  if (IGNORES_FIRST && isNew) return;
  await call('sendMessage', { chat_id: chat.id, text: 'What may it be?', reply_markup: menu });
}

async function onTap({ id, message }) {
  if (!NEVER_ANSWERS_TAPS) await call('answerCallbackQuery', { callback_query_id: id });
  await call('sendMessage', { chat_id: message.chat.id, text: 'Your order is placed' });
}

let offset = 0;
for (;;) {
  for (const { update_id, message, callback_query } of await call('getUpdates', { offset, timeout: 20 })) {
    offset = update_id + 1;
    if (message) await onMessage(message);
    if (callback_query) await onTap(callback_query);
  }
}
