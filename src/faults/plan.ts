import { type Random, randomStream } from '../base/random.js';
import type { Emit, FaultHit } from '../history/events.js';
import { drawDelay } from './delay.js';
import { explainFault } from './explain.js';
import { phaseOf } from './phase.js';
import { type Fault, type FaultError, type FaultPoint, NEXT_DELIVERY, type UpdateFault } from './schema.js';
import { isOn } from './window.js';

/** What may be known of the thing a fault could hit. */
export interface Target {
  mongo: {
    readonly name: string;
    readonly database?: string | undefined;
    readonly collection?: string | undefined;
    /** The top-level keys of its filter, sorted; asked only by faults that match on it. */
    readonly filter?: () => readonly string[] | undefined;
    readonly app?: string | undefined;
    readonly connection?: number;
  };
  /** `open`: connections that are open, this one included. */
  'mongo-connection': { readonly connection: number; readonly open: number };
  'mongo-heartbeat': { readonly connection: number; readonly app?: string };
  call: { readonly method: string };
  delivery: {
    readonly kind: string;
    readonly attempt: number;
    readonly via: 'webhook' | 'polling';
    readonly step?: number;
  };
  /** `effects`: what could be done at this moment; `fits`: and what the faults must be like besides. */
  update: {
    readonly step: number;
    readonly effects: readonly UpdateFault['effect'][];
    readonly fits?: (fault: UpdateFault) => boolean;
  };
  bot: {
    readonly when: 'before-step' | 'acknowledged';
    /** From 1. Absent: nobody knows which of several gave this acknowledgement. */
    readonly instance?: number;
    readonly step?: number;
    readonly kind?: string;
    readonly via?: 'webhook' | 'polling';
  };
  telegram: { readonly step: number };
}

/** A fault that hits now. Several may hit the same thing: delays add up, the first other effect wins. */
export interface Hit<P extends FaultPoint = FaultPoint> {
  readonly fault: string;
  readonly on: P;
  /** `before` where neither the file nor the effect says more. Has a meaning on `mongo` and `call` only. */
  readonly phase: 'before' | 'after';
  readonly delayMs: number;
  readonly effect: Extract<Fault, { on: P }>['effect'];
  readonly error?: FaultError;
  /** The fault itself, with the keys that only its own point has. */
  readonly settings: FaultOn<P>;
}

/** Which event of the history was hit. */
export type HitIds = Partial<
  Pick<FaultHit, 'delivery' | 'updateId' | 'call' | 'command' | 'connection' | 'action' | 'instance'>
>;

type FaultOn<P extends FaultPoint> = Extract<Fault, { readonly on: P }>;

interface Draws {
  readonly chance: Random;
  readonly delays: Random;
}

/** A fault with its counters and its two random streams. */
interface Armed<P extends FaultPoint = FaultPoint> extends Draws {
  readonly fault: FaultOn<P> & { readonly name: string };
  /** May the `match` of the fault fit a command with this name and, where it is known, this collection? */
  readonly mayFit: (name: string, collection: string | undefined) => boolean;
  /** Does the `match` of the fault fit? */
  readonly fits: (target: Target[P]) => boolean;
  matches: number;
  hits: number;
  isOff: boolean;
}

const NO_HITS: readonly never[] = [];

/**
 * Decides which faults hit what. A fault hits when its window is on, its `match` fits, `skip` such
 * matches have passed, fewer than `times` hits were made, and the draw is below `probability`, in this
 * order. Each fault counts and draws for itself, so adding one shifts nothing of another.
 */
