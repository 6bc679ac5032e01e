import type { Clock } from '../base/clock.js';
import type { Content } from '../history/content.js';
import type { ActionDone, Emit, WrittenPattern } from '../history/events.js';
import type { Mask } from '../history/volatile.js';
import type { RecordedReply } from '../recording/replies.js';
import type { Step } from '../recording/sessions.js';
import type { Deed, DeedFacts } from './deed.js';
import type { ExtraInput } from './extra-acts.js';
import type { PeopleSide } from './people-side.js';
import type { Script } from './script.js';
import type { UserFacts } from './user-texts.js';

/** A step of a user, and which time it plays its session. */
export interface StepFacts {
  readonly user: string;
  readonly step: number;
  readonly round: number;
}

/** Where others reach into the replay. The last three are asked at pace conversation only. */
export interface ReplayHooks {
  /**
   * Awaited before the first send of each step. The time it takes is no lag of the harness. At pace
   * timeline nobody waits for it. A rejection ends the replay.
   */
  beforeAction?(facts: { readonly user: string; readonly step: number }): Promise<void>;
  /** Does what a scenario has done around the dialogue. A rejection ends the replay. */
  perform?(deed: Deed, facts: DeedFacts): Promise<void>;
  /** What takes the place of the recorded replies to a step; nothing: they are the measure. */
  repliesTo?(session: string, step: Step): readonly RecordedReply[] | undefined;
  /** With `isLenient`: all that a user saw in one step, with the ids and names of the recorded person. */
  stepSeen?(facts: {
    readonly session: string;
    readonly step: number;
    readonly contents: readonly Content[];
  }): void;
  /** Asked once for each first tap of a step: milliseconds until the second tap, or none. */
  doubleTap?(facts: {
    readonly user: string;
    readonly step: number;
    readonly kind: ActionDone['kind'];
  }): number | undefined;
  /** Asked once for each first tap of a step: what the user writes at the same moment, or nothing. */
  textBesideTap?(facts: StepFacts & { readonly next: ActionDone['kind'] | undefined }): string | undefined;
  /** Asked before each step: what the user does first, beyond its recording. */
  extraActs?(facts: StepFacts): readonly ExtraInput[];
  /** Asked before each step but the first one: does the user leave it, and begin its session anew? */
  startsOver?(facts: StepFacts): boolean;
}

export interface ReplayOptions {
  /** Path of a `.jsonl` or `.jsonl.gz` recording. May be left out where a script plays nothing of it. */
  readonly recording?: string;
  /** Pace conversation: what each user does, in place of a whole session. */
  readonly script?: Script;
  /** Parts of texts that change by themselves and are not compared. */
  readonly volatile?: readonly WrittenPattern[];
  /** Told of each user that arrives, with what only this one is called. */
  readonly onUser?: (facts: UserFacts) => void;
  readonly bot: PeopleSide;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Ids and names of the virtual users follow from it. */
  readonly seed: string;
  readonly pace: 'conversation' | 'timeline';
  /** Pace conversation: number of virtual users; they share the sessions in turn. */
  readonly users: number;
  /** Pace conversation: so many sessions of the recording, the first ones, are shared. Default: as many as users. */
  readonly sessions?: number;
  /** Pace conversation: users per second. Default: all at once, a few milliseconds apart. */
  readonly arrivals?: { readonly rate: number };
  /** How long a user waits for the answer before sending the same again. Default 5,000 ms. */
  readonly patienceMs?: number;
  /** How often a user sends one input at most. Default 2. */
  readonly sends?: number;
  /** Draws the milliseconds between an answer and the next act. Default: always 0. */
  readonly think?: () => number;
  /** Pace timeline: recorded times are divided by this. Default 1. */
  readonly speed?: number;
  /** After a step that expects nothing: this long without a sign of the bot, and the user goes on. Default 500 ms. */
  readonly quietMs?: number;
  /** Pace conversation: takes whatever comes for an answer, once it is quiet. Default: false. */
  readonly isLenient?: boolean;
  readonly hooks?: ReplayHooks;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayProgress {
  /** Users who have begun. */
  readonly users: number;
  /** Users who have ended. */
  readonly done: number;
  /** Steps that have ended. */
  readonly steps: number;
}

export interface ReplayResult {
  readonly users: number;
  readonly completed: number;
  readonly stuck: number;
  readonly cut: number;
  readonly steps: number;
}

/** The options with their defaults, as the two paces use them. */
export interface Stage {
  readonly bot: PeopleSide;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly seed: string;
  readonly hooks: ReplayHooks;
  readonly signal: AbortSignal;
  readonly tally: Tally;
  /** Absent: nothing in a text changes by itself. */
  readonly mask?: Mask;
  readonly onUser?: NonNullable<ReplayOptions['onUser']>;
}

/** Counts who began and who ended, and tells about it. */
export class Tally {
  #users = 0;
  #steps = 0;
  readonly #ended = { completed: 0, stuck: 0, cut: 0 };
  readonly #onProgress: ((progress: ReplayProgress) => void) | undefined;

  constructor(onProgress?: (progress: ReplayProgress) => void) {
    this.#onProgress = onProgress;
  }

  userStarted(): void {
    this.#users += 1;
    this.#tell();
  }

  userEnded(outcome: 'completed' | 'stuck' | 'cut'): void {
    this.#ended[outcome] += 1;
    this.#tell();
  }

  stepEnded(): void {
    this.#steps += 1;
    this.#tell();
  }

  get result(): ReplayResult {
    return { users: this.#users, ...this.#ended, steps: this.#steps };
  }

  #tell(): void {
    const { completed, stuck, cut } = this.#ended;
    this.#onProgress?.({ users: this.#users, done: completed + stuck + cut, steps: this.#steps });
  }
}
