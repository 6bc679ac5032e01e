import { expect, it } from 'vitest';
import type { z } from 'zod';
import { explainFault } from '../../src/faults/explain.js';
import type { Fault, faultSchema } from '../../src/faults/schema.js';

const faults: readonly z.output<typeof faultSchema>[] = [
  {
    on: 'mongo',
    match: { commands: ['find', 'update'], collection: 'sessions' },
    delay: { distribution: 'lognormal', median: 300, p99: 900 },
  },
  { on: 'mongo', match: { database: 'shop' }, phase: 'after', delay: 250 },
  { on: 'mongo', match: { commands: ['update'], database: 'shop', collection: 'carts' }, effect: 'reset' },
  { on: 'mongo', phase: 'after', effect: 'reset', skip: 1, times: 1 },
  { on: 'mongo', effect: 'error', error: { code: 91 }, after: 5000, for: 2000, every: 30_000 },
  {
    on: 'mongo',
    phase: 'after',
    effect: 'error',
    delay: { distribution: 'uniform', min: 100, max: 1500 },
    error: { code: 4711, message: 'no', labels: ['RetryableWriteError', 'Other'] },
    probability: 0.125,
  },
  { on: 'mongo', match: { commands: ['update'] }, effect: 'lose-acknowledgement' },
  {
    on: 'mongo',
    match: { filter: ['chat', 'user'], app: 'shop', connection: 2 },
    phase: 'after',
    effect: 'close',
  },
  { on: 'mongo', match: { commands: ['find'], filter: [] }, effect: 'stall' },
  { on: 'mongo', effect: 'truncate', delay: 50 },
  { on: 'mongo', effect: 'drip', drip: { bytes: 7, every: 10 } },
  { on: 'mongo', phase: 'after', delay: 5, per: 'kilobyte' },
  { on: 'mongo', effect: 'step-down', lasts: 2000 },
  { on: 'mongo', effect: 'overload', delay: 20 },
  { on: 'mongo', phase: 'after', effect: 'error', error: { code: 64, write_concern: true } },
  { on: 'mongo', delay: { distribution: 'pareto', min: 20, alpha: 1.5 } },
  { on: 'mongo', delay: { distribution: 'trace', file: 'friday.txt' } },
  { on: 'mongo-connection', effect: 'refuse', after: 5000, for: 1000 },
  { on: 'mongo-connection', effect: 'limit', connections: 3 },
  { on: 'mongo-connection', match: { connection: 2 }, effect: 'stall' },
  { on: 'mongo-connection', delay: 200 },
  { on: 'mongo-heartbeat', delay: 2000 },
  { on: 'mongo-heartbeat', match: { app: 'shop' }, effect: 'error', error: { code: 91 } },
  { on: 'mongo-heartbeat', effect: 'reset', times: 3 },
  { on: 'mongo-heartbeat', effect: 'stall' },
  {
    on: 'call',
    match: { methods: ['sendMessage', 'sendPhoto', 'editMessageText'] },
    delay: { distribution: 'normal', mean: 500, stddev: 50 },
  },
  { on: 'call', effect: 'error', error: { code: 429, retry_after: 3 }, skip: 2, times: 3 },
  { on: 'call', phase: 'after', effect: 'reset', for: 10_000 },
  { on: 'delivery', effect: 'duplicate' },
  { on: 'delivery', match: { kinds: ['message', 'callback_query'] }, effect: 'duplicate', delay: 200 },
  { on: 'delivery', match: { step: 2, attempt: 1 }, effect: 'lose-acknowledgement' },
  { on: 'delivery', effect: 'timeout', delay: 2000 },
  { on: 'update', effect: 'double-tap' },
  { on: 'update', match: { step: 3 }, effect: 'double-tap', delay: 80 },
  { on: 'update', effect: 'text-beside-tap' },
  { on: 'update', match: { step: 2 }, effect: 'text-beside-tap', text: 'wait' },
  { on: 'update', match: { step: 5 }, effect: 'start-over' },
  { on: 'update', match: { step: 2 }, effect: 'unknown-kind' },
  { on: 'update', effect: 'unknown-fields' },
  { on: 'update', match: { step: 2 }, effect: 'malformed' },
  { on: 'update', effect: 'malformed', shapes: ['no-message'], times: 1 },
  { on: 'update', match: { step: 2 }, effect: 'forged' },
  { on: 'update', effect: 'forged', secret: 'wrong' },
  { on: 'telegram', match: { step: 3 }, effect: 'other-poller', lasts: 5000 },
  { on: 'bot', match: { step: 4 }, effect: 'kill' },
  { on: 'bot', effect: 'restart', after: 60_000 },
  { on: 'bot', when: 'acknowledged', match: { step: 4, kinds: ['message'] }, effect: 'kill', times: 1 },
  { on: 'bot', when: 'acknowledged', match: { instance: 2 }, effect: 'freeze', lasts: 'next-delivery' },
  { on: 'bot', match: { instance: 2 }, effect: 'stop', lasts: 2000 },
  { on: 'delivery', match: { step: 3 }, effect: 'route', to: 2 },
];

