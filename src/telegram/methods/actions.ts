import { badRequest } from '../api-error.js';
import { type ChatState, checkAccess, checkPerson } from '../chats/chat-book.js';
import { isDirectMessages, isForum } from '../chats/chat-flags.js';
import { leadingInteger, messageIdParam } from '../coercion.js';
import { codePoints, finishText, LONGEST_TEXT, readText, TEXT_FIELDS } from '../text/formatted-text.js';
import { DONE, type Handlers, type MethodContext } from './outcome.js';

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

/** What people see the bot do before its message is there. */
export const ACTION_METHODS: Handlers = {
  sendChatAction: (context) => {
    const { world, params } = context;
    const threadId = messageIdParam(params, 'message_thread_id');
    const action = (params.get('action') ?? '').toLowerCase();
    if (!ACTIONS.has(action)) throw badRequest('wrong parameter action in request');
    const business = world.business.chatOf(params);
    const chat = business ?? world.chats.find(params);
    if (business === undefined) checkAccess(chat, 'write');
    if (isDirectMessages(chat.chat)) {
      throw badRequest("chat actions can't be sent to channel direct messages chats");
    }
    checkPerson(chat);
    const topic = existingTopic(context, chat, threadId);
    if (action === 'cancel') world.actions.end(chat.id, topic);
    else world.actions.start(chat.id, topic, action);
    return DONE;
  },

  sendMessageDraft: (context) => {
    const { world, params } = context;
    const threadId = messageIdParam(params, 'message_thread_id');
    const draftId = leadingInteger(params.get('draft_id') ?? '');
    const source = readText(params, TEXT_FIELDS);
    const chat = world.chats.findFor(params, 'write');
    const { text } = finishText(source, (id) => world.chats.user(id));
    if (codePoints(text) > LONGEST_TEXT) throw badRequest('MESSAGE_TOO_LONG');
    if (chat.chat.type !== 'private') throw badRequest('TEXTDRAFT_PEER_INVALID');
    if (draftId === 0) throw badRequest('RANDOM_ID_INVALID');
    checkPerson(chat);
    world.actions.draft(chat.id, existingTopic(context, chat, threadId), draftId, text);
    return DONE;
  },
};

/** A topic that is not there has nobody to see it; the server says nothing of it. */
function existingTopic({ world }: MethodContext, chat: ChatState, id: number): number | undefined {
  return id === 0 || !isForum(world, chat) ? undefined : world.topics.find(chat, id)?.id;
}
