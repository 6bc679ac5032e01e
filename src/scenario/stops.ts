/** How to stop what was started. */
export class Stops {
  readonly #stops: (() => Promise<void>)[] = [];

  /** Called right after something was started. */
  add(stop: () => Promise<void>): void {
    this.#stops.push(stop);
  }

  /** Stops everything once, the last started first; one that fails keeps no other from it. Returns the failures. */
  async run(): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (const stop of this.#stops.splice(0).reverse()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }
}
