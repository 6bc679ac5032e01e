import { expect, test } from 'vitest';
import { FaultPlan } from '../../src/faults/plan.js';
import type { Fault } from '../../src/faults/schema.js';
import type { EventBody } from '../../src/history/events.js';
import { HitCounts, RunFaults } from '../../src/scenario/live-faults.js';
import { inProcess } from './live-mongo-faults.js';

const CALL: Fault = { name: 'calls', on: 'call', delay: 10 };
const MONGO: Fault = { name: 'slow', on: 'mongo', delay: 10 };

function rig({ faults = [CALL, MONGO], ownsBot = true }: { faults?: Fault[]; ownsBot?: boolean } = {}) {
  const events: EventBody[] = [];
  const emit = (event: EventBody): void => void events.push(event);
  const plan = new FaultPlan({
    faults: faults.filter(({ on }) => !on.startsWith('mongo')),
    seed: 'x',
    now: () => 0,
    emit,
  });
  plan.begin();
  return { events, plan, live: new RunFaults({ faults, plan, mongo: inProcess(faults, emit), ownsBot }) };
}

test('each change goes to where the fault lives, and is told once', async () => {
  const { events, live } = rig();
  await live.switch('calls', 'off');
  await live.switch('slow', 'off');
  await live.remove('calls');
  await live.add({ name: 'away', on: 'mongo-connection', effect: 'refuse' });
  expect(events).toEqual([
    { type: 'fault.switched', fault: 'calls', to: 'off' },
    { type: 'fault.switched', fault: 'slow', to: 'off' },
    { type: 'fault.switched', fault: 'calls', to: 'removed' },
    {
      type: 'fault.switched',
      fault: 'away',
      to: 'added',
      on: 'mongo-connection',
      explain: 'MongoDB: new connections are refused',
    },
  ]);
  expect(live.list().map(({ fault, isOn }) => [fault.name, isOn])).toEqual([
    ['slow', false],
    ['away', true],
  ]);
  expect(live.ever.map(({ name }) => name)).toEqual(['calls', 'slow', 'away']);
});

test('names are unique over all points, and free again once their fault is gone', async () => {
  const { live } = rig();
  const taken = { code: 'usage/bad-argument', message: 'There is already a fault called slow' };
  await expect(live.add({ ...CALL, name: 'slow' })).rejects.toMatchObject(taken);
  // Asked for at once: the second finds what the first has made of it.
  const gone = live.remove('slow');
  await live.add({ ...CALL, name: 'slow' });
  await gone;
  await expect(live.add(MONGO)).rejects.toMatchObject(taken);
  await expect(live.remove('nobody')).rejects.toThrow('There is no fault called nobody');
  await expect(live.switch('nobody', 'on')).rejects.toThrow('There is no fault called nobody');
  await live.switch('slow', 'off');
});

test('refuses what its history could not be told with, and what nobody could carry out', async () => {
  const { live, events } = rig({ ownsBot: false });
  await expect(
    live.add({ name: 'impatient', on: 'delivery', effect: 'timeout', delay: 1000 }),
  ).rejects.toThrow("Telegram waits 1 s for the webhook's answer instead of 60 s");
  await expect(live.add({ name: 'kill', on: 'bot', effect: 'kill' })).rejects.toThrow(
    'The bot was not started by this run',
  );
  await live.add({ name: 'lost', on: 'delivery', effect: 'lose-acknowledgement' });
  expect(events).toHaveLength(1);
});

test('hits are counted as they are told', () => {
  const told: EventBody[] = [];
  const hits = new HitCounts();
  const emit = hits.watch((event) => void told.push(event));
  emit({ type: 'fault.hit', fault: 'slow', on: 'mongo', effect: 'delay' });
  emit({ type: 'play.ended' });
  emit({ type: 'fault.hit', fault: 'slow', on: 'mongo', effect: 'delay' });
  expect([hits.of('slow'), hits.of('other'), told.length]).toEqual([2, 0, 3]);
});
