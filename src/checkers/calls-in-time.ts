import { firstNotBelow } from '../base/sorted.js';
import type { CallView } from '../history/view.js';

/** Calls by start, to be asked for those of a time: a chat may have a hundred thousand. */
export class CallsInTime {
  readonly #calls: readonly CallView[];
  readonly #starts: readonly number[];

  constructor(calls: readonly CallView[]) {
    this.#calls = calls;
    this.#starts = calls.map(({ started }) => started.at);
  }

  /** Those that began at `from` or later, and before `to`; ms. */
  *begunWithin(from: number, to: number): Generator<CallView> {
    const first = firstNotBelow(this.#starts, from);
    for (let index = first; (this.#starts[index] ?? Number.POSITIVE_INFINITY) < to; index += 1) {
      const call = this.#calls[index];
      if (call !== undefined) yield call;
    }
  }
}
