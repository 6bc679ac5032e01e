#!/usr/bin/env node
/**
 * Records `recordings/order-dialogue.jsonl`: the repaired demo bot takes orders of three invented people,
 * through a proxy that writes down every update and every call as they pass. Nothing is made up afterwards.
 *
 *   npm run build && node scripts/record-demo.mjs [file]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { RealClock } from '../dist/base/clock.js';
import { randomInteger, randomStream } from '../dist/base/random.js';
import { freePort } from '../dist/bot/free-port.js';
import { EmbeddedMongo } from '../dist/mongo/embedded/embedded-mongo.js';
import { Recorder } from '../dist/recording/recorder.js';
import { RecordingWriter } from '../dist/recording/writer.js';
import { TelegramServer } from '../dist/telegram/server.js';

const inProject = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const target = process.argv[2] ?? inProject('recordings/order-dialogue.jsonl');
const unfinished = `${target}.unfinished`;
const SECRET = 'recorded-without-it';
/** People of a recording need not be slow: real ones take seconds. */
const THINK_MS = [150, 700];
const PATIENCE_MS = 20_000;

/** Each person's acts: a text to say, or `[button]` to tap; and what the bot must then send. */
const PEOPLE = [
  {
    user: { id: 1001, is_bot: false, first_name: 'Mira', language_code: 'en' },
    acts: [
      ['/start', 'Welcome'],
      ['[Order something]', 'What would you like?'],
      ['[Mug]', 'Which size?'],
      ['[Large]', 'How many?'],
      ['[2]', 'What is your name?'],
      ['Mira Sol', 'Which street'],
      ['14 Lime Lane', 'Which city?'],
      ['Springfield', 'A phone number'],
      ['+10005550123', 'How shall it travel?'],
      ['[Courier]', 'Anything we should know?'],
      ['[Skip]', 'Is that right?'],
      ['[Confirm]', 'placed. Thank you'],
    ],
  },
  {
    user: { id: 1002, is_bot: false, first_name: 'Otto', language_code: 'de' },
    acts: [
      ['/start', 'Welcome'],
      ['[Order something]', 'What would you like?'],
      ['[Poster]', 'Which size?'],
      ['[Medium]', 'How many?'],
      ['7', 'What is your name?'],
      ['Otto Berg', 'Which street'],
      ['3 Harbour Road', 'Which city?'],
      ['Seaview', 'A phone number'],
      ['call me after six', '8 to 15 digits'],
      ['+1 000 555 0124', 'How shall it travel?'],
      ['[Post]', 'Anything we should know?'],
      ['Please roll it, do not fold it', 'Is that right?'],
      ['[Confirm]', 'placed. Thank you'],
    ],
  },
  {
    user: { id: 1003, is_bot: false, first_name: 'Nadia', language_code: 'en' },
    acts: [
      ['/start', 'Welcome'],
      ['[Order something]', 'What would you like?'],
      ['[Notebook]', 'Which size?'],
      ['[« Back]', 'What would you like?'],
      ['[T-shirt]', 'Which size?'],
      ['[Small]', 'How many?'],
      ['[1]', 'What is your name?'],
      ['Nadia Novak', 'Which street'],
      ['22 Mill Street', 'Which city?'],
      ['Oldtown', 'A phone number'],
      ['+10005550125', 'How shall it travel?'],
      ['[Pick-up]', 'Anything we should know?'],
      ['[Skip]', 'Is that right?'],
      ['[Cancel]', 'Welcome'],
      ['[Order something]', 'What would you like?'],
      ['[T-shirt]', 'Which size?'],
      ['[Medium]', 'How many?'],
      ['3', 'What is your name?'],
      ['Nadia Novak', 'Which street'],
      ['22 Mill Street', 'Which city?'],
      ['Oldtown', 'A phone number'],
      ['+10005550125', 'How shall it travel?'],
      ['[Courier]', 'Anything we should know?'],
      ['[Skip]', 'Is that right?'],
      ['[Confirm]', 'placed. Thank you'],
    ],
  },
];

