import type { Clock } from '../base/clock.js';
import type { ChatId } from '../base/ids.js';
import { ApiError } from './api-error.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/**
 * How fast a bot may send. Telegram publishes no exact numbers; its FAQ speaks of 1 a second to one chat,
 * 20 a minute to one group and 30 a second in all (facts/telegram.md §6). Each number is a whole one from 1
 * on; no limit when left out.
 */
export interface FloodLimits {
  /** Messages to one chat within any second. */
  readonly perChatPerSecond?: number;
  /** Messages to one group, and edits in it, within any minute. */
  readonly perGroupPerMinute?: number;
  /** Messages to all chats together within any second. */
  readonly overallPerSecond?: number;
  /**
   * Waits of up to this long in all are slow answers in place of 429s. The official server absorbs
   * {@link ABSORBED_MS} (facts/telegram.md §3.6). None are when left out.
   */
  readonly absorbMs?: number;
}

/** "Until the summed waits of one request exceed 8 s" (td/NetQueryCreator.cpp:73). */
export const ABSORBED_MS = 8_000;

/** A limit does not allow this call now. It may do so after `waitMs`. */
export class FloodError extends ApiError {
  constructor(readonly waitMs: number) {
    const seconds = waitMs / SECOND_MS;
    super(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
  }
}

/** Counts what one bot sends, and refuses what is too much. Refused messages count for nothing. */
export class FloodGuard {
  readonly #clock: Clock;
  readonly #limits: FloodLimits;
  readonly #overall: Window;
  readonly #chats = new Windows(SECOND_MS);
  readonly #groups = new Windows(MINUTE_MS);

  constructor(clock: Clock, limits: FloodLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#overall = new Window(SECOND_MS);
  }

  /** How long one call may be held back in all. */
  get absorbMs(): number {
    return this.#limits.absorbMs ?? 0;
  }

  /** @throws FloodError when one of the limits does not allow `count` more messages now */
  send(chat: ChatId, isGroup: boolean, count: number): void {
    this.#take(this.#windows(chat, isGroup, true), count);
  }

  /** An edit. Only groups limit these. @throws FloodError */
  edit(chat: ChatId, isGroup: boolean): void {
    this.#take(this.#windows(chat, isGroup, false), 1);
  }

  #windows(chat: ChatId, isGroup: boolean, sends: boolean): readonly (readonly [Window, number])[] {
    const { perChatPerSecond, perGroupPerMinute, overallPerSecond } = this.#limits;
    const now = this.#clock.now();
    const found: (readonly [Window, number])[] = [];
    if (sends && overallPerSecond !== undefined) found.push([this.#overall, overallPerSecond]);
    if (sends && perChatPerSecond !== undefined) found.push([this.#chats.of(chat, now), perChatPerSecond]);
    if (isGroup && perGroupPerMinute !== undefined)
      found.push([this.#groups.of(chat, now), perGroupPerMinute]);
    return found;
  }

  #take(windows: readonly (readonly [Window, number])[], count: number): void {
    const now = this.#clock.now();
    const waitMs = Math.max(0, ...windows.map(([window, limit]) => window.waitMs(now, limit, count)));
    if (waitMs > 0) throw new FloodError(Math.ceil(waitMs / SECOND_MS) * SECOND_MS);
    for (const [window] of windows) window.add(now, count);
  }
}

/** When something happened within the last `lengthMs`. Holds no more than the limit and one album. */
class Window {
  readonly #lengthMs: number;
  #times: number[] = [];

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** Time until `count` more fit. An album larger than the limit fits into an empty window. */
  waitMs(now: number, limit: number, count: number): number {
    this.#forgetOld(now);
    const tooMany = this.#times.length + Math.min(count, limit) - limit;
    if (tooMany <= 0) return 0;
    const blocking = this.#times[tooMany - 1];
    return blocking === undefined ? 0 : blocking + this.#lengthMs - now;
  }

  add(now: number, count: number): void {
    for (let i = 0; i < count; i += 1) this.#times.push(now);
  }

  isEmpty(now: number): boolean {
    this.#forgetOld(now);
    return this.#times.length === 0;
  }

  #forgetOld(now: number): void {
    const firstYoung = this.#times.findIndex((time) => time > now - this.#lengthMs);
    if (firstYoung < 0) this.#times = [];
    else if (firstYoung > 0) this.#times.splice(0, firstYoung);
  }
}

/** A window for each chat that was written to lately. */
class Windows {
  readonly #lengthMs: number;
  readonly #byChat = new Map<ChatId, Window>();
  #sweptAtMs = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  of(chat: ChatId, now: number): Window {
    this.#sweep(now);
    let window = this.#byChat.get(chat);
    if (window === undefined) {
      window = new Window(this.#lengthMs);
      this.#byChat.set(chat, window);
    }
    return window;
  }

  /** Once a window's length, so that no more chats are held than were written to within two of them. */
  #sweep(now: number): void {
    if (now - this.#sweptAtMs < this.#lengthMs) return;
    this.#sweptAtMs = now;
    for (const [chat, window] of this.#byChat) if (window.isEmpty(now)) this.#byChat.delete(chat);
  }
}
