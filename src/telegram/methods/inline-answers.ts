import { Buffer } from 'node:buffer';
import { messageOf } from '../../base/errors.js';
import { badRequest } from '../api-error.js';
import type { Params } from '../contracts.js';
import {
  arrayField,
  FieldError,
  isObject,
  type JsonObject,
  objectField,
  parseJsonParam,
  parsing,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import { readReplyMarkup } from '../reply-markup.js';
import { DONE, type Handlers } from './outcome.js';

const MOST_RESULTS = 50;
const LONGEST_ID_BYTES = 64;

/** Inline answers are checked; nobody picks a result here. */
export const INLINE_ANSWER_METHODS: Handlers = {
  answerInlineQuery: ({ world, params }) => {
    checkButton(params.get('button') ?? '');
    const ids = readResults(params);
    world.inlineQueries.take(params.get('inline_query_id') ?? '');
    if (ids.some((id) => id === '' || Buffer.byteLength(id) > LONGEST_ID_BYTES)) {
      throw badRequest('RESULT_ID_INVALID');
    }
    if (new Set(ids).size < ids.length) throw badRequest('RESULT_ID_DUPLICATE');
    return DONE;
  },
};

function checkButton(json: string): void {
  if (json === '') return;
  const button = parseJsonParam(json, 'inline query results button');
  parsing('inline query results button', () => {
    if (!isObject(button)) throw new FieldError('InlineQueryResultsButton must be an Object');
    requiredStringField(button, 'text');
    if (button.start_parameter !== undefined) {
      requiredStringField(button, 'start_parameter');
    } else if (button.web_app !== undefined) {
      requiredStringField(objectField(button, 'web_app') ?? {}, 'url');
    } else {
      throw new FieldError('InlineQueryResultsButton must have exactly one optional field');
    }
  });
}

/** The ids of the results. */
function readResults(params: Params): string[] {
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
  return list.map((item: unknown) => parsing('inline query result', () => readResult(item)));
}

/** Fields that a result of a type must have. `a|b`: one of them, the last is asked for. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  article: ['title'],
  audio: ['audio_url|audio_file_id'],
  contact: ['phone_number', 'first_name'],
  document: ['title', 'document_url|document_file_id'],
  game: ['game_short_name'],
  gif: ['gif_url|gif_file_id'],
  location: ['latitude', 'longitude', 'title'],
  mpeg4_gif: ['mpeg4_url|mpeg4_file_id'],
  photo: ['photo_url|photo_file_id'],
  sticker: ['sticker_file_id'],
  venue: ['latitude', 'longitude', 'title', 'address'],
  video: ['title', 'video_url|video_file_id'],
  voice: ['title', 'voice_url|voice_file_id'],
};

function readResult(item: unknown): string {
  if (!isObject(item)) throw new FieldError('Inline query result must be an object');
  const type = requiredStringField(item, 'type').toLowerCase();
  const id = requiredStringField(item, 'id');
  checkContent(item, type);
  const required = REQUIRED[type];
  if (item.reply_markup !== undefined) {
    readReplyMarkup(new Map([['reply_markup', JSON.stringify(item.reply_markup)]]));
  }
  if (required === undefined)
    throw new FieldError(`type "${type}" is unsupported for the inline query result`);
  for (const names of required) checkOneOf(item, names.split('|'));
  return id;
}

function checkOneOf(item: JsonObject, names: readonly string[]): void {
  const last = names.at(-1) ?? '';
  if (names.slice(0, -1).some((name) => (stringField(item, name) ?? '') !== '')) return;
  requiredStringField(item, last);
}

const CONTENT_FIELDS = ['message_text', 'rich_message', 'latitude', 'phone_number', 'payload'];

/** An article is nothing but its message. */
function checkContent(item: JsonObject, type: string): void {
  const content = objectField(item, 'input_message_content');
  if (content === undefined) {
    if (type === 'article' && requiredStringField(item, 'message_text') === '') {
      throw new FieldError('Message text is empty');
    }
    return;
  }
  if (content.message_text !== undefined && requiredStringField(content, 'message_text') === '') {
    throw new FieldError('Message text is empty');
  }
  if (content.prices !== undefined) arrayField(content, 'prices');
  if (type === 'article' && !CONTENT_FIELDS.some((field) => content[field] !== undefined)) {
    throw new FieldError('Input message content is not specified');
  }
}
