import { type Clock, pause } from '../base/clock.js';
import type { BotAccount } from '../telegram/bot-account.js';

/** The official server refuses a setWebhook with 429 when the last one was less than this ago (Client.cpp:15733). */
const BETWEEN_CALLS_MS = 1000;

/**
 * Holds restarts back until Telegram takes the next setWebhook. Deployments are never so quick; a harness is,
 * and an innocent bot may die of the 429.
 */
export class WebhookGap {
  readonly #clock: Clock;
  #endsAt = 0;

  constructor(account: Pick<BotAccount, 'onCall'>, clock: Clock) {
    this.#clock = clock;
    account.onCall((method) => {
      if (method.toLowerCase() === 'setwebhook') this.#endsAt = clock.now() + BETWEEN_CALLS_MS;
    });
  }

  /** Resolves when a setWebhook would be taken, at once for a bot that polls, or when the signal aborts. */
  async over(signal: AbortSignal): Promise<void> {
    while (this.#clock.now() < this.#endsAt && !signal.aborted) {
      await pause(this.#endsAt - this.#clock.now(), this.#clock, signal);
    }
  }
}
