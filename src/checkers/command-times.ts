import { firstNotBelow } from '../base/sorted.js';
import type { CommandView, HistoryView } from '../history/view.js';

/** So many commands are passed over at once when none of them lasted longer than the longest so far. */
const BLOCK = 64;

/**
 * Some commands of a history, by start, to be asked which of them were under way at some time. Each of thousands of
 * findings asks about the time until the end of the run, so what is asked lies in lists of numbers.
 */
export class CommandTimes {
  readonly #commands: CommandView[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** When the last of the commands up to this one ended: it only rises, so it can be searched. */
  readonly #latestEnds: number[] = [];
  readonly #waits: number[] = [];
  /** The longest wait of each block. */
  readonly #longestWaits: number[] = [];

  constructor(view: HistoryView, isWanted: (command: CommandView, waitedMs: number) => boolean) {
    let latestEnd = Number.NEGATIVE_INFINITY;
    for (const command of view.commands) {
      const { started, ended } = command;
      const end = ended?.at ?? view.endAt;
      const waitedMs = Math.max(ended?.ms ?? 0, end - started.at);
      if (!isWanted(command, waitedMs)) continue;
      latestEnd = Math.max(latestEnd, end);
      const block = Math.floor(this.#commands.length / BLOCK);
      this.#commands.push(command);
      this.#starts.push(started.at);
      this.#ends.push(end);
      this.#latestEnds.push(latestEnd);
      this.#waits.push(waitedMs);
      this.#longestWaits[block] = Math.max(waitedMs, this.#longestWaits[block] ?? 0);
    }
  }

  /** The first of those that were under way between two times (ms, both included). */
  first(from: number, to: number, isOfConcern: (command: CommandView) => boolean): CommandView | undefined {
    const begin = firstNotBelow(this.#latestEnds, from);
    for (let index = begin; (this.#starts[index] ?? Number.POSITIVE_INFINITY) <= to; index += 1) {
      const command = this.#commands[index];
      if (command !== undefined && (this.#ends[index] ?? 0) >= from && isOfConcern(command)) return command;
    }
    return undefined;
  }

  /** Of those and that began at `begunFrom` or later the one that kept the bot waiting longest; of several the first. */
  longest(
    from: number,
    to: number,
    begunFrom: number,
    isOfConcern: (command: CommandView) => boolean,
  ): CommandView | undefined {
    let found: CommandView | undefined;
    let longestMs = Number.NEGATIVE_INFINITY;
    let index = Math.max(firstNotBelow(this.#latestEnds, from), firstNotBelow(this.#starts, begunFrom));
    while ((this.#starts[index] ?? Number.POSITIVE_INFINITY) <= to) {
      if (index % BLOCK === 0 && (this.#longestWaits[index / BLOCK] ?? 0) <= longestMs) {
        index += BLOCK;
        continue;
      }
      const command = this.#commands[index];
      const waitedMs = this.#waits[index] ?? 0;
      if (
        command !== undefined &&
        waitedMs > longestMs &&
        (this.#ends[index] ?? 0) >= from &&
        isOfConcern(command)
      ) {
        found = command;
        longestMs = waitedMs;
      }
      index += 1;
    }
    return found;
  }
}
