import { type Random, randomStream } from '../base/random.js';
import type { Emit, FaultHit } from '../history/events.js';
import { drawDelay } from './delay.js';
import type { Fault, FaultError, FaultPoint } from './schema.js';
import { isOn } from './window.js';

/** What may be known of the thing a fault could hit. */
export interface Target {
  mongo: { readonly name: string; readonly database?: string; readonly collection?: string };
  call: { readonly method: string };
  delivery: {
    readonly kind: string;
    readonly attempt: number;
    readonly via: 'webhook' | 'polling';
    readonly step?: number;
  };
  update: { readonly step: number; readonly kind: string };
  bot: { readonly step: number };
}

/** A fault that hits now. Several may hit the same thing: delays add up, the first other effect wins. */
export interface Hit<P extends FaultPoint = FaultPoint> {
  readonly fault: string;
  readonly on: P;
  /** `before` where the file says nothing. Has a meaning on `mongo` and `call` only. */
  readonly phase: 'before' | 'after';
  readonly delayMs: number;
  readonly effect: Extract<Fault, { on: P }>['effect'];
  readonly error?: FaultError;
}

/** Which event of the history was hit. */
export type HitIds = Partial<
  Pick<FaultHit, 'delivery' | 'updateId' | 'call' | 'command' | 'action' | 'instance'>
>;

type FaultOn<P extends FaultPoint> = Extract<Fault, { readonly on: P }>;

interface Draws {
  readonly chance: Random;
  readonly delays: Random;
}

/** A fault with its counters and its two random streams. */
interface Armed<P extends FaultPoint = FaultPoint> extends Draws {
  readonly fault: FaultOn<P>;
  matches: number;
  hits: number;
}

/**
 * Decides which faults hit what. A fault hits when its window is on, its `match` fits, `skip` such
 * matches have passed, fewer than `times` hits were made, and the draw is below `probability`, in this
 * order. Each fault counts and draws for itself, so adding one shifts nothing of another.
 */
export class FaultPlan {
  readonly #armed: readonly Armed[];
  readonly #seed: string;
  readonly #now: () => number;
  readonly #emit: Emit;
  #begunAtMs: number | undefined;

