// A polling bot that counts what it was told before it answers, and says so when it cannot.
import { MongoClient } from 'mongodb';

const { BOT_TOKEN, TELEGRAM_API_ROOT, MONGO_URI } = process.env;
const client = await MongoClient.connect(MONGO_URI);
const visits = client.db().collection('visits');

async function call(method, params) {
  const answer = await fetch(`${TELEGRAM_API_ROOT}/bot${BOT_TOKEN}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });
  return (await answer.json()).result;
}

async function answerTo({ chat, text }) {
  try {
    await visits.updateOne({ _id: chat.id }, { $inc: { texts: 1 } }, { upsert: true });
    return `You said: ${text}`;
  } catch (error) {
    console.error(`not stored: ${error.name}`);
    return 'Sorry, something went wrong';
  }
}

let offset = 0;
for (;;) {
  for (const { update_id, message } of await call('getUpdates', { offset, timeout: 20 })) {
    offset = update_id + 1;
    await call('sendMessage', { chat_id: message.chat.id, text: await answerTo(message) });
  }
}
