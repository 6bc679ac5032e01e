import type { Message } from '@grammyjs/types';
import type { Clock, Timer } from '../../base/clock.js';
import { SendtwiceError } from '../../base/errors.js';
import { textOfRich } from '../../history/rich-content.js';
import { dropOldest } from '../bounded.js';
import type { Seen } from '../contracts.js';

/** Of what nobody asked for yet, the older half is forgotten beyond this number. */
const KEPT_UNREAD = 200;
const KEPT_QUERIES = 200;
const KEPT_TOASTS = 20;
const DEFAULT_TIMEOUT_MS = 5_000;
const LONGEST_SHOWN = 60;

/** Which message is waited for: a text that it contains, a pattern, or whatever this says yes to. */
export type MessageMatch = string | RegExp | ((message: Message) => boolean);

export interface WaitOptions {
  /** Milliseconds on the clock of the server. Default 5,000. */
  readonly timeoutMs?: number;
  /** What does not match is passed over, and is not given to a later wait. */
  readonly match?: MessageMatch;
}

/** The bot's answer to a tap: the spinner stops, and a text may be shown for a moment. */
export interface TapAnswer {
  readonly callbackQueryId: string;
  readonly text?: string;
}

interface Unread {
  sent: Message[];
  edited: Message[];
  answered: TapAnswer[];
}

type What = keyof Unread;

interface Waiter {
  readonly what: What;
  readonly offer: (thing: Unread[What][number]) => boolean;
}

const NOUNS: Readonly<Record<What, string>> = {
  sent: 'message',
  edited: 'edit',
  answered: 'answer to a tap',
};

/** What one person in one chat notices of the bot, and has not looked at yet. */
export class Eyes {
  readonly #clock: Clock;
  readonly #place: string;
  readonly #unread: Unread = { sent: [], edited: [], answered: [] };
  readonly #waiters = new Set<Waiter>();
  readonly #queries = new Set<string>();
  #toasts: readonly string[] = [];

  /** @param place for error texts: `Anna (1001) in chat 1001` */
  constructor(clock: Clock, place: string) {
    this.#clock = clock;
    this.#place = place;
  }

  /** The texts of the last answers to taps, oldest first. */
  get toasts(): readonly string[] {
    return this.#toasts;
  }

  /** Only who tapped sees the answer. */
  tapped(callbackQueryId: string): void {
    this.#queries.add(callbackQueryId);
    dropOldest(this.#queries, KEPT_QUERIES);
  }

  see({ what, message, callbackQueryId, content }: Seen): void {
    if (what === 'callback-answered') {
      if (callbackQueryId === undefined || !this.#queries.delete(callbackQueryId)) return;
      const text = content?.text;
      if (text !== undefined) this.#toasts = [...this.#toasts, text].slice(-KEPT_TOASTS);
      this.#take('answered', { callbackQueryId, ...(text === undefined ? {} : { text }) });
    } else if (what !== 'deleted' && message !== undefined) {
      this.#take(what, message);
    }
  }

  nextMessage(what: 'sent' | 'edited', options: WaitOptions): Promise<Message> {
    return this.#next(what, options, (message) => matches(message, options.match)) as Promise<Message>;
  }

  nextAnswer(options: Pick<WaitOptions, 'timeoutMs'>): Promise<TapAnswer> {
    return this.#next('answered', options, () => true) as Promise<TapAnswer>;
  }

  #take(what: What, thing: Unread[What][number]): void {
    const waiters = [...this.#waiters].filter((waiter) => waiter.what === what);
    // Who waits for something else passes this over.
    if (waiters.some((waiter) => waiter.offer(thing)) || waiters.length > 0) return;
    const unread = this.#unread[what] as (typeof thing)[];
    unread.push(thing);
    if (unread.length > KEPT_UNREAD) unread.splice(0, KEPT_UNREAD / 2);
  }

  async #next<T extends What>(
    what: T,
    { timeoutMs = DEFAULT_TIMEOUT_MS, match }: WaitOptions,
    accepts: (thing: Message) => boolean,
  ): Promise<Unread[T][number]> {
    const passed: string[] = [];
    const unread = this.#unread[what] as Unread[T][number][];
    for (let thing = unread.shift(); thing !== undefined; thing = unread.shift()) {
      if (accepts(thing as Message)) return thing;
      passed.push(describe(thing as Message));
    }
    return await new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const waiter: Waiter = {
        what,
        offer: (thing) => {
          if (!accepts(thing as Message)) {
            if (passed.length < KEPT_UNREAD) passed.push(describe(thing as Message));
            return false;
          }
          this.#clock.clear(timer);
          this.#waiters.delete(waiter);
          resolve(thing as Unread[T][number]);
          return true;
        },
      };
      timer = this.#clock.set(timeoutMs, () => {
        this.#waiters.delete(waiter);
        reject(this.#tooLate(what, timeoutMs, match, passed));
      });
      this.#waiters.add(waiter);
    });
  }

  #tooLate(
    what: What,
    timeoutMs: number,
    match: MessageMatch | undefined,
    passed: readonly string[],
  ): SendtwiceError {
    const wanted = match === undefined || typeof match === 'function' ? '' : ` with ${shown(match)}`;
    const came = passed.length === 0 ? '' : `; what came: ${passed.slice(-5).join(', ')}`;
    return new SendtwiceError(
      'people/no-reply',
      `${this.#place}: no ${NOUNS[what]}${wanted} came within ${timeoutMs} ms${came}`,
      { hint: 'Is the bot running, and does it answer this? A longer `timeoutMs` waits longer.' },
    );
  }
}

function matches(message: Message, match: MessageMatch | undefined): boolean {
  if (match === undefined) return true;
  if (typeof match === 'function') return match(message);
  const text = textOf(message);
  // A pattern with the flag g would go on where it stopped.
  return typeof match === 'string' ? text.includes(match) : text.search(match) >= 0;
}

function textOf(message: Partial<Message>): string {
  if (message.rich_message !== undefined) return textOfRich(message.rich_message);
  return message.text ?? message.caption ?? '';
}

function describe(message: Partial<Message>): string {
  const text = textOf(message);
  return `“${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}”`;
}

function shown(match: string | RegExp): string {
  return typeof match === 'string' ? `“${match}”` : String(match);
}
