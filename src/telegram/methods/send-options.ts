import { badRequest } from '../api-error.js';
import { booleanParam, messageIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import {
  booleanField,
  FieldError,
  integerField,
  isObject,
  parseJsonParam,
  requiredIntegerField,
  stringField,
} from '../json-fields.js';
import { type ReplyMarkup, readReplyMarkup } from '../reply-markup.js';

/** What all methods that send take beside their content. Read before the chat is looked at. */
export interface SendOptions {
  readonly reply?: ReplyTarget;
  readonly markup?: ReplyMarkup;
  readonly threadId?: number;
  readonly protect?: boolean;
}

interface ReplyTarget {
  readonly messageId: number;
  /** Another chat than the one that is sent to. */
  readonly chat?: string;
  readonly optional: boolean;
}

/** @throws ApiError in the order of the official server: reply parameters, then reply markup. */
export function readSendOptions(params: Params): SendOptions {
  const reply = readReply(params);
  const markup = readReplyMarkup(params);
  const threadId = messageIdParam(params, 'message_thread_id');
  return {
    ...(reply === undefined ? {} : { reply }),
    ...(markup === undefined ? {} : { markup }),
    ...(threadId === 0 ? {} : { threadId }),
    ...(booleanParam(params, 'protect_content') ? { protect: true } : {}),
  };
}

function readReply(params: Params): ReplyTarget | undefined {
  const text = params.get('reply_parameters');
  if (text === undefined || text === '') {
    const id = messageIdParam(params, 'reply_to_message_id');
    return id === 0
      ? undefined
      : { messageId: id, optional: booleanParam(params, 'allow_sending_without_reply') };
  }
  const object = parseJsonParam(text, 'reply parameters');
  if (!isObject(object)) throw badRequest('object expected as reply parameters');
  try {
    const chat = stringField(object, 'chat_id');
    const ephemeral = integerField(object, 'ephemeral_message_id');
    return {
      messageId: ephemeral === undefined ? requiredIntegerField(object, 'message_id') : 0,
      optional: booleanField(object, 'allow_sending_without_reply') ?? false,
      ...(chat === undefined ? {} : { chat }),
    };
  } catch (error) {
    if (error instanceof FieldError) throw badRequest(error.message.replace(/^[CF]/, (c) => c.toLowerCase()));
    throw error;
  }
}
