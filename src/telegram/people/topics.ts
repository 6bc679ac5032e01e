import { isForum } from '../chats/chat-flags.js';
import { newKind } from '../chats/message-kinds.js';
import { DEFAULT_COLOR, type Topic } from '../chats/topic-book.js';
import type { Received } from '../contracts.js';
import { cleanName } from '../methods/topics.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import { announceFrom } from './announce.js';
import { impossible } from './impossible.js';
import { envelope, type Sender, stateOf } from './sender.js';

export interface TopicOptions {
  /** RGB. */
  readonly iconColor?: number;
  readonly iconCustomEmojiId?: string;
}

/**
 * Opens a topic in a forum. Its id is `messageId` of what comes back.
 * @throws SendtwiceError `people/impossible`
 */
export function openTopic(world: World, sender: Sender, name: string, options: TopicOptions = {}): Received {
  const title = nameFor(world, sender, name);
  const { iconColor = DEFAULT_COLOR, iconCustomEmojiId = '' } = options;
  const icon = {
    icon_color: iconColor,
    ...(iconCustomEmojiId === '' ? {} : { icon_custom_emoji_id: iconCustomEmojiId }),
  };
  const state = stateOf(world, sender) ?? world.chats.addChat(sender.chat);
  const id = state.messages.nextId();
  const received = receive(world, {
    kind: newKind(sender.chat),
    messageId: id,
    payload: {
      ...envelope(sender),
      message_thread_id: id,
      is_topic_message: true,
      forum_topic_created: { name: title, ...icon },
    },
  });
  world.topics.add(state, { id, name: title, iconColor, iconCustomEmojiId, isClosed: false, byBot: false });
  return received;
}

/** Gives the topic another name. @throws SendtwiceError `people/impossible` */
export function renameTopic(world: World, sender: Sender, id: number, name: string): Received {
  const title = nameFor(world, sender, name);
  topicNamed(world, sender, id).name = title;
  return announceFrom(world, sender, { forum_topic_edited: { name: title } }, id);
}

/** Closes the topic, or opens it again. @throws SendtwiceError `people/impossible` */
export function closeTopic(world: World, sender: Sender, id: number, close = true): Received {
  const topic = topicNamed(world, sender, id);
  if (topic.isClosed === close) {
    throw impossible(`topic ${id} is ${close ? 'closed' : 'open'} already`, 'Do this once.');
  }
  topic.isClosed = close;
  return announceFrom(world, sender, close ? { forum_topic_closed: {} } : { forum_topic_reopened: {} }, id);
}

function nameFor(world: World, sender: Sender, name: string): string {
  if (!isForum(world, sender)) {
    throw impossible(`chat ${sender.chat.id} has no topics: it is no forum`, 'Make it with is_forum.');
  }
  const title = cleanName(name);
  if (title === '') throw impossible('a topic must have a name', 'Give it one that can be seen.');
  return title;
}

function topicNamed(world: World, sender: Sender, id: number): Topic {
  const state = stateOf(world, sender);
  const topic = state === undefined ? undefined : world.topics.find(state, id);
  if (topic !== undefined) return topic;
  throw impossible(`chat ${sender.chat.id} has no topic ${id}`, 'Open one first.');
}
