import { z } from 'zod';
import { ROUTES } from '../bot/routing.js';
import { checkDelay, checkFaults } from '../faults/check.js';
import { delaySchema, durationSchema, faultSchema } from '../faults/schema.js';
import { ABSORBED_MS } from '../telegram/flood.js';
import { invariantSchema, patternTextSchema, stepsSchema } from './step-schema.js';

const RATE = 'must be a rate above 0, such as 2/s or 30/m';

const rateSchema = z
  .string({ error: RATE })
  .regex(/^(?=.*[1-9])\d+(\.\d+)?\/(s|m)$/, { error: RATE })
  .transform((text) => Number.parseFloat(text) / (text.endsWith('/m') ? 60 : 1))
  .describe('A rate: a number, a slash, and s or m');

/** A duration that cannot be 0. */
const timeSchema = durationSchema.refine((ms) => ms > 0, { error: 'must be longer than 0' });

/** A NUL ends texts in the operating system: it reaches no program. */
const wordSchema = z.string().regex(/^[^\0]*$/, { error: 'must not hold a NUL character' });

const playSchema = z
  .strictObject({
    recording: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The recording to replay; a path relative to this file. With `steps`, where they say `recorded`',
      ),
    steps: stepsSchema
      .optional()
      .describe('What each user does, written by hand, in place of the recording or around parts of it'),
    pace: z
      .enum(['conversation', 'timeline'])
      .default('conversation')
      .describe(
        'conversation: act, wait for the answer, think, act. timeline: at the recorded times, whatever comes back',
      ),
    users: z
      .int()
      .min(1)
      .max(10_000)
      .default(1)
      .describe('Virtual users (pace conversation); they share the recorded sessions'),
    arrivals: z
      .strictObject({ rate: rateSchema })
      .optional()
      .describe('How fast users arrive; default: all at once'),
    patience: timeSchema
      .default(5000)
      .describe('A user who has no answer after this long sends the same again'),
    sends: z.int().min(1).max(10).default(2).describe('How often a user sends one input before giving up'),
    think: delaySchema
      .superRefine(checkDelay)
      .optional()
      .describe('Time between an answer and the next action; default: uniform 200ms to 600ms'),
    probe_dead_window: z
      .boolean()
      .optional()
      .describe(
        'People answer after 0 ms to 2 s, mostly soon, in place of `think`: this finds out how long after a question the bot passes answers over',
      ),
    speed: z
      .number()
      .positive()
      .max(1000)
      .default(1)
      .describe('Pace timeline: recorded times are divided by this'),
    baseline: z
      .boolean()
      .default(false)
      .describe(
        'Plays everything once without faults before (3 users a session): what the bot shows then is the measure, where the recording differs from it or it differs from user to user',
      ),
    settle: durationSchema
      .default(2000)
      .describe('The run ends when nothing has happened for this long after the last action'),
    limit: timeSchema.default(600_000).describe('The run is cut after this long'),
  })
  .superRefine(checkPlay);

interface PlayParts {
  readonly recording?: string | undefined;
  readonly steps?: readonly { readonly recorded?: string | undefined }[] | undefined;
  readonly pace: string;
  readonly baseline: boolean;
}

function checkPlay({ recording, steps, pace, baseline }: PlayParts, context: z.RefinementCtx): void {
  const at = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  if (baseline && pace === 'timeline') {
    at(['baseline'], 'needs the pace conversation: at pace timeline nobody waits for answers');
  }
  if (steps === undefined) {
    if (recording === undefined) at(['recording'], 'is missing: name a recording, or write `steps`');
    return;
  }
  const from = steps.findIndex(({ recorded }) => recorded !== undefined);
  if (from >= 0 && recording === undefined) {
    at(['steps', from, 'recorded'], 'plays a recording, and `play.recording` names none');
  }
  if (pace === 'timeline') {
    at(['pace'], 'cannot be timeline beside `steps`: only what was recorded has times of its own');
  }
}

