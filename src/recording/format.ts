import { z } from 'zod';

/**
 * The recording format: JSON lines. The first line is the header, every other line one event with `at` in
 * milliseconds since the header's `startedAt`. Fields and types that are not known here are kept.
 */

export const RECORDING_FORMAT = 'sendtwice-recording';
export const RECORDING_VERSION = 1;

export const headerSchema = z.looseObject({
  format: z.literal(RECORDING_FORMAT),
  version: z.literal(RECORDING_VERSION),
  botApi: z.string().optional().describe('Version of the Bot API, such as 10.0'),
  bot: z
    .looseObject({ id: z.int().optional(), username: z.string().optional() })
    .optional()
    .describe('The bot that was recorded, as in getMe'),
  startedAt: z.iso.datetime({ offset: true }).describe('Wall-clock time of `at` = 0'),
  redaction: z
    .enum(['none', 'contacts', 'names'])
    .optional()
    .describe('What was taken out when it was recorded'),
});

export type RecordingHeader = z.output<typeof headerSchema>;

/** An update as the bot got it. */
export interface RecordedUpdate {
  readonly at: number;
  readonly type: 'update';
  readonly update: Readonly<Record<string, unknown>> & { readonly update_id: number };
}

/** A Bot API request of the bot with its answer; `at` is the time of the answer. */
export interface RecordedCall {
  readonly at: number;
  readonly type: 'call';
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  /** Only on calls that failed; then `error_code` and `description` are those of the answer. */
  readonly ok?: false;
  readonly error_code?: number;
  readonly description?: string;
}

/** One attempt to hand an update to the bot. */
export interface RecordedDelivery {
  readonly at: number;
  readonly type: 'delivery';
  readonly update_id: number;
  /** From 1. */
  readonly attempt: number;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  readonly ms?: number;
}

/** A type of event that this version does not know. */
export interface OtherRecorded {
  readonly at: number;
  readonly type: string;
}

export type RecordedEvent = RecordedUpdate | RecordedCall | RecordedDelivery | OtherRecorded;

export const isUpdate = (event: RecordedEvent): event is RecordedUpdate => event.type === 'update';
export const isCall = (event: RecordedEvent): event is RecordedCall => event.type === 'call';

/** Did Telegram refuse the call? Then nobody saw anything of it. */
export const isFailed = (call: RecordedCall): boolean => call.ok === false || call.error_code !== undefined;

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with the first line, or the header. */
export function checkHeader(value: unknown): { readonly header: RecordingHeader } | string {
  if (!isObject(value) || value.format !== RECORDING_FORMAT) {
    return `the first line must be the header {"format":"${RECORDING_FORMAT}","version":${RECORDING_VERSION},…}`;
  }
  if (value.version !== RECORDING_VERSION) {
    return `the recording has version ${JSON.stringify(value.version)}, this sendtwice reads version ${RECORDING_VERSION}`;
  }
  const parsed = headerSchema.safeParse(value);
  if (parsed.success) return { header: parsed.data };
  const issue = parsed.error.issues[0];
  return `in the header, ${issue?.path.join('.') ?? 'something'} is wrong: ${issue?.message ?? 'unknown'}`;
}

/**
 * What is wrong with a line behind the header, or nothing. By hand and not with a schema: it runs for each
 * of millions of lines.
 */
export function flawOf(value: unknown): string | undefined {
  if (!isObject(value)) return 'an event must be an object';
  const { at, type } = value;
  if (typeof at !== 'number' || at < 0) return 'an event needs `at`, milliseconds since the start';
  if (typeof type !== 'string') return 'an event needs `type`, a text';
  switch (type) {
    case 'update':
      if (!isObject(value.update)) return 'an update needs `update`, an object';
      return typeof value.update.update_id === 'number'
        ? undefined
        : 'an update needs `update.update_id`, a number';
    case 'call':
      if (typeof value.method !== 'string') return 'a call needs `method`, a text';
      return isObject(value.params) ? undefined : 'a call needs `params`, an object';
    case 'delivery':
      if (typeof value.update_id !== 'number') return 'a delivery needs `update_id`, a number';
      return typeof value.attempt === 'number' ? undefined : 'a delivery needs `attempt`, a number';
    default:
      return undefined;
  }
}
