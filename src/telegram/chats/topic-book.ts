import type { ForumTopic } from '@grammyjs/types';
import { dropOldest } from '../bounded.js';
import type { ChatState } from './chat-book.js';

/** The topic that every forum has. It has no `message_thread_id` in messages. */
export const GENERAL_TOPIC = 1;
/** Telegram's six colours (documentation of createForumTopic); it picks the first when none is given. */
export const DEFAULT_COLOR = 0x6fb9f0;
/** Of more topics in one chat than this, the oldest is forgotten. */
const TOPICS_PER_CHAT = 10_000;

export interface Topic {
  /** The message_id of the service message that opened it. */
  readonly id: number;
  name: string;
  readonly iconColor: number;
  iconCustomEmojiId: string;
  isClosed: boolean;
  /** The bot may write into its own topics, and change them, without any right. */
  readonly byBot: boolean;
}

export interface GeneralTopic {
  name: string;
  isClosed: boolean;
  isHidden: boolean;
}

interface ChatTopics {
  readonly general: GeneralTopic;
  readonly topics: Map<number, Topic>;
}

/** The topics of all forums that one bot knows. A chat without topics takes no room. */
export class TopicBook {
  readonly #chats = new Map<number, ChatTopics>();

  /** The topic with this id; one that is known from its messages only has no name. */
  find(chat: ChatState, id: number): Topic | undefined {
    const known = this.#chats.get(chat.id)?.topics.get(id);
    if (known !== undefined) return known;
    for (const { message } of chat.messages.all()) {
      if (message.message_thread_id !== id || message.is_topic_message !== true) continue;
      return this.add(chat, unnamedTopic(id, message.forum_topic_created));
    }
    return undefined;
  }

  add(chat: ChatState, topic: Topic): Topic {
    const { topics } = this.#of(chat);
    topics.set(topic.id, topic);
    dropOldest(topics, TOPICS_PER_CHAT);
    return topic;
  }

  delete(chat: ChatState, id: number): boolean {
    return this.#chats.get(chat.id)?.topics.delete(id) ?? false;
  }

  general(chat: ChatState): GeneralTopic {
    return this.#of(chat).general;
  }

  isGeneralClosed(chat: ChatState): boolean {
    return this.#chats.get(chat.id)?.general.isClosed ?? false;
  }

  #of(chat: ChatState): ChatTopics {
    let topics = this.#chats.get(chat.id);
    if (topics === undefined) {
      topics = { general: { name: 'General', isClosed: false, isHidden: false }, topics: new Map() };
      this.#chats.set(chat.id, topics);
    }
    return topics;
  }
}

function unnamedTopic(id: number, created: unknown): Topic {
  const about = (created ?? {}) as Partial<ForumTopic>;
  return {
    id,
    name: about.name ?? '',
    iconColor: about.icon_color ?? DEFAULT_COLOR,
    iconCustomEmojiId: about.icon_custom_emoji_id ?? '',
    isClosed: false,
    byBot: false,
  };
}
