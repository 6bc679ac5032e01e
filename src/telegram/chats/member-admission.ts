import type { User } from '@grammyjs/types';
import type { Received } from '../contracts.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import { bookOf, type ChatState } from './chat-book.js';
import type { JoinRequest } from './invite-book.js';
import { arrivalFields, changeMember } from './member-changes.js';
import { MEMBER } from './member-status.js';

/** Lets somebody in who asked. In a group everybody sees them come (Client.cpp:4342). */
export function admit(world: World, chat: ChatState, request: JoinRequest, by: User): Received {
  const { user, url } = request;
  const invites = bookOf(chat).invites;
  const link = url === undefined ? undefined : invites.link(url);
  const counted = link === undefined ? undefined : invites.put({ ...link, joined: link.joined + 1 });
  const change = changeMember(world, chat, {
    user,
    status: MEMBER,
    by,
    viaRequest: true,
    ...(counted === undefined ? {} : { link: counted }),
  });
  return chat.chat.type === 'channel' ? change : comesIn(world, chat, user);
}

/** The message that somebody has come, by themselves. */
export function comesIn(world: World, chat: ChatState, user: User): Received {
  return receive(world, {
    kind: 'message',
    payload: { from: user, chat: chat.chat, ...arrivalFields([user]) },
  });
}
