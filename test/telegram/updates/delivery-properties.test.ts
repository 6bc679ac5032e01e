import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  answer,
  eventsOf,
  getUpdates,
  params,
  pushMessage,
  pushTap,
  type Reaction,
  type Rig,
  rig,
  setWebhook,
  silence,
} from './rig.js';

type Step =
  | { readonly do: 'say'; readonly who: number }
  | { readonly do: 'tap'; readonly who: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'react'; readonly as: Reaction }
  | { readonly do: 'network'; readonly is: 'up' | 'refuse' | 'hang' }
  | { readonly do: 'move-webhook' }
  | { readonly do: 'poll'; readonly limit: number };

const reaction = fc.oneof(
  fc
    .record({ status: fc.constantFrom(200, 200, 204, 500, 429, 302, 410), afterMs: fc.nat(5000) })
    .chain((some) =>
      fc
        .record({ keepAlive: fc.boolean(), retryAfterS: fc.constantFrom(0, 0, 3) })
        .map((more) => answer(some.status, { afterMs: some.afterMs, ...more })),
    ),
  fc.record({ is: fc.constant('end' as const), afterMs: fc.nat(100) }),
  fc.record({ is: fc.constant('end' as const), error: fc.constant('Connection reset by peer') }),
  fc.constant(silence),
);

const who = fc.integer({ min: 1, max: 4 });
const ms = fc.oneof(fc.nat(100), fc.nat(70_000));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('say' as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tap' as const), who }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('react' as const), as: reaction }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('network' as const),
      is: fc.constantFrom('up' as const, 'refuse' as const, 'hang' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move-webhook' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('poll' as const), limit: fc.integer({ min: 1, max: 5 }) }),
  },
);

async function play(made: Rig, steps: readonly Step[]): Promise<void> {
  const { bot, clock, updates } = made;
  let port = 8000;
  const useWebhook = async (): Promise<void> => {
    await clock.advance(1000);
    port += 1;
    await setWebhook(made, { url: `http://127.0.0.1:${port}/`, max_connections: 3 });
  };
  const poll = async (values: Record<string, number>) => {
    const found = getUpdates(made, values);
    // The same offset again within three seconds makes it wait.
    await clock.advance(3000);
    return found;
  };
  await useWebhook();
  for (const now of steps) {
    if (now.do === 'say') pushMessage(made, now.who);
    else if (now.do === 'tap') pushTap(made, now.who);
    else if (now.do === 'wait') await clock.advance(now.ms);
    else if (now.do === 'react') bot.react = () => now.as;
    else if (now.do === 'network') bot.network = now.is;
    else if (now.do === 'move-webhook') await useWebhook();
    else {
      await updates.deleteWebhook(params());
      const found = await poll({ limit: now.limit });
      const last = found.at(-1)?.update_id;
      if (last !== undefined) await poll({ offset: last + 1, limit: 1 });
      await useWebhook();
    }
  }
}

/** Reads the history and complains about the first thing that must not be. */
function check({ events }: Rig): { readonly open: ReadonlySet<number> } {
  const queueOf = new Map<number, string>();
  const waiting = new Map<string, number[]>();
  const inFlight = new Map<string, number>();
  const open = new Set<number>();
  const leave = (id: number): void => {
    const queue = queueOf.get(id) ?? '';
    waiting.set(
      queue,
      (waiting.get(queue) ?? []).filter((other) => other !== id),
    );
    if (!open.delete(id)) throw new Error(`update ${id} left twice`);
  };
  for (const event of events) {
    if (event.type === 'update.queued') {
      queueOf.set(event.updateId, event.queue);
      waiting.set(event.queue, [...(waiting.get(event.queue) ?? []), event.updateId]);
      open.add(event.updateId);
    } else if (event.type === 'delivery.started' && event.via === 'webhook') {
      const queue = queueOf.get(event.updateId) ?? '';
      const other = inFlight.get(queue);
      if (other !== undefined) throw new Error(`${other} and ${event.updateId} of queue ${queue} at once`);
      const head = waiting.get(queue)?.[0];
      if (head !== event.updateId) throw new Error(`${event.updateId} overtook ${head} in queue ${queue}`);
      inFlight.set(queue, event.updateId);
    } else if (event.type === 'delivery.ended') {
      const queue = queueOf.get(event.updateId) ?? '';
      if (inFlight.get(queue) === event.updateId) inFlight.delete(queue);
      if (event.outcome === 'acknowledged') leave(event.updateId);
    } else if (event.type === 'update.dropped') {
      leave(event.updateId);
    }
  }
  return { open };
}

test('whatever happens, queues keep their order, one update at a time, and nothing gets lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const made = rig();
      await play(made, steps);
      const { open } = check(made);
      // What is open is pending. A sweep may have taken what the engine still holds, which only makes it less.
      expect(made.updates.webhookInfo().pending_update_count).toBeLessThanOrEqual(open.size);

      // A bot that has recovered gets everything that is left.
      made.bot.network = 'up';
      made.bot.react = () => answer(200);
      await made.clock.advance(600_000);
      expect([...check(made).open]).toEqual([]);
      const ends = new Set(
        [...eventsOf(made, 'delivery.ended'), ...eventsOf(made, 'update.dropped')].map(
          ({ updateId }) => updateId,
        ),
      );
      for (const { updateId } of eventsOf(made, 'update.queued')) expect(ends).toContain(updateId);

      await made.updates.close();
      expect(made.bot.open).toBe(0);
      expect(made.clock.pending).toBe(0);
      const started = eventsOf(made, 'delivery.started').map(({ delivery }) => delivery);
      const ended = eventsOf(made, 'delivery.ended').map(({ delivery }) => delivery);
      expect(ended.toSorted()).toEqual(started.toSorted());
    }),
    { numRuns: 400 },
  );
});
