import { firstWhereNot } from '../../base/sorted.js';
import type { QueuedUpdate } from './queue.js';
import { NEVER_FAILED, type RetryState } from './schedule.js';

/** An update that the webhook engine has taken out of the queue's order to deliver it. */
export interface LoadedUpdate {
  readonly update: QueuedUpdate;
  retry: RetryState;
  /** Time on the run's clock before which it is not sent. */
  readyAt: number;
}

/**
 * The lines in which loaded updates wait, one for each queue id (facts/telegram.md §1.1). The head of a
 * line is either ready (at its time), or taken: handed to a connection. Ready heads leave by time, then by
 * queue id.
 */
export class ReadyLines {
  readonly #lines = new Map<bigint, LoadedUpdate[]>();
  /** Heads that are not taken, the next one last. */
  readonly #ready: LoadedUpdate[] = [];

  /** Number of lines that are not empty. */
  get size(): number {
    return this.#lines.size;
  }

  load(update: QueuedUpdate, now: number): void {
    const loaded: LoadedUpdate = { update, retry: NEVER_FAILED, readyAt: now };
    const line = this.#lines.get(update.queueId);
    if (line !== undefined) {
      line.push(loaded);
      return;
    }
    this.#lines.set(update.queueId, [loaded]);
    this.release(loaded);
  }

  /** The head that leaves next, ready or not yet. */
  get next(): LoadedUpdate | undefined {
    return this.#ready.at(-1);
  }

  /** Takes {@link next} out. It comes back with {@link release}, or goes with {@link remove}. */
  take(): LoadedUpdate | undefined {
    return this.#ready.pop();
  }

  /** A head waits for its time (again). */
  release(loaded: LoadedUpdate): void {
    const place = firstWhereNot(this.#ready.length, (index) => {
      const other = this.#ready[index];
      return other !== undefined && leavesBefore(loaded, other);
    });
    this.#ready.splice(place, 0, loaded);
  }

  /** A taken head is done with; the one behind it becomes the head. */
  remove(loaded: LoadedUpdate): void {
    const line = this.#lines.get(loaded.update.queueId) ?? [];
    line.shift();
    const head = line[0];
    if (head === undefined) this.#lines.delete(loaded.update.queueId);
    else this.release(head);
  }

  *all(): Generator<LoadedUpdate> {
    for (const line of this.#lines.values()) yield* line;
  }
}

function leavesBefore(one: LoadedUpdate, other: LoadedUpdate): boolean {
  return (
    one.readyAt < other.readyAt ||
    (one.readyAt === other.readyAt && one.update.queueId < other.update.queueId)
  );
}