  constructor(options: {
    /** In the order of the file; names must be unique. */
    readonly faults: readonly Fault[];
    readonly seed: string;
    /** Milliseconds on the clock of the run. */
    readonly now: () => number;
    readonly emit: Emit;
  }) {
    this.#seed = options.seed;
    this.#now = options.now;
    this.#emit = options.emit;
    this.#armed = options.faults.map((fault) => ({
      fault,
      ...drawsOf(options.seed, fault.name),
      matches: 0,
      hits: 0,
    }));
  }

  /** The play begins: faults may hit from now on, and windows count from `atMs`. A second call does nothing. */
  begin(atMs = this.#now()): void {
    this.#begunAtMs ??= atMs;
  }

  /**
   * The faults that hit this target, in the order of the file; each has been reported as a `fault.hit`.
   * At most one of them has an effect, save on deliveries, where effects go together. What cannot come
   * about any more is left out: a second effect, and anything in the phase `after` of something that an
   * effect stops before.
   *
   * `subject` names the target alike in every run (a user and a step, say). Its draws follow from the seed
   * and that name alone; without one they follow from the order in which targets come.
   */
  decide<P extends FaultPoint>(on: P, target: Target[P], ids: HitIds, subject?: string): readonly Hit<P>[] {
    if (this.#begunAtMs === undefined) return [];
    const sinceBeginMs = this.#now() - this.#begunAtMs;
    const drawn: Hit<P>[] = [];
    for (const armed of this.#armed) {
      if (!isArmedOn(armed, on) || !isOn(armed.fault, sinceBeginMs)) continue;
      if (!MATCHES[on](armed.fault, target)) continue;
      const draws = subject === undefined ? armed : drawsOf(this.#seed, armed.fault.name, subject);
      if (takesHit(armed, draws)) drawn.push(hitOf(on, armed, draws));
    }
    if (drawn.length === 0) return drawn;
    const hits = drawn.length === 1 || on === 'delivery' ? drawn : compatible(drawn);
    for (const hit of hits) this.#emit(eventOf(hit, ids));
    return hits;
  }
}

/** The random streams of a fault, or those that it has for one subject. */
function drawsOf(seed: string, fault: string, subject?: string): Draws {
  const of = subject === undefined ? '' : `/${subject}`;
  return {
    chance: randomStream(seed, `fault/${fault}/probability${of}`),
    delays: randomStream(seed, `fault/${fault}/delay${of}`),
  };
}

function isArmedOn<P extends FaultPoint>(armed: Armed, on: P): armed is Armed & Armed<P> {
  return armed.fault.on === on;
}

/** Without a `match`, or without one of its keys, everything fits. Commands and methods ignore case. */
const MATCHES: { readonly [P in FaultPoint]: (fault: FaultOn<P>, target: Target[P]) => boolean } = {
  mongo: ({ match }, { name, database, collection }) =>
    isOneOf(match?.commands, name) &&
    isSame(match?.database, database) &&
    isSame(match?.collection, collection),
  call: ({ match }, { method }) => isOneOf(match?.methods, method),
  // Nobody waits for an answer to getUpdates, so over polling only a duplicate means anything.
  delivery: ({ match, effect }, { kind, attempt, step, via }) =>
    (via === 'webhook' || effect === 'duplicate') &&
    isOneOf(match?.kinds, kind) &&
    isSame(match?.attempt, attempt) &&
    isSame(match?.step, step),
  update: ({ match }, { step }) => isSame(match?.step, step),
  bot: ({ match }, { step }) => isSame(match?.step, step),
};

function isOneOf(wanted: readonly string[] | undefined, name: string): boolean {
  if (wanted === undefined) return true;
  const lower = name.toLowerCase();
  return wanted.some((one) => one.toLowerCase() === lower);
}

function isSame<T>(wanted: T | undefined, actual: T | undefined): boolean {
  return wanted === undefined || wanted === actual;
}

/** Counts a match. Does the fault hit it? */
function takesHit(armed: Armed, { chance }: Draws): boolean {
  const { skip = 0, times, probability } = armed.fault;
  armed.matches += 1;
  if (armed.matches <= skip) return false;
  if (times !== undefined && armed.hits >= times) return false;
  if (probability !== undefined && chance() >= probability) return false;
  armed.hits += 1;
  return true;
}

function hitOf<P extends FaultPoint>(on: P, { fault }: Armed & Armed<P>, { delays }: Draws): Hit<P> {
  const delay = 'delay' in fault ? fault.delay : undefined;
  const error = 'error' in fault ? fault.error : undefined;
  return {
    fault: fault.name,
    on,
    phase: ('phase' in fault ? fault.phase : undefined) ?? 'before',
    delayMs: delay === undefined ? 0 : drawDelay(delay, delays),
    effect: fault.effect as Hit<P>['effect'],
    ...(error !== undefined && { error }),
  };
}

/** Leaves out what another hit makes impossible. */
function compatible<P extends FaultPoint>(hits: readonly Hit<P>[]): readonly Hit<P>[] {
  const winner = hits.find((hit) => hit.effect !== undefined);
  if (winner === undefined) return hits;
  return hits.filter((hit) => {
    if (hit === winner) return true;
    return hit.effect === undefined && !(winner.phase === 'before' && hit.phase === 'after');
  });
}

function eventOf<P extends FaultPoint>(hit: Hit<P>, ids: HitIds): FaultHit {
  return {
    type: 'fault.hit',
    fault: hit.fault,
    on: hit.on,
    effect: hit.effect ?? 'delay',
    ...((hit.on === 'mongo' || hit.on === 'call') && { phase: hit.phase }),
    ...(hit.delayMs > 0 && { delayMs: hit.delayMs }),
    ...ids,
  };
}
