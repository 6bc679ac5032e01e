import type { Content } from '../history/content.js';
import type { StepEnded } from '../history/events.js';
import type { Session, Step } from '../recording/sessions.js';
import type { Seen } from '../telegram/contracts.js';
import { Actor, isTap, type Prepared } from './actor.js';
import { contentOf, Expectation, isVisible } from './expectation.js';
import type { Identity } from './identity.js';
import type { Stage } from './options.js';
import { Cut, Waiting } from './waiting.js';

export interface Manner {
  readonly patienceMs: number;
  /** How often one input is sent at most. */
  readonly sends: number;
  /** The silence that ends a step without expectations, in ms. */
  readonly quietMs: number;
  /** Takes whatever comes for an answer, once it is quiet: to see what the bot does, and not whether it is right. */
  readonly isLenient?: boolean;
}

/** So much of what comes in one step is kept for whoever wants to know. */
const MOST_SEEN = 100;

/** What came since the first send of the open step. */
interface Watch {
  readonly expectation: Expectation;
  /** What the user saw, when somebody wants to know. */
  readonly seen: Content[] | undefined;
  cameCount: number;
  lastCameAt: number;
}

interface SecondTap {
  readonly prepared: Prepared;
  readonly step: number;
  readonly send: number;
  readonly dueAt: number;
}

interface Ended {
  readonly outcome: StepEnded['outcome'];
  readonly sends: number;
  /** When the user had seen enough and began to think. */
  readonly atMs: number;
}

/** A step that ended so leaves the user stuck. */
const STUCK = new Set<StepEnded['outcome']>(['unexpected', 'silent', 'button-missing']);

/**
 * A virtual user at pace conversation: acts, waits for all expected replies, thinks, acts again. When its
 * patience runs out it sends the same again, and after its last send it is stuck. It has one timer at most.
 */
export class Conversation {
  readonly #stage: Stage;
  readonly #session: Session;
  readonly #manner: Manner;
  readonly #thinks: readonly number[];
  readonly #actor: Actor;
  readonly #waiting: Waiting;
  #watch: Watch | undefined;
  #second: SecondTap | undefined;
  /** The step whose time has come, while it lasts. */
  #open: number | undefined;
  /** How often its input was sent; a second tap is no second send. */
  #sends = 0;
  /** Actions of the step, second taps included. */
  #actions = 0;

  /** @param think drawn here for all steps, so that the draws do not depend on how fast the bot is */
  constructor(stage: Stage, session: Session, identity: Identity, manner: Manner, think: () => number) {
    this.#stage = stage;
    this.#session = session;
    this.#manner = manner;
    this.#thinks = session.steps.map(think);
    this.#actor = new Actor(stage, identity, session.session);
    this.#waiting = new Waiting(stage.clock, stage.signal);
  }

  /** The bot did something in this user's chat. */
  see(seen: Seen): void {
    this.#actor.see(seen);
    const watch = this.#watch;
    if (watch !== undefined && isVisible(seen)) {
      watch.cameCount += 1;
      watch.lastCameAt = this.#stage.clock.now();
      watch.expectation.meet(seen);
      const content = watch.seen === undefined ? undefined : contentOf(seen);
      if (content !== undefined && (watch.seen?.length ?? 0) < MOST_SEEN) watch.seen?.push(content);
    }
    this.#waiting.wake();
  }

