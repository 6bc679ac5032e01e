import { SendtwiceError } from '../base/errors.js';
import type { FaultPlan } from '../faults/plan.js';
import { type Fault, isProxyFault } from '../faults/schema.js';
import type { Emit } from '../history/events.js';
import type { LiveFaults } from '../mongo/start.js';
import { departuresOf } from './fault-wiring.js';

/** A fault of a run while it plays. */
export interface RunFault {
  /** In milliseconds and with a name. */
  readonly fault: Fault;
  /** Nobody has switched it off. Its window and counters may keep it from hitting all the same. */
  readonly isOn: boolean;
}

/**
 * All faults of a run, as they can be changed while it plays. Those of MongoDB live in the process of the
 * proxy, the others in the plan of the harness. Each change is in the history as `fault.switched`, and the
 * promise resolves once it holds. Changes are made one after the other.
 *
 * @throws SendtwiceError `usage/bad-argument` for what cannot be done, with the reason; `mongo/proxy-failed`
 */
export class RunFaults {
  readonly #plan: FaultPlan;
  readonly #mongo: LiveFaults;
  readonly #ownsBot: boolean;
  readonly #now: Map<string, RunFault>;
  readonly #ever: Fault[];
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: {
    /** Those of the scenario. */
    readonly faults: readonly Fault[];
    /** Of the faults that are not for MongoDB. */
    readonly plan: FaultPlan;
    readonly mongo: LiveFaults;
    /** Without it, nobody here can restart the bot. */
    readonly ownsBot: boolean;
  }) {
    this.#plan = options.plan;
    this.#mongo = options.mongo;
    this.#ownsBot = options.ownsBot;
    this.#ever = [...options.faults];
    this.#now = new Map(options.faults.map((fault) => [fault.name, { fault, isOn: true }]));
  }

  /** In the order of the file, then as they were added. */
  list(): readonly RunFault[] {
    return [...this.#now.values()];
  }

  find(name: string): RunFault | undefined {
    return this.#now.get(name);
  }

  /** Those that are gone, too: what they have set off may still go on. */
  get ever(): readonly Fault[] {
    return this.#ever;
  }

  /** It is on at once, if its window is, which counts from the beginning of the play. */
  add(fault: Fault): Promise<void> {
    return this.#inTurn(async () => {
      this.#checkNew(fault);
      if (isProxyFault(fault)) await this.#mongo.add(fault);
      else this.#plan.add(fault);
      this.#now.set(fault.name, { fault, isOn: true });
      this.#ever.push(fault);
    });
  }

  remove(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const { fault } = this.#known(name);
      if (isProxyFault(fault)) await this.#mongo.remove(name);
      else this.#plan.remove(name);
      this.#now.delete(name);
    });
  }

  /** Its counters and draws go on where they were. */
  switch(name: string, to: 'on' | 'off'): Promise<void> {
    return this.#inTurn(async () => {
      const { fault } = this.#known(name);
      if (isProxyFault(fault)) await this.#mongo.switch(name, to);
      else this.#plan.switch(name, to);
      this.#now.set(name, { fault, isOn: to === 'on' });
    });
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#last.then(change);
    // Whoever asked for a change hears of its failure; the next one is made all the same.
    this.#last = done.catch(() => undefined);
    return done;
  }

  #known(name: string): RunFault {
    const known = this.#now.get(name);
    if (known !== undefined) return known;
    throw new SendtwiceError('usage/bad-argument', `There is no fault called ${name}`);
  }

  #checkNew(fault: Fault): void {
    if (this.#now.has(fault.name)) {
      throw new SendtwiceError('usage/bad-argument', `There is already a fault called ${fault.name}`, {
        hint: 'Give it another name, or remove the other one first.',
      });
    }
    if (fault.on === 'bot' && !this.#ownsBot) {
      throw new SendtwiceError(
        'usage/bad-argument',
        'The bot was not started by this run, so no fault can restart or stop it',
      );
    }
    const [departure] = departuresOf([fault]);
    if (departure === undefined) return;
    throw new SendtwiceError(
      'usage/bad-argument',
      `Such a fault on delivery cannot be added while a run goes on: ${departure}, and the history says so at its beginning`,
      { hint: 'Put it into the scenario; there it can be switched off and on while the run goes on.' },
    );
  }
}

/** How often each fault has hit, told as it happens. */
export class HitCounts {
  readonly #hits = new Map<string, number>();

  /** Passes events on to `emit`, and counts the hits among them. */
  watch(emit: Emit): Emit {
    return (event, atMs) => {
      if (event.type === 'fault.hit') this.#hits.set(event.fault, this.of(event.fault) + 1);
      emit(event, atMs);
    };
  }

  of(fault: string): number {
    return this.#hits.get(fault) ?? 0;
  }
}
