import { badRequest } from '../api-error.js';
import { userIdParam } from '../coercion.js';
import { messageNamed } from './edits.js';
import type { Handler, Handlers } from './outcome.js';

/** There are no direct messages chats of channels here, so no message is a suggested post. */
const decideOnPost: Handler = (context) => {
  messageNamed(context, 'suggested post');
  throw badRequest('MESSAGE_ID_INVALID');
};

export const VALIDATED_SUGGESTIONS: Handlers = {
  approveSuggestedPost: decideOnPost,
  declineSuggestedPost: decideOnPost,

  /** Nobody has a personal channel here. */
  getUserPersonalChatMessages: ({ world, params }) => {
    world.chats.knownUser(userIdParam(params));
    return { result: [] };
  },
};
