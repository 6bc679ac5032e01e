import { badRequest } from '../api-error.js';
import { booleanParam, messageIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import {
  booleanField,
  integerField,
  isObject,
  type JsonObject,
  objectField,
  parseJsonParam,
  plainly,
  requiredIntegerField,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import { type ReplyMarkup, readReplyMarkup } from '../reply-markup.js';
import type { FormattedText } from '../text/entity.js';
import { readText, type TextFields } from '../text/formatted-text.js';

/** What all methods that send take beside their content. Read before the chat is looked at. */
export interface SendOptions {
  readonly reply?: ReplyTarget;
  readonly markup?: ReplyMarkup;
  readonly threadId?: number;
  readonly protect?: boolean;
  readonly effectId?: string;
  readonly suggestsPost?: boolean;
}

export interface ReplyTarget {
  readonly messageId: number;
  /** Another chat than the one that is sent to. */
  readonly chat?: string;
  readonly optional: boolean;
  readonly quote?: { readonly text: FormattedText; readonly position: number };
  readonly checklistTask?: number;
  /** `persistent_id` */
  readonly pollOption?: string;
}

/** @throws ApiError in the order of the official server: reply parameters, then reply markup. */
export function readSendOptions(params: Params): SendOptions {
  const reply = readReply(params);
  const suggestsPost = readSuggestedPost(params.get('suggested_post_parameters') ?? '');
  const markup = readReplyMarkup(params);
  return {
    ...readPlainOptions(params),
    ...(reply === undefined ? {} : { reply }),
    ...(suggestsPost ? { suggestsPost } : {}),
    ...(markup === undefined ? {} : { markup }),
  };
}

/** The options of methods that send several messages from elsewhere: no reply, no keyboard. */
export function readPluralOptions(params: Params): SendOptions {
  const suggestsPost = readSuggestedPost(params.get('suggested_post_parameters') ?? '');
  return { ...readPlainOptions(params), ...(suggestsPost ? { suggestsPost } : {}) };
}

function readPlainOptions(params: Params): SendOptions {
  const threadId = messageIdParam(params, 'message_thread_id');
  const effectId = effectParam(params);
  return {
    ...(threadId === 0 ? {} : { threadId }),
    ...(effectId === undefined ? {} : { effectId }),
    ...(booleanParam(params, 'protect_content') ? { protect: true } : {}),
  };
}

/** A 64-bit number; what is none counts as not given. */
function effectParam(params: Params): string | undefined {
  const digits = /^-?\d+/.exec(params.get('message_effect_id') ?? '')?.[0];
  return digits === undefined || BigInt(digits) === 0n
    ? undefined
    : String(BigInt.asIntN(64, BigInt(digits)));
}

const QUOTE_FIELDS: TextFields = { text: 'quote', mode: 'quote_parse_mode', entities: 'quote_entities' };

function readReply(params: Params): ReplyTarget | undefined {
  const text = params.get('reply_parameters');
  if (text === undefined) {
    const id = messageIdParam(params, 'reply_to_message_id');
    return id === 0
      ? undefined
      : { messageId: id, optional: booleanParam(params, 'allow_sending_without_reply') };
  }
  if (text === '') return undefined;
  const object = parseJsonParam(text, 'reply parameters');
  if (!isObject(object)) throw badRequest('object expected as reply parameters');
  if (Object.keys(object).length === 0) return undefined;
  const target = plainly(() => readTarget(object));
  return target.messageId <= 0 ? undefined : target;
}

function readTarget(object: JsonObject): ReplyTarget {
  const chat = stringField(object, 'chat_id');
  const ephemeral = integerField(object, 'ephemeral_message_id');
  const messageId = ephemeral === undefined ? requiredIntegerField(object, 'message_id') : 0;
  const optional = booleanField(object, 'allow_sending_without_reply') ?? false;
  const source = new Map<string, string>();
  for (const name of [QUOTE_FIELDS.text, QUOTE_FIELDS.mode]) {
    const value = stringField(object, name);
    if (value !== undefined) source.set(name, value);
  }
  if (object.quote_entities !== undefined) {
    source.set(QUOTE_FIELDS.entities, JSON.stringify(object.quote_entities));
  }
  const quote = readText(source, QUOTE_FIELDS);
  const position = integerField(object, 'quote_position') ?? 0;
  const task = integerField(object, 'checklist_task_id') ?? 0;
  const pollOption = stringField(object, 'poll_option_id') ?? '';
  return {
    messageId,
    optional,
    ...(chat === undefined || chat === '' ? {} : { chat }),
    ...(quote.text === '' ? {} : { quote: { text: quote, position } }),
    ...(task === 0 ? {} : { checklistTask: task }),
    ...(pollOption === '' ? {} : { pollOption }),
  };
}

/** Is a post suggested? @throws ApiError (Client.cpp:9760) */
function readSuggestedPost(text: string): boolean {
  if (text === '') return false;
  const object = parseJsonParam(text, 'suggested post parameters');
  if (!isObject(object)) throw badRequest('object expected as suggested post parameters');
  plainly(() => integerField(object, 'send_date'));
  const price = plainly(() => objectField(object, 'price'));
  if (price === undefined) return true;
  const currency = plainly(() => requiredStringField(price, 'currency'));
  const amount = plainly(() => requiredIntegerField(price, 'amount'));
  if (currency !== 'XTR' && currency !== 'TON') {
    throw badRequest('invalid suggested post price currency specified');
  }
  if (currency === 'TON' && amount % 10_000_000 !== 0) {
    throw badRequest('suggested post price must be divisible by 10000000 nanotoncoins');
  }
  return true;
}
