import type {
  ActionId,
  BotId,
  CallId,
  ChatId,
  CommandId,
  DeliveryId,
  MessageId,
  UpdateId,
  UserId,
} from '../base/ids.js';
import type { Content } from './content.js';

/**
 * The vocabulary of `history.jsonl`. One event a line; `seq` counts lines, `at` is the time of the event
 * on the one clock. Processes of the harness report with a small delay, so `at` may go back a little
 * from one line to the next; readers sort by (`at`, `seq`).
 */
export type HistoryEvent = EventBody & { readonly seq: number; readonly at: number };

/** An event before the writer has numbered it. */
export type EventBody =
  | RunStarted
  | PlayStarted
  | PlayEnded
  | RunEnded
  | UserStarted
  | ActionDone
  | StepEnded
  | UserEnded
  | RequestStarted
  | RequestEnded
  | DatabaseWritten
  | Probe
  | UpdateQueued
  | UpdateDropped
  | DeliveryStarted
  | DeliveryEnded
  | CallStarted
  | CallEnded
  | CommandStarted
  | CommandEnded
  | FaultHit
  | FaultSwitched
  | EnvironmentGlued
  | BotStarted
  | BotReady
  | BotExited
  | BotLog
  | HarnessHealth
  | ForgedSent
  | ForgedAnswered
  | Warning;

export type EventType = EventBody['type'];
export type EventOf<T extends EventType> = Extract<HistoryEvent, { readonly type: T }>;

/** Hands an event to the history. `atMs` is given when the event happened earlier than now. */
export type Emit = (event: EventBody, atMs?: number) => void;

// ---------------------------------------------------------------- the run

export interface RunStarted {
  readonly type: 'run.started';
  readonly format: 'sendtwice-history';
  readonly version: 1;
  readonly sendtwice: string;
  readonly scenario: string;
  readonly seed: string;
  /** The wall-clock anchor (ISO 8601) of `at` = 0. */
  readonly startedAt: string;
  readonly pace: 'timeline' | 'conversation';
  readonly delivery: 'faithful' | 'adversarial';
  /** Ways in which this run departs from the official server, in words (a shorter timeout …). */
  readonly departures: readonly string[];
  readonly faults: readonly { readonly name: string; readonly on: string; readonly explain: string }[];
  /** Texts that no user may ever see, or each at most once, and parts of texts that change by themselves. */
  readonly patterns?: {
    readonly never?: readonly WrittenPattern[];
    readonly once?: readonly WrittenPattern[];
    readonly volatile?: readonly WrittenPattern[];
  };
  /** The scenario's expectations, so that the verdict can be computed from the history alone. */
  readonly expect: Readonly<Record<string, number | Readonly<Record<string, number>>>>;
  readonly environment: Readonly<Record<string, string | number>>;
  /** How long a tap can be answered (ms), where the scenario says so. */
  readonly callbackAnswerableMs?: number;
  /** What the same play without faults came to, when it was played before. */
  readonly baseline?: BaselineFacts;
}

export interface BaselineFacts {
  readonly users: number;
  /** Steps of sessions that were played. */
  readonly steps: number;
  /** Why it did not go to its end. */
  readonly error?: string;
  /** What is wrong with the bot without any fault. */
  readonly findings: readonly { readonly kind: string; readonly cause: string; readonly count: number }[];
}

/** A regular expression of the scenario. */
export interface WrittenPattern {
  readonly source: string;
  readonly flags: string;
}

/** The bot is ready and the first user may act. Faults are on from here. */
export interface PlayStarted {
  readonly type: 'play.started';
}

/** The play is over and has settled. What follows is the harness stopping the bot, and no concern of it. */
export interface PlayEnded {
  readonly type: 'play.ended';
}

