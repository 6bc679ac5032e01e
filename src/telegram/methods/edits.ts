import { contentOfMessage } from '../../history/message-content.js';
import { badRequest } from '../api-error.js';
import { type AccessNeed, type ChatState, checkAccess, checkPerson } from '../chats/chat-book.js';
import { isServiceMessage } from '../chats/message-kinds.js';
import { TAIL } from '../chats/message-order.js';
import { type ApiMessage, asMessage, type StoredMessage, withoutReply } from '../chats/message-store.js';
import { booleanParam, messageIdParam } from '../coercion.js';
import { parseJsonParam } from '../json-fields.js';
import { checkCallbackData, checkMarkup, type ReplyMarkup, readReplyMarkup } from '../reply-markup.js';
import { codePoints, finishText, LONGEST_TEXT } from '../text/formatted-text.js';
import { inlineTarget } from './inline-messages.js';
import { mediaParam, readInputMedia } from './input-media.js';
import { mediaContent, spoiler, storeInput, withDetails } from './media.js';
import { DONE, type Handlers, type MethodContext, type Outcome } from './outcome.js';
import { readRich, richParam } from './rich.js';
import { idOf, isGroup, type MessageFields } from './send.js';
import {
  captionContent,
  finishCaption,
  finishRequiredText,
  readCaption,
  readPreviewOptions,
  readRequiredText,
  textContent,
} from './texts.js';

const LONGEST_CAPTION = 1024;

/**
 * What a message is to say from now on: read before the message is looked for, finished when it is found.
 * @throws ApiError
 */
export function readTextEdit(context: MethodContext): {
  readonly markup: ReplyMarkup | undefined;
  /** @throws ApiError `there is no text in the message to edit`, `MESSAGE_TOO_LONG` */
  readonly contentFor: (message: ApiMessage) => MessageFields;
} {
  const { params, world } = context;
  const rich = (params.get('rich_message') ?? '') === '' ? undefined : richParam(context);
  const source = rich === undefined ? readRequiredText(params) : undefined;
  const preview = readPreviewOptions(params);
  const markup = readReplyMarkup(params);
  return {
    markup,
    contentFor: (message) => {
      if (message.text === undefined && message.rich_message === undefined) {
        throw badRequest('there is no text in the message to edit');
      }
      if (source === undefined) return { rich_message: readRich(context, rich ?? {}, false) };
      const text = finishRequiredText(world, source);
      if (codePoints(text.text) > LONGEST_TEXT) throw badRequest('MESSAGE_TOO_LONG');
      return { ...textContent(text), ...preview };
    },
  };
}

export const EDIT_METHODS: Handlers = {
  editMessageText: (context) => {
    const { markup, contentFor } = readTextEdit(context);
    if (isInline(context)) return DONE;
    const [chat, stored] = messageToEdit(context);
    return applyEdit(context, chat, stored, contentFor(stored.message), TEXT_KEYS, markup);
  },

  editMessageCaption: (context) => {
    const source = readCaption(context.params);
    const above = booleanParam(context.params, 'show_caption_above_media');
    const markup = readReplyMarkup(context.params);
    if (isInline(context)) return DONE;
    const [chat, stored] = messageToEdit(context);
    if (!hasCaption(stored.message)) throw badRequest('there is no caption in the message to edit');
    const caption = finishText(source, (id) => context.world.chats.user(id));
    if (codePoints(caption.text) > LONGEST_CAPTION) throw badRequest('MEDIA_CAPTION_TOO_LONG');
    return applyEdit(context, chat, stored, captionContent(caption, above), CAPTION_KEYS, markup);
  },

  editMessageMedia: (context) => {
    const { params, files, world } = context;
    const media = readInputMedia(parseJsonParam(mediaParam(params), 'input media'), files);
    const markup = readReplyMarkup(params);
    if (isInline(context)) return DONE;
    const [chat, stored] = messageToEdit(context);
    const content = {
      ...withDetails(
        mediaContent(world, media.kind, storeInput(world, media.input, media.kind)),
        media.kind,
        media.details,
      ),
      ...captionContent(finishCaption(world, media.caption), media.look.above),
      ...spoiler(media.kind, media.look),
    };
    return applyEdit(context, chat, stored, content, MEDIA_KEYS, markup);
  },

  editMessageReplyMarkup: (context) => {
    const markup = readReplyMarkup(context.params);
    if (isInline(context)) return DONE;
    const [chat, stored] = messageToEdit(context);
    return applyEdit(context, chat, stored, {}, [], markup);
  },
};

export const TEXT_KEYS = ['text', 'entities', 'link_preview_options', 'rich_message'];
export const CAPTION_KEYS = ['caption', 'caption_entities', 'show_caption_above_media'];
export const MEDIA_KEYS = [
  'photo',
  'video',
  'animation',
  'audio',
  'document',
  'voice',
  'live_photo',
  'caption',
  'caption_entities',
  'show_caption_above_media',
  'has_media_spoiler',
  'text',
  'entities',
  'link_preview_options',
  'rich_message',
];
const MEDIA_WITH_CAPTION = [
  'photo',
  'live_photo',
  'video',
  'animation',
  'audio',
  'voice',
  'document',
  'paid_media',
];

