import { Buffer } from 'node:buffer';
import type {
  InlineQueryResultsButton,
  PreparedInlineMessage,
  PreparedKeyboardButton,
  SentWebAppMessage,
} from '@grammyjs/types';
import { messageOf } from '../../base/errors.js';
import { badRequest } from '../api-error.js';
import { booleanParam, integerParam, userIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import {
  FieldError,
  isObject,
  objectField,
  parseJsonParam,
  parsing,
  requiredStringField,
} from '../json-fields.js';
import { randomText } from '../random-ids.js';
import { checkCallbackData, readReplyMarkup } from '../reply-markup.js';
import type { World } from '../world.js';
import { postInline } from './inline-messages.js';
import { type InlineResult, readInlineResult, readInlineResults } from './inline-results.js';
import { DONE, type Handlers } from './outcome.js';

const MOST_RESULTS = 50;
const LONGEST_ID_BYTES = 64;
const DEFAULT_CACHE_SECONDS = 300;
const LONGEST_CACHE_SECONDS = 86_400;
/** A prepared message can be sent this long: best knowledge, the docs only say that it expires. */
const PREPARED_SECONDS = 86_400;

export const INLINE_ANSWER_METHODS: Handlers = {
  answerInlineQuery: ({ world, params }) => {
    const cacheSeconds = integerParam(params, 'cache_time', {
      fallback: DEFAULT_CACHE_SECONDS,
      min: 0,
      max: LONGEST_CACHE_SECONDS,
    });
    const button = readButton(params);
    const results = readInlineResults(world, readList(params));
    const id = params.get('inline_query_id') ?? '';
    const asked = world.inlineQueries.take(id);
    checkResults(results);
    world.inlineQueries.keepAnswer(id, asked, {
      results,
      nextOffset: params.get('next_offset') ?? '',
      isPersonal: booleanParam(params, 'is_personal'),
      cacheMs: cacheSeconds * 1000,
      ...(button === undefined ? {} : { button }),
    });
    return DONE;
  },

  answerWebAppQuery: ({ world, params }) => {
    const result = readInlineResult(world, params);
    const person = world.inlineQueries.takeWebApp(params.get('web_app_query_id') ?? '');
    checkResults([result]);
    return { result: postForWebApp(world, person, result) };
  },

  savePreparedInlineMessage: ({ world, params }) => ({ result: prepareMessage(world, params) }),
};

/** What people would do with a prepared button happens inside Mini Apps. */
export const VALIDATED_INLINE_METHODS: Handlers = {
  savePreparedKeyboardButton: ({ world, params }) => ({ result: prepareButton(world, params) }),
};

function readButton(params: Params): InlineQueryResultsButton | undefined {
  const json = params.get('button') ?? '';
  if (json === '') {
    const text = params.get('switch_pm_text') ?? '';
    return text === '' ? undefined : { text, start_parameter: params.get('switch_pm_parameter') ?? '' };
  }
  const button = parseJsonParam(json, 'inline query results button');
  return parsing('inline query results button', () => {
    if (!isObject(button)) throw new FieldError('InlineQueryResultsButton must be an Object');
    const text = requiredStringField(button, 'text');
    if (button.start_parameter !== undefined) {
      return { text, start_parameter: requiredStringField(button, 'start_parameter') };
    }
    if (button.web_app !== undefined) {
      return {
        text,
        web_app: { url: requiredStringField(objectField(button, 'web_app') ?? {}, 'url') },
      };
    }
    throw new FieldError('InlineQueryResultsButton must have exactly one optional field');
  });
}

function readList(params: Params): readonly unknown[] {
  const json = params.get('results') ?? '';
  if (json === '') return [];
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch (error) {
    // The reason is that of another JSON parser.
    throw badRequest(`can't parse JSON encoded inline query results: ${messageOf(error)}`);
  }
  if (list === null) return [];
  if (!Array.isArray(list)) throw badRequest('expected an Array of inline query results');
  if (list.length > MOST_RESULTS) throw badRequest('too many inline query results specified');
  return list;
}

/** What the backend checks. */
function checkResults(results: readonly InlineResult[]): void {
  const ids = results.map(({ id }) => id);
  if (ids.some((id) => id === '' || Buffer.byteLength(id) > LONGEST_ID_BYTES)) {
    throw badRequest('RESULT_ID_INVALID');
  }
  if (new Set(ids).size < ids.length) throw badRequest('RESULT_ID_DUPLICATE');
  for (const { markup } of results) if (markup !== undefined) checkCallbackData(markup);
}

function postForWebApp(world: World, userId: number, result: InlineResult): Partial<SentWebAppMessage> {
  const person = world.chats.user(userId);
  if (person === undefined) throw badRequest('USER_ID_INVALID');
  const { inlineMessageId } = postInline(world, person, result);
  return inlineMessageId === undefined ? {} : { inline_message_id: inlineMessageId };
}

function prepareMessage(world: World, params: Params): PreparedInlineMessage {
  const person = userIdParam(params);
  const result = readInlineResult(world, params);
  if (world.chats.user(person) === undefined) throw badRequest('USER_ID_INVALID');
  checkResults([result]);
  const kinds = ['user', 'bot', 'group', 'channel'].filter((kind) =>
    booleanParam(params, `allow_${kind}_chats`),
  );
  if (kinds.length === 0) throw badRequest('PEER_TYPES_INVALID');
  const expiresAtS = world.clock.unixSeconds() + PREPARED_SECONDS;
  return { id: world.inlineQueries.prepare(person, result, expiresAtS), expiration_date: expiresAtS };
}

/** Only these buttons can be prepared. */
const REQUESTS = ['request_users', 'request_chat', 'request_managed_bot'];

function prepareButton(world: World, params: Params): PreparedKeyboardButton {
  const person = userIdParam(params);
  const button = parseJsonParam(params.get('button') ?? '', 'keyboard button');
  parsing('keyboard button', () => {
    if (!isObject(button)) throw new FieldError('KeyboardButton must be an Object');
    requiredStringField(button, 'text');
  });
  readReplyMarkup(new Map([['reply_markup', JSON.stringify({ keyboard: [[button]] })]]));
  world.chats.knownUser(person);
  if (!REQUESTS.some((field) => isObject(button) && field in button)) throw badRequest('BUTTON_INVALID');
  return { id: randomText(world.random, 22) };
}
