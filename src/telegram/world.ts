import type { Clock } from '../base/clock.js';
import type { BotId } from '../base/ids.js';
import type { Random } from '../base/random.js';
import { CallbackBook } from './chats/callback-book.js';
import { ChatBook } from './chats/chat-book.js';
import { CommandBook } from './chats/command-book.js';
import { InlineQueryBook } from './chats/inline-query-book.js';
import { ProfileBook } from './chats/profile-book.js';
import type { BotIdentity } from './contracts.js';
import { FileStore } from './files/file-store.js';
import type { FloodGuard } from './flood.js';
import type { Updates } from './updates/updates.js';

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
  /** Only when the server has flood limits. */
  readonly flood?: FloodGuard;
}

export type WorldParts = Pick<World, 'bot' | 'user' | 'clock' | 'random' | 'updates' | 'flood'>;

export function newWorld(parts: WorldParts): World {
  return {
    ...parts,
    chats: new ChatBook(parts.random),
    callbacks: new CallbackBook(parts.clock, parts.random),
    commands: new CommandBook(),
    files: new FileStore(parts.random),
    inlineQueries: new InlineQueryBook(parts.clock),
    profile: new ProfileBook(),
  };
}