const percentilesSchema = z
  .strictObject({
    p50: durationSchema.optional(),
    p90: durationSchema.optional(),
    p95: durationSchema.optional(),
    p99: durationSchema.optional(),
    max: durationSchema.optional(),
  })
  .describe('Each percentile must not be above its limit; what was never answered counts as infinitely late');

const atMost = (what: string) => z.int().min(0).optional().describe(`At most this many ${what}`);

const limitsSchema = z.strictObject({
  findings: atMost('findings of any kind'),
  duplicate_replies: atMost('replies shown twice, with or without a keyboard'),
  duplicate_keyboards: atMost('keyboards that stand twice'),
  lost_updates: atMost('inputs that were never answered'),
  lost_states: atMost('inputs that were answered as if at another step'),
  resends: atMost('inputs that worked only when sent again'),
  unanswered_callbacks: atMost('taps whose spinner never stopped'),
  dead_bot: atMost('bots that accept everything and answer nothing, or that end by themselves'),
  stuck_conversations: atMost('dialogues that nothing takes further, not even beginning again'),
  cross_talk: atMost('replies that show one user what belongs to another'),
  out_of_order_replies: atMost('replies shown after the reply to a later input'),
  unexplained_exits: atMost('ends of a bot that was started wrongly and did not say what is wrong (0 or 1)'),
  wrong_slots: atMost('inputs that were taken for the answer to another question'),
  double_effects: atMost('effects that happened twice'),
  polling_conflicts: atMost('times at which several consumers took the updates of the bot'),
  silent_writes: atMost('writes that match nothing, again and again'),
  dropped_updates: atMost('times at which the bot threw pending updates away'),
  webhook_errors: atMost('kinds of delivery that the bot refused by itself'),
  api_errors: atMost('kinds of call that the Bot API refused'),
  forged_updates: atMost('updates that a stranger posted to the webhook and the bot acted on'),
  flood_limits: atMost('flood limits that the bot ran into and made worse'),
  missing_notifications: atMost('requests to the bot’s own server that brought no message'),
  forbidden_replies: atMost('replies that `never` forbids, or that came where a step wants silence'),
  commands_per_step: z
    .number()
    .positive()
    .optional()
    .describe(
      'At most so many commands of the bot to MongoDB for each step that people play, on average; those of its start count, too',
    ),
  reply_latency: percentilesSchema.optional(),
  ack_latency: percentilesSchema.optional(),
  settle_latency: percentilesSchema.optional(),
});

const patternsSchema = (what: string) => z.array(patternTextSchema).min(1).max(100).optional().describe(what);

/** What a scenario declares of the dialogue, beside how much may be found. */
const declaredShape = {
  never: patternsSchema('Texts that no user may ever see: words, or regular expressions between slashes'),
  once: patternsSchema('Texts that each user may see at most once'),
  volatile: patternsSchema('Parts of texts that change by themselves: they are not compared'),
  database: z
    .array(invariantSchema)
    .min(1)
    .max(100)
    .optional()
    .describe('What must stand in the bot’s database for each user when the play is over'),
};

export const expectSchema = limitsSchema.extend(declaredShape);

const limitSchema = z.int().min(1).max(1_000_000).optional();

const telegramSchema = z.strictObject({
  strict: z
    .boolean()
    .default(false)
    .describe(
      'As without --local: webhooks only with HTTPS, on official ports and public addresses (so for bots that poll); 401 and 421 for malformed tokens',
    ),
  flood: z
    .strictObject({
      chat_per_second: limitSchema.describe('Messages to one chat within any second; Telegram: about 1'),
      group_per_minute: limitSchema.describe(
        'Messages to one group, and edits in it, within any minute; Telegram: about 20',
      ),
      overall_per_second: limitSchema.describe('Messages to all chats within any second; Telegram: about 30'),
      absorb: durationSchema
        .default(ABSORBED_MS)
        .describe('Waits of up to this long are slow answers, longer ones 429s. 0s: 429 at once'),
    })
    .optional()
    .describe('Answers 429 when the bot sends faster than this; default: no limits'),
  callback_expires: timeSchema
    .optional()
    .describe('answerCallbackQuery is too late after this long; default: 30s'),
});