  /** Plays the whole session. Rejects only for what a hook or the bot's side throws. */
  async run(arrivesAt: number): Promise<void> {
    let played = 0;
    this.#actor.start();
    try {
      let intendedAt = arrivesAt;
      for (const [index, step] of this.#session.steps.entries()) {
        const { outcome, sends, atMs } = await this.#play(step, intendedAt);
        this.#endStep(step.step, outcome, sends);
        played += 1;
        const tappedAt = this.#second?.dueAt ?? atMs;
        const isContent = this.#manner.isLenient === true && outcome === 'unexpected';
        if (STUCK.has(outcome) && !isContent) {
          await this.#pauseUntil(tappedAt);
          this.#actor.end('stuck', played);
          return;
        }
        intendedAt = Math.max(atMs + (this.#thinks[index + 1] ?? 0), tappedAt);
      }
      await this.#pauseUntil(this.#second?.dueAt ?? 0);
      this.#actor.end('completed', played);
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
      if (this.#open !== undefined) this.#endStep(this.#open, 'cut', this.#sends);
      this.#actor.end('cut', played);
    }
  }

  async #play(step: Step, plannedAt: number): Promise<Ended> {
    await this.#pauseUntil(plannedAt);
    const { clock, hooks } = this.#stage;
    this.#open = step.step;
    this.#sends = 0;
    this.#actions = 0;
    const hookAt = clock.now();
    const { user } = this.#actor.identity;
    if (hooks.beforeAction !== undefined) {
      await this.#waiting.unlessCut(hooks.beforeAction({ user, step: step.step }));
    }
    const hookedAt = plannedAt + (clock.now() - hookAt);
    const first = this.#actor.prepare(step.action);
    if (first !== undefined) return this.#send(step, first, hookedAt);
    // An edit of a message that was never written here: nothing to do, and nothing of the bot's doing.
    if (!isTap(step.action)) return { outcome: 'not-awaited', sends: 0, atMs: clock.now() };
    const found = await this.#awaitButton(step);
    if (found === undefined) return { outcome: 'button-missing', sends: 0, atMs: clock.now() };
    return this.#send(step, found, clock.now());
  }

  async #send(step: Step, first: Prepared, firstAt: number): Promise<Ended> {
    const { clock } = this.#stage;
    const expectation = new Expectation(this.#actor.identity);
    const { identity, session } = this.#actor;
    const expects = expectation.add(this.#stage.hooks.repliesTo?.(session, step) ?? step.replies);
    const { stepSeen } = this.#stage.hooks;
    const watch: Watch = {
      expectation,
      seen: stepSeen === undefined ? undefined : [],
      cameCount: 0,
      lastCameAt: firstAt,
    };
    this.#watch = watch;
    let prepared: Prepared | undefined = first;
    let intendedAt = firstAt;
    for (let sent = 1; prepared !== undefined; sent += 1) {
      const sentAt = clock.now();
      this.#sends += 1;
      this.#actions += 1;
      this.#actor.perform(prepared, {
        step: step.step,
        send: this.#actions,
        reason: sent === 1 ? 'planned' : 'resend',
        intendedAt,
        ...(sent === 1 && { expects }),
      });
      if (sent === 1) this.#askForSecondTap(prepared, step.step);
      const deadline = sentAt + this.#manner.patienceMs;
      if (expects.length === 0) {
        await this.#awaitQuiet(watch, sentAt, deadline);
        return { outcome: 'not-awaited', sends: this.#sends, atMs: clock.now() };
      }
      const isDone = (): boolean =>
        expectation.isMet || (this.#manner.isLenient === true && watch.cameCount > 0);
      while (!isDone() && clock.now() < deadline) await this.#waitUntil(deadline);
      if (this.#manner.isLenient === true && isDone()) {
        await this.#awaitQuiet(watch, sentAt, deadline);
        stepSeen?.({
          session,
          step: step.step,
          contents: watch.seen?.map((c) => identity.asRecorded(c)) ?? [],
        });
        return {
          outcome: expectation.isMet ? 'answered' : 'unexpected',
          sends: this.#sends,
          atMs: watch.lastCameAt,
        };
      }
      if (expectation.isMet) return { outcome: 'answered', sends: this.#sends, atMs: watch.lastCameAt };
      // Nobody can make the same edit, or join the same group, twice.
      if (sent >= this.#manner.sends || prepared.kind === 'edit' || prepared.kind === 'other') break;
      intendedAt = deadline;
      prepared = this.#actor.prepare(step.action);
    }
    const outcome = watch.cameCount > 0 ? 'unexpected' : 'silent';
    return { outcome, sends: this.#sends, atMs: clock.now() };
  }

  async #awaitButton(step: Step): Promise<Prepared | undefined> {
    const { clock } = this.#stage;
    const deadline = clock.now() + this.#manner.patienceMs;
    while (clock.now() < deadline) {
      await this.#waitUntil(deadline);
      const prepared = this.#actor.prepare(step.action);
      if (prepared !== undefined) return prepared;
    }
    return undefined;
  }

  async #awaitQuiet(watch: Watch, sentAt: number, deadline: number): Promise<void> {
    const { clock } = this.#stage;
    for (;;) {
      const quietAt = Math.max(sentAt, watch.lastCameAt) + this.#manner.quietMs;
      const until = Math.min(quietAt, deadline);
      if (clock.now() >= until) return;
      await this.#waitUntil(until);
    }
  }

  async #pauseUntil(dueMs: number): Promise<void> {
    if (this.#stage.signal.aborted) throw new Cut();
    while (this.#stage.clock.now() < dueMs) await this.#waitUntil(dueMs);
    if (this.#second !== undefined && this.#stage.clock.now() >= this.#second.dueAt) this.#tapAgain();
  }

  /** Waits for the time or a sign of the bot; a second tap that falls due on the way is done. */
  async #waitUntil(dueMs: number): Promise<void> {
    await this.#waiting.until(Math.min(dueMs, this.#second?.dueAt ?? dueMs));
    if (this.#second !== undefined && this.#stage.clock.now() >= this.#second.dueAt) this.#tapAgain();
  }

  #askForSecondTap(prepared: Prepared, step: number): void {
    if (prepared.kind !== 'tap') return;
    const { hooks, clock } = this.#stage;
    const delayMs = hooks.doubleTap?.({ user: this.#actor.identity.user, step, kind: prepared.kind });
    if (delayMs === undefined) return;
    this.#actions += 1;
    this.#second = { prepared, step, send: this.#actions, dueAt: clock.now() + delayMs };
  }

  #tapAgain(): void {
    const second = this.#second;
    this.#second = undefined;
    if (second === undefined || !this.#actor.isThere(second.prepared)) return;
    const { prepared, step, send, dueAt } = second;
    this.#actor.perform(prepared, { step, send, reason: 'double-tap', intendedAt: dueAt });
  }

  #endStep(step: number, outcome: StepEnded['outcome'], sends: number): void {
    this.#open = undefined;
    this.#watch = undefined;
    this.#actor.endStep(step, outcome, sends);
  }
}
