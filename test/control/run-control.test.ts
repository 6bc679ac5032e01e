import { expect, onTestFinished, test } from 'vitest';
import { ControlServer } from '../../src/control/control-server.js';
import { RunControl } from '../../src/control/run-control.js';
import { FaultPlan } from '../../src/faults/plan.js';
import type { Fault } from '../../src/faults/schema.js';
import type { EventBody } from '../../src/history/events.js';
import { HitCounts, RunFaults } from '../../src/scenario/live-faults.js';
import { inProcess } from '../scenario/live-mongo-faults.js';

const SLOW: Fault = {
  name: 'slow',
  on: 'mongo',
  match: { commands: ['find'] },
  delay: { distribution: 'lognormal', median: 300, p99: 2000 },
  after: 60_000,
};

interface Got {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function rig(faults: readonly Fault[] = [SLOW]) {
  const events: EventBody[] = [];
  const emit = (event: EventBody): void => void events.push(event);
  const hits = new HitCounts();
  const watched = hits.watch(emit);
  const plan = new FaultPlan({ faults: [], seed: 'x', now: () => 0, emit: watched });
  plan.begin();
  const live = new RunFaults({ faults, plan, mongo: inProcess(faults, watched), ownsBot: true });
  const control = new RunControl();
  const server = await ControlServer.listen(0, control.routes);
  onTestFinished(() => server.close());
  const ask = async (method: string, path: string, body?: unknown): Promise<Got> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Got['body'] };
  };
  control.begin('hello');
  control.play({ scenario: 'hello', seed: 'x', faults: live, hits });
  return { ask, control, events, plan };
}

test('says how far a run has come, and what can be asked', async () => {
  const { ask, control } = await rig();
  control.reach({ phase: 'playing', atMs: 5, users: 3, done: 1, steps: 7 });
  control.reach({ phase: 'settling' });
  const { body } = await ask('GET', '/');
  expect(body.run).toEqual({
    scenario: 'hello',
    seed: 'x',
    phase: 'settling',
    users: 3,
    usersDone: 1,
    stepsDone: 7,
  });
  expect(body.routes).toHaveLength(7);
  control.end();
  expect((await ask('GET', '/')).body.run).toBeNull();
});

test('shows faults as a scenario file has them, and takes them as they are shown', async () => {
  const { ask, events } = await rig();
  const { body } = await ask('GET', '/faults');
  const shown = {
    name: 'slow',
    on: 'mongo',
    match: { commands: ['find'] },
    delay: { distribution: 'lognormal', median: '300ms', p99: '2s' },
    after: '60s',
  };
  expect(body).toEqual({
    faults: [{ fault: shown, is: 'on', hits: 0, explain: expect.stringContaining('MongoDB: find take') }],
  });
  expect(await ask('DELETE', '/faults/slow')).toEqual({ status: 200, body: { removed: 'slow' } });
  expect(await ask('POST', '/faults', shown)).toMatchObject({ status: 201, body: { fault: shown } });
  expect(events.map((event) => (event.type === 'fault.switched' ? event.to : event.type))).toEqual([
    'removed',
    'added',
  ]);
});

test('faults of every other point can be changed, too, and count their hits', async () => {
  const { ask, plan, events } = await rig([]);
  const added = await ask('POST', '/faults', { on: 'call', effect: 'reset', phase: 'after' });
  expect(added).toMatchObject({ status: 201, body: { fault: { name: 'call-1' }, is: 'on' } });
  expect(plan.decide('call', { method: 'sendMessage' }, {})).toHaveLength(1);
  expect((await ask('GET', '/faults/call-1')).body).toMatchObject({ hits: 1 });
  expect((await ask('POST', '/faults/call-1/off')).body).toMatchObject({ is: 'off' });
  expect(plan.decide('call', { method: 'sendMessage' }, {})).toEqual([]);
  expect((await ask('POST', '/faults/call-1/on')).body).toMatchObject({ is: 'on', hits: 1 });
  expect(events.at(-1)).toEqual({ type: 'fault.switched', fault: 'call-1', to: 'on' });
});

test.each([
  [undefined, 400, 'The body must be one fault'],
  [[SLOW], 400, 'The body must be one fault'],
  [
    { on: 'mongodb', delay: '1s' },
    400,
    '`fault.on` cannot be "mongodb". Did you mean `mongo`? Allowed: mongo,',
  ],
  [{ on: 'mongo', dleay: '1s' }, 400, 'unknown key `dleay`. Did you mean `delay`?'],
  [{ on: 'mongo', delay: 5 }, 400, '`fault.delay` must be a duration such as 250ms, 1.5s, 2m'],
  [{ on: 'mongo', effect: 'error' }, 400, '`fault.effect` error needs the key `error` with a `code`'],
  [
    { on: 'mongo', delay: { distribution: 'trace', file: '/etc/passwd' } },
    400,
    '`fault.delay.file` is for scenario files',
  ],
  [{ name: 'slow', on: 'call', delay: '1s' }, 409, 'There is already a fault called slow'],
  [
    { on: 'delivery', effect: 'duplicate' },
    409,
    'Such a fault on delivery cannot be added while a run goes on: Updates are delivered twice at once',
  ],
])('refuses %j', async (body, status, message) => {
  const { ask, events } = await rig();
  const got = await ask('POST', '/faults', body);
  expect(got).toMatchObject({ status, body: { error: expect.stringContaining(message) } });
  expect(events).toEqual([]);
});

test('there is nothing to change before people act and after the last of it', async () => {
  const { ask, control } = await rig();
  expect(await ask('POST', '/faults/fast/on')).toMatchObject({
    status: 404,
    body: { error: 'There is no fault called fast', hint: 'There are slow.' },
  });
  control.reach({ phase: 'stopping' });
  expect(await ask('GET', '/faults')).toMatchObject({
    status: 409,
    body: { error: expect.stringMatching(/^The run of hello is stopping; faults can be changed/) },
  });
  control.end();
  expect((await ask('POST', '/faults', {})).body.error).toMatch(/^No run is going on; /);
  control.begin('next');
  expect((await ask('GET', '/faults/slow')).body.error).toMatch(/^The run of next is starting; /);
});
