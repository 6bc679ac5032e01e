import type { Content, ContentKind } from '../history/content.js';
import { contentOfMessage, type MarkupLike, type MessageLike } from '../history/message-content.js';
import { isFailed, isObject, type JsonObject, type RecordedCall } from './format.js';

/** Something the recorded bot showed a person. */
export interface RecordedReply {
  readonly how: 'sent' | 'edited' | 'toast';
  readonly content: Content;
  /** The recorded message, where the recording tells. */
  readonly messageId?: number;
}

/** What each method sends when only the arguments of the call are known. */
const SENDS: Readonly<Record<string, ContentKind>> = {
  sendmessage: 'text',
  sendphoto: 'photo',
  sendvideo: 'video',
  sendanimation: 'animation',
  sendaudio: 'audio',
  sendvoice: 'voice',
  sendvideonote: 'video_note',
  senddocument: 'document',
  sendsticker: 'sticker',
  sendlocation: 'location',
  sendvenue: 'venue',
  sendcontact: 'contact',
  sendpoll: 'poll',
  senddice: 'dice',
  sendinvoice: 'invoice',
  sendgame: 'game',
};

/** `sendChatAction` and the like show nothing that stays; deletes take away. */
const SHOWS = /^(?:send(?!chataction|messagedraft)|forward|copy|edit)/;

/**
 * What a call showed: the message in its result, else what its arguments say. Nothing for calls that
 * failed, for those that show nothing, and where the recording does not tell what was shown (a copied
 * message, a new keyboard whose message is not in the result).
 */
export function repliesOf(call: RecordedCall): readonly RecordedReply[] {
  if (isFailed(call)) return [];
  const method = call.method.toLowerCase();
  if (method === 'answercallbackquery') return toastOf(call.params);
  if (!SHOWS.test(method)) return [];
  const how = method.startsWith('edit') ? 'edited' : 'sent';
  const messages = (Array.isArray(call.result) ? call.result : [call.result]).filter(isMessage);
  const markup = markupOf(call.params);
  if (messages.length > 0) {
    return messages.map((message) => ({
      how,
      content: contentOfMessage(message as MessageLike, isInline(markup) ? undefined : markup),
      ...(typeof message.message_id === 'number' && { messageId: message.message_id }),
    }));
  }
  const content = contentOfParams(method, call.params, markup);
  if (content === undefined) return [];
  const id = isObject(call.result) ? call.result.message_id : call.params.message_id;
  const messageId = Number(id);
  return [{ how, content, ...(id !== undefined && Number.isSafeInteger(messageId) && { messageId }) }];
}

/** The chat a call was for; recordings hold numbers or texts. `undefined` for `@names` and none. */
export function chatOfCall(call: RecordedCall): number | undefined {
  const result = Array.isArray(call.result) ? call.result[0] : call.result;
  if (isObject(result) && isObject(result.chat) && typeof result.chat.id === 'number') return result.chat.id;
  const { chat_id: chat } = call.params;
  if (typeof chat !== 'number' && typeof chat !== 'string') return undefined;
  const id = Number(chat);
  return Number.isSafeInteger(id) && id !== 0 ? id : undefined;
}

function toastOf(params: JsonObject): readonly RecordedReply[] {
  const { text } = params;
  return typeof text === 'string' && text !== '' ? [{ how: 'toast', content: { kind: 'toast', text } }] : [];
}

function contentOfParams(
  method: string,
  params: JsonObject,
  markup: MarkupLike | undefined,
): Content | undefined {
  const kind = method === 'editmessagetext' ? 'text' : SENDS[method];
  if (kind === undefined) return undefined;
  const text = kind === 'text' ? params.text : params.caption;
  return contentOfMessage(
    {
      ...(kind !== 'text' && { [kind]: params[kind] ?? '' }),
      ...(typeof text === 'string' && (kind === 'text' ? { text } : { caption: text })),
    },
    markup,
  );
}

/** Bots send it as JSON text or, in a JSON body, as an object. */
function markupOf(params: JsonObject): MarkupLike | undefined {
  const { reply_markup: markup } = params;
  if (isObject(markup)) return markup as MarkupLike;
  if (typeof markup !== 'string' || markup === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(markup);
    return isObject(parsed) ? (parsed as MarkupLike) : undefined;
  } catch {
    return undefined; // Telegram refused it too, or nobody saw a keyboard
  }
}

const isInline = (markup: MarkupLike | undefined): boolean => markup?.inline_keyboard !== undefined;

const isMessage = (value: unknown): value is JsonObject => isObject(value) && isObject(value.chat);
