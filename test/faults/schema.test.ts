import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkFaults } from '../../src/faults/check.js';
import { faultSchema } from '../../src/faults/schema.js';

const faultsSchema = z.array(faultSchema).superRefine(checkFaults);

function issues(...faults: readonly unknown[]): string[] {
  const read = faultsSchema.safeParse(faults);
  return (read.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('faults of a file', () => {
  it('accepts what means something', () => {
    expect(
      issues(
        { on: 'mongo', delay: '100ms' },
        { on: 'mongo', name: 'lost', phase: 'after', effect: 'reset', times: 1 },
        { on: 'call', effect: 'error', error: { code: 429, retry_after: 3 }, every: '10s', for: '1s' },
        { on: 'delivery', effect: 'timeout', delay: '2s' },
        { on: 'update', effect: 'double-tap' },
        { on: 'bot', effect: 'kill', match: { step: 2 } },
      ),
    ).toEqual([]);
  });

  it('names the key of each contradiction', () => {
    const lognormal = { distribution: 'lognormal', median: '2s', p99: '1s' };
    expect([
      issues({ on: 'mongo' }),
      issues({ on: 'call', phase: 'after' }),
      issues({ on: 'mongo', effect: 'error' }),
      issues({ on: 'mongo', effect: 'reset', error: { code: 91 } }),
      issues({ on: 'mongo', effect: 'error', error: { code: 91, retry_after: 1 } }),
      issues({ on: 'call', effect: 'error', error: { code: 500, labels: ['x'] } }),
      issues({ on: 'call', effect: 'error', error: { code: 91 } }),
      issues({ on: 'mongo', delay: '1s', match: { commands: ['find', 'hello'] } }),
      issues({ on: 'delivery', effect: 'timeout' }),
      issues({ on: 'delivery', effect: 'lose-acknowledgement', delay: '1s' }),
      issues({ on: 'mongo', delay: '1s', every: '10s' }),
      issues({ on: 'mongo', delay: '1s', every: '10s', for: '10s' }),
      issues({ on: 'mongo', delay: '1s', for: '0s' }),
      issues({ on: 'mongo', delay: { distribution: 'uniform', min: '2s', max: '1s' } }),
      issues({ on: 'mongo', delay: { distribution: 'normal', mean: '20m', stddev: '1s' } }),
      issues({ on: 'mongo', delay: lognormal }),
      issues({ on: 'mongo', delay: { ...lognormal, median: '0s' } }),
      issues({ on: 'mongo', delay: '11m' }),
      issues({ on: 'bot', effect: 'kill', name: 'a' }, { on: 'bot', effect: 'restart', name: 'a' }),
    ]).toMatchInlineSnapshot(`
      [
        [
          "0: does nothing: give it a \`delay\`, an \`effect\` or both",
        ],
        [
          "0: does nothing: give it a \`delay\`, an \`effect\` or both",
        ],
        [
          "0.effect: error needs the key \`error\` with a \`code\`",
        ],
        [
          "0.error: needs \`effect: error\`; without it nobody would see it",
        ],
        [
          "0.error.retry_after: is for faults on call; MongoDB has no such field",
        ],
        [
          "0.error.labels: is for faults on mongo; the Bot API has no such field",
        ],
        [
          "0.error.code: must be 400 to 599: it is also the HTTP status of the answer",
        ],
        [
          "0.match.commands.1: hello keeps connections alive; no fault ever hits it",
        ],
        [
          "0.effect: timeout needs \`delay\`: how long Telegram waits for the answer",
        ],
        [
          "0.delay: has no meaning with lose-acknowledgement",
        ],
        [
          "0.every: needs \`for\`: how long the fault is on each time",
        ],
        [
          "0.every: must be longer than \`for\` (10 s)",
        ],
        [
          "0.for: must be longer than 0: the fault would never be on",
        ],
        [
          "0.delay.max: must not be shorter than \`min\`",
        ],
        [
          "0.delay.mean: must not be longer than 10 min",
        ],
        [
          "0.delay.p99: must not be shorter than \`median\`",
        ],
        [
          "0.delay.median: must be longer than 0",
        ],
        [
          "0.delay: must not be longer than 10 min",
        ],
        [
          "1.name: must be unique: another fault is called a",
        ],
      ]
    `);
  });

  it('has a JSON Schema of what people write', () => {
    const schema = z.toJSONSchema(faultsSchema, { io: 'input' });
    const [mongo] = (schema.items as { oneOf: { properties: Record<string, unknown> }[] }).oneOf;
    expect(mongo?.properties.on).toEqual({ type: 'string', const: 'mongo' });
    expect(mongo?.properties.after).toMatchObject({ type: 'string' });
  });
});
