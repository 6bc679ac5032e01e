import { Cells } from './cells.js';

/** Joins the two ends of what lasts, by its id, while events come in: whichever of them comes first. */
export class Pairs {
  /** Begun and not ended yet; and ends that stand before their starts. */
  readonly #open = new Map<unknown, number>();
  readonly #early = new Map<unknown, number>();
  readonly #endOf = new Cells();

  start(id: unknown, index: number): void {
    const end = this.#early.get(id);
    if (end === undefined) this.#open.set(id, index);
    else this.#endOf.set(index, end);
    this.#early.delete(id);
  }

  end(id: unknown, index: number): void {
    const start = this.#open.get(id);
    if (start === undefined) this.#early.set(id, index);
    else this.#endOf.set(start, index);
    this.#open.delete(id);
  }

  /** The index of the end of what began with this index, if it ended. */
  endOf(start: number): number | undefined {
    return this.#endOf.get(start);
  }
}
