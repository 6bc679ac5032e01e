import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../base/duration.js';

/** A duration as people write it (`250ms`, `1.5s`, `2m`); milliseconds once it is read. */
export const durationSchema = z
  .string({ error: 'must be a duration such as 250ms, 1.5s, 2m' })
  .regex(DURATION_PATTERN, { error: 'must be a duration such as 250ms, 1.5s, 2m' })
  .transform((text) => parseDuration(text) as number)
  .describe('A duration: a number and ms, s, m or h');

const distributionSchema = z.discriminatedUnion('distribution', [
  z.strictObject({ distribution: z.literal('uniform'), min: durationSchema, max: durationSchema }),
  z.strictObject({ distribution: z.literal('normal'), mean: durationSchema, stddev: durationSchema }),
  z.strictObject({ distribution: z.literal('lognormal'), median: durationSchema, p99: durationSchema }),
  z
    .strictObject({
      distribution: z.literal('pareto'),
      min: durationSchema,
      alpha: z.number().positive().max(100).describe('The smaller, the longer the tail; 1.16 is 80 to 20'),
    })
    .describe('Never below `min`, with a long tail'),
  z
    .strictObject({
      distribution: z.literal('trace'),
      file: z.string().min(1).optional().describe('One number of milliseconds a line; # starts a comment'),
      values: z
        .array(z.number().min(0))
        .min(1)
        .max(1_000_000)
        .optional()
        .describe('Milliseconds, in place of `file`'),
    })
    .describe('Measured delays, hit after hit in their order, and from the start again'),
]);

/** A fixed time, or a distribution to draw from. What is drawn is at least 0 and at most 10 minutes. */
export const delaySchema = z.union([durationSchema, distributionSchema]);

const errorSchema = z.strictObject({
  code: z.int().describe('Bot API error_code (429, 500 …) or MongoDB error code (11600, 91 …)'),
  name: z.string().optional().describe('codeName of a MongoDB error; default: the name of its code'),
  message: z.string().optional(),
  retry_after: z.int().min(1).optional().describe('Seconds, for a 429'),
  labels: z
    .array(z.string())
    .optional()
    .describe('errorLabels of a MongoDB error; default: those that a server gives to this code'),
  write_concern: z
    .boolean()
    .optional()
    .describe('A writeConcernError within the own answer of the server: the write is applied'),
});

/** When a fault is on, and how often it hits. All parts must agree. */
const occurrence = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'must be lower-case letters, digits and dashes' })
    .optional(),
  skip: z.int().min(0).optional().describe('Let the first n matches (while it is on) pass'),
  times: z.int().min(1).optional().describe('Hit at most n times'),
  probability: z.number().min(0).max(1).optional().describe('Hit each match with this probability'),
  after: durationSchema.optional().describe('On from this time after the play began'),
  for: durationSchema.optional().describe('On for this long'),
  every: durationSchema
    .optional()
    .describe('On again each time this long after it was first on; needs `for`'),
};

const phase = z
  .enum(['before', 'after'])
  .optional()
  .describe(
    'before (the default): what happens, happens before it takes effect; an error or a reset stops it. ' +
      'after: it took effect, and its answer is delayed, replaced or lost',
  );

const connectionMatch = z.int().min(1).optional().describe('Only the n-th connection of the run');
const appMatch = z.string().optional().describe('appName of the client, as in its connection string');

export const mongoFaultSchema = z.strictObject({
  on: z.literal('mongo'),
  ...occurrence,
  match: z
    .strictObject({
      commands: z.array(z.string()).min(1).optional(),
      database: z.string().optional(),
      collection: z.string().optional(),
      filter: z
        .array(z.string())
        .max(50)
        .optional()
        .describe('The top-level keys of its filter, all of them, in any order; [] is an empty filter'),
      app: appMatch,
      connection: connectionMatch,
    })
    .optional(),
  phase,
  delay: delaySchema.optional(),
  per: z
    .enum(['command', 'kilobyte'])
    .optional()
    .describe(
      'command (the default): each is delayed once. kilobyte: for each 1,024 bytes, of the request in the ' +
        'phase before, of the answer in the phase after',
    ),
  effect: z
    .enum([
      'error',
      'overload',
      'lose-acknowledgement',
      'reset',
      'close',
      'stall',
      'truncate',
      'drip',
      'step-down',
    ])
    .optional()
    .describe(
      'error: answered with `error`. overload: answered with error 462, as an overloaded server does. ' +
        'lose-acknowledgement: carried out, then the connection ends without an answer (a reset in the phase ' +
        'after). reset, close: the connection ends. stall: no answer ever comes. truncate: the connection ends ' +
        'in the middle of the answer. drip: the answer comes in small pieces (`drip`). step-down: the server ' +
        'is no primary any more for `lasts`; then another member is, if there is one',
    ),
  error: errorSchema.optional(),
  drip: z
    .strictObject({ bytes: z.int().min(1).max(1_000_000), every: durationSchema })
    .optional()
    .describe('Size of a piece, and the time between two'),
  lasts: durationSchema.optional().describe('step-down: how long nobody is primary'),
});