const instancesSchema = z
  .int()
  .min(1)
  .max(16)
  .describe('Processes of the bot; with several, ${webhook.url} is a router before them');

const routeSchema = z
  .enum(ROUTES)
  .describe(
    'Which instance gets a delivery. round-robin (the default): they take turns with the updates of each chat. ' +
      'random: each delivery is drawn. sticky: each chat has one instance. first: the first one gets everything',
  );

/** What a scenario may change of the way in which a bot is run. */
const deploymentSchema = z.strictObject({
  instances: instancesSchema.optional(),
  route: routeSchema.optional(),
  glue: z
    .array(z.string().min(1))
    .length(2, { error: 'must be two: the variable that gets the rest, and the one that is lost' })
    .optional()
    .describe(
      'The bot is started as if a line break between two variables had been lost: the value of the first ends in the ' +
        'name and value of the second, which is missing. Names of variables, or of what stands in them ' +
        '(telegram.token, mongo.uri). A good bot says so and ends',
    ),
});

const envNameSchema = z.string().regex(/^[^=\0]+$/, { error: 'must be a name without = in it' });

const needSchema = z.enum(['taps', 'steps', 'mongo', 'webhook', 'process']);

const parameterSchema = z.strictObject({
  default: z
    .unknown()
    .optional()
    .describe(
      'Its value, unless the bot file or --set gives another one; without it, one of them must, or a suite passes the scenario over',
    ),
  about: z.string().optional().describe('What it is for'),
});

export const scenarioSchema = z.strictObject({
  extends: z
    .string()
    .min(1)
    .optional()
    .describe('Another scenario file, relative to this one; what is written here goes above it'),
  scenario: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'must be lower-case letters, digits and dashes' })
    .describe('The name of the scenario'),
  about: z.string().optional().describe('What it provokes and what a good bot does'),
  tags: z
    .array(
      z.string().regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'must be lower-case letters, digits and dashes' }),
    )
    .max(50)
    .default([])
    .describe('Words by which a suite picks scenarios'),
  order: z.int().default(50).describe('A suite runs small numbers first'),
  needs: z
    .array(needSchema)
    .max(10)
    .default([])
    .describe(
      'Without these it can say nothing, and a suite passes it over. taps: on buttons, in the recording. steps: a ' +
        'session as long as the `step` of its faults. mongo: the bot uses MongoDB. webhook: it does not poll. ' +
        'process: it is started by sendtwice',
    ),
  parameters: z
    .record(z.string(), parameterSchema)
    .optional()
    .describe('Values that ${name} stands for anywhere in this file, and that --set name=value changes'),
  play: playSchema,
  mongo: z
    .strictObject({
      topology: z
        .enum(['replicaSet', 'standalone'])
        .default('replicaSet')
        .describe('Of the embedded MongoDB; a replica set lets drivers retry writes, as Atlas does'),
      contents: z
        .boolean()
        .optional()
        .describe('Write commands to the history with their keys and the kinds of their values'),
      tls: z
        .boolean()
        .optional()
        .describe('Speak TLS to the bot; ${mongo.uri} names the certificate, which is made for the run'),
    })
    .optional(),
  telegram: telegramSchema.optional().describe('How strict the fake Bot API server is'),
  bot: deploymentSchema.optional().describe('How the bot is run, in place of what its own file says'),
  faults: z.array(faultSchema).max(100).default([]).superRefine(checkFaults),
  expect: expectSchema.default({ findings: 0 }),
});

const readySchema = z.union([
  z.strictObject({ http: z.string().describe('Ready when this URL answers with a status below 500') }),
  z.strictObject({ log: z.string().min(1).describe('Ready when a line of its output contains this text') }),
  z.strictObject({
    calls: z.array(z.string()).min(1).describe('Ready when it has called one of these Bot API methods'),
  }),
]);

const portSchema = z.int().min(1).max(65_535);

