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
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    for (let index = low; (this.#starts[index] ?? Number.POSITIVE_INFINITY) < to; index += 1) {
      const call = this.#calls[index];
      if (call !== undefined) yield call;
    }
  }
}
