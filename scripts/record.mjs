#!/usr/bin/env node
/**
 * Records a dialogue: starts the bot of a bot file in webhook mode and plays the people of a dialogue to it,
 * through a proxy that writes down every update and every call as they pass. Nothing is made up afterwards.
 *
 *   npm run build && node scripts/record.mjs scripts/dialogues/order.mjs [file]
 *
 * A dialogue module exports `bot` (a bot file) and `target` (the recording), both relative to the module,
 * `about`, `seed`, `account` (id, username and first name of the bot) and `people`: who they are, and their
 * acts. An act is a text to say, `[button]` to tap, or the fields of a message (`{ photo: […] }`), and what the bot
 * must then send or show (nothing: it stays silent), and, if it matters, the milliseconds before it.
 */
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { request } from 'undici';
import { RealClock } from '../dist/base/clock.js';
import { randomInteger, randomStream } from '../dist/base/random.js';
import { startBot } from '../dist/bot/bot-process.js';
import { freePort } from '../dist/bot/free-port.js';
import { EmbeddedMongo } from '../dist/mongo/embedded/embedded-mongo.js';
import { Recorder } from '../dist/recording/recorder.js';
import { RecordingWriter } from '../dist/recording/writer.js';
import { botEnvironment } from '../dist/scenario/environment.js';
import { loadBot } from '../dist/scenario/load.js';
import { fillIn } from '../dist/scenario/placeholders.js';
import { addForm } from '../dist/telegram/http/request-body.js';
import { TelegramServer } from '../dist/telegram/server.js';

const SECRET = 'recorded-without-it';
const HOOK = '/hook';
/** People of a recording need not be slow: real ones take seconds. */
const THINK_MS = [150, 700];
const PATIENCE_MS = 20_000;

/** Passes requests on and hands what went by to the recorder. */
async function startProxy({ telegramOrigin, botPort, recorder }) {
  const attempts = new Map();
  /** Writes one after the other, in the order of happening. */
  let writing = Promise.resolve();
  const record = (write) => {
    writing = writing.then(write);
    return writing;
  };
  const passing = new Set();
  const server = createServer((incoming, outgoing) => {
    const exchange = pass(incoming, outgoing)
      .catch((error) => {
        console.error(error);
        process.exitCode = 1;
        outgoing.destroy();
      })
      .finally(() => passing.delete(exchange));
    passing.add(exchange);
  });

  async function pass(incoming, outgoing) {
    const body = Buffer.concat(await incoming.toArray());
    const isUpdate = incoming.url === HOOK;
    const update = isUpdate ? JSON.parse(body) : undefined;
    if (isUpdate) await record(() => recorder.update(update));
    const startedAt = performance.now();
    const {
      host: _,
      connection: __,
      'content-length': ___,
      'transfer-encoding': ____,
      ...headers
    } = incoming.headers;
    const answer = await request(
      `${isUpdate ? `http://127.0.0.1:${botPort}` : telegramOrigin}${incoming.url}`,
      {
        method: incoming.method,
        headers,
        body: body.length === 0 ? undefined : body,
        headersTimeout: 0,
      },
    );
    const content = Buffer.from(await answer.body.arrayBuffer());
    if (isUpdate) {
      if (content.includes('"method"'))
        throw new Error('A call in the answer to a webhook cannot be recorded');
      const attempt = (attempts.get(update.update_id) ?? 0) + 1;
      attempts.set(update.update_id, attempt);
      const ms = Math.round((performance.now() - startedAt) * 1000) / 1000;
      await record(() =>
        recorder.delivery({ update_id: update.update_id, attempt, status: answer.statusCode, ms }),
      );
    } else if (!incoming.url.startsWith('/file/')) {
      const { pathname, searchParams } = new URL(incoming.url, telegramOrigin);
      const method = pathname.split('/').at(-1);
      const params = {
        ...Object.fromEntries(searchParams),
        ...(await paramsOf(body, headers['content-type'])),
      };
      const { ok, result, error_code, description } = JSON.parse(content);
      await record(() =>
        recorder.call(ok ? { method, params, result } : { method, params, ok, error_code, description }),
      );
    }
    outgoing.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
    outgoing.end(content);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    /** Resolves when nothing is on its way: the bot is done with every update. */
    idle: async () => {
      while (passing.size > 0) await Promise.all(passing);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await writing;
    },
  };
}

/** Parameters of a call, as the bot's library sends them: JSON, or a form of texts and files. */
async function paramsOf(body, type) {
  if (body.length === 0) return {};
  if (type.includes('json')) return JSON.parse(body);
  if (type.includes('multipart')) {
    const form = await new Response(body, { headers: { 'content-type': type } }).formData();
    return Object.fromEntries(
      [...form].map(([name, value]) => [name, typeof value === 'string' ? value : `<${value.name}>`]),
    );
  }
  const params = new Map();
  addForm(body.toString(), params);
  return Object.fromEntries(params);
}

