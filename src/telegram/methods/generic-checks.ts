import { badRequest } from '../api-error.js';
import { type AccessNeed, type ChatState, checkAccess } from '../chats/chat-book.js';
import { messageIdParam, requiredParam, userIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import { isObject, parseJsonParam } from '../json-fields.js';
import { readReplyMarkup } from '../reply-markup.js';
import { CAPTION_FIELDS, readText, TEXT_FIELDS, type TextFields } from '../text/formatted-text.js';
import type { MethodContext } from './outcome.js';
import type { MethodShape } from './shapes.js';
import { readPreviewOptions } from './texts.js';

/**
 * What is checked of a method that has no behaviour of its own. First the arguments by themselves, in the
 * order of the documentation, then what they name: a business connection, a chat, a user, a message.
 * Numbers and booleans are read leniently and clamped by the official server, so they never fail.
 */
export interface GenericChecks {
  /** Everything that the method takes is checked here. If not, it counts as `shape`. */
  readonly complete: boolean;
  /** @throws ApiError */
  readonly run: (context: MethodContext) => void;
}

const GIFT_TEXT: TextFields = { text: 'text', mode: 'text_parse_mode', entities: 'text_entities' };

/** JSON whose insides are read as everywhere else. */
const READERS: Readonly<Record<string, (params: Params) => unknown>> = {
  reply_markup: readReplyMarkup,
  entities: (params) => readText(params, TEXT_FIELDS),
  caption_entities: (params) => readText(params, CAPTION_FIELDS),
  parse_mode: (params) => readText(params, params.has('caption') ? CAPTION_FIELDS : TEXT_FIELDS),
  text_entities: (params) => readText(params, GIFT_TEXT),
  text_parse_mode: (params) => readText(params, GIFT_TEXT),
  link_preview_options: readPreviewOptions,
};

/** Ids of things that are in no book of this server: nobody can say whether they exist. */
const NOWHERE_KNOWN = /(?:gift|story|query|inline_message|ephemeral_message)_id$/;

/** Where the official server asks for other access than the result suggests (Client.cpp:15440, 14126, 14147). */
const ACCESS: Readonly<Record<string, AccessNeed | 'none'>> = {
  getUserChatBoosts: 'write',
  verifyChat: 'read',
  removeChatVerification: 'none',
};

export function genericChecks(shape: MethodShape): GenericChecks {
  const parameters = Object.entries(shape.params).map(([key, type]) => ({
    name: key.replace(/\?$/, ''),
    required: !key.endsWith('?'),
    type,
  }));
  const names = new Set(parameters.map(({ name }) => name));
  const usualAccess: AccessNeed = shape.returns === 'true' || shape.returns === 'Message' ? 'write' : 'read';
  return {
    complete: parameters.every(
      ({ name, type }) =>
        !type.includes('file') &&
        !NOWHERE_KNOWN.test(name) &&
        (!type.startsWith('json') || READERS[name] !== undefined),
    ),
    run: (context) => {
      for (const { name, required, type } of parameters) checkAlone(context, name, required, type);
      const { params, world } = context;
      if (params.get('business_connection_id') || isNeeded('business_connection_id', parameters))
        world.business.named(params);
      const access = ACCESS[context.method] ?? usualAccess;
      const chat = names.has('chat_id') ? findChat(context, isNeeded('chat_id', parameters)) : undefined;
      if (chat !== undefined && access !== 'none') checkAccess(chat, access);
      // Who is asked about in a chat may be anybody; who is given something must be known.
      if (names.has('user_id') && chat === undefined && params.has('user_id'))
        world.chats.knownUser(userIdParam(params));
      if (chat !== undefined && isNeeded('message_id', parameters))
        if (chat.messages.get(messageIdParam(params)) === undefined) throw badRequest('message not found');
    },
  };
}

function isNeeded(name: string, parameters: readonly { name: string; required: boolean }[]): boolean {
  return parameters.some((parameter) => parameter.required && parameter.name === name);
}

function checkAlone(context: MethodContext, name: string, required: boolean, type: string): void {
  const { params, files } = context;
  if (name === 'chat_id' || name === 'business_connection_id' || files.has(name)) return;
  if (name === 'user_id') {
    if (required || (params.get(name) ?? '') !== '') userIdParam(params);
    return;
  }
  const isText = type.includes('string') || type.includes('json') || type.includes('file');
  if (required && isText) requiredParam(params, name);
  const text = params.get(name);
  if (type !== 'json' && !(name in READERS)) return;
  if (text === undefined || text === '') return;
  const read = READERS[name];
  if (read !== undefined) read(params);
  else checkJson(text, name);
}

/** Its form only: an array or an object. */
function checkJson(text: string, name: string): void {
  const value = parseJsonParam(text, name);
  if (!Array.isArray(value) && !isObject(value)) throw badRequest(`object expected as ${name}`);
}

function findChat({ world, params }: MethodContext, required: boolean): ChatState | undefined {
  if (!required && (params.get('chat_id') ?? '') === '') return undefined;
  return world.chats.find(params);
}
