import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.js';
import { WorldTimers } from '../../src/telegram/world-timers.js';

it('forgets the oldest timer when there are too many', async () => {
  const clock = new ManualClock();
  const timers = new WorldTimers(clock, 3);
  const ran: number[] = [];
  for (const i of [1, 2, 3, 4, 5]) timers.set(1000, () => ran.push(i));
  await clock.advance(1000);
  expect(ran).toEqual([3, 4, 5]);
  timers.close();
});
