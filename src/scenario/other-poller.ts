import { type Clock, pause } from '../base/clock.js';
import type { FaultPlan } from '../faults/plan.js';
import { ApiError } from '../telegram/api-error.js';
import type { BotAccount } from '../telegram/bot-account.js';

/** Long polls of this length, in seconds, as libraries make them. */
const TIMEOUT_S = '10';
/** Libraries poll again this long after a conflict. */
const AFTER_CONFLICT_MS = 1_000;

/**
 * A second program with the bot's token that somebody has left running. It takes what it gets and does nothing with
 * it. Its own calls are none of the bot's, so they are not in the history; what it takes is.
 */
export class OtherPoller {
  readonly #account: BotAccount;
  readonly #clock: Clock;
  readonly #ending = new AbortController();
  readonly #polling = new Set<Promise<void>>();

  constructor(account: BotAccount, clock: Clock) {
    this.#account = account;
    this.#clock = clock;
  }

  /** Begins to poll if the plan wants it at this step. Nobody waits for it. */
  strike(plan: FaultPlan, { user, step }: { readonly user: string; readonly step: number }): void {
    for (const { fault, settings } of plan.decide('telegram', { step }, {}, `${user}/${step}`)) {
      const polling = this.#poll(fault, settings.lasts).finally(() => this.#polling.delete(polling));
      this.#polling.add(polling);
    }
  }

  async leave(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#polling);
  }

  async #poll(fault: string, lastsMs: number): Promise<void> {
    const { updates } = this.#account;
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(lastsMs)]);
    await updates.deleteWebhook(new Map());
    let offset = 0;
    while (!signal.aborted) {
      try {
        const params = new Map([
          ['offset', String(offset)],
          ['timeout', TIMEOUT_S],
        ]);
        const taken = JSON.parse(await updates.getUpdates(params, signal, fault)) as {
          readonly update_id: number;
        }[];
        offset = (taken.at(-1)?.update_id ?? offset - 1) + 1;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        await pause(AFTER_CONFLICT_MS, this.#clock, signal);
      }
    }
  }
}