export class FaultPlan {
  readonly #armed: Armed[];
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
    this.#armed = options.faults.map((fault) => this.#arm(fault));
  }

  #arm(fault: Fault): Armed {
    return {
      fault,
      ...drawsOf(this.#seed, fault.name),
      mayFit: mayFitOf(fault),
      fits: fitsOf(fault),
      matches: 0,
      hits: 0,
      isOff: false,
    };
  }

  /** The play begins: faults may hit from now on, and windows count from `atMs`. A second call does nothing. */
  begin(atMs = this.#now()): void {
    this.#begunAtMs ??= atMs;
  }

  /** May anything at this point be hit? Without it, nobody needs to find out what a fault could match. */
  concerns(on: FaultPoint): boolean {
    if (this.#begunAtMs === undefined) return false;
    for (const { fault, isOff } of this.#armed) if (fault.on === on && !isOff) return true;
    return false;
  }

  /**
   * May a command be hit of which no more is known than its name and perhaps its collection? Nothing is counted
   * or drawn. False: `decide` would find nothing, so nobody needs to ask it.
   */
  mayHit(name: string, collection: string | undefined): boolean {
    if (this.#begunAtMs === undefined) return false;
    for (const { isOff, mayFit } of this.#armed) if (!isOff && mayFit(name, collection)) return true;
    return false;
  }

  /** Adds a fault while the play goes on; its window counts from the beginning of the play all the same. */
  add(fault: Fault): 'added' | 'name-taken' {
    if (this.#find(fault.name) !== undefined) return 'name-taken';
    this.#armed.push(this.#arm(fault));
    const { name, on } = fault;
    this.#emit({ type: 'fault.switched', fault: name, to: 'added', on, explain: explainFault(fault) });
    return 'added';
  }

  /** Takes a fault out for good. False: there is none of this name. */
  remove(name: string): boolean {
    const armed = this.#find(name);
    if (armed === undefined) return false;
    this.#armed.splice(this.#armed.indexOf(armed), 1);
    this.#emit({ type: 'fault.switched', fault: name, to: 'removed' });
    return true;
  }

  /** Switches a fault off, or on again; its counters and draws stay as they are. False: there is none of this name. */
  switch(name: string, to: 'on' | 'off'): boolean {
    const armed = this.#find(name);
    if (armed === undefined) return false;
    armed.isOff = to === 'off';
    this.#emit({ type: 'fault.switched', fault: name, to });
    return true;
  }

  #find(name: string): Armed | undefined {
    return this.#armed.find(({ fault }) => fault.name === name);
  }

  /**
   * The faults that hit this target, in the order of the file; each has been reported as a `fault.hit`.
   * At most one of them has an effect, save on deliveries and updates, where effects go together. What cannot come
   * about any more is left out: a second effect, and anything in the phase `after` of something that an
   * effect stops before.
   *
   * `subject` names the target alike in every run (a user and a step, say). Its draws follow from the seed
   * and that name alone; without one they follow from the order in which targets come.
   */
  decide<P extends FaultPoint>(on: P, target: Target[P], ids: HitIds, subject?: string): readonly Hit<P>[] {
    if (this.#begunAtMs === undefined) return NO_HITS;
    const sinceBeginMs = this.#now() - this.#begunAtMs;
    const drawn: Hit<P>[] = [];
    for (const armed of this.#armed) {
      if (armed.isOff || !isArmedOn(armed, on) || !isOn(armed.fault, sinceBeginMs)) continue;
      if (!armed.fits(target)) continue;
      const draws = subject === undefined ? armed : drawsOf(this.#seed, armed.fault.name, subject);
      const turn = subject === undefined ? armed.hits : undefined;
      if (takesHit(armed, draws)) drawn.push(hitOf(on, armed, draws, turn));
    }
    if (drawn.length === 0) return NO_HITS;
    const hits = drawn.length === 1 || TOGETHER.has(on) ? drawn : compatible(drawn);
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
const FITS: { readonly [P in FaultPoint]: (fault: FaultOn<P>) => (target: Target[P]) => boolean } = {
  mongo: ({ match }) => {
    if (match === undefined) return () => true;
    const isCommand = oneOf(match.commands);
    return (target) =>
      isSame(match.collection, target.collection) &&
      isSame(match.database, target.database) &&
      isCommand(target.name) &&
      isSame(match.app, target.app) &&
      isSame(match.connection, target.connection) &&
      (match.filter === undefined || haveSameKeys(match.filter, target.filter?.()));
  },
  'mongo-connection':
    ({ match, effect, connections = 0 }) =>
    ({ connection, open }) =>
      isSame(match?.connection, connection) && (effect !== 'limit' || open > connections),
  'mongo-heartbeat':
    ({ match }) =>
    ({ connection, app }) =>
      isSame(match?.connection, connection) && isSame(match?.app, app),
  call: ({ match }) => {
    const isMethod = oneOf(match?.methods);
    return ({ method }) => isMethod(method);
  },
  // Nobody waits for an answer to getUpdates, so over polling only sending again means anything.
  delivery: ({ match, effect }) => {
    const isKind = oneOf(match?.kinds);
    return ({ kind, attempt, step, via }) =>
      (via === 'webhook' || effect === 'duplicate' || effect === 'repeat') &&
      isKind(kind) &&
      isSame(match?.attempt, attempt) &&
      isSame(match?.step, step);
  },
  update:
    (fault) =>
    ({ step, effects, fits }) =>
      effects.includes(fault.effect) && isSame(fault.match?.step, step) && (fits?.(fault) ?? true),
  telegram:
    ({ match }) =>
    ({ step }) =>
      isSame(match?.step, step),
  bot: ({ match, when = 'before-step', lasts }) => {
    const isKind = oneOf(match?.kinds);
    const wanted = match?.instance ?? (when === 'before-step' ? 1 : undefined);
    return (target) =>
      target.when === when &&
      isSame(match?.step, target.step) &&
      isKind(target.kind ?? '') &&
      // Whoever gets no deliveries would stand still for ever.
      (lasts !== NEXT_DELIVERY || target.via === 'webhook') &&
      target.instance !== undefined &&
      isSame(wanted, target.instance);
  },
};

/** The compiler cannot see that a fault and the entry of its own point belong together. */
function fitsOf(fault: Fault): (target: Target[FaultPoint]) => boolean {
  return (FITS[fault.on] as (fault: Fault) => (target: Target[FaultPoint]) => boolean)(fault);
}

function mayFitOf(fault: Fault): Armed['mayFit'] {
  if (fault.on !== 'mongo') return () => false;
  const { commands, collection: wanted } = fault.match ?? {};
  const isCommand = oneOf(commands);
  return (name, collection) =>
    (wanted === undefined || collection === undefined || wanted === collection) && isCommand(name);
}

function oneOf(wanted: readonly string[] | undefined): (name: string) => boolean {
  if (wanted === undefined) return () => true;
  const lower = new Set(wanted.map((one) => one.toLowerCase()));
  return (name) => lower.has(name.toLowerCase());
}

function isSame<T>(wanted: T | undefined, actual: T | undefined): boolean {
  return wanted === undefined || wanted === actual;
}

function haveSameKeys(wanted: readonly string[], keys: readonly string[] | undefined): boolean {
  return (
    keys !== undefined && keys.length === new Set(wanted).size && wanted.every((key) => keys.includes(key))
  );
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

function hitOf<P extends FaultPoint>(
  on: P,
  { fault }: Armed & Armed<P>,
  { delays }: Draws,
  turn: number | undefined,
): Hit<P> {
  const delay = 'delay' in fault ? fault.delay : undefined;
  const error = 'error' in fault ? fault.error : undefined;
  return {
    fault: fault.name,
    on,
    phase: phaseOf(fault),
    delayMs: delay === undefined ? 0 : drawDelay(delay, delays, turn),
    effect: fault.effect as Hit<P>['effect'],
    ...(error !== undefined && { error }),
    settings: fault,
  };
}

/** Points at which several effects can come about at once. */
const TOGETHER: ReadonlySet<FaultPoint> = new Set<FaultPoint>(['delivery', 'update']);

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
  const isWhole = !('per' in hit.settings) || hit.settings.per !== 'kilobyte';
  return {
    type: 'fault.hit',
    fault: hit.fault,
    on: hit.on,
    effect: hit.effect ?? 'delay',
    ...((hit.on === 'mongo' || hit.on === 'call') && { phase: hit.phase }),
    ...(hit.delayMs > 0 && isWhole && { delayMs: hit.delayMs }),
    ...ids,
  };
}
