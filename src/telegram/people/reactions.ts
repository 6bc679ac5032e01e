import { isDeepStrictEqual } from 'node:util';
import type { MessageReactionUpdated, ReactionType } from '@grammyjs/types';
import type { ChatState } from '../chats/chat-book.js';
import { botStatus } from '../chats/member-rights.js';
import { isAdministrator } from '../chats/member-status.js';
import { reactionKey } from '../chats/reaction-book.js';
import type { Received } from '../contracts.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';
import { findMessage, type MessageRef } from './messages.js';
import { nameOf, type Sender, standIn, stateOf } from './sender.js';

/** People react once, those with Telegram Premium three times. */
const MOST = 1;
const MOST_OF_PREMIUM = 3;

/**
 * Reacts to a message, or takes all reactions back with an empty list. An emoji stands for itself. In
 * channels nobody sees who reacted: bots are told the counts. In groups and channels bots hear of it as
 * administrators only.
 * @throws SendtwiceError `people/impossible`
 */
export function react(
  world: World,
  sender: Sender,
  ref: MessageRef,
  reactions: readonly (string | ReactionType)[],
): Received {
  const { user, chat } = sender;
  const { message } = findMessage(world, sender, ref, 'react to');
  const chosen = reactions.map(asReaction);
  const limit = user.is_premium === true ? MOST_OF_PREMIUM : MOST;
  if (new Set(chosen.map(reactionKey)).size !== chosen.length || chosen.length > limit) {
    throw impossible(
      `${nameOf(user)} cannot react to a message ${chosen.length} times`,
      `At most ${MOST} different reaction, with Telegram Premium ${MOST_OF_PREMIUM}.`,
    );
  }
  const all = [world, ...world.groups.othersIn(world, chat.id)];
  const told = all.map((heard) => reactIn(heard, sender, message.message_id, chosen));
  return told[0] ?? {};
}

function reactIn(world: World, sender: Sender, messageId: number, chosen: readonly ReactionType[]): Received {
  const { user, chat } = sender;
  const state = stateOf(world, sender);
  if (state === undefined) return {};
  const actorChat = standIn(sender);
  const actor = actorChat?.id ?? user.id;
  const before = world.reactions.of(chat.id, messageId, actor);
  world.reactions.set(chat.id, messageId, actor, chosen);
  if (!hearsOfReactions(world, state) || isDeepStrictEqual(before, chosen)) return {};
  const about = { chat: state.chat, message_id: messageId };
  const date = world.clock.unixSeconds();
  if (chat.type === 'channel') {
    const counts = world.reactions.counts(chat.id, messageId);
    return receive(world, { kind: 'message_reaction_count', payload: { ...about, date, reactions: counts } });
  }
  const update: MessageReactionUpdated = {
    ...about,
    ...(actorChat === undefined ? { user } : { actor_chat: actorChat }),
    date,
    old_reaction: [...before],
    new_reaction: [...chosen],
  };
  return receive(world, { kind: 'message_reaction', payload: { ...update } });
}

/** Documentation of Update.message_reaction. */
function hearsOfReactions(world: World, chat: ChatState): boolean {
  return chat.chat.type === 'private' || isAdministrator(botStatus(world, chat));
}

function asReaction(reaction: string | ReactionType): ReactionType {
  return typeof reaction === 'string' ? ({ type: 'emoji', emoji: reaction } as ReactionType) : reaction;
}
