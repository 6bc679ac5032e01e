import type { Clock, Timer } from '../../base/clock.js';
import type { SetView } from './hello.js';
import type { Place } from './upstream.js';

/** A server behind the proxy. */
export interface Backend {
  readonly place: Place;
  /** How its replica set calls it; absent outside of a set. */
  readonly name?: string;
  /** May it become primary? */
  readonly isElectable: boolean;
}

/** What {@link Members.stepDown} changes, for the connections that it concerns. */
export type OnElected = (listeners: readonly number[]) => void;

/**
 * Which listener of the proxy stands for which server. They stand in the same order until a fault has the
 * primary step down: then two listeners change servers, so that the one that was primary is a secondary to
 * the bot, another one is primary, and everything that both say of themselves stays true.
 */
export class Members implements SetView {
  readonly #backends: readonly Backend[];
  readonly #clock: Clock;
  readonly #onElected: OnElected;
  /** Server of each listener, by its number. */
  readonly #backendOf: number[];
  #addresses: readonly string[] = [];
  #election: { readonly timer: Timer; readonly fault: string } | undefined;

  constructor(backends: readonly Backend[], clock: Clock, onElected: OnElected) {
    this.#backends = backends;
    this.#clock = clock;
    this.#onElected = onElected;
    this.#backendOf = backends.map((_, index) => index);
  }

  /** The addresses of the listeners, once they are known. */
  listenAt(addresses: readonly string[]): void {
    this.#addresses = addresses;
  }

  get isElecting(): boolean {
    return this.#election !== undefined;
  }

  /** The fault because of which nobody is primary. */
  get electionFault(): string | undefined {
    return this.#election?.fault;
  }

  addressOf(member: string): string | undefined {
    const wanted = member.toLowerCase();
    const backend = this.#backends.findIndex(({ name }) => name?.toLowerCase() === wanted);
    return backend === -1 ? undefined : this.#addresses[this.#backendOf.indexOf(backend)];
  }

  /** The server that a listener stands for now. */
  placeOf(listener: number): Place {
    const backend = this.#backends[this.#backendOf[listener] ?? listener];
    if (backend === undefined) throw new RangeError(`There is no listener ${listener}`);
    return backend.place;
  }

  /** The server behind this listener is no primary for so long; then another one is, if there is one. */
  stepDown(listener: number, lastsMs: number, fault: string): void {
    if (this.#election !== undefined) return;
    this.#election = { timer: this.#clock.set(lastsMs, () => this.#elect(listener)), fault };
  }

  close(): void {
    this.#clock.clear(this.#election?.timer);
    this.#election = undefined;
  }

  #elect(old: number): void {
    this.#election = undefined;
    const next = this.#nextElectable(old);
    if (next === undefined) return;
    const [oldBackend, nextBackend] = [this.#backendOf[old], this.#backendOf[next]];
    if (oldBackend === undefined || nextBackend === undefined) return;
    this.#backendOf[old] = nextBackend;
    this.#backendOf[next] = oldBackend;
    this.#onElected([old, next]);
  }

  #nextElectable(from: number): number | undefined {
    const count = this.#backends.length;
    for (let step = 1; step < count; step += 1) {
      const listener = (from + step) % count;
      if (this.#backends[this.#backendOf[listener] ?? 0]?.isElectable === true) return listener;
    }
    return undefined;
  }
}
