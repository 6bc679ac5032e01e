import type { CommandView, HistoryView } from '../history/view.js';

/** Some commands of a history, by start, to be asked which of them were under way at some time. */
export class CommandTimes {
  readonly #commands: CommandView[] = [];
  readonly #starts: number[] = [];
  /** When the last of the commands up to this one ended: it only rises, so it can be searched. */
  readonly #latestEnds: number[] = [];

  constructor(view: HistoryView, isWanted: (command: CommandView) => boolean) {
    let latestEnd = Number.NEGATIVE_INFINITY;
    for (const command of view.commands) {
      if (!isWanted(command)) continue;
      latestEnd = Math.max(latestEnd, command.ended?.at ?? view.endAt);
      this.#commands.push(command);
      this.#starts.push(command.started.at);
      this.#latestEnds.push(latestEnd);
    }
  }

  /** Those that were under way between two times (ms, both included) and began at `begunFrom` or later. */
  *within(
    view: HistoryView,
    from: number,
    to: number,
    begunFrom = Number.NEGATIVE_INFINITY,
  ): Generator<CommandView> {
    const first = Math.max(firstNotBelow(this.#latestEnds, from), firstNotBelow(this.#starts, begunFrom));
    for (let index = first; (this.#starts[index] ?? Number.POSITIVE_INFINITY) <= to; index += 1) {
      const command = this.#commands[index];
      if (command !== undefined && (command.ended?.at ?? view.endAt) >= from) yield command;
    }
  }
}

/** The first index of rising numbers with one that is not below a limit. */
function firstNotBelow(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
