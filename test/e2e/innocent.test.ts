import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { viewOf } from '../../src/history/view.js';
import { judgeHistory } from '../../src/report/judge.js';
import { ROOT, Workplace } from './cli.js';

/**
 * Bots that do what looks wrong and is right: a line that stands twice by design, a menu as often as it is
 * asked for, a message that changes ten times, an album, news to everybody, reminders, three seconds of work.
 * Each has a twin that differs in one thing: it takes an update as often as it is delivered.
 */
const BOTS = join(ROOT, 'test/bots/innocent');

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

async function findings(bot: string, scenario: string) {
  const recording = join(BOTS, `${bot.replace('-unguarded', '')}.jsonl`);
  const yaml = join(ROOT, 'scenarios', `${scenario}.yaml`);
  const { stderr } = await place.sendtwice(
    'run',
    yaml,
    '--bot',
    join(BOTS, `${bot}.yaml`),
    '--recording',
    recording,
    '--seed',
    'innocent',
  );
  const events = await place.history();
  expect(stderr).toBe('');
  expect(viewOf(events).runEnded?.outcome).toBe('completed');
  return judgeHistory(events).summary;
}

describe.each(['concierge', 'patient'])('the %s', (bot) => {
  it('is innocent when nothing goes wrong', { timeout: 60_000 }, async () => {
    const { findings: none, verdict } = await findings(bot, 'smoke');
    expect(none).toEqual([]);
    expect(verdict).toBe('pass');
  });

  it('is innocent when updates are delivered twice', { timeout: 60_000 }, async () => {
    const { findings: none, verdict } = await findings(bot, 'repeated-delivery');
    expect(none).toEqual([]);
    expect(verdict).toBe('pass');
  });
});

it('the concierge without its guard is guilty of duplicates, and of nothing else', {
  timeout: 60_000,
}, async () => {
  const { findings: all, faults } = await findings('concierge-unguarded', 'repeated-delivery');
  const kinds = new Set(all.map(({ kind, cause }) => `${kind}: ${cause}`));
  expect([...kinds].sort()).toEqual([
    'duplicate-keyboard: delivered-twice',
    'duplicate-reply: delivered-twice',
  ]);
  // Each delivery too many shows at least one message too many.
  expect(all.length).toBeGreaterThanOrEqual(faults[0]?.hits ?? Number.POSITIVE_INFINITY);
});
