import { badRequest } from '../api-error.js';
import { bookOf, type ChatState } from '../chats/chat-book.js';
import type { InviteBook, InviteLink } from '../chats/invite-book.js';
import { newLink } from '../chats/invite-links.js';
import { requireRight } from '../chats/member-rights.js';
import { SUBSCRIPTION_S } from '../chats/payment-book.js';
import { booleanParam, INT32_MAX, integerParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import type { World } from '../world.js';
import type { Handlers } from './outcome.js';

const LONGEST_NAME = 32;
const MOST_USES = 100_000;
const DEAREST_STARS = 10_000;

/** Links that let people in. */
export const INVITE_METHODS: Handlers = {
  exportChatInviteLink: ({ world, params }) => {
    const { invites } = managedChat(world, params);
    revokePrimary(world, invites);
    const link = newLink(world, { primary: true });
    return { result: invites.put(link).url };
  },

  createChatInviteLink: ({ world, params }) => {
    const given = readLink(params);
    const { invites } = managedChat(world, params, () => checkLimits(given));
    checkExpiry(world, given.expiresS);
    return { result: invites.json(invites.put(newLink(world, given))) };
  },

  createChatSubscriptionInviteLink: ({ world, params }) => {
    const { periodS, stars } = readSubscription(params);
    const name = nameOf(params);
    const { chat, invites } = managedChat(world, params, () => {
      if (periodS === 0 || stars === 0) throw badRequest('invalid subscription pricing specified');
    });
    if (chat.chat.type !== 'channel') throw badRequest('CHAT_INVALID');
    if (periodS !== SUBSCRIPTION_S) throw badRequest('SUBSCRIPTION_PERIOD_INVALID');
    if (stars > DEAREST_STARS) throw badRequest('PRICING_CHAT_INVALID');
    const link = newLink(world, { name, subscription: { periodS, stars } });
    return { result: invites.json(invites.put(link)) };
  },

  editChatInviteLink: ({ world, params }) => {
    const given = readLink(params);
    const { invites } = managedChat(world, params);
    checkLimits(given);
    const link = ownLink(world, invites, params);
    if (link.revoked) throw badRequest('INVITE_HASH_EXPIRED');
    if (link.primary) throw badRequest('CHAT_INVITE_PERMANENT');
    checkExpiry(world, given.expiresS);
    return { result: invites.json(invites.put({ ...link, ...given })) };
  },

  editChatSubscriptionInviteLink: ({ world, params }) => {
    const { invites } = managedChat(world, params);
    const link = ownLink(world, invites, params);
    if (link.revoked) throw badRequest('INVITE_HASH_EXPIRED');
    return { result: invites.json(invites.put({ ...link, name: nameOf(params) })) };
  },

  revokeChatInviteLink: ({ world, params }) => {
    const { invites } = managedChat(world, params);
    const link = ownLink(world, invites, params);
    const revoked = invites.put({ ...link, revoked: true });
    // There is always one that stands for the rest.
    if (link.primary && !link.revoked) invites.put(newLink(world, { primary: true }));
    return { result: invites.json(revoked) };
  },
};

/** Checks in the official order: access, what the call itself says, the kind of chat, rights. */
function managedChat(
  world: World,
  params: Params,
  checkCall: () => void = () => undefined,
): { readonly chat: ChatState; readonly invites: InviteBook } {
  const chat = world.chats.findFor(params, 'write');
  checkCall();
  if (chat.chat.type === 'private') throw badRequest("can't invite members to a private chat");
  requireRight(world, chat, 'can_invite_users', 'not enough rights to manage chat invite link');
  return { chat, invites: bookOf(chat).invites };
}

function readLink(params: Params): Pick<InviteLink, 'name' | 'expiresS' | 'memberLimit' | 'asks'> {
  return {
    name: nameOf(params),
    expiresS: integerParam(params, 'expire_date', { fallback: 0, min: 0, max: INT32_MAX }),
    memberLimit: integerParam(params, 'member_limit', { fallback: 0, min: 0, max: MOST_USES }),
    asks: booleanParam(params, 'creates_join_request'),
  };
}

function readSubscription(params: Params): { readonly periodS: number; readonly stars: number } {
  return {
    periodS: integerParam(params, 'subscription_period', { fallback: 0, min: 0, max: 1_000_000_000 }),
    stars: integerParam(params, 'subscription_price', { fallback: 0, min: 0, max: 1_000_000 }),
  };
}

function nameOf(params: Params): string {
  const text = (params.get('name') ?? '').replace(/\s+/gu, ' ').trim();
  return [...text].slice(0, LONGEST_NAME).join('').trim();
}

function checkLimits({ asks, memberLimit }: Pick<InviteLink, 'asks' | 'memberLimit'>): void {
  if (asks && memberLimit > 0) {
    throw badRequest("member limit can't be specified for links requiring administrator approval");
  }
}

function checkExpiry(world: World, expiresS: number): void {
  if (expiresS !== 0 && expiresS <= world.clock.unixSeconds()) throw badRequest('EXPIRE_DATE_INVALID');
}

/** Bots manage their own links alone. */
function ownLink(world: World, invites: InviteBook, params: Params): InviteLink {
  const url = params.get('invite_link') ?? '';
  if (url === '') throw badRequest('invite link must be non-empty');
  const link = invites.link(url);
  if (link === undefined) throw badRequest('INVITE_HASH_EXPIRED');
  if (link.creator.id !== world.user.id) throw badRequest('CHAT_ADMIN_REQUIRED');
  return link;
}

function revokePrimary(world: World, invites: InviteBook): void {
  const before = invites.primary(world.user.id);
  if (before !== undefined) invites.put({ ...before, revoked: true });
}
