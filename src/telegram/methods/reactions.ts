import type { ReactionType } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import { requireRight } from '../chats/member-rights.js';
import { isServiceMessage } from '../chats/message-kinds.js';
import { reactionKey } from '../chats/reaction-book.js';
import { messageIdParam, userIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import { FieldError, isObject, parseJsonParam, parsing, requiredStringField } from '../json-fields.js';
import type { World } from '../world.js';
import { messageNamed } from './edits.js';
import { DONE, type Handlers } from './outcome.js';
import { senderChat } from './sender-chats.js';

/** What anybody may react with, from the documentation of ReactionTypeEmoji. */
const EMOJI: ReadonlySet<string> = new Set(
  (
    '👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 ' +
    '👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡'
  ).split(' '),
);

/** A bot is no premium user: one reaction a message. */
const MOST_REACTIONS = 1;

export const REACTION_METHODS: Handlers = {
  setMessageReaction: ({ world, params }) => {
    const reactions = readReactions(params);
    const chat = world.chats.findFor(params, 'read');
    const stored = chat.messages.get(messageIdParam(params));
    if (stored === undefined) throw badRequest('message to react not found');
    const { message } = stored;
    if (isServiceMessage(message)) throw badRequest('MESSAGE_ID_INVALID');
    const chosen = [...new Map(reactions.map((reaction) => [reactionKey(reaction), reaction])).values()];
    if (reactions.length > MOST_REACTIONS) throw badRequest('REACTIONS_TOO_MANY');
    if (chosen.some((reaction) => !isUsable(reaction))) throw badRequest('REACTION_INVALID');
    world.reactions.set(chat.id, message.message_id, world.user.id, chosen);
    return DONE;
  },

  deleteMessageReaction: (context) => {
    const { world, params } = context;
    const userId = userParam(params);
    const [chat, { message }] = messageNamed(context, 'message to delete reactions');
    const actor = actorOf(world, params, userId);
    checkModerator(world, chat);
    world.reactions.set(chat.id, message.message_id, actor, []);
    return DONE;
  },

  deleteAllMessageReactions: ({ world, params }) => {
    const userId = userParam(params);
    const chat = world.chats.findFor(params, 'write');
    const actor = actorOf(world, params, userId);
    checkModerator(world, chat);
    world.reactions.deleteAllOf(chat.id, actor);
    return DONE;
  },
};

function userParam(params: Params): number | undefined {
  return (params.get('user_id') ?? '') === '' ? undefined : userIdParam(params);
}

/** A user or a chat that the bot knows. @throws ApiError (Client.cpp:8211) */
function actorOf(world: World, params: Params, userId: number | undefined): number {
  if (userId !== undefined) {
    return world.chats.knownUser(userId).id;
  }
  return senderChat(world, params, 'actor_chat_id', 'chat not found').id;
}

/** In groups and supergroups only, with the right to delete messages (documentation). */
function checkModerator(world: World, chat: ChatState): void {
  const { type } = chat.chat;
  if (type === 'private' || type === 'channel') throw badRequest('CHAT_ADMIN_REQUIRED');
  requireRight(world, chat, 'can_delete_messages', 'CHAT_ADMIN_REQUIRED');
}

function isUsable(reaction: ReactionType): boolean {
  return reaction.type === 'custom_emoji' || (reaction.type === 'emoji' && EMOJI.has(reaction.emoji));
}

function readReactions(params: Params): ReactionType[] {
  const json = params.get('reaction') ?? '';
  if (json === '') return [];
  const list = parseJsonParam(json, 'reaction types');
  if (!Array.isArray(list)) throw badRequest('expected an Array of ReactionType');
  return list.map((item: unknown) => parsing('ReactionType', () => readReaction(item)));
}

function readReaction(item: unknown): ReactionType {
  if (!isObject(item)) throw new FieldError('expected an Object');
  const type = requiredStringField(item, 'type');
  if (type === 'emoji') {
    // With or without the selector that asks for a picture, it is the same.
    const emoji = requiredStringField(item, 'emoji').replace(/\ufe0f/g, '');
    return { type, emoji } as ReactionType;
  }
  if (type !== 'custom_emoji') throw new FieldError('invalid reaction type specified');
  const id = requiredStringField(item, 'custom_emoji_id');
  if (!/^-?\d{1,19}$/.test(id)) throw new FieldError('Field "custom_emoji_id" must be a valid Number');
  return { type, custom_emoji_id: id };
}
