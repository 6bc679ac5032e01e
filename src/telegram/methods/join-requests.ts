import { badRequest } from '../api-error.js';
import { bookOf, type ChatState } from '../chats/chat-book.js';
import type { JoinRequest } from '../chats/invite-book.js';
import { admit } from '../chats/member-admission.js';
import { requireRight, statusOf } from '../chats/member-rights.js';
import { isMember } from '../chats/member-status.js';
import { userIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import type { World } from '../world.js';
import { DONE, type Handlers } from './outcome.js';

/** Letting people in who asked, or not. */
export const JOIN_REQUEST_METHODS: Handlers = {
  approveChatJoinRequest: ({ world, params }) => {
    const { chat, request } = settled(world, params);
    admit(world, chat, request, world.user);
    return DONE;
  },

  declineChatJoinRequest: ({ world, params }) => {
    settled(world, params);
    return DONE;
  },
};

/** @throws ApiError `HIDE_REQUESTER_MISSING`, `USER_ALREADY_PARTICIPANT` */
function settled(world: World, params: Params): { readonly chat: ChatState; readonly request: JoinRequest } {
  const user = userIdParam(params);
  const chat = world.chats.findFor(params, 'write');
  if (chat.chat.type === 'private') throw badRequest("the chat can't have join requests");
  requireRight(world, chat, 'can_invite_users', 'not enough rights to manage chat join requests');
  const status = statusOf(world, chat, user);
  if (status !== undefined && isMember(status)) throw badRequest('USER_ALREADY_PARTICIPANT');
  const request = bookOf(chat).invites.settle(user);
  if (request === undefined) throw badRequest('HIDE_REQUESTER_MISSING');
  return { chat, request };
}
