#!/usr/bin/env node
/**
 * Records a dialogue: starts the bot of a bot file in webhook mode and plays the people of a dialogue to it,
 * through a proxy that writes down every update and every call as they pass. Nothing is made up afterwards.
 *
 *   npm run build && node scripts/record.mjs scripts/dialogues/order.mjs [file]
 *
 * A dialogue module exports `bot` (a bot file) and `target` (the recording), both relative to the module,
 * `about`, `seed`, `account` (id, username and first name of the bot) and `people`: who they are, and their
 * acts. An act is a text to say, or `[button]` to tap, and what the bot must then send (nothing: it stays silent).
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
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch((error) => {
      console.error(error);
      process.exitCode = 1;
      outgoing.destroy();
    });
  });

  async function pass(incoming, outgoing) {
    const body = Buffer.concat(await incoming.toArray());
    const isUpdate = incoming.url === HOOK;
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
      if (text.includes('"method"')) throw new Error('A call in the answer to a webhook cannot be recorded');
      const attempt = (attempts.get(update.update_id) ?? 0) + 1;
      attempts.set(update.update_id, attempt);
      const ms = Math.round((performance.now() - startedAt) * 1000) / 1000;
      await record(() =>
        recorder.delivery({ update_id: update.update_id, attempt, status: answer.statusCode, ms }),
      );
    } else {
      const method = incoming.url.split('/').at(-1);
      const params = paramsOf(body, headers['content-type']);
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

/** Parameters of a call, as the bot's library sends them: JSON, or a form of texts. */
function paramsOf(body, type) {
  if (body.length === 0) return {};
  if (!type.includes('urlencoded')) return JSON.parse(body);
  const params = new Map();
  addForm(body.toString(), params);
  return Object.fromEntries(params);
}

/** Plays one person from the first act to the last. */
async function play(account, seed, { user, acts }) {
  const random = randomStream(seed, user.first_name);
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
    while (then !== undefined && !sent.slice(before).some(({ text }) => text.includes(then))) {
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
