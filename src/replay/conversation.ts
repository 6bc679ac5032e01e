import type { Content } from '../history/content.js';
import type { StepEnded } from '../history/events.js';
import type { Step } from '../recording/sessions.js';
import type { Seen } from '../telegram/contracts.js';
import { Actor, isTap, kindOf, type Prepared } from './actor.js';
import { contentOf, Expectation, isVisible } from './expectation.js';
import type { ExtraInput } from './extra-acts.js';
import type { Identity } from './identity.js';
import { type DeedLine, type Line, wantsOf } from './lines.js';
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
  readonly #lines: readonly Line[];
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
  /** What was done in the step beyond the recording. */
  #extras = 0;
  /** Which time the session is played. */
  #round = 1;

  /** @param think drawn here for all steps, so that the draws do not depend on how fast the bot is */
  constructor(
    stage: Stage,
    session: string,
    lines: readonly Line[],
    identity: Identity,
    manner: Manner,
    think: () => number,
  ) {
    this.#stage = stage;
    this.#lines = lines;
    this.#manner = manner;
    this.#thinks = lines.map(think).map((ms, index) => (isPause(lines, index) ? 0 : ms));
    this.#actor = new Actor(stage, identity, session);
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

  /** Plays all lines. Rejects only for what a hook or the bot's side throws. */
  async run(arrivesAt: number): Promise<void> {
    let played = 0;
    this.#actor.start();
    try {
      let intendedAt = arrivesAt;
      let index = 0;
      for (let line = this.#lines[0]; line !== undefined; line = this.#lines[index]) {
        await this.#pauseUntil(intendedAt);
        if (index > 0 && this.#startsOver(line)) {
          index = 0;
          continue;
        }
        const { outcome, sends, atMs } = await this.#playLine(line, intendedAt);
        if (this.#open !== undefined) {
          this.#endStep(this.#open, outcome, sends, line);
          played += 1;
        }
        const tappedAt = this.#second?.dueAt ?? atMs;
        const isContent = this.#manner.isLenient === true && outcome === 'unexpected';
        if (STUCK.has(outcome) && !isContent) {
          await this.#pauseUntil(tappedAt);
          this.#actor.end('stuck', played);
          return;
        }
        index += 1;
        intendedAt = Math.max(atMs + (this.#thinks[index] ?? 0), tappedAt);
      }
      await this.#pauseUntil(this.#second?.dueAt ?? 0);
      this.#actor.end('completed', played);
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
      if (this.#open !== undefined) this.#endStep(this.#open, 'cut', this.#sends);
      this.#actor.end('cut', played);
    }
  }

  async #playLine(line: Line, plannedAt: number): Promise<Ended> {
    if (line.what === 'step') return this.#play(line.step, plannedAt);
    const atMs = plannedAt + (line.what === 'wait' ? line.ms : 0);
    await this.#pauseUntil(atMs);
    return line.what === 'wait' ? { outcome: 'not-awaited', sends: 0, atMs } : this.#do(line);
  }

  /** Has it done, and waits for what the bot must show because of it. */
  async #do({ deed, step, isStep, replies }: DeedLine): Promise<Ended> {
    const { clock, hooks, signal, mask } = this.#stage;
    const { identity, session } = this.#actor;
    const { user, chatId, userId } = identity;
    if (isStep) await this.#begin(step);
    if (hooks.perform === undefined)
      throw new Error(`nobody is there to do what a scenario wants: ${deed.do}`);
    const beganAt = clock.now();
    const expectation = new Expectation(identity, mask);
    const expects = expectation.add(replies);
    const watch: Watch = { expectation, seen: undefined, cameCount: 0, lastCameAt: beganAt };
    if (isStep) this.#watch = watch;
    const doing = hooks.perform(deed, { user, session, step, chatId, userId, expects, signal });
    const deadline = beganAt + this.#manner.patienceMs;
    await Promise.all([
      this.#waiting.unlessCut(doing),
      isStep ? this.#awaitAll(watch, beganAt, deadline, expects.length) : undefined,
    ]);
    const outcome = expectation.isMet ? 'answered' : unanswered(watch);
    return { outcome: expects.length === 0 ? 'not-awaited' : outcome, sends: 0, atMs: clock.now() };
  }

  async #begin(step: number): Promise<void> {
    const { hooks } = this.#stage;
    this.#open = step;
    this.#sends = 0;
    this.#actions = 0;
    this.#extras = 0;
    if (hooks.beforeAction === undefined) return;
    await this.#waiting.unlessCut(hooks.beforeAction({ user: this.#actor.identity.user, step }));
  }

  async #play(step: Step, plannedAt: number): Promise<Ended> {
    const { clock } = this.#stage;
    const hookAt = clock.now();
    await this.#begin(step.step);
    await this.#doExtras(step);
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
    const { identity, session } = this.#actor;
    const { hooks, mask } = this.#stage;
    const expectation = new Expectation(identity, mask);
    const expects = expectation.add(hooks.repliesTo?.(session, step) ?? step.replies);
    const watch: Watch = {
      expectation,
      seen: hooks.stepSeen === undefined ? undefined : [],
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
        round: this.#round,
        send: this.#actions,
        reason: sent === 1 ? 'planned' : 'resend',
        intendedAt,
        ...(sent === 1 && { expects }),
      });
      if (sent === 1) {
        this.#writeBesideTap(prepared, step);
        this.#askForSecondTap(prepared, step.step);
      }
      const deadline = sentAt + this.#manner.patienceMs;
      await this.#awaitAll(watch, sentAt, deadline, expects.length);
      if (this.#manner.isLenient === true && watch.seen !== undefined && watch.cameCount > 0) {
        const contents = watch.seen.map((content) => identity.asRecorded(content));
        hooks.stepSeen?.({ session, step: step.step, contents });
      }
      if (expects.length === 0) return { outcome: 'not-awaited', sends: this.#sends, atMs: clock.now() };
      if (expectation.isMet) return { outcome: 'answered', sends: this.#sends, atMs: watch.lastCameAt };
      if (this.#manner.isLenient === true && watch.cameCount > 0) break;
      // Nobody can make the same edit, or join the same group, twice.
      if (sent >= this.#manner.sends || prepared.kind === 'edit' || prepared.kind === 'other') break;
      intendedAt = deadline;
      prepared = this.#actor.prepare(step.action);
    }
    return { outcome: unanswered(watch), sends: this.#sends, atMs: clock.now() };
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

  /** Waits for all that is expected; where nothing is, until it is quiet. */
  async #awaitAll(watch: Watch, sentAt: number, deadline: number, expected: number): Promise<void> {
    if (expected === 0) return this.#awaitQuiet(watch, sentAt, deadline);
    const isLenient = this.#manner.isLenient === true;
    const isDone = (): boolean => watch.expectation.isMet || (isLenient && watch.cameCount > 0);
    while (!isDone() && this.#stage.clock.now() < deadline) await this.#waitUntil(deadline);
    // Something came: what else comes with it?
    if (isLenient && isDone()) await this.#awaitQuiet(watch, sentAt, deadline);
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
    const round = this.#round;
    this.#actor.perform(prepared, { step, round, send, reason: 'double-tap', intendedAt: dueAt });
  }

  /** People who are stuck begin again. One time is enough to see what becomes of them. */
  #startsOver(line: Line): boolean {
    if (line.what !== 'step') return false;
    const { step } = line.step;
    const { user } = this.#actor.identity;
    if (this.#round > 1 || this.#stage.hooks.startsOver?.({ user, step, round: 1 }) !== true) return false;
    this.#round += 1;
    return true;
  }

  /** Does what comes before the step, and looks each time what the bot makes of it. */
  async #doExtras(step: Step): Promise<void> {
    const { clock, hooks } = this.#stage;
    const { user } = this.#actor.identity;
    const inputs = hooks.extraActs?.({ user, step: step.step, round: this.#round }) ?? [];
    for (const input of inputs) {
      const sentAt = clock.now();
      const watch: Watch = {
        expectation: new Expectation(this.#actor.identity),
        seen: undefined,
        cameCount: 0,
        lastCameAt: sentAt,
      };
      this.#watch = watch;
      this.#doExtra(input, step);
      await this.#awaitQuiet(watch, sentAt, sentAt + this.#manner.patienceMs);
    }
  }

  #doExtra(input: ExtraInput, step: Step): void {
    const prepared = this.#actor.prepareExtra(input, step.action);
    if (prepared === undefined) return;
    this.#extras += 1;
    this.#actor.perform(prepared, {
      step: step.step,
      round: this.#round,
      send: this.#extras,
      reason: input.act,
      intendedAt: this.#stage.clock.now(),
    });
  }

  #writeBesideTap({ kind }: Prepared, step: Step): void {
    if (kind !== 'tap') return;
    const { user } = this.#actor.identity;
    const at = this.#lines.findIndex((line) => line.what === 'step' && line.step === step);
    const after = this.#lines.slice(at + 1).find((line) => line.what === 'step');
    const next = after?.what === 'step' ? after.step.action : undefined;
    const text = this.#stage.hooks.textBesideTap?.({
      user,
      step: step.step,
      round: this.#round,
      next: next === undefined ? undefined : kindOf(next),
    });
    if (text !== undefined) this.#doExtra({ act: 'text-beside-tap', text }, step);
  }

  #endStep(step: number, outcome: StepEnded['outcome'], sends: number, line?: Line): void {
    const wants = line === undefined ? undefined : wantsOf(line, outcome);
    const isBroken = wants === 'nothing' && (this.#watch?.cameCount ?? 0) > 0;
    this.#open = undefined;
    this.#watch = undefined;
    this.#actor.endStep(
      { step, outcome: isBroken ? 'unexpected' : outcome, sends, ...(wants !== undefined && { wants }) },
      this.#round,
    );
  }
}

const unanswered = ({ cameCount }: Watch): 'unexpected' | 'silent' =>
  cameCount > 0 ? 'unexpected' : 'silent';

/** Who waits on purpose, before or now, does not think besides. */
const isPause = (lines: readonly Line[], index: number): boolean =>
  lines[index]?.what === 'wait' || lines[index - 1]?.what === 'wait';
