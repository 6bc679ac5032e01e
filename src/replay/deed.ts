import type { ChatId, UserId } from '../base/ids.js';
import type { Content } from '../history/content.js';

/**
 * What a scenario has done around a dialogue and that no person does in Telegram. The replay knows when;
 * whoever wires a run together knows how (`ReplayHooks.perform`). Texts may hold `${user.…}`, which are
 * filled in before.
 */
export type Deed = RequestDeed | DatabaseDeed | ProbeDeed | BotDeed;

/** A request to the bot's own server. */
export interface RequestDeed {
  readonly do: 'request';
  readonly method: string;
  /** A path of the bot's server, or a whole URL on this machine. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as it is when it is a text, else as JSON. */
  readonly body?: unknown;
  /** Statuses that are allowed; absent: below 400. */
  readonly status?: readonly number[];
  /** How often it is sent at once, as a provider that retries does. */
  readonly times: number;
  readonly timeoutMs: number;
}

/** A change of the bot's database. */
export interface DatabaseDeed {
  readonly do: 'mongo';
  readonly collection: string;
  readonly insert?: readonly object[];
  readonly update?: { readonly filter: object; readonly set: object; readonly upsert: boolean };
  readonly delete?: { readonly filter: object };
}

/** A look into the bot's database. */
export interface ProbeDeed {
  readonly do: 'probe';
  readonly name: string;
  readonly what: 'state' | 'invariant';
  readonly collection: string;
  readonly filter: object;
  /** How many documents there must be. */
  readonly count?: { readonly min?: number; readonly max?: number };
  /** Fields (with dots) of the first of them, and what each must be. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** A bot that acknowledges first stores later: it is asked again until this much time has passed. */
  readonly withinMs: number;
}

export interface BotDeed {
  readonly do: 'restart' | 'kill';
  readonly instance?: number;
}

/** For whom a deed is done, and when. */
export interface DeedFacts {
  readonly user: string;
  readonly session: string;
  /** A request is a step of its own; anything else has the number of the step before it, 0 at the very beginning. */
  readonly step: number;
  readonly chatId: ChatId;
  readonly userId: UserId;
  /** Of a request: what the bot must then show this user, for its first `request.started`. */
  readonly expects?: readonly Content[];
  readonly signal: AbortSignal;
}
