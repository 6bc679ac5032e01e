import { connect } from 'node:net';
import { type Clock, pause } from '../base/clock.js';
import { isLoopback } from '../base/loopback.js';
import type { BotAccount } from '../telegram/bot-account.js';

const LOOK_EVERY_MS = 20;
/** A webhook where nobody listens by then is for the run to show. */
const LONGEST_WAIT_MS = 5000;
/** After a failed connection Telegram opens the next one this much later (WebhookActor.cpp:282, facts/telegram.md §1.2). */
const NEXT_CONNECTION_MS = 2000;

export interface FirstContactOptions {
  readonly account: Pick<BotAccount, 'hasCalled' | 'updates'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The ports behind a webhook where somebody else listens for the bot. */
  readonly behind?: readonly number[];
}

/**
 * Waits until Telegram can reach a bot that has just set its webhook. Many set it before they listen, so that
 * Telegram's first connection is refused; without this wait the first people of every run would write just
 * then, and the latencies would be those of a deployment. Returns at once for a bot that polls.
 */
export async function firstContact(options: FirstContactOptions): Promise<void> {
  const { account, behind = [], clock, signal } = options;
  // The bot has set it, or the harness for it.
  const isSet = (account.updates.webhookInfo().url ?? '') !== '';
  if (!isSet && !account.hasCalled('setWebhook')) return;
  const deadline = clock.now() + LONGEST_WAIT_MS;
  while (clock.now() < deadline && !signal.aborted) {
    const { url } = account.updates.webhookInfo();
    if (url !== undefined && url !== '') {
      const target = new URL(url);
      if (!isLoopback(target.hostname)) return;
      const doors = [target, ...behind.map((port) => new URL(`http://127.0.0.1:${port}`))];
      if ((await Promise.all(doors.map(isListening))).every(Boolean)) {
        await pause(LOOK_EVERY_MS, clock, signal); // what became of Telegram's own connection may be known later
        const { last_error_date: failedAt } = account.updates.webhookInfo();
        if (failedAt !== undefined) await pause(NEXT_CONNECTION_MS, clock, signal);
        return;
      }
    }
    await pause(LOOK_EVERY_MS, clock, signal);
  }
}

function isListening({ hostname, port, protocol }: URL): Promise<boolean> {
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: number });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
