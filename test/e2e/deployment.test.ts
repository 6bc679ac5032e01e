import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EventOf, HistoryEvent } from '../../src/history/events.js';
import { DEMO_BOT as BOT, ROOT, Workplace } from './cli.js';

/** How a bot is run, with the demo bot in real processes: several behind a router, struck after answers, started wrongly. */
const scenario = (more: string, patience = '20s'): string => `scenario: one-bot
play:
  recording: ${join(ROOT, 'recordings/order-dialogue.jsonl')}
  users: 1
  think: 20ms
  patience: ${patience}
  settle: 300ms
${more}`;

const all = <T extends HistoryEvent['type']>(events: readonly HistoryEvent[], type: T) =>
  events.filter((event): event is EventOf<T> => event.type === type);

describe('how a bot is run', { timeout: 120_000 }, () => {
  const place = new Workplace();
  afterAll(() => place.remove());

  async function played(more: string, bot = BOT, patience?: string) {
    place.write('bot.yaml', bot);
    place.write('it.yaml', scenario(more, patience));
    const outcome = await place.sendtwice('run', 'it.yaml', '--bot', 'bot.yaml', '--seed', 'deployed');
    return { outcome, events: await place.history() };
  }

  it('two instances take turns behind one webhook, and what they do is attributed exactly', async () => {
    const { outcome, events } = await played('bot: { instances: 2 }\n');
    expect(outcome, outcome.stdout).toMatchObject({ code: 0, stderr: '' });
    const took = all(events, 'delivery.started').map(({ instance }) => instance);
    expect(took.length).toBeGreaterThan(8);
    for (const [index, instance] of took.entries()) expect(instance).toBe(took[index % 2]);
    expect(new Set(took)).toEqual(new Set([1, 2]));
    expect(all(events, 'bot.started').map(({ instance }) => instance)).toEqual([1, 2]);
    expect(all(events, 'run.started')[0]?.environment).toMatchObject({ instances: 2, route: 'round-robin' });
    expect(all(events, 'warning')).toEqual([]);
  });

  it('a fault sends one delivery to another instance, and a bot that keeps its state to itself is found out', async () => {
    const { outcome, events } = await played(
      `bot: { instances: 2, route: first }
faults: [{ name: there, on: delivery, match: { step: 4 }, effect: route, to: 2 }]
`,
      `${BOT}  DEMO_BUGS: memory-state\n`,
      '3s',
    );
    expect(outcome.code, outcome.stdout).toBe(1);
    expect(outcome.stdout).toContain('state-not-shared');
    expect(outcome.stdout).toContain('to instance 2');
    const hit = all(events, 'fault.hit')[0];
    const others = all(events, 'delivery.started').filter(({ instance }) => instance === 2);
    expect(others.map(({ delivery }) => delivery)).toEqual(
      all(events, 'fault.hit').map(({ delivery }) => delivery),
    );
    expect(hit).toMatchObject({ effect: 'route', on: 'delivery' });
  });

  it('an instance that is down is no fault of the bot: the update was not delivered, and comes again', async () => {
    const { outcome, events } = await played(`bot: { instances: 2, route: first }
faults: [{ name: down, on: bot, match: { step: 3 }, effect: stop, signal: KILL, lasts: 1500ms, times: 1 }]
`);
    expect(outcome, outcome.stdout).toMatchObject({ code: 0, stderr: '' });
    const missed = all(events, 'delivery.ended').filter(({ status }) => status === 502);
    expect(missed.length).toBeGreaterThan(0);
    expect(new Set(missed.map((event) => event.outcome))).toEqual(new Set(['undelivered']));
  });

  it('kills in the moment of the acknowledgement: what was not stored is lost, what was is not', async () => {
    const more = `
faults:
  - { name: slow, on: mongo, match: { commands: [find] }, delay: 300ms }
  - { name: kill, on: bot, when: acknowledged, match: { step: 2 }, effect: kill, times: 1 }
`;
    const careless = await played(more, `${BOT}  DEMO_BUGS: no-update-guard\n`, '4s');
    const hit = all(careless.events, 'fault.hit').find(({ fault }) => fault === 'kill');
    const answered = all(careless.events, 'delivery.ended').find(
      ({ delivery }) => delivery === hit?.delivery,
    );
    expect(answered).toMatchObject({ outcome: 'acknowledged' });
    // The very same turn of the harness: nothing lies between the two but the writing of an event.
    expect(Math.abs((hit?.at ?? 0) - (answered?.at ?? 0))).toBeLessThan(20);
    // What it had sent by then (it stops the spinner at once) may still arrive; it says nothing more.
    const calls = all(careless.events, 'call.started').filter(
      ({ at, method }) =>
        method === 'sendMessage' &&
        at > (answered?.at ?? 0) &&
        at < (all(careless.events, 'bot.started')[1]?.at ?? 0),
    );
    expect(calls).toEqual([]);
    expect(careless.outcome.code, careless.outcome.stdout).toBe(1);
    expect(careless.outcome.stdout).toMatch(/resend-needed-1 .*\n.*\n.*restart: /);
    const careful = await played(more);
    expect(careful.outcome, careful.outcome.stdout).toMatchObject({ code: 0, stderr: '' });
  });

  it('lets the process stand still between two requests, and go on with the next', async () => {
    const more = `faults: [{ name: idle, on: bot, when: acknowledged, effect: freeze, lasts: next-delivery }]\n`;
    const { outcome, events } = await played(more, `${BOT}  DEMO_BUGS: slow-ack\n`);
    expect(outcome, outcome.stdout).toMatchObject({ code: 0, stderr: '' });
    const acknowledged = all(events, 'delivery.ended').filter((event) => event.outcome === 'acknowledged');
    expect(all(events, 'fault.hit').map(({ delivery }) => delivery)).toEqual(
      acknowledged.map(({ delivery }) => delivery),
    );
    expect(all(events, 'bot.started')).toHaveLength(1);
  });

  it('strikes the instance that is meant', async () => {
    const { outcome, events } = await played(`bot: { instances: 2 }
faults: [{ name: second, on: bot, match: { step: 3, instance: 2 }, effect: restart, times: 1 }]
`);
    expect(outcome, outcome.stdout).toMatchObject({ code: 0, stderr: '' });
    expect(all(events, 'fault.hit')[0]).toMatchObject({ instance: 2 });
    expect(all(events, 'bot.started').map(({ instance }) => instance)).toEqual([1, 2, 2]);
  });

  it('glues two variables together: a bot that says so and ends is right', async () => {
    const { outcome, events } = await played('bot: { glue: [telegram.token, mongo.uri] }\n');
    expect(outcome, outcome.stdout).toMatchObject({ code: 0, stderr: '' });
    expect(all(events, 'environment.glued')[0]).toMatchObject({ first: 'BOT_TOKEN', second: 'MONGO_URI' });
    expect(all(events, 'play.started')).toEqual([]);
    expect(all(events, 'run.ended')[0]).toMatchObject({ outcome: 'completed' });
  });

  it('names the variable that is glued when a bot does not start and nobody wanted that', async () => {
    const { outcome } = await played(
      '',
      BOT.replace('${telegram.token}\n', '${telegram.token}MONGO_URI=mongodb://127.0.0.1:1/x\n').replace(
        '  MONGO_URI: ${mongo.uri}\n',
        '',
      ),
    );
    expect(outcome.code).toBe(3);
    expect(outcome.stdout + outcome.stderr).toContain(
      'The value of BOT_TOKEN looks as if MONGO_URI=… had been glued to it',
    );
  });
});
