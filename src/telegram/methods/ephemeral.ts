import type { User } from '@grammyjs/types';
import { contentOfMessage } from '../../history/message-content.js';
import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import type { EphemeralMessage } from '../chats/ephemeral-book.js';
import { inOfficialOrder } from '../chats/message-order.js';
import { type ApiMessage, asMessage, type StoredMessage } from '../chats/message-store.js';
import { booleanParam, messageIdParam, userIdParam } from '../coercion.js';
import type { Params, Seen } from '../contracts.js';
import { isObject, parseJsonParam, parsing, requiredIntegerField } from '../json-fields.js';
import { checkCallbackData, checkMarkup, type ReplyMarkup, readReplyMarkup } from '../reply-markup.js';
import type { World } from '../world.js';
import { CAPTION_KEYS, hasCaption, MEDIA_KEYS, readTextEdit, TEXT_KEYS } from './edits.js';
import { mediaParam, readInputMedia } from './input-media.js';
import { mediaContent, spoiler, storeInput, withDetails } from './media.js';
import { DONE, type Handlers, type MethodContext, type Outcome } from './outcome.js';
import type { MessageFields } from './send.js';
import { captionContent, finishCaption, readCaption } from './texts.js';

/**
 * Ephemeral messages as the documentation describes them; that part of the official server is not public
 * yet, so the words of the errors are in its manner, and these count as validated.
 */
export const VALIDATED_EPHEMERAL_METHODS: Handlers = {
  editEphemeralMessageText: (context) => {
    const { markup, contentFor } = readTextEdit(context);
    const [chat, found] = messageToEdit(context);
    return applyEdit(context, chat, found, contentFor(found.stored.message), TEXT_KEYS, markup);
  },

  editEphemeralMessageCaption: (context) => {
    const source = readCaption(context.params);
    const above = booleanParam(context.params, 'show_caption_above_media');
    const markup = readReplyMarkup(context.params);
    const [chat, found] = messageToEdit(context);
    if (!hasCaption(found.stored.message)) throw badRequest('there is no caption in the message to edit');
    const content = captionContent(finishCaption(context.world, source), above);
    return applyEdit(context, chat, found, content, CAPTION_KEYS, markup);
  },

  editEphemeralMessageMedia: (context) => {
    const { params, files, world } = context;
    const { kind, input, caption, look, details } = readInputMedia(
      parseJsonParam(mediaParam(params), 'input media'),
      files,
    );
    const markup = readReplyMarkup(params);
    const [chat, found] = messageToEdit(context);
    const content = {
      ...withDetails(mediaContent(world, kind, storeInput(world, input, kind)), kind, details),
      ...captionContent(finishCaption(world, caption), look.above),
      ...spoiler(kind, look),
    };
    return applyEdit(context, chat, found, content, MEDIA_KEYS, markup);
  },

  editEphemeralMessageReplyMarkup: (context) => {
    const markup = readReplyMarkup(context.params);
    const [chat, found] = messageToEdit(context);
    return applyEdit(context, chat, found, {}, [], markup);
  },

  deleteEphemeralMessage: (context) => {
    const [chat, { id, receiver }] = messageNamed(context, 'message to delete');
    context.world.ephemeral.delete(chat.id, id);
    return { ...DONE, seen: [{ what: 'deleted', call: context.call, chatId: chat.id, receiver }] };
  },
};

/** Who alone gets the message; nobody when it is a normal one. @throws ApiError */
export function readReceiver(params: Params): number | undefined {
  const text = params.get('ephemeral_message_parameters') ?? '';
  if (text === '') return undefined;
  const object = parseJsonParam(text, 'ephemeral message parameters');
  if (!isObject(object)) throw badRequest('object expected as ephemeral message parameters');
  if (Object.keys(object).length === 0) return undefined;
  const id = parsing('EphemeralMessageParameters', () => requiredIntegerField(object, 'receiver_user_id'));
  if (id <= 0) throw badRequest('invalid receiver_user_id specified');
  return id;
}

/** Puts it in front of this person only: it is none of the messages of the chat. */
export function sendEphemeral(
  { world, call }: MethodContext,
  chat: ChatState,
  receiver: User,
  draft: StoredMessage,
): Outcome {
  const location = draft.message.location as { readonly live_period?: number } | undefined;
  if (location?.live_period !== undefined) throw badRequest("live locations can't be ephemeral");
  const id = world.ephemeral.nextId(chat.id);
  const message = inOfficialOrder({
    ...draft.message,
    message_id: 0,
    receiver_user: receiver,
    ephemeral_message_id: id,
  }) as ApiMessage;
  const stored = { ...draft, message };
  world.ephemeral.put(chat.id, { id, receiver: receiver.id, stored });
  return { result: message, ...shown('sent', call, chat, receiver.id, stored) };
}

function shown(
  what: 'sent' | 'edited',
  call: MethodContext['call'],
  chat: ChatState,
  receiver: number,
  { message, hiddenMarkup }: StoredMessage,
): Pick<Outcome, 'contents' | 'seen'> {
  const content = contentOfMessage(message, hiddenMarkup);
  const seen: Seen = { what, call, chatId: chat.id, receiver, message: asMessage(message), content };
  return { contents: [content], seen: [seen] };
}

function messageToEdit(context: MethodContext): [ChatState, EphemeralMessage] {
  return messageNamed(context, 'message to edit');
}

/** @throws ApiError `<noun> not found` */
function messageNamed({ world, params }: MethodContext, noun: string): [ChatState, EphemeralMessage] {
  const receiver = userIdParam(params, 'receiver_user_id');
  const id = messageIdParam(params, 'ephemeral_message_id');
  const chat = world.chats.findFor(params, 'edit');
  const found = id === 0 ? undefined : world.ephemeral.find(chat.id, receiver, id);
  if (found === undefined) throw badRequest(`${noun} not found`);
  return [chat, found];
}

function applyEdit(
  { world, call }: MethodContext,
  chat: ChatState,
  found: EphemeralMessage,
  content: MessageFields,
  replaced: readonly string[],
  markup: ReplyMarkup | undefined,
): Outcome {
  if (markup !== undefined && !markup.inline) throw badRequest('inline keyboard expected');
  const checked = markup === undefined ? undefined : checkMarkup(markup);
  if (checked !== undefined) checkCallbackData(checked);
  const kept = Object.fromEntries(
    Object.entries(found.stored.message).filter(([key]) => key !== 'reply_markup' && !replaced.includes(key)),
  );
  const message = inOfficialOrder({
    ...kept,
    ...content,
    edit_date: world.clock.unixSeconds(),
    ...(checked === undefined ? {} : { reply_markup: checked.markup }),
  }) as unknown as ApiMessage;
  const stored = { ...found.stored, message };
  world.ephemeral.put(chat.id, { ...found, stored });
  return { ...DONE, ...shown('edited', call, chat, found.receiver, stored) };
}

/** @throws ApiError for a person whom the bot does not know */
export function receiverOf(world: World, id: number): User {
  const user = world.chats.user(id);
  if (user === undefined) throw badRequest('user not found');
  return user;
}
