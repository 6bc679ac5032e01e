// A bot whose right answers look like wrong ones: lines that stand twice by design, a menu as often as it is
// asked for, a progress message that changes ten times, an album, news for everybody because one person asked
// for it, and a reminder that nobody asked for. GUARD=off: it takes an update as often as it is delivered.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const { BOT_TOKEN, TELEGRAM_API_ROOT, WEBHOOK_URL, WEBHOOK_SECRET, PORT, GUARD } = process.env;
/** Longer than the people of the recording think. */
const REMIND_AFTER_MS = 1_000;
const SEPARATOR = '· · ·';

const subscribers = new Set();
const taken = new Set();
const reminders = new Map();

async function call(method, params) {
  const answer = await fetch(`${TELEGRAM_API_ROOT}/bot${BOT_TOKEN}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });
  return (await answer.json()).result;
}

const say = (chat_id, text, more = {}) => call('sendMessage', { chat_id, text, ...more });

const menu = {
  inline_keyboard: [
    [
      { text: 'Towels', callback_data: 'towels' },
      { text: 'Taxi', callback_data: 'taxi' },
    ],
  ],
};

const COMMANDS = {
  async '/start'(chat) {
    await say(chat, SEPARATOR);
    await say(chat, 'Welcome to the Grand Hotel. /menu shows what we can do for you.');
    await say(chat, SEPARATOR);
  },
  '/menu': (chat) => say(chat, 'What can we do for you?', { reply_markup: menu }),
  async '/clean'(chat) {
    const { message_id } = await say(chat, 'Cleaning your room: 0 %');
    for (let percent = 10; percent <= 100; percent += 10) {
      await pause(20);
      await call('editMessageText', { chat_id: chat, message_id, text: `Cleaning your room: ${percent} %` });
    }
    await say(chat, 'Your room is clean.');
  },
  '/photos': (chat) =>
    call('sendMediaGroup', {
      chat_id: chat,
      media: ['pool', 'pool', 'bar'].map((name) => ({
        type: 'photo',
        media: `https://example.org/${name}.jpg`,
      })),
    }),
  '/subscribe': (chat) => {
    subscribers.add(chat);
    return say(chat, 'You will hear from us.');
  },
  '/news': (chat) =>
    Promise.all(
      [chat, ...subscribers].map((reader) => say(reader, 'Breakfast is served on the terrace today.')),
    ),
};

async function handle({ message, callback_query: query }) {
  const chat = (message ?? query.message).chat.id;
  if (query !== undefined) {
    await call('answerCallbackQuery', { callback_query_id: query.id, text: 'At once!' });
    await say(chat, `We see to it: ${query.data}.`);
  } else {
    const command = COMMANDS[message.text];
    if (command === undefined) await say(chat, `Thank you, ${message.text}.`);
    else await command(chat);
  }
  remind(chat);
}

function remind(chat) {
  clearTimeout(reminders.get(chat));
  const send = () => say(chat, 'Is there anything else that we can do for you?');
  reminders.set(chat, setTimeout(send, REMIND_AFTER_MS));
}

const server = createServer(async (request, response) => {
  const update = JSON.parse(Buffer.concat(await request.toArray()).toString('utf8'));
  if (GUARD === 'off' || !taken.has(update.update_id)) {
    taken.add(update.update_id);
    await handle(update);
  }
  response.end();
});
server.listen(Number(PORT), '127.0.0.1', () =>
  call('setWebhook', { url: WEBHOOK_URL, secret_token: WEBHOOK_SECRET }),
);
process.once('SIGTERM', () => process.exit(0));
