import type { Clock } from '../base/clock.js';
import type { BotId } from '../base/ids.js';
import type { Random } from '../base/random.js';
import { ActionBook } from './chats/action-book.js';
import { BusinessBook } from './chats/business-book.js';
import { CallbackBook } from './chats/callback-book.js';
import { ChatBook } from './chats/chat-book.js';
import { CommandBook } from './chats/command-book.js';
import { EphemeralBook } from './chats/ephemeral-book.js';
import { GameBook } from './chats/game-book.js';
import { GiftBook } from './chats/gift-book.js';
import { InlineQueryBook } from './chats/inline-query-book.js';
import { PaymentBook } from './chats/payment-book.js';
import { PollBook } from './chats/poll-book.js';
import { ProfileBook } from './chats/profile-book.js';
import { ProfilePhotos } from './chats/profile-photos.js';
import { ReactionBook } from './chats/reaction-book.js';
import { Session } from './chats/session.js';
import type { SharedGroups } from './chats/shared-groups.js';
import { StickerBook } from './chats/sticker-book.js';
import { TopicBook } from './chats/topic-book.js';
import type { BotIdentity } from './contracts.js';
import { FileStore } from './files/file-store.js';
import type { FloodGuard } from './flood.js';
import type { Updates } from './updates/updates.js';
import { WorldTimers } from './world-timers.js';

/** Settings of a bot that are made outside the Bot API. */
export interface BotSettings {
  /** Hears everything in groups: privacy mode is off. BotFather's default is on: false. */
  readonly readsAllGroupMessages: boolean;
  /** What the bot is in groups where nothing was said about it. */
  readonly inGroups: 'member' | 'administrator';
}

const DEFAULT_SETTINGS: BotSettings = { readsAllGroupMessages: false, inGroups: 'member' };

/** Everything one bot account knows; what methods read and change. */
export interface World {
  readonly bot: BotId;
  /** Replaced when the bot gives itself another name. */
  user: BotIdentity['user'];
  readonly clock: Clock;
  readonly random: Random;
  readonly chats: ChatBook;
  readonly callbacks: CallbackBook;
  readonly commands: CommandBook;
  readonly files: FileStore;
  readonly updates: Updates;
  readonly inlineQueries: InlineQueryBook;
  readonly profile: ProfileBook;
  readonly photos: ProfilePhotos;
  readonly payments: PaymentBook;
  readonly stickers: StickerBook;
  readonly gifts: GiftBook;
  readonly business: BusinessBook;
  readonly session: Session;
  readonly topics: TopicBook;
  readonly polls: PollBook;
  readonly reactions: ReactionBook;
  readonly games: GameBook;
  /** Messages that one person of a chat sees. */
  readonly ephemeral: EphemeralBook;
  readonly actions: ActionBook;
  /** What happens by itself later; ends with the bot. */
  readonly timers: WorldTimers;
  /** What BotFather would have been told. */
  readonly settings: BotSettings;
  /** Chats that it shares with other bots of the server. */
  readonly groups: SharedGroups;
  /** Only when the server has flood limits. */
  readonly flood?: FloodGuard;
}

export type WorldParts = Pick<World, 'bot' | 'user' | 'clock' | 'random' | 'updates' | 'flood' | 'groups'> & {
  readonly settings?: Partial<BotSettings>;
  readonly callbackAnswerableMs?: number;
};

export function newWorld(parts: WorldParts): World {
  const files = new FileStore(parts.random);
  return {
    ...parts,
    chats: new ChatBook(parts.random),
    callbacks: new CallbackBook(parts.clock, parts.random, parts.callbackAnswerableMs),
    commands: new CommandBook(),
    files,
    inlineQueries: new InlineQueryBook(parts.clock, parts.random),
    profile: new ProfileBook(),
    photos: new ProfilePhotos(),
    payments: new PaymentBook(parts.clock, parts.random),
    stickers: new StickerBook(),
    gifts: new GiftBook(files),
    business: new BusinessBook(parts.random),
    session: new Session(parts.clock),
    topics: new TopicBook(),
    polls: new PollBook(),
    reactions: new ReactionBook(),
    games: new GameBook(),
    ephemeral: new EphemeralBook(),
    actions: new ActionBook(parts.clock),
    timers: new WorldTimers(parts.clock),
    settings: { ...DEFAULT_SETTINGS, ...parts.settings },
  };
}
