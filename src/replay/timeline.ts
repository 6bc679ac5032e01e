import type { Timer } from '../base/clock.js';
import type { ChatId } from '../base/ids.js';
import { BoundedMap } from '../recording/bounded-map.js';
import type { RecordedEvent } from '../recording/format.js';
import type { RecordedReply } from '../recording/replies.js';
import type { Seen } from '../telegram/contracts.js';
import { Actor, isTap, type Prepared } from './actor.js';
import { Expectation } from './expectation.js';
import { FreshIds } from './fresh-ids.js';
import { Identity } from './identity.js';
import { LookAhead, type UpcomingAct } from './look-ahead.js';
import type { Stage } from './options.js';
import { Cut, Waiting } from './waiting.js';

/**
 * Chats that are remembered at a time. When there are more, those that were quiet for longest end, and would
 * come back as somebody new; the half that acted last is always there.
 */
export const REMEMBERED_CHATS = 20_000;
/** Per chat: message ids, and replies that are still looked for. */
const MESSAGES_PER_CHAT = 100;
const OPEN_REPLIES = 20;
/** Second taps that wait at a time; more are not made. */
const MOST_SECOND_TAPS = 1_000;

export interface TimelineOptions {
  readonly events: AsyncIterator<RecordedEvent>;
  readonly recordedBot: number | undefined;
  /** Recorded times are divided by this. */
  readonly speed: number;
  /** Ends the replay with an error of a hook. */
  readonly fail: (error: unknown) => void;
}

interface Chatter {
  readonly actor: Actor;
  readonly expectation: Expectation;
  steps: number;
}

/**
 * Pace timeline: every act at its recorded time, whatever the bot does. The first act is due at once, the
 * others on an absolute schedule; when the replay wakes late, it sends all that is due. Each recorded chat
 * is one virtual user. Streams the recording in constant memory.
 */
export class Timeline {
  readonly #stage: Stage;
  readonly #options: TimelineOptions;
  readonly #ids: FreshIds;
  readonly #waiting: Waiting;
  readonly #byFreshChat = new Map<ChatId, Chatter>();
  readonly #chatters = new BoundedMap<number, Chatter>(REMEMBERED_CHATS, (chatter) => this.#forget(chatter));
  readonly #secondTaps = new Set<Timer>();
  #number = 0;
  #isForgetting = false;

  constructor(stage: Stage, options: TimelineOptions) {
    this.#stage = stage;
    this.#options = options;
    this.#ids = new FreshIds(stage.seed);
    this.#waiting = new Waiting(stage.clock, stage.signal);
  }

  see(seen: Seen): void {
    const chatter = this.#byFreshChat.get(seen.chatId);
    chatter?.actor.see(seen);
    chatter?.expectation.meet(seen);
  }

  /** Plays everything. Rejects for what the recording or the bot's side throws. */
  async run(): Promise<void> {
    const { events, recordedBot } = this.#options;
    const ahead = new LookAhead(events, recordedBot, (chat, replies) => this.#lateReplies(chat, replies));
    try {
      await this.#playAll(ahead);
      while (this.#secondTaps.size > 0) await this.#waiting.until(this.#lastSecondTapAt());
      this.#endAll('completed');
    } catch (error) {
      this.#endAll('cut');
      if (!(error instanceof Cut)) throw error;
    } finally {
      for (const timer of this.#secondTaps) this.#stage.clock.clear(timer);
      await events.return?.();
    }
  }

  async #playAll(ahead: LookAhead): Promise<void> {
    const { clock } = this.#stage;
    let next = await ahead.next();
    // The schedule begins when the window has been read: opening a file is no lag.
    const startedAt = clock.now();
    const firstAt = next?.at ?? 0;
    for (; next !== undefined; next = await ahead.next()) {
      const dueAt = startedAt + Math.max(0, next.at - firstAt) / this.#options.speed;
      await this.#waiting.until(dueAt);
      this.#act(next, dueAt);
    }
  }

  #act({ act, answers }: UpcomingAct, intendedAt: number): void {
    const chatter = this.#chatters.get(act.chatId) ?? this.#begin(act.chatId, act.userId);
    const { actor, expectation } = chatter;
    chatter.steps += 1;
    const step = chatter.steps;
    const { hooks } = this.#stage;
    const { user } = actor.identity;
    hooks.beforeAction?.({ user, step }).catch(this.#options.fail);
    const prepared = actor.prepare(act);
    const expects = expectation.add(answers.replies);
    if (prepared === undefined) {
      actor.endStep({ step, outcome: isTap(act) ? 'button-missing' : 'not-awaited', sends: 0 });
      return;
    }
    const isKnown = expects.length > 0 || answers.isComplete;
    actor.perform(prepared, { step, send: 1, reason: 'planned', intendedAt, ...(isKnown && { expects }) });
    if (prepared.kind === 'tap') {
      const delayMs = hooks.doubleTap?.({ user, step, kind: prepared.kind });
      if (delayMs !== undefined) this.#tapAgain(actor, prepared, step, delayMs);
    }
    actor.endStep({ step, outcome: 'not-awaited', sends: 1 });
  }

  #tapAgain(actor: Actor, prepared: Prepared, step: number, delayMs: number): void {
    if (this.#secondTaps.size >= MOST_SECOND_TAPS) return;
    const { clock } = this.#stage;
    const intendedAt = clock.now() + delayMs;
    const timer = clock.set(delayMs, () => {
      this.#secondTaps.delete(timer);
      if (!actor.isThere(prepared)) return;
      actor.perform(prepared, { step, send: 2, reason: 'double-tap', intendedAt });
    });
    this.#secondTaps.add(timer);
  }

  #lastSecondTapAt(): number {
    let last = 0;
    for (const { dueAt } of this.#secondTaps) last = Math.max(last, dueAt);
    return Math.max(last, this.#stage.clock.now() + 1);
  }

  #begin(recordedChat: number, recordedUser: number | undefined): Chatter {
    this.#number += 1;
    const identity = new Identity({
      number: this.#number,
      ids: this.#ids,
      recordedUser,
      recordedChat,
      recordedBot: this.#options.recordedBot,
      bot: this.#stage.bot.id,
      messages: MESSAGES_PER_CHAT,
    });
    const actor = new Actor(this.#stage, identity, `s${this.#number}`);
    const chatter = {
      actor,
      expectation: new Expectation(identity, this.#stage.mask, OPEN_REPLIES),
      steps: 0,
    };
    this.#chatters.set(recordedChat, chatter);
    this.#byFreshChat.set(identity.chatId, chatter);
    actor.start();
    return chatter;
  }

  #lateReplies(recordedChat: number, replies: readonly RecordedReply[]): void {
    this.#chatters.get(recordedChat)?.expectation.add(replies);
  }

  #forget(chatter: Chatter): void {
    this.#byFreshChat.delete(chatter.actor.identity.chatId);
    chatter.actor.end('completed', chatter.steps);
    if (this.#isForgetting) return;
    this.#isForgetting = true;
    this.#stage.emit({
      type: 'warning',
      code: 'many-chats',
      message: `the recording has more chats than the ${REMEMBERED_CHATS} that are remembered; those that were quiet for longest are forgotten and come back as new users`,
    });
  }

  #endAll(outcome: 'completed' | 'cut'): void {
    for (const { actor, steps } of this.#chatters.values()) actor.end(outcome, steps);
  }
}
