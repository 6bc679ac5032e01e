import { z } from 'zod';
import { SendtwiceError } from '../base/errors.js';
import { checkFault } from '../faults/check.js';
import { explainFault } from '../faults/explain.js';
import { type Fault, faultSchema } from '../faults/schema.js';
import { asInput } from '../scenario/as-input.js';
import type { RunFault } from '../scenario/live-faults.js';
import type { LiveRun, Progress } from '../scenario/run-options.js';
import { checked } from '../scenario/yaml-file.js';
import { type Answer, type Asked, inWords, Refused, type Route } from './control-server.js';

const oneFaultSchema = z.strictObject({ fault: faultSchema.superRefine(checkFault) });

const EXAMPLE = '{ "on": "mongo", "match": { "commands": ["find"] }, "delay": "2s" }';

/** How far a run has come. */
interface Reached {
  readonly scenario: string;
  readonly phase: Progress['phase'];
  readonly users: number;
  readonly usersDone: number;
  readonly stepsDone: number;
}

/** The routes with which one run after another is watched and its faults are changed. */
export class RunControl {
  #reached: Reached | undefined;
  #live: LiveRun | undefined;

  readonly routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/',
      about: 'how far the run has come',
      answer: () => ok({ run: this.#state(), routes: inWords(this.routes) }),
    },
    {
      method: 'GET',
      path: '/faults',
      about: 'all faults, whether they are on, and how often they have hit',
      answer: () => this.#listed(),
    },
    {
      method: 'POST',
      path: '/faults',
      about: `add a fault, as a scenario has it: ${EXAMPLE}`,
      answer: (asked) => this.#add(asked),
    },
    {
      method: 'GET',
      path: '/faults/:name',
      about: 'one fault',
      answer: ({ parts }) => ok(this.#shown(this.#named(parts))),
    },
    {
      method: 'DELETE',
      path: '/faults/:name',
      about: 'take a fault out for good',
      answer: ({ parts }) => this.#remove(parts),
    },
    {
      method: 'POST',
      path: '/faults/:name/on',
      about: 'switch a fault on again; its counters go on where they were',
      answer: ({ parts }) => this.#switch(parts, 'on'),
    },
    {
      method: 'POST',
      path: '/faults/:name/off',
      about: 'switch a fault off',
      answer: ({ parts }) => this.#switch(parts, 'off'),
    },
  ];

  /** A run of this scenario begins. */
  begin(scenario: string): void {
    this.#reached = { scenario, phase: 'starting', users: 0, usersDone: 0, stepsDone: 0 };
  }

  /** To be told where the run is. */
  reach(progress: Progress): void {
    if (this.#reached === undefined) return;
    this.#reached = {
      ...this.#reached,
      phase: progress.phase,
      ...(progress.phase === 'playing' && {
        users: progress.users,
        usersDone: progress.done,
        stepsDone: progress.steps,
      }),
    };
    if (progress.phase === 'stopping') this.#live = undefined;
  }

  /** People begin to act: from now on there are faults to be changed. */
  play(live: LiveRun): void {
    this.#live = live;
  }

  end(): void {
    this.#reached = undefined;
    this.#live = undefined;
  }

  #state(): object | null {
    if (this.#reached === undefined) return null;
    const { scenario, ...others } = this.#reached;
    return { scenario, ...(this.#live !== undefined && { seed: this.#live.seed }), ...others };
  }

  /** @throws Refused while there are no faults to be changed */
  get #playing(): LiveRun {
    if (this.#live !== undefined) return this.#live;
    const why =
      this.#reached === undefined
        ? 'No run is going on'
        : `The run of ${this.#reached.scenario} is ${this.#reached.phase}`;
    throw new Refused(409, `${why}; faults can be changed while a run is playing or settling`);
  }

  #listed(): Answer {
    return ok({ faults: this.#playing.faults.list().map((fault) => this.#shown(fault)) });
  }

  async #add({ body }: Asked): Promise<Answer> {
    const { faults } = this.#playing;
    const fault = readFault(body, new Set(faults.list().map((one) => one.fault.name)));
    await changed(faults.add(fault));
    return { status: 201, body: this.#shown({ fault, isOn: true }) };
  }

  async #remove(parts: Asked['parts']): Promise<Answer> {
    const { fault } = this.#named(parts);
    await changed(this.#playing.faults.remove(fault.name));
    return ok({ removed: fault.name });
  }

  async #switch(parts: Asked['parts'], to: 'on' | 'off'): Promise<Answer> {
    const { fault } = this.#named(parts);
    await changed(this.#playing.faults.switch(fault.name, to));
    return ok(this.#shown({ fault, isOn: to === 'on' }));
  }

  #named({ name = '' }: Asked['parts']): RunFault {
    const { faults } = this.#playing;
    const found = faults.find(name);
    if (found !== undefined) return found;
    const names = faults.list().map(({ fault }) => fault.name);
    throw new Refused(
      404,
      `There is no fault called ${name.slice(0, 100)}`,
      names.length === 0 ? 'There are none.' : `There are ${names.join(', ')}.`,
    );
  }

  #shown({ fault, isOn }: RunFault): object {
    return {
      ...asInput({ fault: withoutValues(fault) }, oneFaultSchema),
      is: isOn ? 'on' : 'off',
      hits: this.#live?.hits.of(fault.name) ?? 0,
      explain: explainFault(fault),
    };
  }
}

const ok = (body: object): Answer => ({ status: 200, body });

/** What cannot be done as things stand is a conflict. */
async function changed(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!(error instanceof SendtwiceError)) throw error;
    throw new Refused(error.code === 'usage/bad-argument' ? 409 : 503, error.message, error.hint);
  }
}

/** Without the times that were read from a file: there may be a million of them. */
function withoutValues(fault: Fault): Fault {
  if (!('delay' in fault) || typeof fault.delay !== 'object' || !('file' in fault.delay)) return fault;
  const { values: _, ...delay } = fault.delay;
  return { ...fault, delay };
}

/** @throws Refused with everything that is wrong with it, as for a scenario file */
function readFault(body: unknown, taken: ReadonlySet<string>): Fault {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refused(400, 'The body must be one fault', `Such as ${EXAMPLE}.`);
  }
  let fault: z.output<typeof faultSchema>;
  try {
    fault = checked({ fault: body }, oneFaultSchema, 'usage/bad-argument', ({ message }) => message).fault;
  } catch (error) {
    if (!(error instanceof SendtwiceError)) throw error;
    throw new Refused(400, error.message, 'Nothing was changed.');
  }
  if ('delay' in fault && typeof fault.delay === 'object' && 'file' in fault.delay) {
    throw new Refused(400, '`fault.delay.file` is for scenario files', 'Give the times as `values`.');
  }
  return { ...fault, name: fault.name ?? freeName(fault.on, taken) };
}

/** `mongo-1`, or the next number that is not taken. */
function freeName(on: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) if (!taken.has(`${on}-${number}`)) return `${on}-${number}`;
}
