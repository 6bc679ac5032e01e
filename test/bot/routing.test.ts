import { describe, expect, it } from 'vitest';
import { type Route, Routing } from '../../src/bot/routing.js';

const CHATS = ['11', '12', '13', '14', '15', '16'];

/** Who gets the deliveries of these chats, in this order. */
function chosen(
  route: Route,
  chats: readonly string[],
  seed = 'one',
  instances = 3,
): Record<string, number[]> {
  const routing = new Routing({ route, instances, seed });
  const got: Record<string, number[]> = {};
  for (const chat of chats) {
    const mine = got[chat] ?? [];
    got[chat] = [...mine, routing.next(chat, `${chat}.${mine.length + 1}`)];
  }
  return got;
}

const inTurn = Array.from({ length: 6 }, () => CHATS).flat();
const oneByOne = CHATS.flatMap((chat) => Array.from({ length: 6 }, () => chat));

describe('routing', () => {
  it.each(['round-robin', 'random', 'sticky', 'first'] as const)(
    '%s: depends on the seed, and not on whose delivery comes first',
    (route) => {
      expect(chosen(route, inTurn)).toEqual(chosen(route, oneByOne));
      for (const instance of Object.values(chosen(route, inTurn)).flat()) {
        expect([1, 2, 3]).toContain(instance);
      }
      const isDrawn = route !== 'first';
      expect(JSON.stringify(chosen(route, inTurn)) !== JSON.stringify(chosen(route, inTurn, 'two'))).toBe(
        isDrawn,
      );
    },
  );

  it('round-robin: the instances take turns with each chat', () => {
    for (const [a = 0, b, c, ...again] of Object.values(chosen('round-robin', oneByOne))) {
      expect([b, c]).toEqual([(a % 3) + 1, ((a + 1) % 3) + 1]);
      expect(again).toEqual([a, b, c]);
    }
  });

  it('sticky: one instance for a chat, and not the same for all', () => {
    const kept = Object.values(chosen('sticky', oneByOne)).map((instances) => new Set(instances));
    for (const instances of kept) expect(instances.size).toBe(1);
    expect(new Set(kept.flatMap((instances) => [...instances])).size).toBeGreaterThan(1);
  });

  it('first: the others get nothing', () => {
    expect(new Set(Object.values(chosen('first', inTurn)).flat())).toEqual(new Set([1]));
  });
});
