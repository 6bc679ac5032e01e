import { log } from './log.js';
import type { Messenger } from './messenger.js';
import type { Payments } from './payments.js';
import { Refusal } from './refusal.js';

export interface OfficeParts {
  readonly payments: Payments;
  /** Bug `no-bot-in-routes`: there is none. */
  readonly messenger: Messenger | undefined;
}

/**
 * The routes beside the webhook: `/office/sent` says that a parcel is on its way (`{ chat }`), `/office/paid` is
 * called by the payment provider (`{ event, chat, amount }`).
 */
export class Office {
  readonly #parts: OfficeParts;

  constructor(parts: OfficeParts) {
    this.#parts = parts;
  }

  /** Resolves when it is done. @throws Refusal */
  async receive(path: string, body: object): Promise<void> {
    const { chat, event, amount } = body as Readonly<Record<string, unknown>>;
    if (path !== '/office/sent' && path !== '/office/paid') throw new Refusal(404);
    if (typeof chat !== 'number') throw new Refusal(400);
    if (path === '/office/sent') return this.#tell(chat, 'Your parcel is on its way!');
    if (typeof event !== 'string' || typeof amount !== 'number') throw new Refusal(400);
    const balance = await this.#parts.payments.credit(chat, event, amount);
    if (balance === undefined) return; // reported before
    await this.#tell(chat, `We received your payment of ${amount}. Your balance is ${balance} now.`);
  }

  async #tell(chat: number, text: string): Promise<void> {
    const { messenger } = this.#parts;
    if (messenger === undefined) return log('no bot to send with');
    await messenger.tell(chat, text);
  }
}
