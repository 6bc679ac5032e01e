import type { User } from '@grammyjs/types';
import type { ChatState } from '../chats/chat-book.js';
import { statusOf } from '../chats/member-rights.js';
import { type AdminRight, hasRight, type Permission } from '../chats/member-status.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';
import { nameOf } from './sender.js';

/** @throws SendtwiceError for a chat that is not known, private, or a supergroup by now */
export function groupNamed(world: World, id: number): ChatState {
  const state = world.chats.chat(id);
  if (state === undefined || state.chat.type === 'private') {
    throw impossible(`there is no group or channel ${id}`, 'Create it first, or make it known with addChat.');
  }
  if (typeof state.access === 'object') {
    throw impossible(`the group ${id} is the supergroup ${state.access.upgradedTo} now`, 'Use the new id.');
  }
  return state;
}

/**
 * May this person do that here? Where nobody has said who runs the chat, everybody may.
 * @throws SendtwiceError
 */
export function checkMay(
  world: World,
  state: ChatState,
  person: User,
  right: AdminRight,
  everybodys?: Permission,
): void {
  const { book } = state;
  if (book === undefined || book.administrators().every(([id]) => id === world.user.id)) return;
  const status = statusOf(world, state, person.id);
  if (status !== undefined && hasRight(status, right)) return;
  if (everybodys !== undefined && book.permissions.has(everybodys)) {
    if (status?.status === 'member') return;
    if (status?.status === 'restricted' && status.permissions.has(everybodys)) return;
  }
  throw impossible(
    `${nameOf(person)} may not do this in ${state.id}: that takes \`${right}\``,
    'Let the owner do it, or promote them first.',
  );
}

/** @throws SendtwiceError for somebody else than the owner, where one is known */
export function checkOwner(state: ChatState, person: User): void {
  const [owner] = state.book?.administrators() ?? [];
  if (owner === undefined || owner[1].status !== 'creator' || owner[0] === person.id) return;
  throw impossible(`${nameOf(person)} does not own ${state.id}`, `Let user ${owner[0]} do it.`);
}