export function hasCaption(message: ApiMessage): boolean {
  return MEDIA_WITH_CAPTION.some((field) => message[field] !== undefined);
}

/** An inline message that is out of sight of this server: any id is taken for one that exists. */
export function isInline(context: MethodContext): boolean {
  const { params } = context;
  if (!isInlineCall(context)) return false;
  if ((params.get('inline_message_id') ?? '') !== '') return inlineTarget(context) === undefined;
  throw badRequest('message identifier is not specified');
}

function isInlineCall({ params }: MethodContext): boolean {
  return (params.get('chat_id') ?? '') === '' && messageIdParam(params) === 0;
}

/** @throws ApiError unless it is a message of this bot that can be edited */
export function messageToEdit(context: MethodContext): [ChatState, StoredMessage] {
  if (isInlineCall(context)) return inlineTarget(context) ?? messageNamed(context, 'message to edit', 'edit');
  const found = messageNamed(context, 'message to edit', 'edit');
  if (!isEditable(found[1])) throw badRequest("message can't be edited");
  return found;
}

/** @throws ApiError `<noun> not found` */
export function messageNamed(
  { world, params }: MethodContext,
  noun: string,
  need: AccessNeed = 'write',
): [ChatState, StoredMessage] {
  const id = messageIdParam(params);
  const business = world.business.chatOf(params);
  if (business !== undefined) {
    const message = business.messages.get(id);
    if (message === undefined) throw badRequest('MESSAGE_ID_INVALID');
    return [business, message];
  }
  const chat = world.chats.find(params);
  checkAccess(chat, need);
  const stored = chat.messages.get(id);
  if (stored === undefined) throw badRequest(`${noun} not found`);
  return [chat, stored];
}

/** Own messages, but not forwarded ones, not ones under a reply keyboard, and not what says that something happened. */
export function isEditable({ byBot, hiddenMarkup, message }: StoredMessage): boolean {
  return (
    byBot &&
    hiddenMarkup?.keyboard === undefined &&
    message.forward_origin === undefined &&
    !isServiceMessage(message)
  );
}

/** Replaces the fields named in `replaced` by `content`, and the keyboard: without a new one it goes. */
export function applyEdit(
  context: MethodContext,
  chat: ChatState,
  stored: StoredMessage,
  content: MessageFields,
  replaced: readonly string[],
  markup: ReplyMarkup | undefined,
): Outcome {
  if (markup !== undefined && !markup.inline) throw badRequest('inline keyboard expected');
  const checked = markup === undefined ? undefined : checkMarkup(markup);
  if (checked !== undefined) checkCallbackData(checked);
  const before = stored.message;
  const message = edited(before, content, replaced, checked, context.world.clock.unixSeconds());
  checkPerson(chat);
  if (sameButDate(before, message)) {
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a ' +
        'current content and reply markup of the message',
    );
  }
  context.world.flood?.edit(chat.id, isGroup(chat));
  chat.messages.put({ ...stored, message });
  return {
    result: isInlineCall(context) ? true : withoutReply(message),
    messageIds: [idOf(stored)],
    contents: [contentOfMessage(message)],
    seen: [
      {
        what: 'edited',
        call: context.call,
        chatId: chat.id,
        messageId: idOf(stored),
        message: asMessage(message),
      },
    ],
  };
}

/** The edited message, in the official key order. */
function edited(
  before: ApiMessage,
  content: MessageFields,
  replaced: readonly string[],
  markup: ReplyMarkup | undefined,
  nowSeconds: number,
): ApiMessage {
  const after: Record<string, unknown> = {};
  let pending = true;
  const addNew = (): void => {
    if (pending) Object.assign(after, content);
    pending = false;
  };
  for (const [key, value] of Object.entries(before)) {
    if (key === 'edit_date') continue;
    if (key === 'reply_markup' || TRAILING_KEYS.has(key)) {
      addNew();
      if (key === 'reply_markup') continue;
      if (markup !== undefined) after.reply_markup = markup.markup;
      after[key] = value;
    } else if (replaced.includes(key)) {
      addNew();
    } else {
      after[key] = value;
      if (key === 'date') after.edit_date = nowSeconds;
    }
  }
  addNew();
  if (markup !== undefined) after.reply_markup = markup.markup;
  return after as unknown as ApiMessage;
}

const TRAILING_KEYS: ReadonlySet<string> = new Set(TAIL);

function sameButDate(before: ApiMessage, after: ApiMessage): boolean {
  const { edit_date: _before, ...a } = before;
  const { edit_date: _after, ...b } = after;
  return JSON.stringify(a) === JSON.stringify(b);
}
