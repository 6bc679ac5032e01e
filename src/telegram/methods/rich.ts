import type { RichMessage } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { checkAccess, checkPerson } from '../chats/chat-book.js';
import { INT32_MAX, integerParam, requiredParam } from '../coercion.js';
import {
  arrayField,
  booleanField,
  FieldError,
  isObject,
  type JsonObject,
  objectField,
  parseJsonParam,
  parsing,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import { markdownToHtml } from '../text/rich-markdown.js';
import { DONE, type Handlers, type MethodContext } from './outcome.js';
import { readBlocks } from './rich-blocks.js';
import { blocksOfHtml } from './rich-html-blocks.js';
import { RichLimits } from './rich-text.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';

/** Longer sources cannot hold a text within the limits, whatever its tags are. */
const LONGEST_SOURCE = 65_536;

/**
 * Rich messages as the documentation describes them. The source of the official server's part of them is not
 * public yet (tdlib/telegram-bot-api ends at 10.0): errors that TDLib knows have its words, the others have
 * words of the same manner. So these count as validated, though what they send is there and stays.
 */
export const VALIDATED_RICH_METHODS: Handlers = {
  sendRichMessage: (context) => {
    const source = richParam(context);
    const options = readSendOptions(context.params);
    const to = findDestination(context, options);
    return sendContent(context, to, { rich_message: readRich(context, source, false) });
  },

  sendRichMessageDraft: (context) => {
    const source = richParam(context);
    const draft = integerParam(context.params, 'draft_id', { fallback: 0, min: -INT32_MAX, max: INT32_MAX });
    if (draft === 0) throw badRequest('draft identifier must be non-zero');
    const chat = context.world.chats.find(context.params);
    checkAccess(chat, 'write');
    if (chat.chat.type !== 'private') throw badRequest('message drafts can be sent only to private chats');
    readRich(context, source, true);
    checkPerson(chat);
    return DONE;
  },
};

/** @throws ApiError when it is missing or no object */
export function richParam({ params }: MethodContext): JsonObject {
  const value = parseJsonParam(requiredParam(params, 'rich_message'), 'rich message');
  if (!isObject(value)) throw badRequest('object expected as rich message');
  return value;
}

/** The message as it is shown. @throws ApiError */
export function readRich(context: MethodContext, source: JsonObject, isDraft: boolean): RichMessage {
  const { world, files } = context;
  return parsing('InputRichMessage', () => {
    const given = ['blocks', 'html', 'markdown'].filter((name) => source[name] !== undefined);
    if (given.length === 0) throw badRequest('rich message must be non-empty');
    if (given.length > 1)
      throw new FieldError('exactly one of the fields "html", "markdown" and "blocks" must be used');
    const reader = {
      world,
      files,
      isDraft,
      limits: new RichLimits(),
      detects: booleanField(source, 'skip_entity_detection') !== true,
      named: readNamed(source),
    };
    const blocks = readBlocks(reader, blocksIn(source));
    if (blocks.length === 0) throw badRequest('rich message must be non-empty');
    return { blocks, ...(booleanField(source, 'is_rtl') === true ? { is_rtl: true } : {}) };
  });
}

function blocksIn(source: JsonObject): unknown {
  if (source.blocks !== undefined) return arrayField(source, 'blocks');
  const html = stringField(source, 'html');
  const markdown = stringField(source, 'markdown') ?? '';
  if (Math.max(html?.length ?? 0, markdown.length) > LONGEST_SOURCE)
    throw badRequest('rich message text is too long');
  return blocksOfHtml(html ?? markdownToHtml(markdown));
}

function readNamed(source: JsonObject): Map<string, JsonObject> {
  const named = new Map<string, JsonObject>();
  for (const item of arrayField(source, 'media') ?? []) {
    if (!isObject(item)) throw new FieldError('expected an Object');
    const id = requiredStringField(item, 'id');
    if (!/^[\w-]{1,64}$/.test(id)) throw new FieldError('Invalid media identifier specified');
    const media = objectField(item, 'media');
    if (media === undefined) throw new FieldError('Can\'t find field "media"');
    named.set(id, media);
  }
  return named;
}
