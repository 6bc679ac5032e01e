import { z } from 'zod';

const count = z.int().min(0);
const ms = z.number();

const latencySchema = z
  .strictObject({
    n: count.describe('Samples'),
    missing: count.describe('What should have ended and never did; not among the samples'),
    p50: ms.nullable(),
    p90: ms.nullable(),
    p95: ms.nullable(),
    p99: ms.nullable(),
    max: ms.nullable(),
    histogram: z
      .string()
      .describe('HdrHistogram, microseconds, compressed and base64; empty without samples'),
  })
  .describe('Milliseconds; null without samples');

/** `summary.json`: what a run came to. Everything in it follows from `history.jsonl`. */
export const summarySchema = z.strictObject({
  format: z.literal('sendtwice-summary'),
  version: z.literal(1),
  sendtwice: z.string().describe('Version that ran it'),
  scenario: z.string(),
  seed: z.string(),
  startedAt: z.string(),
  durationMs: ms,
  outcome: z
    .enum(['completed', 'interrupted', 'failed', 'crashed'])
    .describe('crashed: the history ends in the middle'),
  error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  reasons: z.array(z.string()).describe('Why it is inconclusive'),
  delivery: z.enum(['faithful', 'adversarial']),
  departures: z.array(z.string()).describe('Where the run was not as the official server is'),
  warnings: z.array(z.string()),
  expectations: z.array(
    z.strictObject({ name: z.string(), limit: z.number(), value: z.number().nullable(), ok: z.boolean() }),
  ),
  findings: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.string(),
      cause: z.string(),
      strength: z.enum(['exact', 'marker', 'exclusive', 'overlap']),
      user: z.string().optional(),
      session: z.string().optional(),
      step: z.int().optional(),
      message: z.string(),
      expected: z.string().optional().describe('The answer that the recording has for this step'),
      explain: z.string().describe('The cause in one sentence'),
      hint: z.string(),
      evidence: z.array(z.int()).describe('seq of the events that prove it'),
      chain: z.array(z.string()).describe('The same events as sentences, with seconds since the first'),
    }),
  ),
  faults: z.array(z.strictObject({ name: z.string(), explain: z.string(), hits: count })),
  counts: z
    .record(z.string(), z.union([count, z.record(z.string(), count)]))
    .describe('How often things happened, some by name'),
  latency: z.strictObject({
    lag: latencySchema,
    ack: latencySchema,
    reply: latencySchema,
    settle: latencySchema,
    queue: latencySchema,
  }),
  deadWindow: z
    .strictObject({
      n: count.describe('Inputs that came within 5 s of the question before them'),
      passedOver: count.describe('Those that were passed over because the bot was still at work'),
      p50: ms,
      p95: ms,
      max: ms,
      places: z.array(
        z.strictObject({
          session: z.string(),
          step: z.int(),
          n: count,
          passedOver: count,
          atLeast: ms.describe('The latest input that was passed over'),
          takenFrom: ms.optional().describe('The earliest input that was taken'),
        }),
      ),
    })
    .optional()
    .describe(
      'How long after a question the bot passes the answer over: ms, over the places of the dialogue',
    ),
  mongo: z.strictObject({
    commands: count.describe('Without handshakes and heartbeats'),
    commandsPerStep: z.number().nullable(),
    errors: count,
    unknown: count.describe('Commands whose connection ended before the answer'),
    addedMs: ms.describe('What faults added, all commands together'),
    retriedWrites: count.describe('Writes that the driver sent again under the same lsid and txnNumber'),
    unacknowledgedWrites: count.describe('Writes that were applied and whose acknowledgement never arrived'),
    recoveredWrites: count.describe(
      'Of the unacknowledged: sent again by the driver, acknowledged then, applied once',
    ),
    byName: z.record(z.string(), z.strictObject({ n: count, ms: latencySchema, addedMs: ms })),
  }),
  environment: z.record(z.string(), z.union([z.string(), z.number()])),
});

export type Summary = z.output<typeof summarySchema>;