/** Passes requests on and hands what went by to the recorder. */
async function startProxy({ telegramOrigin, botPort, recorder }) {
  const attempts = new Map();
  /** Writes one after the other, in the order of happening. */
  let writing = Promise.resolve();
  const record = (write) => {
    writing = writing.then(write);
    return writing;
  };
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch((error) => {
      console.error(error);
      process.exitCode = 1;
      outgoing.destroy();
    });
  });

  async function pass(incoming, outgoing) {
    const body = Buffer.concat(await incoming.toArray());
    const isUpdate = incoming.url === '/hook';
    const update = isUpdate ? JSON.parse(body) : undefined;
    if (isUpdate) await record(() => recorder.update(update));
    const startedAt = performance.now();
    const { host: _, connection: __, 'content-length': ___, ...headers } = incoming.headers;
    const answer = await request(
      `${isUpdate ? `http://127.0.0.1:${botPort}` : telegramOrigin}${incoming.url}`,
      {
        method: incoming.method,
        headers,
        body: body.length === 0 ? undefined : body,
        headersTimeout: 0,
      },
    );
    const text = await answer.body.text();
    if (isUpdate) {
      const attempt = (attempts.get(update.update_id) ?? 0) + 1;
      attempts.set(update.update_id, attempt);
      const ms = Math.round((performance.now() - startedAt) * 1000) / 1000;
      await record(() =>
        recorder.delivery({ update_id: update.update_id, attempt, status: answer.statusCode, ms }),
      );
    } else {
      const method = incoming.url.split('/').at(-1);
      const params = body.length === 0 ? {} : JSON.parse(body);
      const { ok, result, error_code, description } = JSON.parse(text);
      await record(() =>
        recorder.call(ok ? { method, params, result } : { method, params, ok, error_code, description }),
      );
    }
    outgoing.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
    outgoing.end(text);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await writing;
    },
  };
}

/** Plays one person from the first act to the last. */
async function play(account, { user, acts }) {
  const random = randomStream('record-demo', user.first_name);
  const chat = { id: user.id, type: 'private', first_name: user.first_name };
  const sent = [];
  let wake = () => {};
  account.onSeen(({ what, chatId, message }) => {
    if (what === 'sent' && chatId === user.id) sent.push(message);
    wake();
  });
  for (const [act, then] of acts) {
    await pause(randomInteger(random, ...THINK_MS));
    const before = sent.length;
    const label = /^\[(.+)\]$/.exec(act)?.[1];
    if (label === undefined) account.receive({ kind: 'message', payload: { from: user, chat, text: act } });
    else account.receive({ kind: 'callback_query', payload: { from: user, ...buttonOf(sent, label) } });
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    while (!sent.slice(before).some(({ text }) => text.includes(then))) {
      if (deadline.aborted) throw new Error(`${user.first_name}: after ${act} the bot never sent ${then}`);
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, 100);
      });
    }
  }
}

function buttonOf(sent, label) {
  for (const { chat, message_id, reply_markup } of sent.toReversed()) {
    const button = reply_markup?.inline_keyboard.flat().find(({ text }) => text === label);
    if (button !== undefined)
      return { message: { chat: { id: chat.id }, message_id }, data: button.callback_data };
  }
  throw new Error(`There is no button ${label}`);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const clock = new RealClock();
const mongo = await EmbeddedMongo.start({});
const telegram = await TelegramServer.start({ clock, emit: () => {}, seed: 'record-demo' });
const account = telegram.addBot({ id: 7000000001, username: 'corner_shop_bot', firstName: 'Corner shop' });
const botPort = await freePort();

rmSync(unfinished, { force: true });
const writer = await RecordingWriter.create(unfinished, {
  botApi: '10.0',
  bot: { id: account.id, username: account.user.username },
  startedAt: new Date().toISOString(),
  redaction: 'none',
  about: 'Three orders with the demo bot. The people, their addresses and their numbers are invented.',
});
const recorder = new Recorder(writer, clock);
const proxy = await startProxy({ telegramOrigin: telegram.origin, botPort, recorder });
const bot = spawn(process.execPath, [inProject('dist/demo/bot.js')], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: {
    BOT_TOKEN: account.token,
    TELEGRAM_API_ROOT: proxy.origin,
    MONGO_URI: mongo.uri,
    WEBHOOK_URL: `${proxy.origin}/hook`,
    WEBHOOK_SECRET: SECRET,
    PORT: String(botPort),
  },
});
try {
  while (!account.hasCalled('setWebhook')) {
    if (bot.exitCode !== null) throw new Error('The bot ended');
    await pause(20);
  }
  await Promise.all(PEOPLE.map((person) => play(account, person)));
} finally {
  bot.kill('SIGTERM');
  if (bot.exitCode === null) await once(bot, 'exit');
  await proxy.close();
  await writer.close();
  await telegram.close();
  await mongo.close();
}
renameSync(unfinished, target);
console.log(`Recorded ${target}`);