it('says in one sentence what a fault does', () => {
  expect(
    faults.map((fault) => explainFault({ ...fault, name: 'f' } as Fault)).join('\n'),
  ).toMatchInlineSnapshot(`
    "MongoDB: find and update on sessions take a lognormal 300 ms (median) to 900 ms (p99) longer
    MongoDB: all commands on database shop are applied at once and answered 250 ms late
    MongoDB: update on carts of database shop are stopped by a reset connection, not applied
    MongoDB: all commands are applied, then the connection is reset without an answer; not the first time; only once
    MongoDB: all commands are refused with error 91 (ShutdownInProgress), not applied; from 5 s of the play on for 2 s, again every 30 s
    MongoDB: all commands are applied, but answered 100 ms to 1.5 s later with error 4711 "no" labelled RetryableWriteError and Other; with a probability of 12.5 %
    MongoDB: update are applied, then the connection is reset without an answer
    MongoDB: all commands by chat and user of shop on connection 2 are applied, then the connection is closed without an answer
    MongoDB: find with an empty filter never get to the server and are never answered
    MongoDB: all commands are applied, but the connection ends 50 ms later in the middle of the answer
    MongoDB: all commands are applied, and answered in pieces of 7 bytes, one every 10 ms
    MongoDB: all commands are applied at once and answered 5 ms a kilobyte late
    MongoDB: all commands are refused: the primary steps down for 2 s
    MongoDB: all commands are refused 20 ms later with error 462 (IngressRequestRateLimitExceeded), not applied
    MongoDB: all commands are applied, and answered with the write concern error 64 (WriteConcernTimeout)
    MongoDB: all commands take a pareto 20 ms or more (alpha 1.5) longer
    MongoDB: all commands take the times of friday.txt longer
    MongoDB: new connections are refused; from 5 s of the play on for 1 s
    MongoDB: more than 3 open connections are closed
    MongoDB: connection 2 is accepted, but nothing is ever answered
    MongoDB: the first bytes of new connections arrive 200 ms late
    MongoDB: heartbeats (hello) take 2 s longer
    MongoDB: heartbeats (hello) of shop are refused with error 91 (ShutdownInProgress)
    MongoDB: heartbeats (hello) end the connection; at most 3 times
    MongoDB: heartbeats (hello) are never answered
    Bot API: calls of sendMessage, sendPhoto and editMessageText take a normal 500 ms ± 50 ms longer
    Bot API: all calls are refused with error 429, retry after 3 s, not carried out; not the first 2 times; at most 3 times
    Bot API: all calls are carried out, then the connection is reset without an answer; from the start for 10 s
    Webhook: every update is delivered a second time at once
    Webhook: every message or callback_query is delivered a second time, 200 ms later
    Webhook: the bot's answer to every update of step 2 (attempt 1) never reaches Telegram
    Webhook: Telegram waits only 2 s for the answer to every update
    User: taps each button twice
    User: taps the button of step 3 twice, 80 ms apart
    User: writes "?" at the same moment with a tap
    User: writes "wait" at the same moment with the tap of step 2
    User: begins its session anew in place of step 5
    User: does something before step 2 that comes as an update of a kind the Bot API does not have yet
    User: sends a message before each step with fields the Bot API does not have yet
    User: does something before step 2 whose update lacks a part (no-sender, no-content and no-message)
    User: does something before each step whose update lacks a part (no-message); only once
    Stranger: posts an update of its own to the webhook at step 2, with no secret token
    Stranger: posts an update of its own to the webhook at each step, with a wrong secret token
    Telegram: another program with the bot's token calls deleteWebhook at step 3 and polls for 5 s
    Bot: is killed and started again at step 4
    Bot: is stopped (SIGTERM) and started again at each step; from 1 min of the play on
    Bot: is killed and started again right after it acknowledged a message of step 4; only once
    Bot: stands still (SIGSTOP) right after it acknowledged an update (instance 2), until the next delivery
    Bot: is down for 2 s (SIGTERM), then started again, at each step (instance 2)
    Webhook: every update of step 3 goes to instance 2 of the bot"
  `);
});
