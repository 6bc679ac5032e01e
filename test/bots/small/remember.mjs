// A polling bot that writes down what it was told before it answers.
import { MongoClient } from 'mongodb';

const { BOT_TOKEN, TELEGRAM_API_ROOT, MONGO_URI } = process.env;
const client = await MongoClient.connect(MONGO_URI);
const notes = client.db().collection('notes');

async function call(method, params) {
  const answer = await fetch(`${TELEGRAM_API_ROOT}/bot${BOT_TOKEN}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });
  return (await answer.json()).result;
}

let offset = 0;
for (;;) {
  for (const { update_id, message } of await call('getUpdates', { offset, timeout: 20 })) {
    offset = update_id + 1;
    await notes.insertOne({ chat: message.chat.id, text: message.text });
    await call('sendMessage', { chat_id: message.chat.id, text: `You said: ${message.text}` });
  }
}
