import { z } from 'zod';
import { parseDuration } from '../base/duration.js';

/** A duration as people write it (`250ms`, `1.5s`, `2m`); milliseconds once it is read. */
export const durationSchema = z
  .string({ error: 'must be a duration such as 250ms, 1.5s, 2m' })
  .refine((text) => parseDuration(text) !== undefined, {
    error: 'must be a duration such as 250ms, 1.5s, 2m',
  })
  .transform((text) => parseDuration(text) as number)
  .describe('A duration: a number and ms, s, m or h');

const distributionSchema = z.discriminatedUnion('distribution', [
  z.strictObject({ distribution: z.literal('uniform'), min: durationSchema, max: durationSchema }),
  z.strictObject({ distribution: z.literal('normal'), mean: durationSchema, stddev: durationSchema }),
  z.strictObject({ distribution: z.literal('lognormal'), median: durationSchema, p99: durationSchema }),
]);

/** A fixed time, or a distribution to draw from. What is drawn is at least 0 and at most 10 minutes. */
export const delaySchema = z.union([durationSchema, distributionSchema]);

const errorSchema = z.strictObject({
  code: z.int().describe('Bot API error_code (429, 500 …) or MongoDB error code (11600, 91 …)'),
  message: z.string().optional(),
  retry_after: z.int().min(1).optional().describe('Seconds, for a 429'),
  labels: z.array(z.string()).optional().describe('errorLabels of a MongoDB error'),
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

export const mongoFaultSchema = z.strictObject({
  on: z.literal('mongo'),
  ...occurrence,
  match: z
    .strictObject({
      commands: z.array(z.string()).min(1).optional(),
      database: z.string().optional(),
      collection: z.string().optional(),
    })
    .optional(),
  phase,
  delay: delaySchema.optional(),
  effect: z.enum(['error', 'reset']).optional(),
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
    .enum(['duplicate', 'lose-acknowledgement', 'timeout'])
    .describe(
      'duplicate: deliver it a second time beside the first. lose-acknowledgement: the answer of the bot ' +
        'never arrives. timeout: Telegram waits this long only',
    ),
  delay: delaySchema
    .optional()
    .describe('duplicate: how long after the first. timeout: how long Telegram waits'),
});

export const updateFaultSchema = z.strictObject({
  on: z.literal('update'),
  ...occurrence,
  match: z.strictObject({ step: z.int().min(1).optional() }).optional(),
  effect: z
    .enum(['double-tap'])
    .describe('double-tap: the user taps twice; two updates with ids of their own'),
  delay: delaySchema.optional().describe('Time between the two taps'),
});

export const botFaultSchema = z.strictObject({
  on: z.literal('bot'),
  ...occurrence,
  match: z.strictObject({ step: z.int().min(1).optional() }).optional(),
  effect: z
    .enum(['restart', 'kill'])
    .describe('restart: SIGTERM, then start again. kill: SIGKILL, then start again'),
});

export const faultSchema = z.discriminatedUnion('on', [
  mongoFaultSchema,
  callFaultSchema,
  deliveryFaultSchema,
  updateFaultSchema,
  botFaultSchema,
]);

export type Delay = z.output<typeof delaySchema>;
export type FaultError = z.output<typeof errorSchema>;
export type MongoFault = z.output<typeof mongoFaultSchema>;
export type CallFault = z.output<typeof callFaultSchema>;
export type DeliveryFault = z.output<typeof deliveryFaultSchema>;
export type UpdateFault = z.output<typeof updateFaultSchema>;
export type BotFault = z.output<typeof botFaultSchema>;
/** One fault of a scenario, read and in milliseconds. The loader has given it a name. */
export type Fault = (MongoFault | CallFault | DeliveryFault | UpdateFault | BotFault) & {
  readonly name: string;
};
export type FaultPoint = Fault['on'];
