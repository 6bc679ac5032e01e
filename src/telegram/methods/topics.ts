import type { ForumTopic } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import { isForum } from '../chats/chat-flags.js';
import { botMay, requireRight } from '../chats/member-rights.js';
import type { AdminRight } from '../chats/member-status.js';
import { DEFAULT_COLOR, GENERAL_TOPIC, type Topic } from '../chats/topic-book.js';
import { INT32_MAX, integerParam, messageIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import type { JsonObject } from '../json-fields.js';
import type { World } from '../world.js';
import { deleteMessagesOf } from './deletes.js';
import { DONE, type Handlers, type MethodContext, type Outcome } from './outcome.js';
import { topicOf } from './replies.js';
import type { MessageFields } from './send.js';
import { announce } from './service-messages.js';

const LONGEST_NAME = 128;
const LARGEST_COLOR = 0xffffff;

export const TOPIC_METHODS: Handlers = {
  createForumTopic: ({ world, params }) => {
    const color = integerParam(params, 'icon_color', { fallback: 0, min: -INT32_MAX, max: INT32_MAX });
    const emoji = customEmojiId(params);
    const chat = forumOf(world, params);
    if (chat.chat.type !== 'private') {
      requireRight(world, chat, 'can_manage_topics', 'not enough rights to create a topic');
    }
    const name = cleanName(params.get('name') ?? '');
    if (name === '') throw badRequest('name must be non-empty');
    if (color < 0 || color > LARGEST_COLOR) throw badRequest('invalid icon color specified');
    return { result: openTopic(world, chat, name, color === 0 ? DEFAULT_COLOR : color, emoji) };
  },

  editForumTopic: ({ world, params }) => {
    const id = messageIdParam(params, 'message_thread_id');
    const chat = forumOf(world, params);
    if (id === 0) throw badRequest('invalid forum topic identifier specified');
    const topic = world.topics.find(chat, id);
    requireTopicRight(world, chat, topic, 'can_manage_topics', 'edit');
    const name = newName(params);
    const emoji = params.has('icon_custom_emoji_id') ? customEmojiId(params) : undefined;
    if (name === undefined && emoji === undefined) return DONE;
    if (id === GENERAL_TOPIC) return renameGeneral(world, chat, name);
    if (topic === undefined) throw badRequest('TOPIC_ID_INVALID');
    const sameName = name === undefined || name === topic.name;
    if (sameName && (emoji === undefined || emoji === topic.iconCustomEmojiId)) {
      throw badRequest('TOPIC_NOT_MODIFIED');
    }
    topic.name = name ?? topic.name;
    topic.iconCustomEmojiId = emoji ?? topic.iconCustomEmojiId;
    const edited = {
      ...(name === undefined ? {} : { name }),
      ...(emoji === undefined ? {} : { icon_custom_emoji_id: emoji }),
    };
    return say(world, chat, { forum_topic_edited: edited }, id);
  },

  closeForumTopic: (context) => toggleTopic(context, true),
  reopenForumTopic: (context) => toggleTopic(context, false),

  deleteForumTopic: (context) => {
    const { world, params } = context;
    const id = messageIdParam(params, 'message_thread_id');
    const chat = forumOf(world, params);
    if (id === 0) throw badRequest('invalid forum topic identifier specified');
    const topic = world.topics.find(chat, id);
    requireTopicRight(world, chat, topic, 'can_delete_messages', 'delete');
    if (topic === undefined || id === GENERAL_TOPIC) throw badRequest('TOPIC_ID_INVALID');
    world.topics.delete(chat, id);
    return deleteMessagesOf(context, chat, idsIn(chat, id));
  },

  unpinAllForumTopicMessages: ({ world, params }) => {
    const id = messageIdParam(params, 'message_thread_id');
    const chat = forumOf(world, params);
    if (id === 0) throw badRequest('invalid forum topic identifier specified');
    return unpinIn(world, chat, id);
  },

  editGeneralForumTopic: ({ world, params }) => {
    const chat = forumOf(world, params);
    requireRight(world, chat, 'can_manage_topics', 'not enough rights to edit the topic');
    return renameGeneral(world, chat, newName(params));
  },

  closeGeneralForumTopic: ({ world, params }) => {
    const chat = supergroupForumOf(world, params);
    requireRight(world, chat, 'can_manage_topics', NO_TOGGLE);
    return toggleGeneral(world, chat, true);
  },

  reopenGeneralForumTopic: ({ world, params }) => {
    const chat = supergroupForumOf(world, params);
    requireRight(world, chat, 'can_manage_topics', NO_TOGGLE);
    return toggleGeneral(world, chat, false);
  },

  hideGeneralForumTopic: ({ world, params }) => {
    const chat = supergroupForumOf(world, params);
    requireRight(world, chat, 'can_manage_topics', NO_TOGGLE);
    const general = world.topics.general(chat);
    if (general.isHidden) throw badRequest('TOPIC_NOT_MODIFIED');
    general.isHidden = true;
    general.isClosed = true;
    return say(world, chat, { general_forum_topic_hidden: {} });
  },

  unhideGeneralForumTopic: ({ world, params }) => {
    const chat = supergroupForumOf(world, params);
    requireRight(world, chat, 'can_manage_topics', NO_TOGGLE);
    const general = world.topics.general(chat);
    if (!general.isHidden) throw badRequest('TOPIC_NOT_MODIFIED');
    general.isHidden = false;
    return say(world, chat, { general_forum_topic_unhidden: {} });
  },

  unpinAllGeneralForumTopicMessages: ({ world, params }) => unpinIn(world, forumOf(world, params), undefined),
};

const NO_TOGGLE = 'not enough rights to close or open the topic';

/** Opens a topic: its id is that of the service message. */
function openTopic(
  world: World,
  chat: ChatState,
  name: string,
  iconColor: number,
  emoji: string,
): ForumTopic {
  const icon = {
    icon_color: iconColor,
    ...(emoji === '' ? {} : { icon_custom_emoji_id: emoji }),
  };
  const { message_id: id } = announce(world, chat, { forum_topic_created: { name, ...icon } }, 'own');
  const topic = { name, iconColor, iconCustomEmojiId: emoji, isClosed: false, byBot: true };
  world.topics.add(chat, { id, ...topic });
  return { message_thread_id: id, name, ...icon };
}

function toggleTopic({ world, params }: MethodContext, close: boolean): Outcome {
  const id = messageIdParam(params, 'message_thread_id');
  const chat = supergroupForumOf(world, params);
  if (id === 0) throw badRequest('invalid forum topic identifier specified');
  const topic = world.topics.find(chat, id);
  if (topic?.byBot !== true && (topic !== undefined || id === GENERAL_TOPIC)) {
    requireRight(world, chat, 'can_manage_topics', NO_TOGGLE);
  }
  if (id === GENERAL_TOPIC) return toggleGeneral(world, chat, close);
  if (topic === undefined) throw badRequest('TOPIC_ID_INVALID');
  if (topic.isClosed === close) throw badRequest('TOPIC_NOT_MODIFIED');
  topic.isClosed = close;
  return say(world, chat, closedOrReopened(close), id);
}

function toggleGeneral(world: World, chat: ChatState, close: boolean): Outcome {
  const general = world.topics.general(chat);
  if (general.isClosed === close) throw badRequest('TOPIC_NOT_MODIFIED');
  general.isClosed = close;
  // What is open is to be seen (documentation of reopenGeneralForumTopic).
  if (!close) general.isHidden = false;
  return say(world, chat, closedOrReopened(close));
}

function closedOrReopened(close: boolean): MessageFields {
  return close ? { forum_topic_closed: {} } : { forum_topic_reopened: {} };
}

function renameGeneral(world: World, chat: ChatState, name: string | undefined): Outcome {
  if (name === undefined) return DONE;
  const general = world.topics.general(chat);
  if (general.name === name) throw badRequest('TOPIC_NOT_MODIFIED');
  general.name = name;
  return say(world, chat, { forum_topic_edited: { name } });
}

/** Told to the bot that caused it, too (Client.cpp:17424). */
function say(world: World, chat: ChatState, content: MessageFields, threadId?: number): Outcome {
  announce(world, chat, content as JsonObject, threadId);
  return DONE;
}

function unpinIn(world: World, chat: ChatState, threadId: number | undefined): Outcome {
  requireRight(world, chat, 'can_pin_messages');
  chat.pinned = chat.pinned.filter((id) => {
    const message = chat.messages.get(id)?.message;
    return (message && topicOf(message)) !== threadId;
  });
  return DONE;
}

function idsIn(chat: ChatState, threadId: number): number[] {
  return [...chat.messages.all()]
    .filter(({ message }) => topicOf(message) === threadId)
    .map(({ message }) => message.message_id);
}

/** Of own topics the bot is the master. What nobody knows of is found out later. */
function requireTopicRight(
  world: World,
  chat: ChatState,
  topic: Topic | undefined,
  right: AdminRight,
  what: string,
): void {
  if (topic === undefined || topic.byBot || botMay(world, chat, right)) return;
  throw badRequest(`not enough rights to ${what} the topic`);
}

/** @throws ApiError `the chat is not a forum` (ForumTopicManager.cpp:1226) */
function forumOf(world: World, params: Params): ChatState {
  const chat = world.chats.findFor(params, 'write');
  if (!isForum(world, chat)) throw badRequest('the chat is not a forum');
  return chat;
}

function supergroupForumOf(world: World, params: Params): ChatState {
  const chat = forumOf(world, params);
  if (chat.chat.type === 'private') throw badRequest('the chat is not a supergroup forum');
  return chat;
}

/** Nothing when the name stays. @throws ApiError for a name of nothing but spaces */
function newName(params: Params): string | undefined {
  const given = params.get('name') ?? '';
  if (given === '') return undefined;
  const name = cleanName(given);
  if (name === '') throw badRequest('name must be non-empty');
  return name;
}

/** White space is one space each; a longer name is cut. */
export function cleanName(name: string): string {
  const tidy = name.replace(/[\s\u200b-\u200f\u2028-\u202e\ufeff]+/gu, ' ').trim();
  return [...tidy].slice(0, LONGEST_NAME).join('').trim();
}

/** A 64-bit number; `''` for none. */
function customEmojiId(params: Params): string {
  const digits = /^-?\d+/.exec(params.get('icon_custom_emoji_id') ?? '')?.[0];
  return digits === undefined || BigInt(digits) === 0n ? '' : String(BigInt.asIntN(64, BigInt(digits)));
}