export const botSchema = z
  .strictObject({
    bot: z.string().optional().describe('A name for reports'),
    recording: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A dialogue with this bot, relative to this file: played in place of the one that a scenario names',
      ),
    command: z
      .union([wordSchema.min(1), z.array(wordSchema).min(1)])
      .optional()
      .describe('How to start it; a text is split into words as a shell does, without expansion'),
    cwd: z
      .string()
      .optional()
      .describe('Where to start it; relative to this file, whose folder is the default'),
    env: z
      .record(envNameSchema, z.union([wordSchema, z.number(), z.boolean()]).transform(String))
      .default({})
      .describe(
        'Environment; may hold ${telegram.apiRoot}, ${telegram.token}, ${mongo.uri}, ${webhook.port}, …',
      ),
    inherit: z
      .array(z.string())
      .default([])
      .describe('Variables of your own environment that the bot may see, beside PATH, HOME and the like'),
    parameters: z
      .record(z.string(), z.unknown())
      .default({})
      .describe(
        'Values for parameters of scenarios that suit this bot; --set goes above them. May hold ${user.id} and the like',
      ),
    ready: readySchema.optional().describe('Default: it has called setWebhook or getUpdates'),
    ready_timeout: timeSchema.default(20_000),
    stop_timeout: durationSchema.default(5000).describe('From SIGTERM to SIGKILL'),
    instances: instancesSchema.default(1),
    route: routeSchema.default('round-robin'),
    set_webhook: z
      .boolean()
      .default(false)
      .describe(
        'The harness sets the webhook to ${webhook.url} itself, for bots that leave that to their operator',
      ),
    telegram: z
      .strictObject({
        port: portSchema
          .optional()
          .describe('Port of the fake Bot API server, for a bot whose API root is fixed'),
        token: z
          .string()
          .regex(/^[1-9]\d{0,15}:[A-Za-z0-9_-]{24,}$/, {
            error: 'must look like 123456:AAA…, with 24 letters or more',
          })
          .optional()
          .describe('Token of the bot, for a bot whose token is fixed; never a real one'),
        in_groups: z
          .enum(['member', 'administrator'])
          .default('member')
          .describe('What the bot is in the groups of the recording, unless the recording says it'),
      })
      .prefault({}),
    webhook: z
      .strictObject({
        path: z
          .string()
          .regex(/^\/[^\s?#]*$/, { error: 'must be a path such as /telegram' })
          .default('/telegram')
          .describe('Path of ${webhook.url}'),
        port: portSchema.optional().describe('${webhook.port}; default: a free one'),
        url: z
          .url({ protocol: /^https?$/, error: 'must be a URL such as http://127.0.0.1:8080/telegram' })
          .optional()
          .describe('A bot that already runs: its webhook. Then there is no command'),
        secret: z
          .string()
          .regex(/^[A-Za-z0-9_-]{1,256}$/, { error: 'must be 1 to 256 letters, digits, _ and -' })
          .optional()
          .describe('${webhook.secret}; default: a new one each time, and none for a bot that already runs'),
      })
      .prefault({}),
    mongo: z
      .strictObject({
        database: z
          .string()
          .min(1)
          .optional()
          .describe('Database in ${mongo.uri}; else one of the run, which is dropped at the end'),
        port: portSchema.optional().describe('Port of the fault proxy, for a bot whose URI is fixed'),
      })
      .prefault({}),
  })
  .superRefine((bot, context) => {
    if (bot.command === undefined && bot.webhook.url === undefined) {
      context.addIssue({
        code: 'custom',
        message: 'needs `command` (how to start the bot) or `webhook.url` (where it runs)',
      });
    }
    if (bot.instances > 1 && bot.webhook.port !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['webhook', 'port'],
        message: 'cannot be fixed with several `instances`: each needs its own',
      });
    }
    if (bot.command !== undefined && bot.webhook.url !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['webhook', 'url'],
        message: 'cannot stand beside `command`: either is enough',
      });
    }
  });

/** What a scenario may need of the bot and of its recording. */
export type Need = z.output<typeof needSchema>;
export type ScenarioFile = z.output<typeof scenarioSchema>;
export type ScenarioInput = z.input<typeof scenarioSchema>;
export type BotFile = z.output<typeof botSchema>;
export type BotInput = z.input<typeof botSchema>;
