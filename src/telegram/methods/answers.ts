import type { Content } from '../../history/content.js';
import { badRequest } from '../api-error.js';
import { checkAccess, checkPerson } from '../chats/chat-book.js';
import { booleanParam, requiredParam } from '../coercion.js';
import { DONE, type Handler, type Handlers } from './outcome.js';

const LONGEST_TOAST = 200;

const ACTIONS: ReadonlySet<string> = new Set([
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'record_audio',
  'upload_audio',
  'upload_document',
  'choose_sticker',
  'find_location',
  'pick_up_location',
  'record_video_note',
  'upload_video_note',
  'cancel',
]);

/** Shipping and pre-checkout queries are answered alike: a refusal needs a reason. */
const answerQuery: Handler = ({ params }) => {
  if (!booleanParam(params, 'ok')) requiredParam(params, 'error_message');
  return DONE;
};

export const ANSWER_METHODS: Handlers = {
  answerCallbackQuery: ({ world, params, call }) => {
    const text = params.get('text') ?? '';
    if ([...text].length > LONGEST_TOAST) throw badRequest('MESSAGE_TOO_LONG');
    const query = world.callbacks.take(params.get('callback_query_id') ?? '');
    const content: Content | undefined = text === '' ? undefined : { kind: 'toast', text };
    const { chatId, messageId } = query;
    if (chatId === undefined) return content === undefined ? DONE : { ...DONE, contents: [content] };
    return {
      ...DONE,
      ...(content === undefined ? {} : { contents: [content] }),
      seen: [
        {
          what: 'callback-answered',
          call,
          chatId,
          callbackQueryId: query.id,
          ...(messageId === undefined ? {} : { messageId }),
          ...(content === undefined ? {} : { content }),
        },
      ],
    };
  },
};

/** Their arguments are checked; nothing that a bot could see follows from them. */
export const VALIDATED_ANSWERS: Handlers = {
  answerPreCheckoutQuery: answerQuery,
  answerShippingQuery: answerQuery,

  sendChatAction: ({ world, params }) => {
    if (!ACTIONS.has((params.get('action') ?? '').toLowerCase())) {
      throw badRequest('wrong parameter action in request');
    }
    const chat = world.chats.find(params);
    checkAccess(chat, 'write');
    checkPerson(chat);
    return DONE;
  },
};
