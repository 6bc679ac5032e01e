// What the small bots of this folder share: a webhook that takes each update once, and the updates of a chat in turn.
import { createServer } from 'node:http';

const { BOT_TOKEN, TELEGRAM_API_ROOT, WEBHOOK_URL, WEBHOOK_SECRET, PORT } = process.env;

export async function call(method, params = {}) {
  const response = await fetch(`${TELEGRAM_API_ROOT}/bot${BOT_TOKEN}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });
  const answer = await response.json();
  if (!answer.ok) throw new Error(`${method}: ${answer.description}`);
  return answer.result;
}

export const say = (chat_id, text, more = {}) => call('sendMessage', { chat_id, text, ...more });

/** One row of buttons, each with its label as data. */
export const buttons = (...labels) => ({
  reply_markup: { inline_keyboard: [labels.map((label) => ({ text: label, callback_data: label }))] },
});

const taken = new Set();

/** Takes each update_id once, in memory. */
export function takeOnce(update) {
  if (taken.has(update.update_id)) return false;
  taken.add(update.update_id);
  return true;
}

/** Serves `handle(update)`. A delivery is acknowledged when its update is done, with 500 when it failed. */
export function serve(handle, { take = takeOnce } = {}) {
  /** The last work of each chat. */
  const turns = new Map();
  const server = createServer(async (request, response) => {
    if (request.headers['x-telegram-bot-api-secret-token'] !== WEBHOOK_SECRET) {
      response.writeHead(401).end();
      return;
    }
    const update = JSON.parse(Buffer.concat(await request.toArray()).toString('utf8'));
    const from = (update.message ?? update.callback_query).from.id;
    const turn = (turns.get(from) ?? Promise.resolve()).then(async () => {
      if (await take(update)) await handle(update);
    });
    turns.set(
      from,
      turn.catch(() => {}),
    );
    try {
      await turn;
      response.end();
    } catch (error) {
      console.error(error);
      response.writeHead(500).end();
    }
  });
  server.listen(Number(PORT), '127.0.0.1', () =>
    call('setWebhook', { url: WEBHOOK_URL, secret_token: WEBHOOK_SECRET }),
  );
  process.once('SIGTERM', () => process.exit(0));
}
