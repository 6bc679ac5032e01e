import { describe, expect, it } from 'vitest';
import { commandId } from '../../src/base/ids.js';
import { FaultPlan, type Target } from '../../src/faults/plan.js';
import type { Fault, MongoFault } from '../../src/faults/schema.js';
import type { EventBody } from '../../src/history/events.js';

interface Rig {
  readonly plan: FaultPlan;
  readonly events: EventBody[];
  /** Moves the clock to this many milliseconds after the play began. */
  at(ms: number): void;
}

const BEGUN_AT = 7000;

function rig(faults: readonly Fault[], seed = 'plan.test'): Rig {
  const events: EventBody[] = [];
  let now = BEGUN_AT;
  const plan = new FaultPlan({ faults, seed, now: () => now, emit: (event) => events.push(event) });
  plan.begin();
  return {
    plan,
    events,
    at: (ms) => {
      now = BEGUN_AT + ms;
    },
  };
}

function finds(plan: FaultPlan, count: number): boolean[] {
  return Array.from({ length: count }, () => plan.decide('mongo', { name: 'find' }, {}).length > 0);
}

const slow = { name: 'slow', on: 'mongo', delay: 100 } as const;

describe('FaultPlan', () => {
  it('matches MongoDB commands by filter, client and connection', () => {
    const hits = (match: MongoFault['match'], target: Partial<Target['mongo']> = {}): boolean => {
      const { plan } = rig([{ ...slow, match }]);
      return plan.decide('mongo', { name: 'find', ...target }, {}).length > 0;
    };
    const filter = () => ['chat', 'user'];
    expect(hits({ filter: ['user', 'chat'] }, { filter })).toBe(true);
    expect(hits({ filter: ['user'] }, { filter })).toBe(false);
    expect(hits({ filter: [] }, { filter: () => [] })).toBe(true);
    expect(hits({ filter: [] }, { filter: () => undefined })).toBe(false);
    expect(hits({ app: 'shop' }, { app: 'shop' })).toBe(true);
    expect(hits({ app: 'shop' })).toBe(false);
    expect(hits({ connection: 2 }, { connection: 2 })).toBe(true);
    expect(hits({ connection: 2 }, { connection: 3 })).toBe(false);
  });

  it('knows from the name and the collection what it cannot hit', () => {
    const { plan, events } = rig([
      { ...slow, match: { commands: ['Update'], collection: 'orders', database: 'shop' }, times: 1 },
      { on: 'mongo-connection', name: 'few', effect: 'limit', connections: 2 },
    ]);
    const may = (name: string, collection?: string) => plan.mayHit(name, collection);
    expect([may('update', 'orders'), may('update')]).toEqual([true, true]);
    expect([may('update', 'chats'), may('find', 'orders'), may('find')]).toEqual([false, false, false]);
    const target = { name: 'update', collection: 'orders', database: 'shop' };
    expect(plan.decide('mongo', target, {})).toHaveLength(1);
    expect(events).toHaveLength(1);
    plan.switch('slow', 'off');
    expect(may('update', 'orders')).toBe(false);
    const unbegun = new FaultPlan({ faults: [slow], seed: '', now: () => 0, emit: () => {} });
    expect([unbegun.mayHit('find', 'a'), rig([slow]).plan.mayHit('find', 'a')]).toEqual([false, true]);
  });

  it('counts open connections', () => {
    const { plan } = rig([{ on: 'mongo-connection', name: 'few', effect: 'limit', connections: 2 }]);
    const hits = [1, 2, 3].map(
      (open) => plan.decide('mongo-connection', { connection: open, open }, {}).length,
    );
    expect(hits).toEqual([0, 0, 1]);
  });

  it('lets faults be added, switched and removed', () => {
    const { plan, events } = rig([slow]);
    expect(plan.concerns('mongo-heartbeat')).toBe(false);
    expect(plan.add({ on: 'mongo-heartbeat', name: 'beat', effect: 'close' })).toBe('added');
    expect(plan.add({ ...slow, name: 'beat' })).toBe('name-taken');
    expect(plan.concerns('mongo-heartbeat')).toBe(true);
    expect(plan.switch('slow', 'off')).toBe(true);
    expect([finds(plan, 1), plan.concerns('mongo')]).toEqual([[false], false]);
    expect(plan.switch('slow', 'on')).toBe(true);
    expect(finds(plan, 1)).toEqual([true]);
    expect([plan.remove('slow'), plan.remove('slow'), plan.switch('slow', 'on')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(finds(plan, 1)).toEqual([false]);
    expect(events.filter(({ type }) => type === 'fault.switched')).toEqual([
      {
        type: 'fault.switched',
        fault: 'beat',
        to: 'added',
        on: 'mongo-heartbeat',
        explain: expect.stringMatching(/^MongoDB: /),
      },
      { type: 'fault.switched', fault: 'slow', to: 'off' },
      { type: 'fault.switched', fault: 'slow', to: 'on' },
      { type: 'fault.switched', fault: 'slow', to: 'removed' },
    ]);
  });

  it('is off until the play begins', () => {
    const plan = new FaultPlan({ faults: [slow], seed: 's', now: () => 0, emit: () => {} });
    expect(finds(plan, 1)).toEqual([false]);
    plan.begin();
    expect(finds(plan, 1)).toEqual([true]);
  });

  it('reports each hit with what was hit', () => {
    const { plan, events } = rig([{ ...slow, phase: 'after', effect: 'error', error: { code: 91 } }]);
    const hits = plan.decide('mongo', { name: 'find' }, { command: commandId('m1.1') });
    expect(hits).toMatchObject([
      { fault: 'slow', on: 'mongo', phase: 'after', delayMs: 100, effect: 'error', error: { code: 91 } },
    ]);
    expect(events).toEqual([
      {
        type: 'fault.hit',
        fault: 'slow',
        on: 'mongo',
        effect: 'error',
        phase: 'after',
        delayMs: 100,
        command: 'm1.1',
      },
    ]);
  });

  it('matches commands, database and collection', () => {
    const match = { commands: ['find', 'update'], database: 'shop', collection: 'sessions' };
    const { plan } = rig([{ ...slow, match }]);
    const hit = (name: string, database?: string, collection?: string): boolean =>
      plan.decide(
        'mongo',
        {
          name,
          ...(database !== undefined && { database }),
          ...(collection !== undefined && { collection }),
        },
        {},
      ).length === 1;
    expect(hit('update', 'shop', 'sessions')).toBe(true);
    expect(hit('insert', 'shop', 'sessions')).toBe(false);
    expect(hit('find', 'other', 'sessions')).toBe(false);
    expect(hit('find', 'shop', 'orders')).toBe(false);
    expect(hit('find')).toBe(false);
  });

  it('matches methods, kinds, attempts and steps, each on its own point', () => {
    const { plan } = rig([
      { name: 'send', on: 'call', match: { methods: ['sendmessage'] }, effect: 'reset' },
      { name: 'twice', on: 'delivery', match: { kinds: ['message'], attempt: 2 }, effect: 'duplicate' },
      { name: 'tap', on: 'update', match: { step: 3 }, effect: 'double-tap' },
      { name: 'stop', on: 'bot', match: { step: 4 }, effect: 'kill' },
    ]);
    expect(plan.decide('call', { method: 'sendMessage' }, {})).toHaveLength(1);
    expect(plan.decide('call', { method: 'getMe' }, {})).toHaveLength(0);
    expect(plan.decide('delivery', { kind: 'message', attempt: 2, via: 'webhook' }, {})).toHaveLength(1);
    expect(plan.decide('delivery', { kind: 'message', attempt: 1, via: 'webhook' }, {})).toHaveLength(0);
    expect(plan.decide('delivery', { kind: 'callback_query', attempt: 2, via: 'webhook' }, {})).toHaveLength(
      0,
    );
    expect(plan.decide('update', { effects: ['double-tap'], step: 3 }, {})).toHaveLength(1);
    expect(plan.decide('update', { effects: ['double-tap'], step: 2 }, {})).toHaveLength(0);
    expect(plan.decide('bot', { when: 'before-step', instance: 1, step: 4 }, {})).toHaveLength(1);
    expect(plan.decide('bot', { when: 'before-step', instance: 1, step: 5 }, {})).toHaveLength(0);
  });

  it('tells strikes before a step from those after an acknowledgement, and instances from each other', () => {
    const { plan } = rig([
      { name: 'before', on: 'bot', match: { step: 4 }, effect: 'kill' },
      { name: 'second', on: 'bot', match: { instance: 2 }, effect: 'kill' },
      { name: 'after', on: 'bot', when: 'acknowledged', match: { kinds: ['message'] }, effect: 'kill' },
      { name: 'after-second', on: 'bot', when: 'acknowledged', match: { instance: 2 }, effect: 'restart' },
      { name: 'idle', on: 'bot', when: 'acknowledged', effect: 'freeze', lasts: 'next-delivery' },
    ]);
    const hit = (target: Target['bot']): string[] => plan.decide('bot', target, {}).map(({ fault }) => fault);
    const step = { when: 'before-step', step: 4 } as const;
    const polled = { when: 'acknowledged', kind: 'message', via: 'polling' } as const;
    const tap = { when: 'acknowledged', kind: 'callback_query', via: 'webhook' } as const;
    expect(hit({ ...step, instance: 1 })).toEqual(['before']);
    expect(hit({ ...step, instance: 2 })).toEqual(['second']);
    expect(hit({ ...step, step: 3, instance: 1 })).toEqual([]);
    expect(hit({ ...polled, instance: 1 })).toEqual(['after']);
    // Of several that poll nobody knows which one it was, so none is struck.
    expect(hit(polled)).toEqual([]);
    expect(hit({ ...tap, instance: 1 })).toEqual(['idle']);
    expect(hit({ ...tap, instance: 2 })).toEqual(['after-second']);
  });

  it('lets `skip` matches pass and stops after `times` hits', () => {
    const { plan } = rig([{ ...slow, skip: 2, times: 3 }]);
    expect(finds(plan, 7)).toEqual([false, false, true, true, true, false, false]);
  });

  it('counts only what matches within the window', () => {
    const { plan, at } = rig([{ ...slow, skip: 1, times: 1, after: 1000, for: 1000, every: 5000 }]);
    expect(finds(plan, 2)).toEqual([false, false]);
    at(1500);
    expect(finds(plan, 1)).toEqual([false]);
    at(2500);
    expect(finds(plan, 1)).toEqual([false]);
    at(6500);
    expect(finds(plan, 2)).toEqual([true, false]);
  });

  it('draws for a subject by its name alone, whatever comes before it', () => {
    const often: Fault = { name: 'often', on: 'update', effect: 'double-tap', probability: 0.5 };
    const subjects = Array.from({ length: 40 }, (_, index) => `u${index}/1`);
    const hitsIn = (order: readonly string[]): string[] => {
      const { plan } = rig([often]);
      plan.begin();
      return order.filter(
        (subject) => plan.decide('update', { step: 1, effects: ['double-tap'] }, {}, subject).length > 0,
      );
    };
    const hits = hitsIn(subjects);
    expect(hits.length).toBeGreaterThan(5);
    expect(hits.length).toBeLessThan(35);
    expect(hitsIn([...subjects].reverse()).sort()).toEqual([...hits].sort());
  });

  it('hits with about the given probability', () => {
    const { plan } = rig([{ ...slow, probability: 0.3 }]);
    const share = finds(plan, 10_000).filter(Boolean).length / 10_000;
    expect(share).toBeGreaterThan(0.28);
    expect(share).toBeLessThan(0.32);
  });

  it('draws the same again from the same seed, and something else from another', () => {
    const faults = [{ ...slow, probability: 0.5 }];
    expect(finds(rig(faults, 'a').plan, 50)).toEqual(finds(rig(faults, 'a').plan, 50));
    expect(finds(rig(faults, 'a').plan, 50)).not.toEqual(finds(rig(faults, 'b').plan, 50));
  });

  it('does not shift the draws of a fault when another is added', () => {
    const spread = { distribution: 'uniform', min: 0, max: 1000 } as const;
    const first: Fault = { name: 'first', on: 'mongo', delay: spread, probability: 0.5 };
    const second: Fault = { name: 'second', on: 'mongo', delay: spread, probability: 0.5 };
    const delays = (faults: readonly Fault[]): number[] => {
      const { plan } = rig(faults);
      return Array.from({ length: 100 }, () => plan.decide('mongo', { name: 'find' }, {}))
        .flatMap((hits) => hits.filter((hit) => hit.fault === 'first'))
        .map((hit) => hit.delayMs);
    };
    const alone = delays([first]);
    expect(alone.length).toBeGreaterThan(20);
    expect(delays([second, first])).toEqual(alone);
  });

  it('lets only the first effect come about, and nothing after what it stopped', () => {
    const { plan, events } = rig([
      { name: 'slow-answer', on: 'mongo', phase: 'after', delay: 50 },
      slow,
      { name: 'refuse', on: 'mongo', effect: 'error', error: { code: 91 } },
      { name: 'lose', on: 'mongo', phase: 'after', effect: 'reset' },
    ]);
    const hits = plan.decide('mongo', { name: 'find' }, {});
    expect(hits.map((hit) => hit.fault)).toEqual(['slow', 'refuse']);
    expect(events).toHaveLength(2);
  });

  it('lets the effects of deliveries go together', () => {
    const { plan } = rig([
      { name: 'twice', on: 'delivery', effect: 'duplicate' },
      { name: 'short', on: 'delivery', effect: 'timeout', delay: 2000 },
    ]);
    expect(plan.decide('delivery', { kind: 'message', attempt: 1, via: 'webhook' }, {})).toHaveLength(2);
  });

  it('over polling, where nobody waits for an answer, lets only duplicates hit', () => {
    const { plan } = rig([
      { name: 'twice', on: 'delivery', effect: 'duplicate' },
      { name: 'short', on: 'delivery', effect: 'timeout', delay: 2000 },
      { name: 'lost', on: 'delivery', effect: 'lose-acknowledgement' },
    ]);
    const hits = plan.decide('delivery', { kind: 'message', attempt: 1, via: 'polling' }, {});
    expect(hits.map(({ fault }) => fault)).toEqual(['twice']);
  });
});