/** On connections of clients, as they are opened. */
export const mongoConnectionFaultSchema = z.strictObject({
  on: z.literal('mongo-connection'),
  ...occurrence,
  match: z.strictObject({ connection: connectionMatch }).optional(),
  delay: delaySchema.optional().describe('Until the first bytes of the client are read'),
  effect: z
    .enum(['refuse', 'stall', 'limit'])
    .optional()
    .describe(
      'refuse: reset as soon as it is accepted. stall: accepted, and never answered. ' +
        'limit: more than `connections` open ones are closed, as a server does whose connections are used up',
    ),
  connections: z.int().min(1).optional().describe('limit: how many may be open'),
});

/** On `hello`, with which drivers watch the server: a slow one is what they take for a server that is away. */
export const mongoHeartbeatFaultSchema = z.strictObject({
  on: z.literal('mongo-heartbeat'),
  ...occurrence,
  match: z.strictObject({ app: appMatch, connection: connectionMatch }).optional(),
  delay: delaySchema.optional(),
  effect: z.enum(['error', 'reset', 'close', 'stall']).optional(),
  error: errorSchema.optional(),
});

export const callFaultSchema = z.strictObject({
  on: z.literal('call'),
  ...occurrence,
  match: z.strictObject({ methods: z.array(z.string()).min(1).optional() }).optional(),
  phase,
  delay: delaySchema.optional(),
  effect: z.enum(['error', 'reset']).optional(),
  error: errorSchema.optional(),
});

export const deliveryFaultSchema = z.strictObject({
  on: z.literal('delivery'),
  ...occurrence,
  match: z
    .strictObject({
      kinds: z.array(z.string()).min(1).optional().describe('Kinds of update: message, callback_query …'),
      attempt: z.int().min(1).optional().describe('Only this attempt of an update'),
      step: z.int().min(1).optional().describe('Only updates of this step of a session'),
    })
    .optional(),
  effect: z
    .enum(['duplicate', 'repeat', 'lose-acknowledgement', 'timeout', 'route'])
    .describe(
      'duplicate: deliver it a second time beside the first. repeat: deliver it again `delay` after the bot ' +
        'acknowledged it. lose-acknowledgement: the answer of the bot never arrives. timeout: Telegram waits this ' +
        'long only. route: of several instances behind the webhook, the one that `to` names gets it',
    ),
  to: z.int().min(1).max(16).optional().describe('route: the number of the instance, from 1'),
  delay: delaySchema
    .optional()
    .describe(
      'duplicate: how long after the first. repeat: how long after its answer. timeout: how long Telegram waits',
    ),
});

export const MALFORMED_SHAPES = ['no-sender', 'no-content', 'no-message'] as const;

export const updateFaultSchema = z.strictObject({
  on: z.literal('update'),
  ...occurrence,
  match: z.strictObject({ step: z.int().min(1).optional() }).optional(),
  effect: z
    .enum([
      'double-tap',
      'text-beside-tap',
      'start-over',
      'unknown-kind',
      'unknown-fields',
      'malformed',
      'forged',
    ])
    .describe(
      'double-tap: the user taps twice; two updates with ids of their own. text-beside-tap: with a tap it also ' +
        'writes `text`; the two are delivered at the same time. start-over: once, in place of this step, it begins ' +
        'again with its first one and plays all of them. unknown-kind, unknown-fields: before the step, an update of ' +
        'a kind, or a message with fields, that the Bot API does not have yet. malformed: updates that lack a part ' +
        '(`shapes`). forged: a stranger posts an update to the webhook, without the secret token',
    ),
  delay: delaySchema.optional().describe('double-tap: time between the two taps'),
  text: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'text-beside-tap: what is written; default: "?", and then only beside taps after which nothing is to be written. ' +
        'forged: what the stranger writes; default: as the recording begins, else /start',
    ),
  shapes: z
    .array(z.enum(MALFORMED_SHAPES))
    .min(1)
    .optional()
    .describe(
      'malformed: no-sender (a message without `from`), no-content (a message with nothing in it), no-message ' +
        '(a tap without `message`); default: all, one after another',
    ),
  secret: z
    .enum(['missing', 'wrong'])
    .optional()
    .describe('forged: what the stranger sends as secret token; default: missing'),
});

