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
        { on: 'update', effect: 'text-beside-tap', text: 'wait' },
        { on: 'update', effect: 'start-over', match: { step: 2 } },
        { on: 'update', effect: 'malformed', shapes: ['no-sender'] },
        { on: 'update', effect: 'forged', secret: 'wrong', text: '/start' },
        { on: 'telegram', effect: 'other-poller', lasts: '5s' },
        { on: 'bot', effect: 'kill', match: { step: 2 } },
        { on: 'bot', effect: 'kill', when: 'acknowledged', match: { kinds: ['message'], instance: 2 } },
        { on: 'bot', effect: 'freeze', when: 'acknowledged', lasts: 'next-delivery' },
        { on: 'delivery', effect: 'route', to: 2, match: { step: 3 } },
        { on: 'mongo', match: { filter: [], app: 'shop', connection: 1 }, effect: 'stall' },
        {
          on: 'mongo',
          effect: 'lose-acknowledgement',
          delay: { distribution: 'pareto', min: '5ms', alpha: 1.2 },
        },
        { on: 'mongo', delay: { distribution: 'trace', file: 'delays.txt' }, per: 'kilobyte' },
        { on: 'mongo', effect: 'drip', drip: { bytes: 7, every: '10ms' } },
        { on: 'mongo', effect: 'step-down', lasts: '2s', phase: 'after' },
        { on: 'mongo', phase: 'after', effect: 'error', error: { code: 64, write_concern: true } },
        { on: 'mongo', effect: 'overload' },
        { on: 'mongo-connection', effect: 'limit', connections: 3 },
        { on: 'mongo-heartbeat', delay: '2s', effect: 'reset' },
      ),
    ).toEqual([]);
  });

  it('says which effect on an update a key belongs to', () => {
    expect([
      issues({ on: 'update', effect: 'start-over', delay: '1s' }),
      issues({ on: 'update', effect: 'double-tap', text: 'x' }),
      issues({ on: 'update', effect: 'unknown-kind', shapes: ['no-sender'] }),
      issues({ on: 'update', effect: 'malformed', secret: 'wrong' }),
      issues({ on: 'update', effect: 'start-over', match: { step: 1 } }),
      issues({ on: 'telegram', effect: 'other-poller', lasts: '0s' }),
    ]).toEqual([
      ['0.delay: needs `effect: double-tap`'],
      ['0.text: needs `effect: text-beside-tap` or `effect: forged`'],
      ['0.shapes: needs `effect: malformed`'],
      ['0.secret: needs `effect: forged`'],
      ['0.match.step: must be 2 or more: whoever is at the first step cannot begin anew'],
      ['0.lasts: must be longer than 0 and not longer than 10 min'],
    ]);
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
      issues({ on: 'delivery', effect: 'route' }),
      issues({ on: 'delivery', effect: 'route', to: 2, delay: '1s' }),
      issues({ on: 'delivery', effect: 'duplicate', to: 2 }),
      issues({ on: 'bot', effect: 'freeze', lasts: 'next-delivery' }),
      issues({ on: 'bot', effect: 'stop', when: 'acknowledged', lasts: 'next-delivery' }),
      issues({ on: 'bot', effect: 'kill', match: { kinds: ['message'] } }),
      issues({ on: 'mongo', delay: '1s', every: '10s' }),
      issues({ on: 'mongo', delay: '1s', every: '10s', for: '10s' }),
      issues({ on: 'mongo', delay: '1s', for: '0s' }),
      issues({ on: 'mongo', delay: { distribution: 'uniform', min: '2s', max: '1s' } }),
      issues({ on: 'mongo', delay: { distribution: 'normal', mean: '20m', stddev: '1s' } }),
      issues({ on: 'mongo', delay: lognormal }),
      issues({ on: 'mongo', delay: { ...lognormal, median: '0s' } }),
      issues({ on: 'mongo', delay: '11m' }),
      issues({ on: 'mongo', phase: 'before', effect: 'truncate' }),
      issues({ on: 'mongo', per: 'kilobyte', effect: 'reset' }),
      issues({ on: 'mongo', effect: 'drip' }),
      issues({ on: 'mongo', effect: 'close', drip: { bytes: 1, every: '1ms' } }),
      issues({ on: 'mongo', effect: 'step-down' }),
      issues({ on: 'mongo', effect: 'close', lasts: '1s' }),
      issues({ on: 'mongo', effect: 'error', error: { code: 64, write_concern: true } }),
      issues({ on: 'mongo-connection' }),
      issues({ on: 'mongo-connection', effect: 'limit' }),
      issues({ on: 'mongo-connection', effect: 'refuse', connections: 3 }),
      issues({ on: 'mongo-heartbeat', effect: 'error' }),
      issues({ on: 'call', effect: 'error', error: { code: 500, write_concern: true } }),
      issues({ on: 'mongo', delay: { distribution: 'trace' } }),
      issues({ on: 'mongo', delay: { distribution: 'pareto', min: '0s', alpha: 1 } }),
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
          "0.effect: route needs \`to\`: the number of the instance",
        ],
        [
          "0.delay: has no meaning with route",
        ],
        [
          "0.to: needs \`effect: route\`",
        ],
        [
          "0.lasts: next-delivery needs \`effect: freeze\` and \`when: acknowledged\`",
        ],
        [
          "0.lasts: next-delivery needs \`effect: freeze\` and \`when: acknowledged\`",
        ],
        [
          "0.match.kinds: needs \`when: acknowledged\`",
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
          "0.phase: has no meaning with truncate, which needs the answer of the server",
        ],
        [
          "0.per: needs \`delay\`",
        ],
        [
          "0.effect: drip needs the key \`drip\` with \`bytes\` and \`every\`",
        ],
        [
          "0.drip: needs \`effect: drip\`",
        ],
        [
          "0.effect: step-down needs \`lasts\`: how long nobody is primary",
        ],
        [
          "0.lasts: needs \`effect: step-down\`",
        ],
        [
          "0.error.write_concern: needs \`phase: after\`: it stands in the answer of the server",
        ],
        [
          "0: does nothing: give it a \`delay\`, an \`effect\` or both",
        ],
        [
          "0.effect: limit needs \`connections\`: how many may be open",
        ],
        [
          "0.connections: needs \`effect: limit\`",
        ],
        [
          "0.effect: error needs the key \`error\` with a \`code\`",
        ],
        [
          "0.error.write_concern: is for faults on mongo; the Bot API has no such field",
        ],
        [
          "0.delay: needs \`file\` or \`values\`, one of them",
        ],
        [
          "0.delay.min: must be longer than 0",
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
