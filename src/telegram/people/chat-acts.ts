import type { Chat, User } from '@grammyjs/types';
import type { AdminRight, MemberStatus } from '../chats/member-status.js';
import type { Received } from '../contracts.js';
import type { World } from '../world.js';
import {
  changeChatPhoto,
  createChat,
  deleteChatPhoto,
  deleteGroup,
  migrate,
  type NewChat,
  pinMessage,
  renameChat,
  unpinMessage,
} from './group-life.js';
import {
  addBot,
  addMembers,
  demoteBot,
  join,
  leave,
  promoteBot,
  promoteMember,
  removeBot,
  requestToJoin,
  setBotStatus,
  setMember,
  settleJoinRequest,
} from './membership.js';

/** What one person does about who is in which chat. Chats are named by their ids. */
export interface ChatActs {
  /** @see createChat */
  create(about: NewChat): { readonly chat: Chat; readonly received: Received };
  /** @see addBot */
  addBot(chat: number, rights?: readonly AdminRight[]): Received;
  /** @see removeBot */
  removeBot(chat: number): Received;
  /** @see promoteBot */
  promoteBot(chat: number, rights?: readonly AdminRight[]): Received;
  /** @see demoteBot */
  demoteBot(chat: number): Received;
  /** @see setBotStatus */
  setBotStatus(chat: number, status: MemberStatus): Received;
  /** @see join */
  join(chat: number, link?: string): Received;
  /** @see requestToJoin */
  requestToJoin(chat: number, about?: { readonly link?: string; readonly bio?: string }): Received;
  /** @see settleJoinRequest */
  settleJoinRequest(chat: number, asker: number, approve: boolean): Received;
  /** @see leave */
  leave(chat: number): Received;
  /** @see addMembers */
  addMembers(chat: number, users: readonly User[]): Received;
  /** @see setMember */
  setMember(chat: number, user: User, status: MemberStatus): Received;
  /** @see promoteMember */
  promote(chat: number, user: User, rights?: readonly AdminRight[]): Received;
  /** @see renameChat */
  rename(chat: number, title: string): Received;
  /** @see changeChatPhoto */
  changePhoto(chat: number, picture?: string): Received;
  /** @see deleteChatPhoto */
  deletePhoto(chat: number): Received;
  /** @see pinMessage */
  pin(chat: number, message: number): Received;
  /** @see unpinMessage */
  unpin(chat: number, message: number): void;
  /** @see migrate */
  migrate(chat: number, to?: number): { readonly chat: Chat.SupergroupChat; readonly received: Received };
  /** @see deleteGroup */
  delete(chat: number): void;
}

export function chatActsOf(world: World, person: User): ChatActs {
  return {
    create: (about) => createChat(world, person, about),
    addBot: (chat, rights) => addBot(world, person, chat, rights),
    removeBot: (chat) => removeBot(world, person, chat),
    promoteBot: (chat, rights) => promoteBot(world, person, chat, rights),
    demoteBot: (chat) => demoteBot(world, person, chat),
    setBotStatus: (chat, status) => setBotStatus(world, person, chat, status),
    join: (chat, link) => join(world, person, chat, link),
    requestToJoin: (chat, about) => requestToJoin(world, person, chat, about),
    settleJoinRequest: (chat, asker, approve) => settleJoinRequest(world, person, chat, asker, approve),
    leave: (chat) => leave(world, person, chat),
    addMembers: (chat, users) => addMembers(world, person, chat, users),
    setMember: (chat, user, status) => setMember(world, person, chat, user, status),
    promote: (chat, user, rights) => promoteMember(world, person, chat, user, rights),
    rename: (chat, title) => renameChat(world, person, chat, title),
    changePhoto: (chat, picture) => changeChatPhoto(world, person, chat, picture),
    deletePhoto: (chat) => deleteChatPhoto(world, person, chat),
    pin: (chat, message) => pinMessage(world, person, chat, message),
    unpin: (chat, message) => unpinMessage(world, person, chat, message),
    migrate: (chat, to) => migrate(world, person, chat, to),
    delete: (chat) => deleteGroup(world, chat),
  };
}
