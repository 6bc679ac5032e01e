import type { Clock } from '../base/clock.js';
import { formatDuration } from '../base/duration.js';
import { SendtwiceError } from '../base/errors.js';

/** What can end a run before its time: somebody's wish, its time limit, a part that fails. */
export class Cut {
  readonly #controller = new AbortController();
  readonly #release: () => void;
  #reason: SendtwiceError | undefined;

  constructor(clock: Clock, limitMs: number, signal?: AbortSignal) {
    const interrupt = (): void =>
      this.cut(new SendtwiceError('run/interrupted', 'The run was stopped before its end'));
    const timer = clock.set(limitMs, () =>
      this.cut(
        new SendtwiceError('run/too-long', `The run took longer than ${formatDuration(limitMs)}`, {
          hint: 'Raise `play.limit` in the scenario, or look into the history for what it waits for.',
        }),
      ),
    );
    signal?.addEventListener('abort', interrupt);
    if (signal?.aborted === true) interrupt();
    this.#release = () => {
      clock.clear(timer);
      signal?.removeEventListener('abort', interrupt);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The first reason; what follows from it is not told. */
  get reason(): SendtwiceError | undefined {
    return this.#reason;
  }

  readonly cut = (error: SendtwiceError): void => {
    this.#reason ??= error;
    this.#controller.abort();
  };

  release(): void {
    this.#release();
  }
}