/** Plays one person from the first act to the last. */
async function play(account, seed, { user, acts }) {
  const random = randomStream(seed, user.first_name);
  const chat = { id: user.id, type: 'private', first_name: user.first_name };
  /** The messages of the bot as they are now, and everything that was seen of them. */
  const sent = [];
  const shown = [];
  let wake = () => {};
  account.onSeen(({ chatId, message }) => {
    if (chatId === user.id && message !== undefined) {
      shown.push(message);
      const known = sent.findIndex(({ message_id: id }) => id === message.message_id);
      if (known === -1) sent.push(message);
      else sent[known] = message;
    }
    wake();
  });
  for (const [act, then, thinkMs = randomInteger(random, ...THINK_MS)] of acts) {
    await pause(thinkMs);
    const before = shown.length;
    const content = typeof act === 'string' ? { text: act } : act;
    const label = /^\[(.+)\]$/.exec(content.text ?? '')?.[1];
    if (label === undefined) account.receive({ kind: 'message', payload: { from: user, chat, ...content } });
    else account.receive({ kind: 'callback_query', payload: { from: user, ...buttonOf(sent, label) } });
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    while (then !== undefined && !shown.slice(before).some(says(then))) {
      if (deadline.aborted)
        throw new Error(`${user.first_name}: after ${JSON.stringify(act)} the bot never sent ${then}`);
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, 100);
      });
    }
  }
}

const says =
  (words) =>
  ({ text, caption }) =>
    (text ?? caption ?? '').includes(words);

function buttonOf(sent, label) {
  for (const { chat, message_id, reply_markup } of sent.toReversed()) {
    const button = reply_markup?.inline_keyboard.flat().find(({ text }) => text === label);
    if (button !== undefined)
      return { message: { chat: { id: chat.id }, message_id }, data: button.callback_data };
  }
  throw new Error(`There is no button ${label}`);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts the bot of a file with the proxy on both of its sides. */
function startThroughProxy({ bot, account, origin, botPort, mongoUri, folder, clock }) {
  const values = {
    'telegram.apiRoot': origin,
    'telegram.token': account.token,
    'mongo.uri': mongoUri,
    'webhook.host': '127.0.0.1',
    'webhook.port': String(botPort),
    'webhook.path': HOOK,
    'webhook.url': `${origin}${HOOK}`,
    'webhook.secret': SECRET,
    instance: '1',
  };
  const env = Object.entries(bot.env).map(([name, text]) => [name, fillIn(text, values, bot.path)]);
  return startBot({
    command: bot.command,
    cwd: bot.cwd,
    env: botEnvironment(Object.fromEntries(env), bot.inherit),
    instances: 1,
    ready: {
      type: 'call',
      methods: ['setWebhook'],
      waitForCall: () =>
        new Promise((done) => {
          account.onCall((method) => method.toLowerCase() === 'setwebhook' && done());
        }),
    },
    readyTimeoutMs: bot.ready_timeout,
    stopTimeoutMs: bot.stop_timeout,
    emit: (event) => event.type === 'bot.log' && console.error(event.line),
    clock,
    logPath: join(folder, 'bot.log'),
  });
}

const [modulePath, targetPath] = process.argv.slice(2);
if (modulePath === undefined) throw new Error('Usage: node scripts/record.mjs DIALOGUE_MODULE [RECORDING]');
const moduleUrl = pathToFileURL(resolve(modulePath));
const dialogue = await import(moduleUrl.href);
const target = targetPath ?? fileURLToPath(new URL(dialogue.target, moduleUrl));
const unfinished = `${target}.unfinished`;

const clock = new RealClock();
const folder = mkdtempSync(join(tmpdir(), 'sendtwice-record-'));
const mongo = await EmbeddedMongo.start({});
const telegram = await TelegramServer.start({ clock, emit: () => {}, seed: dialogue.seed });
const account = telegram.addBot(dialogue.account);
const botPort = await freePort();

rmSync(unfinished, { force: true });
const writer = await RecordingWriter.create(unfinished, {
  botApi: '10.0',
  bot: { id: account.id, username: account.user.username },
  startedAt: new Date().toISOString(),
  redaction: 'none',
  about: dialogue.about,
});
const recorder = new Recorder(writer, clock);
const proxy = await startProxy({ telegramOrigin: telegram.origin, botPort, recorder });
let bot;
try {
  bot = await startThroughProxy({
    bot: loadBot(fileURLToPath(new URL(dialogue.bot, moduleUrl))),
    account,
    origin: proxy.origin,
    botPort,
    mongoUri: mongo.uri,
    folder,
    clock,
  });
  await Promise.all(dialogue.people.map((person) => play(account, dialogue.seed, person)));
  await proxy.idle();
} finally {
  await bot?.stop();
  await proxy.close();
  await writer.close();
  await telegram.close();
  await mongo.close();
  rmSync(folder, { recursive: true });
}
renameSync(unfinished, target);
console.log(`Recorded ${target}`);
