import { z } from 'zod';
import { durationSchema } from '../faults/schema.js';
import { type ContentKind, REPLY_KINDS } from '../history/content.js';
import { USER_PLACEHOLDERS, unknownPlaceholders } from '../replay/user-texts.js';
import { nearest } from './allowed.js';
import { flawOfPattern } from './written-pattern.js';

/** YAML makes numbers of texts such as 104. */
const textSchema = z.union([z.string().min(1), z.number()], { error: 'must be a text' }).transform(String);

/** Words that are looked for as the eye compares them; between slashes a regular expression. */
export const patternTextSchema = z.string({ error: 'must be a text' }).superRefine((text, context) => {
  const message = flawOfPattern(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** A list, or one alone. */
const oneOrMore = <S extends z.ZodType>(schema: S) => z.union([schema, z.array(schema).min(1)]);

const replySchema = z
  .strictObject({
    text: oneOrMore(patternTextSchema)
      .optional()
      .describe('Words that stand in it, or a regular expression between slashes: /how many/i. All must fit'),
    kind: oneOrMore(z.enum(REPLY_KINDS))
      .optional()
      .describe('What it is; of several, one. toast: the text of an answered tap'),
    buttons: z
      .array(textSchema)
      .min(1)
      .optional()
      .describe('Labels of buttons that it must have, in any place'),
  })
  .refine((reply) => Object.keys(reply).length > 0, { error: 'must say something: text, kind or buttons' });

const wantedSchema = z.union([patternTextSchema, replySchema]);

const expectSchema = z
  .union([patternTextSchema, replySchema, z.array(wantedSchema).min(1).max(100)])
  .describe(
    'What the bot must show: words, a regular expression between slashes, { text, kind, buttons }, or a list of these for several replies. nothing: no answer at all',
  );

const caption = textSchema.optional();

/** What a person may send that is no text, with what can be said about it. */
const mediaSchemas = {
  photo: z.strictObject({ caption }),
  video: z.strictObject({ caption }),
  animation: z.strictObject({ caption }),
  audio: z.strictObject({ caption, title: textSchema.optional(), performer: textSchema.optional() }),
  voice: z.strictObject({ caption }),
  video_note: z.strictObject({}),
  document: z.strictObject({ caption, name: textSchema.optional(), mime_type: textSchema.optional() }),
  sticker: z.strictObject({ emoji: textSchema.optional() }),
  location: z.strictObject({
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
  }),
  contact: z.strictObject({}).describe('The own one: name, telephone number and id of the user'),
} as const satisfies Partial<Record<ContentKind, z.ZodType>>;

/** What a step can send, of all that a message may hold. */
export type MediaKind = keyof typeof mediaSchemas;
const SENT_KINDS = Object.keys(mediaSchemas) as [MediaKind, ...MediaKind[]];

const mediaSchema = z
  .strictObject({
    photo: mediaSchemas.photo.optional(),
    video: mediaSchemas.video.optional(),
    animation: mediaSchemas.animation.optional(),
    audio: mediaSchemas.audio.optional(),
    voice: mediaSchemas.voice.optional(),
    video_note: mediaSchemas.video_note.optional(),
    document: mediaSchemas.document.optional(),
    sticker: mediaSchemas.sticker.optional(),
    location: mediaSchemas.location.optional(),
    contact: mediaSchemas.contact.optional(),
  })
  .superRefine(exactlyOne(SENT_KINDS));

const filterSchema = z.record(z.string(), z.unknown());
const documentSchema = z.record(z.string(), z.unknown());
const collectionSchema = z.string().min(1);
const statusSchema = z.int().min(100).max(599);
const urlSchema = z.string().regex(/^(\/(?!\/)|https?:\/\/)\S*$/, {
  error: 'must be a path such as /admin/notify, or a URL on this machine',
});

export const HTTP_METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const httpSchema = z
  .strictObject({
    get: urlSchema.optional(),
    post: urlSchema.optional(),
    put: urlSchema.optional(),
    patch: urlSchema.optional(),
    delete: urlSchema.optional(),
    headers: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
    body: z.unknown().optional().describe('Sent as it is when it is a text, else as JSON'),
    status: oneOrMore(statusSchema).optional().describe('What the server must answer; default: below 400'),
    times: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe('Sent so often at once, as a provider that retries does'),
    timeout: durationSchema.default(10_000).describe('Default: 10s'),
  })
  .superRefine(exactlyOne(HTTP_METHODS));

const CHANGES = ['insert', 'update', 'delete'] as const;

const mongoSchema = z
  .strictObject({
    collection: collectionSchema,
    insert: oneOrMore(documentSchema).optional(),
    update: z
      .strictObject({ filter: filterSchema, set: documentSchema, upsert: z.boolean().default(false) })
      .optional(),
    delete: z.strictObject({ filter: filterSchema }).optional(),
  })
  .superRefine(exactlyOne(CHANGES));

const countSchema = z.int().min(0);

/** What is looked for in the bot's database, and what must be there. */
const lookedFor = {
  name: z.string().min(1).optional().describe('What reports call it; default: the collection'),
  collection: collectionSchema,
  filter: filterSchema.default({}),
  count: z
    .union([countSchema, z.strictObject({ min: countSchema.optional(), max: countSchema.optional() })])
    .optional()
    .describe('How many documents there must be; default: at least one'),
  fields: documentSchema
    .optional()
    .describe('Fields of the first of them (dots lead deeper), and what each must be'),
};

const probeSchema = z.strictObject({
  ...lookedFor,
  within: durationSchema.default(5000).describe('Asked again until this much time has passed; default: 5s'),
});

export const invariantSchema = z
  .strictObject(lookedFor)
  .superRefine((invariant, context) => checkPlaceholders(invariant, context));

/** What a step does: exactly one of these. */
const DEEDS = [
  'say',
  'tap',
  'send',
  'edit',
  'wait',
  'recorded',
  'http',
  'mongo',
  'probe',
  'restart',
  'kill',
] as const;

/** They can be answered, so an `expect` may stand beside them. */
const ANSWERABLE = ['say', 'tap', 'send', 'edit', 'http'] as const;

export const stepSchema = z
  .strictObject({
    say: textSchema.optional().describe('Writes this text'),
    tap: z
      .union([patternTextSchema, z.number().transform(String), z.strictObject({ data: z.string().min(1) })])
      .optional()
      .describe(
        'Taps the button with this label (or /pattern/, or { data: callback_data }), on the newest message that has it',
      ),
    send: z
      .union([z.enum(SENT_KINDS), mediaSchema])
      .optional()
      .describe('Sends something that is no text: photo, or { photo: { caption: … } }'),
    edit: textSchema.optional().describe('Changes the last message that the user wrote to this text'),
    wait: durationSchema
      .refine((ms) => ms > 0, { error: 'must be longer than 0' })
      .optional()
      .describe('The user does nothing for this long, in place of thinking'),
    recorded: z
      .union(
        [
          z.int().min(1),
          z.string().regex(/^(all|rest|[1-9]\d*(-[1-9]\d*)?)$/, {
            error: 'must be all, rest, a step such as 3, or steps such as 1-4',
          }),
        ],
        { error: 'must be all, rest, a step such as 3, or steps such as 1-4' },
      )
      .transform(String)
      .optional()
      .describe('Steps of the recording: all, rest (those after the last one played), 3, or 1-4'),
    http: httpSchema
      .optional()
      .describe('A request to the bot’s own server, as an admin’s panel or a payment provider makes it'),
    mongo: mongoSchema.optional().describe('Changes the bot’s database'),
    probe: probeSchema.optional().describe('Looks into the bot’s database'),
    restart: z.literal('bot').optional().describe('Stops the bot and starts it again'),
    kill: z.literal('bot').optional().describe('Kills the bot and starts it again'),
    expect: expectSchema.optional(),
  })
  .superRefine((step, context) => {
    const named = DEEDS.filter((key) => step[key] !== undefined);
    if (named.length > 1) {
      context.addIssue({
        code: 'custom',
        message: `does several things at once (${named.join(', ')}): make a step of each`,
      });
    } else if (named.length === 0 && step.expect === undefined) {
      context.addIssue({
        code: 'custom',
        message: `does nothing; a step has one of ${DEEDS.join(', ')}, expect`,
      });
    } else if (step.expect !== undefined && named[0] !== undefined && !isAnswerable(step)) {
      context.addIssue({
        code: 'custom',
        path: ['expect'],
        message: `cannot stand beside \`${named[0]}\`, which no bot answers; only beside ${ANSWERABLE.join(', ')}`,
      });
    }
    checkPlaceholders(step, context);
  });

export type ScenarioStep = z.output<typeof stepSchema>;
export type WantedReply = z.output<typeof wantedSchema>;
export type Invariant = z.output<typeof invariantSchema>;

export const isAnswerable = (step: ScenarioStep): boolean =>
  ANSWERABLE.some((key) => step[key] !== undefined);

/** The list as a whole: an `expect` of its own belongs to the step before it. */
export const stepsSchema = z
  .array(stepSchema)
  .min(1)
  .max(1000)
  .superRefine((steps, context) => {
    const at = (index: number, key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [index, key], message });
    let wanted: unknown;
    let written = false;
    steps.forEach((step, index) => {
      const before = steps[index - 1];
      const isExpect = !DEEDS.some((key) => step[key] !== undefined);
      if (isExpect && (before === undefined || !(isAnswerable(before) || isExpectOnly(before)))) {
        at(index, 'expect', `belongs to the step before it, which must be one of ${ANSWERABLE.join(', ')}`);
      } else if (isExpect && wanted !== undefined && [wanted, step.expect].includes('nothing')) {
        at(index, 'expect', 'cannot want something and nothing of the same step');
      }
      wanted = step.expect;
      if (step.edit !== undefined && !written)
        at(index, 'edit', 'has no message before it that the user wrote');
      written ||= step.say !== undefined || step.send !== undefined || step.recorded !== undefined;
      const [, from = '', to = ''] = /^(\d+)-(\d+)$/.exec(step.recorded ?? '') ?? [];
      if (Number(from) > Number(to)) at(index, 'recorded', `ends before it begins: ${from} is behind ${to}`);
    });
  });

const isExpectOnly = (step: ScenarioStep): boolean => !DEEDS.some((key) => step[key] !== undefined);

function exactlyOne<K extends string>(keys: readonly K[]) {
  return (value: { readonly [key in K]?: unknown }, context: z.RefinementCtx): void => {
    const named = keys.filter((key) => value[key] !== undefined);
    if (named.length === 1) return;
    context.addIssue({
      code: 'custom',
      message:
        named.length === 0
          ? `needs one of ${keys.join(', ')}`
          : `has ${named.join(' and ')}, of which only one can be`,
    });
  };
}

/** Texts anywhere in a step may hold `${user.id}` and the like. */
function checkPlaceholders(
  value: unknown,
  context: z.RefinementCtx,
  path: readonly (string | number)[] = [],
): void {
  if (typeof value === 'string') {
    for (const name of unknownPlaceholders(value)) {
      const guess = nearest(name, USER_PLACEHOLDERS);
      const known = USER_PLACEHOLDERS.map((each) => `\${${each}}`).join(', ');
      context.addIssue({
        code: 'custom',
        path: [...path],
        message: `holds the unknown placeholder \${${name}}.${guess === undefined ? '' : ` Did you mean \${${guess}}?`} Allowed: ${known}; write $\${${name}} for these characters themselves.`,
      });
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    checkPlaceholders(inner, context, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}
