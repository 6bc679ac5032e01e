import type { Location } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import type { StoredMessage } from '../chats/message-store.js';
import { readReplyMarkup } from '../reply-markup.js';
import { applyEdit, isInline, messageToEdit } from './edits.js';
import { endLiveLocation, still } from './live-ends.js';
import { DONE, type Handlers, type MethodContext, type Outcome } from './outcome.js';
import { checkMove, readLocation, readMove } from './places.js';

export const LIVE_LOCATION_METHODS: Handlers = {
  editMessageLiveLocation: (context) => {
    const { world, params } = context;
    const move = readMove(params);
    const where = readLocation(params);
    const markup = readReplyMarkup(params);
    if (isInline(context)) return DONE;
    const [chat, stored, before] = liveLocation(context);
    // Without a new period the old one stays.
    const period = move.period === 0 ? (before.live_period ?? 0) : move.period;
    const location = checkMove(where, { ...move, period });
    const outcome = applyEdit(context, chat, stored, { location }, ['location'], markup);
    const edited = chat.messages.get(stored.message.message_id);
    if (edited !== undefined && period !== before.live_period) {
      endLiveLocation(world, chat, edited.message);
    }
    return outcome;
  },

  stopMessageLiveLocation: (context): Outcome => {
    const markup = readReplyMarkup(context.params);
    if (isInline(context)) return DONE;
    const [chat, stored, before] = liveLocation(context);
    return applyEdit(context, chat, stored, { location: still(before) }, ['location'], markup);
  },
};

/**
 * One that still moves; what has come to rest is like any other place (MessagesManager.cpp:23350).
 * @throws ApiError `message can't be edited`, `there is no live location in the message to edit`
 */
function liveLocation(context: MethodContext): [ChatState, StoredMessage, Location] {
  const [chat, stored] = messageToEdit(context);
  const location = stored.message.location as Location | undefined;
  if (location?.live_period !== undefined) return [chat, stored, location];
  if (location !== undefined) throw badRequest("message can't be edited");
  throw badRequest('there is no live location in the message to edit');
}
