// The smallest polling bot there is: it answers every text with a line of its own.
const { BOT_TOKEN, TELEGRAM_API_ROOT, DIE_AFTER } = process.env;

async function call(method, params) {
  const answer = await fetch(`${TELEGRAM_API_ROOT}/bot${BOT_TOKEN}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });
  return (await answer.json()).result;
}

let offset = 0;
let handled = 0;
for (;;) {
  for (const update of await call('getUpdates', { offset, timeout: 20 })) {
    offset = update.update_id + 1;
    await call('sendMessage', { chat_id: update.message.chat.id, text: `You said: ${update.message.text}` });
    handled += 1;
    if (handled === Number(DIE_AFTER)) {
      console.error('out of cheese');
      process.exit(7);
    }
  }
}
