import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/history/events.js';
import { DEMO_BOT as BOT, ROOT, Workplace } from './cli.js';

/** Outages, frozen processes and late repetitions, against the repaired demo bot: each must happen, and do no harm. */
const scenario = (fault: string, more = ''): string => `scenario: one-fault
play:
  recording: ${join(ROOT, 'recordings/order-dialogue.jsonl')}
  users: 1
  think: 20ms
  patience: 20s
  settle: 300ms
${more}faults:
  - { name: it, ${fault} }
`;

describe('faults of the bot process and of deliveries', { timeout: 90_000 }, () => {
  const place = new Workplace();
  afterAll(() => place.remove());
  place.write('bot.yaml', BOT);

  async function played(fault: string, more?: string): Promise<readonly HistoryEvent[]> {
    place.write('it.yaml', scenario(fault, more));
    const outcome = await place.sendtwice('run', 'it.yaml', '--bot', 'bot.yaml', '--seed', 'faults');
    expect(outcome, outcome.stdout).toMatchObject({ code: 0, stderr: '' });
    return place.history();
  }

  it('stop: the bot is away for that long, and what people sent meanwhile is answered afterwards', async () => {
    const events = await played('on: bot, match: { step: 3 }, effect: stop, lasts: 1500ms, times: 1');
    const exited = events.find((event) => event.type === 'bot.exited');
    const again = events.filter((event) => event.type === 'bot.started')[1];
    expect((again?.at ?? 0) - (exited?.at ?? 0)).toBeGreaterThanOrEqual(1500);
    const tries = events.filter(
      (event) => event.type === 'delivery.ended' && event.outcome === 'undelivered',
    );
    expect(tries.length).toBeGreaterThan(0);
  });

  it('freeze: the process stands still for that long and goes on', async () => {
    const events = await played('on: bot, match: { step: 3 }, effect: freeze, lasts: 1200ms, times: 1');
    const hit = events.find((event) => event.type === 'fault.hit');
    const calls = events.filter((event) => event.type === 'call.started' && event.at > (hit?.at ?? 0));
    expect((calls[0]?.at ?? 0) - (hit?.at ?? 0)).toBeGreaterThanOrEqual(1150);
    expect(events.filter((event) => event.type === 'bot.started')).toHaveLength(1);
  });

  it('repeat: an acknowledged update comes again, even when everybody is done by then', async () => {
    const events = await played('on: delivery, match: { step: 12 }, effect: repeat, delay: 1200ms, times: 1');
    const [first, second, ...others] = events.filter(
      (event) =>
        event.type === 'delivery.started' &&
        events.some((hit) => hit.type === 'fault.hit' && hit.updateId === event.updateId),
    );
    expect(others).toEqual([]);
    expect(second).toMatchObject({ attempt: 2, fault: 'it' });
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1200);
    expect(events[0]).toMatchObject({ delivery: 'adversarial' });
  });

  it('callback_expires: taps that are answered later are too old', async () => {
    place.write(
      'it.yaml',
      scenario(
        'on: mongo, delay: 120ms',
        'telegram: { callback_expires: 60ms }\nexpect: { lost_updates: 0, lost_states: 0 }\n',
      ),
    );
    await place.sendtwice('run', 'it.yaml', '--bot', 'bot.yaml', '--seed', 'faults');
    const events = await place.history();
    const refused = events.filter(
      (event) => event.type === 'call.ended' && /query is too old/.test(event.description ?? ''),
    );
    expect(refused.length).toBeGreaterThan(0);
  });

  it.each([
    ['on: bot, effect: stop', /stop needs `lasts`/],
    ['on: bot, effect: restart, lasts: 1s', /needs `effect: stop` or `effect: freeze`/],
    ['on: bot, effect: freeze, lasts: 20m', /must not be longer than 10 min/],
    ['on: delivery, effect: repeat', /repeat needs a fixed `delay`/],
  ])('refuses %s', async (fault, message) => {
    place.write('it.yaml', scenario(fault));
    const outcome = await place.sendtwice('run', 'it.yaml', '--bot', 'bot.yaml');
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(message);
  });
});
