import type { OpenCommand } from './command-log.js';

/** A client with more unanswered requests than this is no driver we know; it is no longer looked into. */
export const MAX_AWAITED = 1000;

/** A request whose reply is awaited: a command, or a `hello`. */
export type Awaited = OpenCommand | 'hello';

/**
 * The requests of one connection whose replies are awaited, by their ids. Drivers have one at a time, and servers answer
 * in order, so a list is faster than a map, which makes its table anew after every few of them.
 */
export class AwaitedReplies {
  readonly #ids: number[] = [];
  readonly #requests: Awaited[] = [];

  get isFull(): boolean {
    return this.#ids.length >= MAX_AWAITED;
  }

  /** In the place of another one with the same id. */
  set(requestId: number, request: Awaited): void {
    this.delete(requestId);
    this.#ids.push(requestId);
    this.#requests.push(request);
  }

  get(requestId: number): Awaited | undefined {
    const at = this.#ids.indexOf(requestId);
    return at === -1 ? undefined : this.#requests[at];
  }

  delete(requestId: number): void {
    const at = this.#ids.indexOf(requestId);
    if (at === -1) return;
    if (this.#ids.length === 1) this.clear();
    else {
      this.#ids.splice(at, 1);
      this.#requests.splice(at, 1);
    }
  }

  clear(): void {
    while (this.#ids.pop() !== undefined) this.#requests.pop();
  }
}