/** Frozen between two requests, as serverless platforms do. */
export const NEXT_DELIVERY = 'next-delivery';

export const botFaultSchema = z.strictObject({
  on: z.literal('bot'),
  ...occurrence,
  match: z
    .strictObject({
      step: z.int().min(1).optional(),
      kinds: z.array(z.string()).min(1).optional().describe('acknowledged: only after these kinds of update'),
      instance: z
        .int()
        .min(1)
        .max(16)
        .optional()
        .describe(
          'Which of several instances; default: the first one before a step, and after an acknowledgement the one that gave it',
        ),
    })
    .optional(),
  when: z
    .enum(['before-step', 'acknowledged'])
    .optional()
    .describe(
      'before-step (the default): when a user is about to act. acknowledged: in the moment in which Telegram has the ' +
        "bot's acknowledgement of an update; people go on meanwhile",
    ),
  effect: z
    .enum(['restart', 'kill', 'stop', 'freeze'])
    .describe(
      'restart: SIGTERM, then start again. kill: SIGKILL, then start again. stop: down for `lasts` (the user acts as soon as it is gone), then ' +
        'started again, and people go on meanwhile. freeze: stands still (SIGSTOP) for `lasts`, then goes on',
    ),
  lasts: z
    .union([z.literal(NEXT_DELIVERY), durationSchema])
    .optional()
    .describe(
      'stop, freeze: for how long. freeze with `when: acknowledged` also next-delivery: from when nothing is in flight ' +
        'any more until the next delivery comes, as platforms do that run a process only while it has a request',
    ),
  signal: z
    .enum(['TERM', 'KILL'])
    .optional()
    .describe('stop: how it is ended. TERM is the default; KILL leaves it no last word'),
});

/** On Telegram as the bot shares it with others. */
export const telegramFaultSchema = z.strictObject({
  on: z.literal('telegram'),
  ...occurrence,
  match: z.strictObject({ step: z.int().min(1).optional() }).optional(),
  effect: z
    .enum(['other-poller'])
    .describe(
      'other-poller: for `lasts`, a second program with the same token polls, as a deployment does that somebody forgot. ' +
        'It calls deleteWebhook first, as libraries do when they begin to poll',
    ),
  lasts: durationSchema.describe('For how long it polls'),
});

export const faultSchema = z.discriminatedUnion('on', [
  mongoFaultSchema,
  mongoConnectionFaultSchema,
  mongoHeartbeatFaultSchema,
  callFaultSchema,
  deliveryFaultSchema,
  updateFaultSchema,
  botFaultSchema,
  telegramFaultSchema,
]);

export type Delay = z.output<typeof delaySchema>;
export type FaultError = z.output<typeof errorSchema>;
export type MongoFault = z.output<typeof mongoFaultSchema>;
export type MongoConnectionFault = z.output<typeof mongoConnectionFaultSchema>;
export type MongoHeartbeatFault = z.output<typeof mongoHeartbeatFaultSchema>;
export type CallFault = z.output<typeof callFaultSchema>;
export type DeliveryFault = z.output<typeof deliveryFaultSchema>;
export type UpdateFault = z.output<typeof updateFaultSchema>;
export type MalformedShape = (typeof MALFORMED_SHAPES)[number];
export type BotFault = z.output<typeof botFaultSchema>;
export type TelegramFault = z.output<typeof telegramFaultSchema>;
/** One fault of a scenario, read and in milliseconds. The loader has given it a name. */
export type Fault = (
  | MongoFault
  | MongoConnectionFault
  | MongoHeartbeatFault
  | CallFault
  | DeliveryFault
  | UpdateFault
  | BotFault
  | TelegramFault
) & {
  readonly name: string;
};
/** A fault that the fault proxy carries out. */
export type ProxyFault = Extract<Fault, { readonly on: 'mongo' | 'mongo-connection' | 'mongo-heartbeat' }>;

/** Is this a fault for the fault proxy? */
export function isProxyFault(fault: Fault): fault is ProxyFault {
  return fault.on.startsWith('mongo');
}
export type FaultPoint = Fault['on'];
