#!/usr/bin/env node
import { once } from 'node:events';
import { Bot, GrammyError } from 'grammy';
import type { Update } from 'grammy/types';
import { MongoClient } from 'mongodb';
import { type Desk, DirectDesk, InboxDesk } from './desk.js';
import { everyTap, fromAnywhere, notInAnOrder, onlyOpenQuestion } from './dialogue.js';
import { Inbox } from './inbox.js';
import { limbo } from './limbo.js';
import { log } from './log.js';
import { isRefused, Messenger, pause, repeated } from './messenger.js';
import { Office } from './office.js';
import { Orders } from './orders.js';
import { HastyPayments, OncePayments } from './payments.js';
import { MemorySessions, MongoSessions } from './sessions.js';
import { isSwitchedOn, readSettings, type Settings } from './settings.js';
import { Shop } from './shop.js';
import { listen } from './webhook.js';

/** The demo bot: takes orders in a dialogue of ten steps. It knows nothing of the harness. */

const KINDS = ['message', 'callback_query'] as const;
/** Together less than the 5 s after which whoever sent SIGTERM usually loses patience. */
const CLOSE_WITHIN_MS = 1000;
const FINISH_WITHIN_MS = 3000;
const POLL_CLAIM_PAUSE_MS = 500;
const CONFLICT = 409;
const CONFLICT_PAUSE_MS = 1000;

const settings = await settingsOrExit();
const { bugs, webhook } = settings;
const stop = new AbortController();
const stopping = stop.signal;
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());

const mongo = await MongoClient.connect(settings.mongoUri);
const db = mongo.db();
const bot = new Bot(settings.token, { client: { apiRoot: settings.apiRoot } });
const messenger = new Messenger(bot.api);
const office = await openOffice();
const desk = await openDesk();

if (webhook === undefined) await poll();
else await serve(webhook);

await Promise.race([desk.finish(), pause(FINISH_WITHIN_MS)]);
await Promise.race([mongo.close(), pause(500)]);
log('stopped');
process.exit(0);

/** A wrong environment is the operator's business: one line, no stack trace. */
async function settingsOrExit(): Promise<Settings> {
  try {
    return readSettings(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (isSwitchedOn('survives-bad-env', process.env)) await limbo(process.env);
    process.exit(2);
  }
}

/** Puts the parts together; each bug is another part in the place of the right one. */
async function openDesk(): Promise<Desk> {
  const stored = new MongoSessions(db);
  if (bugs.has('lost-on-restart')) await stored.clear();
  const orders = new Orders(db);
  await orders.createIndexes();
  const shop = new Shop({
    sessions: bugs.has('memory-state') ? new MemorySessions(db) : stored,
    orders,
    messenger,
    rules: {
      mayTap: bugs.has('no-double-tap-guard') ? everyTap : onlyOpenQuestion,
      mayStart: bugs.has('no-way-out') ? notInAnOrder : fromAnywhere,
    },
    stopping,
  });
  const acknowledge = bugs.has('slow-ack') ? 'when-done' : 'when-stored';
  if (bugs.has('no-update-guard')) return new DirectDesk({ shop, acknowledge });
  const inbox = new Inbox(db);
  await inbox.createIndexes();
  const inboxDesk = new InboxDesk({ inbox, shop, acknowledge, stopping });
  const resumed = await inboxDesk.resume();
  if (resumed > 0) log(`took up ${resumed} updates of the last run`);
  return inboxDesk;
}

/** What the shop's own people and its payment provider ask of the bot over HTTP. */
async function openOffice(): Promise<Office> {
  const payments = bugs.has('no-payment-guard') ? new HastyPayments(db) : new OncePayments(db);
  await payments.createIndexes();
  // Bug `no-bot-in-routes`: the routes are made where there is no bot yet, and nobody passes it on later.
  return new Office({ payments, messenger: bugs.has('no-bot-in-routes') ? undefined : messenger });
}

async function serve(options: NonNullable<Settings['webhook']>): Promise<void> {
  bot.use((ctx) => desk.take(ctx.update));
  await bot.init();
  const server = await listen({ ...options, office, take: (update: Update) => bot.handleUpdate(update) });
  log(`listening on 127.0.0.1:${options.port}`);
  // Telegram takes one setWebhook a second; a bot that was just restarted has to wait.
  await repeated(
    () => bot.api.setWebhook(options.url, { secret_token: options.secret, allowed_updates: KINDS }),
    isRefused,
  );
  if (!stopping.aborted) await once(stopping, 'abort');
  const closed = once(server, 'close');
  server.close();
  await Promise.race([closed, pause(CLOSE_WITHIN_MS)]);
}

/**
 * grammY asks for the next updates, and so confirms these, when `take` has resolved for each. At the end
 * nothing is confirmed: what we have is in the inbox, and what comes again is known there.
 */
async function poll(): Promise<void> {
  bot.use(async (ctx) => {
    for (let taken = false; !taken; ) {
      try {
        await desk.take(ctx.update);
        taken = true;
      } catch (error) {
        log('update not taken', error);
        await pause(POLL_CLAIM_PAUSE_MS);
      }
    }
  });
  await Promise.race([pollOn(), once(stopping, 'abort')]);
}

/** grammY ends at a conflict. During a deployment another process polls for a while, and then it is our turn. */
async function pollOn(): Promise<void> {
  while (!stopping.aborted) {
    try {
      await bot.start({ allowed_updates: KINDS, onStart: () => log('listening by long polling') });
      return;
    } catch (error) {
      if (!(error instanceof GrammyError) || error.error_code !== CONFLICT) throw error;
      log('somebody else polls', error);
      await pause(CONFLICT_PAUSE_MS);
    }
  }
}
