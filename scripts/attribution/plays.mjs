/** What is played to measure attribution: bots that pass traceparent on, in ways that make attribution hard. */
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const BOTS = join(ROOT, 'test/bots');

const ENV = {
  BOT_TOKEN: '${telegram.token}',
  TELEGRAM_API_ROOT: '${telegram.apiRoot}',
  MONGO_URI: '${mongo.uri}',
  WEBHOOK_URL: '${webhook.url}',
  WEBHOOK_SECRET: '${webhook.secret}',
  PORT: '${webhook.port}',
};

/** A bot as it is, started with the tracing of test/bots/traced. */
const traced = (folder, program, env = {}, more = {}) => ({
  bot: `${folder} (traced)`,
  command: ['node', '--import', join(BOTS, 'traced/tracing.mjs'), program],
  cwd: join(BOTS, folder),
  env: { ...ENV, ...env },
  ...more,
});

const PIZZA = join(BOTS, 'pizza.jsonl');
const ORDER = join(ROOT, 'recordings/order-dialogue.jsonl');
const DEMO = join(ROOT, 'dist/demo/bot.js');

/** `groups`: the dialogue is held in groups. */
export const PLAYS = [
  {
    name: 'calm',
    about: 'nothing is broken; 24 people',
    bot: traced('grammy', 'orders.mjs'),
    play: { recording: PIZZA, users: 24, arrivals: { rate: '12/s' } },
  },
  {
    name: 'groups',
    about: 'the same in groups, and nobody thinks',
    bot: traced('grammy', 'orders.mjs', {}, { telegram: { in_groups: 'administrator' } }),
    groups: true,
    play: { recording: PIZZA, users: 24, arrivals: { rate: '24/s' }, think: '0ms' },
  },
  {
    name: 'slow-mongo',
    about: 'MongoDB takes 0.2 to 1 s, people send again after 1.5 s',
    bot: traced('node-telegram-bot-api', 'orders.mjs'),
    play: { recording: PIZZA, users: 20, arrivals: { rate: '10/s' }, patience: '1500ms', sends: 3 },
    faults: [{ name: 'slow', on: 'mongo', delay: { distribution: 'lognormal', median: '200ms', p99: '1s' } }],
  },
  {
    name: 'double-taps',
    about: 'every button is tapped twice, and a bot that handles both taps at the same time',
    bot: traced('telegraf', 'orders.mjs', { BUG: 'double-tap' }),
    play: { recording: PIZZA, users: 24, arrivals: { rate: '12/s' }, think: '100ms' },
    faults: [
      { name: 'twice', on: 'update', effect: 'double-tap', delay: '25ms' },
      { name: 'slow', on: 'mongo', delay: { distribution: 'uniform', min: '5ms', max: '60ms' } },
    ],
  },
  {
    name: 'redelivery',
    about: 'a proxy gives up after 250 ms, and both handlings of an update go on',
    bot: traced('node-telegram-bot-api', 'orders.mjs', { BUG: 'no-guard' }),
    play: { recording: PIZZA, users: 20, arrivals: { rate: '10/s' }, sends: 1 },
    faults: [
      { name: 'slow', on: 'mongo', delay: { distribution: 'uniform', min: '100ms', max: '250ms' } },
      {
        name: 'impatient',
        on: 'delivery',
        match: { attempt: 1 },
        effect: 'timeout',
        delay: '250ms',
        probability: 0.5,
      },
    ],
  },
  {
    name: 'delivered-twice',
    about: 'every second update comes twice within 20 ms, and both are handled',
    bot: traced('node-telegram-bot-api', 'orders.mjs', { BUG: 'no-guard' }),
    play: { recording: PIZZA, users: 20, arrivals: { rate: '10/s' }, sends: 1 },
    faults: [{ name: 'twice', on: 'delivery', effect: 'duplicate', delay: '20ms', probability: 0.5 }],
  },
  {
    name: 'fast-typing',
    about: 'a bot that acknowledges first, and people who answer at once',
    bot: traced('grammy', DEMO),
    play: {
      recording: ORDER,
      users: 20,
      arrivals: { rate: '10/s' },
      think: { distribution: 'uniform', min: '0ms', max: '40ms' },
    },
    faults: [{ name: 'slow', on: 'mongo', delay: { distribution: 'uniform', min: '5ms', max: '30ms' } }],
  },
  {
    name: 'impatient',
    about: 'a bot that acknowledges first and is slow, and people who send again after 400 ms',
    bot: traced('grammy', DEMO),
    play: { recording: ORDER, users: 20, arrivals: { rate: '10/s' }, patience: '400ms', sends: 4 },
    faults: [{ name: 'slow', on: 'mongo', delay: { distribution: 'uniform', min: '20ms', max: '120ms' } }],
  },
  {
    name: 'timeline',
    about:
      'people who wait for nothing, three times as fast as recorded, and updates of one user handled side by side',
    bot: traced('grammy', 'orders.mjs', { BUG: 'race' }),
    play: { recording: PIZZA, pace: 'timeline', speed: 3 },
    copies: 12,
    faults: [{ name: 'slow', on: 'mongo', delay: { distribution: 'uniform', min: '20ms', max: '200ms' } }],
  },
  {
    name: 'restart',
    about: 'the bot is restarted in the middle',
    bot: traced('grammy', 'orders.mjs'),
    play: { recording: PIZZA, users: 20, arrivals: { rate: '10/s' }, patience: '4s' },
    faults: [{ name: 'restart', on: 'bot', match: { step: 3 }, effect: 'restart', times: 1 }],
  },
];
