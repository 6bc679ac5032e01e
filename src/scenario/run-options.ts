import type { SendtwiceError } from '../base/errors.js';
import type { BaselineFacts } from '../history/events.js';
import type { ReplayHooks } from '../replay/options.js';
import type { HitCounts, RunFaults } from './live-faults.js';
import type { Bot, Scenario } from './load.js';

export type Progress =
  | { readonly phase: 'starting'; readonly what: string }
  | {
      readonly phase: 'playing';
      readonly atMs: number;
      readonly users: number;
      readonly done: number;
      readonly steps: number;
    }
  | { readonly phase: 'settling' }
  | { readonly phase: 'stopping' }
  /** The run is over; its history is being read. */
  | { readonly phase: 'judging' };

export interface RunOptions {
  readonly scenario: Scenario;
  readonly bot: Bot;
  /** An existing, empty folder: `history.jsonl` and `bot.log` are written into it. */
  readonly folder: string;
  /** Everything drawn at random in the harness follows from it. */
  readonly seed: string;
  /** Version of sendtwice, for the history. */
  readonly version: string;
  /** URI of a real MongoDB behind the fault proxy; default: the embedded server. */
  readonly mongoUri?: string;
  /** Allows a webhook or a database on another machine. */
  readonly allowRemote?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** What the same play without faults has shown. */
  readonly baseline?: { readonly facts: BaselineFacts } & Pick<Required<ReplayHooks>, 'repliesTo'>;
  /** To see what the bot does, and not whether it is right. */
  readonly observe?: Observation;
  /** Called once, when people begin to act: what can be changed while they do. */
  readonly onPlaying?: (live: LiveRun) => void;
}

/** How a run is watched whose users take whatever comes for an answer. */
export interface Observation {
  /** So many sessions of the recording are shared by the users. */
  readonly sessions: number;
  /** What a user was shown in one step, in the words of the recorded person. */
  readonly stepSeen: NonNullable<ReplayHooks['stepSeen']>;
}

/** A run while it plays. */
export interface LiveRun {
  /** Of the scenario. */
  readonly scenario: string;
  readonly seed: string;
  readonly faults: RunFaults;
  /** How often each fault has hit. */
  readonly hits: Pick<HitCounts, 'of'>;
}

export interface RunResult {
  readonly historyPath: string;
  /** Why the run could not go to its end. The history up to then is complete. */
  readonly error?: SendtwiceError;
}