export interface RunEnded {
  readonly type: 'run.ended';
  readonly outcome: 'completed' | 'interrupted' | 'failed';
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** How busy the harness itself was since the last such event. */
export interface HarnessHealth {
  readonly type: 'harness.health';
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
}

/** Something the reader of the report should know, which is no finding about the bot. */
export interface Warning {
  readonly type: 'warning';
  readonly code: string;
  readonly message: string;
  /** The fault that it is about: it could not hit, and this is why. */
  readonly fault?: string;
}

// ---------------------------------------------------------------- people

/**
 * What a user does beyond its recording because a fault wants it. No step awaits an answer to it; what the
 * recording has must go on all the same.
 */
export const EXTRA_ACTS = ['text-beside-tap', 'unknown-kind', 'unknown-fields', 'malformed'] as const;
export type ExtraAct = (typeof EXTRA_ACTS)[number];

export interface UserStarted {
  readonly type: 'user.started';
  readonly user: string;
  /** The session of the recording that this virtual user replays. */
  readonly session: string;
  readonly bot: BotId;
  readonly userId: UserId;
  readonly chatId: ChatId;
  /** What nobody else has: the names that it shows, and its id. A reply to somebody else should not hold them. */
  readonly marks?: readonly string[];
}

/** A virtual user did something. One step may take several actions (a second send, a double tap). */
export interface ActionDone {
  readonly type: 'action';
  readonly action: ActionId;
  readonly user: string;
  readonly session: string;
  /** Number of the step in the session, from 1. */
  readonly step: number;
  /** From 2 on once the user has begun its session anew. Absent: 1. */
  readonly round?: number;
  /** 1 for the first send of a step, 2 for the second, … Extra acts of a step are counted for themselves. */
  readonly send: number;
  /** An extra act has its own name here, and the step beside which, or before which, it was done. */
  readonly reason: 'planned' | 'resend' | 'double-tap' | ExtraAct;
  readonly kind: 'text' | 'tap' | 'media' | 'edit' | 'other';
  readonly chatId: ChatId;
  /** When it should have happened; `at` minus this is the schedule lag. */
  readonly intendedAt: number;
  /** Absent when the bot has switched this kind of update off (allowed_updates). */
  readonly updateId?: UpdateId;
  /** The user's own message, or the message whose button was tapped. */
  readonly messageId?: MessageId;
  readonly callbackQueryId?: string;
  readonly text?: string;
  readonly button?: { readonly text: string; readonly data?: string };
  /**
   * What the recording's bot answered to this step, with the recorded person's ids and names replaced by
   * this user's. Only on the first send of a step. Empty: the step wants no answer.
   */
  readonly expects?: readonly Content[];
}

export interface StepEnded {
  readonly type: 'step.ended';
  readonly user: string;
  readonly session: string;
  readonly step: number;
  /** As in `action`. */
  readonly round?: number;
  /**
   * `answered`: all expected replies came. `unexpected`: something came, not what was expected.
   * `silent`: nothing came. `button-missing`: the button to tap was never there. `not-awaited`: the pace
   * does not wait for answers, or none is expected. `cut`: the run ended first.
   */
  readonly outcome: 'answered' | 'unexpected' | 'silent' | 'button-missing' | 'not-awaited' | 'cut';
  /**
   * What a written step wants beside replies: no answer at all (`unexpected` then says that something came), or
   * a button, when it was not there.
   */
  readonly wants?: 'nothing' | { readonly button: string };
  readonly sends: number;
}

export interface UserEnded {
  readonly type: 'user.ended';
  readonly user: string;
  readonly session: string;
  /** `stuck`: gave up after the last send of a step stayed without its answer. */
  readonly outcome: 'completed' | 'stuck' | 'cut';
  readonly steps: number;
}

// ---------------------------------------------------------------- what happens around the dialogue

/** The harness asked the bot's own server, as an admin's panel or a payment provider does. */
export interface RequestStarted {
  readonly type: 'request.started';
  /** `<user>.<step>.<number>` */
  readonly request: string;
  readonly user: string;
  readonly session: string;
  readonly step: number;
  readonly chatId: ChatId;
  /** `POST`, … */
  readonly method: string;
  /** Path and query, without the origin. */
  readonly path: string;
  /** What the bot must then show this user. Only on the first request of a step. */
  readonly expects?: readonly Content[];
}

export interface RequestEnded {
  readonly type: 'request.ended';
  readonly request: string;
  /** `unknown`: it went out and no answer came back. `undelivered`: no connection. */
  readonly outcome: 'answered' | 'unknown' | 'undelivered';
  readonly status?: number;
  /** Is the status one that the scenario allows? */
  readonly ok: boolean;
  readonly ms: number;
  readonly error?: string;
}

/** A step of the scenario changed the bot's database (a stored state from another time …). */
export interface DatabaseWritten {
  readonly type: 'database.written';
  readonly user: string;
  readonly session: string;
  readonly step: number;
  readonly operation: 'insert' | 'update' | 'delete';
  readonly collection: string;
  /** Documents. */
  readonly n: number;
}

/** The harness looked into the bot's database, on a connection of its own. */
export interface Probe {
  readonly type: 'probe';
  readonly name: string;
  /** `state`: what a step must have stored. `invariant`: what must hold when the play is over. */
  readonly what: 'state' | 'invariant';
  readonly user: string;
  readonly session: string;
  /** Absent for an invariant. */
  readonly step?: number;
  readonly chatId: ChatId;
  readonly collection: string;
  /** `unknown`: the database could not be asked. */
  readonly outcome: 'held' | 'broken' | 'unknown';
  /** In words: `one document`, `step = "confirm"`. Values are cut at 80 characters. */
  readonly wanted: string;
  readonly found: string;
  /** More documents than allowed: something happened once too often. */
  readonly tooMany?: boolean;
  /** The text that stands in the field that is wrong: it may be one of the user's inputs. */
  readonly foundText?: string;
}

// ---------------------------------------------------------------- Telegram to the bot

export interface UpdateQueued {
  readonly type: 'update.queued';
  readonly bot: BotId;
  readonly updateId: UpdateId;
  /** `message`, `callback_query`, … */
  readonly kind: string;
  /** The queue of the webhook engine: updates of one queue are delivered one after the other. */
  readonly queue: string;
  readonly chatId?: ChatId;
  readonly userId?: UserId;
  readonly messageId?: MessageId;
  readonly callbackQueryId?: string;
  readonly expiresAt: number;
}

export interface UpdateDropped {
  readonly type: 'update.dropped';
  readonly bot: BotId;
  readonly updateId: UpdateId;
  /** `expired`: Telegram gave up. `dropped-by-bot`: drop_pending_updates or a negative offset. */
  readonly reason: 'expired' | 'dropped-by-bot' | 'queue-full';
}

export interface DeliveryStarted {
  readonly type: 'delivery.started';
  readonly delivery: DeliveryId;
  readonly bot: BotId;
  readonly updateId: UpdateId;
  /** 1 for the first time this update was handed to the bot. */
  readonly attempt: number;
  readonly via: 'webhook' | 'polling';
  readonly chatId?: ChatId;
  readonly traceparent?: string;
  /** Of several instances of the bot, the one that it is sent to. Absent with one, over polling, or when nobody knows. */
  readonly instance?: number;
  /** The fault that caused this delivery (a duplicate, another consumer). */
  readonly fault?: string;
  /** It went to another consumer of the harness, and the bot never saw it. */
  readonly consumer?: 'other';
}

export interface DeliveryEnded {
  readonly type: 'delivery.ended';
  readonly delivery: DeliveryId;
  readonly bot: BotId;
  readonly updateId: UpdateId;
  readonly attempt: number;
  /**
   * `acknowledged`: a 2xx, or confirmed by a later offset. `refused`: a complete answer that is no 2xx.
   * `unknown`: the request went out and no answer came back (timeout, reset, close, lost by a fault).
   * `undelivered`: no connection, the bot cannot have seen it.
   * `abandoned`: the webhook was changed or the run ended while it was in flight.
   */
  readonly outcome: 'acknowledged' | 'refused' | 'unknown' | 'undelivered' | 'abandoned';
  readonly status?: number;
  /** As in getWebhookInfo's last_error_message. */
  readonly error?: string;
  /** When Telegram will try again. Absent: it will not. */
  readonly retryInMs?: number;
  readonly fault?: string;
}

// ---------------------------------------------------------------- strangers to the bot

/** Somebody who is not Telegram posts an update to the bot's webhook, in the name of a person nobody else knows. */
export interface ForgedSent {
  readonly type: 'forged.sent';
  readonly forged: string;
  readonly bot: BotId;
  readonly userId: UserId;
  readonly chatId: ChatId;
  /** Made up: Telegram never gives out this number. */
  readonly updateId: number;
  /** What stands in X-Telegram-Bot-Api-Secret-Token. */
  readonly secret: 'missing' | 'wrong';
  /** Did the webhook that was set have a secret token to compare it with? */
  readonly secretWasSet: boolean;
  readonly text?: string;
  readonly fault: string;
}

/** The end of that request. Without a status no answer came. */
export interface ForgedAnswered {
  readonly type: 'forged.answered';
  readonly forged: string;
  readonly bot: BotId;
  readonly status?: number;
  readonly error?: string;
  /** The call in the body of the answer. Telegram would have made it; the stranger only sees it. */
  readonly method?: string;
}

// ---------------------------------------------------------------- the bot to Telegram

export interface CallStarted {
  readonly type: 'call.started';
  readonly call: CallId;
  readonly bot: BotId;
  /** As in the documentation: `sendMessage`. */
  readonly method: string;
  /** `webhook-answer`: the call was the body of the webhook's answer. */
  readonly via: 'http' | 'webhook-answer';
  /** For `webhook-answer`: the delivery that was answered. */
  readonly delivery?: DeliveryId;
  readonly chatId?: ChatId;
  /** The message that the call is about (edit, delete …). */
  readonly messageId?: MessageId;
  readonly callbackQueryId?: string;
  readonly replyToMessageId?: MessageId;
  readonly traceparent?: string;
}

export interface CallEnded {
  readonly type: 'call.ended';
  readonly call: CallId;
  readonly bot: BotId;
  readonly method: string;
  readonly ok: boolean;
  readonly errorCode?: number;
  readonly description?: string;
  /** Did it take effect: does the user see it? A call can be applied and its answer lost. */
  readonly applied: boolean;
  /** Was the answer handed to the bot? False: reset by a fault, or the bot hung up first. */
  readonly answered: boolean;
  /** Ids of the messages it created or changed. */
  readonly messageIds?: readonly MessageId[];
  /**
   * What the user sees of it, when it was applied: one entry for each message of `messageIds` that was
   * sent or edited, or the text of an answerCallbackQuery.
   */
  readonly contents?: readonly Content[];
  /** `shape` and `validated` (arguments were checked): the result is plausible, but nothing happened behind it. */
  readonly fidelity: 'modelled' | 'validated' | 'shape';
  readonly fault?: string;
}

// ---------------------------------------------------------------- the bot to MongoDB

export interface CommandStarted {
  readonly type: 'command.started';
  readonly command: CommandId;
  readonly connection: number;
  /** `find`, `update`, … */
  readonly name: string;
  readonly database?: string;
  readonly collection?: string;
  /**
   * First eight hex digits of the session's id. The same lsid and txnNumber is the same write again, or the
   * same transaction.
   */
  readonly lsid?: string;
  readonly txnNumber?: string;
  /** For getMore: the command that opened the cursor. */
  readonly cursorOf?: CommandId;
  readonly traceparent?: string;
  /** The command with its keys and the types of its values, when that was asked for. */
  readonly contents?: string;
}

export interface CommandEnded {
  readonly type: 'command.ended';
  readonly command: CommandId;
  readonly name: string;
  /** `unknown`: the connection ended before the answer, or the bot wanted none (w: 0). */
  readonly outcome: 'ok' | 'error' | 'unknown';
  /** From the request's last byte until the answer's last byte left for the bot. */
  readonly ms: number;
  /** How much of it was added on purpose. */
  readonly addedMs: number;
  /** From when it was passed on until the server had answered. Absent: it was not, or did not. */
  readonly upstreamMs?: number;
  /**
   * Did the server carry it out? True: it answered with `ok: 1`, whatever the bot heard of it (statements
   * may have failed, see `n`). False: it never got there, or was refused. Absent: nobody knows.
   */
  readonly appliedUpstream?: boolean;
  readonly code?: number;
  /** `n`, `nModified` and the number of documents in the answer, where it has them. */
  readonly n?: number;
  readonly modified?: number;
  readonly returned?: number;
  readonly fault?: string;
}

// ---------------------------------------------------------------- faults and the bot process

export interface FaultHit {
  readonly type: 'fault.hit';
  readonly fault: string;
  readonly on:
    | 'mongo'
    | 'mongo-connection'
    | 'mongo-heartbeat'
    | 'call'
    | 'delivery'
    | 'update'
    | 'bot'
    | 'telegram';
  readonly effect: string;
  readonly phase?: 'before' | 'after';
  readonly delayMs?: number;
  readonly delivery?: DeliveryId;
  readonly updateId?: UpdateId;
  readonly call?: CallId;
  readonly command?: CommandId;
  /** The connection to MongoDB, for faults on connections and heartbeats. */
  readonly connection?: number;
  readonly action?: ActionId;
  readonly instance?: number;
}

/** Somebody switched a fault while the run went on. */
export interface FaultSwitched {
  readonly type: 'fault.switched';
  readonly fault: string;
  readonly to: 'on' | 'off' | 'added' | 'removed';
  /** Of one that is added, as `run.started` has it of the faults of the scenario. */
  readonly on?: string;
  readonly explain?: string;
}

/** On purpose: the value of one variable ends in the name and the value of the next, which is missing. */
export interface EnvironmentGlued {
  readonly type: 'environment.glued';
  readonly first: string;
  readonly second: string;
}

export interface BotStarted {
  readonly type: 'bot.started';
  readonly instance: number;
  readonly pid: number;
}

export interface BotReady {
  readonly type: 'bot.ready';
  readonly instance: number;
  readonly ms: number;
}

export interface BotExited {
  readonly type: 'bot.exited';
  readonly instance: number;
  readonly pid: number;
  readonly code?: number;
  readonly signal?: string;
  /** The harness ended it on purpose. */
  readonly expected: boolean;
}

export interface BotLog {
  readonly type: 'bot.log';
  readonly instance: number;
  readonly stream: 'stdout' | 'stderr';
  /** One line, without tokens and telephone numbers, at most 500 characters. */
  readonly line: string;
}
