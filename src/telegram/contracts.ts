import type { Message, Update, User } from '@grammyjs/types';
import type { ActionId, BotId, CallId, ChatId, DeliveryId, MessageId, UpdateId } from '../base/ids.js';
import type { Content } from '../history/content.js';
import type { DeliveryEnded } from '../history/events.js';

/**
 * The borders inside this room: between the HTTP front and the methods, between the methods and the
 * update engine, and what the replay and the faults see of it all.
 */

/** Bot API arguments as the official server sees them: every value is a string, first occurrence wins. */
export type Params = ReadonlyMap<string, string>;

/** One uploaded part. Its content is hashed and counted, not kept beyond a small limit. */
export interface UploadedFile {
  readonly field: string;
  readonly fileName: string;
  readonly mimeType: string;
  readonly size: number;
  /** SHA-256 of the content, hex. */
  readonly hash: string;
  /** Present for parts of at most 1 MiB. */
  readonly content?: Buffer;
}

export type Files = ReadonlyMap<string, UploadedFile>;

/** `message`, `callback_query`, …: every key of Update but update_id. */
export type UpdateKind = Exclude<keyof Update, 'update_id'>;

/**
 * Something a person does, in the shape of an update without its number. The server fills in what only
 * it can know: update_id, and for a message message_id and date; for a callback query id, chat_instance
 * and the message as it is now (`message` needs only chat.id and message_id).
 */
export interface Incoming {
  readonly kind: UpdateKind;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Step of the session, for faults that match it. */
  readonly step?: number;
  readonly action?: ActionId;
  /** The number that a new message has already, in a supergroup that several bots share. */
  readonly messageId?: MessageId;
}

export interface Received {
  /** Absent: the bot has switched this kind off with allowed_updates, or an edit changed nothing. */
  readonly updateId?: UpdateId;
  readonly chatId?: ChatId;
  readonly messageId?: MessageId;
  readonly callbackQueryId?: string;
}

/** What a person sees the bot do in a chat. */
export interface Seen {
  readonly what: 'sent' | 'edited' | 'deleted' | 'callback-answered';
  readonly call: CallId;
  readonly chatId: ChatId;
  /** An ephemeral message: only this person sees it, and it has no `messageId`. */
  readonly receiver?: number;
  /** For `callback-answered`: the message whose button was tapped. */
  readonly messageId?: MessageId;
  readonly callbackQueryId?: string;
  /** The message as it is now; absent for `deleted` and `callback-answered`. */
  readonly message?: Message;
  /** What it looks like, with the reply keyboard that the message itself never holds. For a callback answer: only when it has a text. */
  readonly content?: Content;
}

/** A call that is under way; what faults may look at. */
export interface CallFacts {
  readonly call: CallId;
  readonly bot: BotId;
  readonly method: string;
  readonly chatId?: ChatId;
}

/** A delivery that is about to start; what faults may look at. */
export interface DeliveryFacts {
  readonly delivery: DeliveryId;
  readonly bot: BotId;
  readonly updateId: UpdateId;
  readonly kind: string;
  readonly attempt: number;
  /** Over getUpdates only `duplicate` can be done: the update is handed out once more after it was confirmed. */
  readonly via: 'webhook' | 'polling';
  readonly chatId?: ChatId;
  readonly step?: number;
  readonly action?: ActionId;
}

/** What to do to a call on purpose. */
export interface CallFault {
  readonly fault: string;
  readonly phase: 'before' | 'after';
  /** Waits this long before the method runs (`before`) or before its answer leaves (`after`). */
  readonly delayMs: number;
  /** `reset`: the connection is destroyed without an answer. */
  readonly effect?: 'error' | 'reset';
  readonly error?: { readonly code: number; readonly message?: string; readonly retryAfter?: number };
}

/** What to do to a delivery on purpose. */
export interface DeliveryFault {
  readonly fault: string;
  /**
   * `duplicate`: the same update is sent a second time beside this one, `delayMs` later, whatever the
   * first attempt's fate. `repeat`: the same, `delayMs` after the bot has acknowledged it. `lose-acknowledgement`: the bot's complete answer is read and thrown away; the
   * engine goes on as if the connection had closed without an answer (history: outcome `unknown`).
   * `timeout`: the engine waits `delayMs` for the answer instead of 60 s. `route`: the delivery goes to
   * `instance`, see {@link DeliveryPath}.
   */
  readonly effect: 'duplicate' | 'repeat' | 'lose-acknowledgement' | 'timeout' | 'route';
  readonly delayMs: number;
  readonly instance?: number;
}

/**
 * Where faults reach in. Both default to "nothing". Several faults may hit the same thing: delays of one
 * phase add up, of other effects the first wins; a delivery can have one of each effect.
 */
export interface TelegramFaults {
  onCall?(facts: CallFacts): readonly CallFault[];
  onDelivery?(facts: DeliveryFacts): readonly DeliveryFault[];
}

/** What a delivery carries beside what faults look at. */
export interface PathFacts extends DeliveryFacts {
  readonly traceparent?: string;
}

/** What lies between Telegram and the processes of the bot: who gets a delivery, and what follows from it. */
export interface DeliveryPath {
  /**
   * A delivery is about to be sent. Returns the instance that gets it, where there are several and that is known;
   * `wanted` is the one that a fault asks for.
   */
  started(facts: PathFacts, wanted: number | undefined): number | undefined;
  /** Was the instance there? When not, Telegram's answer came from what stands before it. */
  reached(delivery: DeliveryId): boolean;
  /** It has ended. Called in the same turn in which the answer was read, after the history was told. */
  ended(facts: PathFacts, outcome: DeliveryEnded['outcome']): void;
}

/** How a bot is known to the server. */
export interface BotIdentity {
  readonly token: string;
  readonly user: User & { readonly is_bot: true };
}

/** Hears word for word what passes between Telegram and one bot, as a recording wants it. */
export interface Witness {
  /** Something happened that the bot is told of: `{ update_id, message: … }`. */
  readonly update: (update: { readonly update_id: number; readonly [kind: string]: unknown }) => void;
  /** A call was answered; `answer` is the JSON text of the whole answer. */
  readonly call: (method: string, params: Params, answer: string) => void;
}
