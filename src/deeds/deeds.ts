import type { Clock } from '../base/clock.js';
import type { Emit } from '../history/events.js';
import type { BotDeed, Deed, DeedFacts } from '../replay/deed.js';
import { DatabaseSide } from './database.js';
import { sendRequests } from './requests.js';

export interface DeedsOptions {
  /** Where the bot's own server listens: `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** The server of MongoDB, past the fault proxy, and the bot's database in it. */
  readonly mongoUri: string;
  readonly database: string;
  /** Allows requests to other machines. */
  readonly allowRemote: boolean;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Ends the bot process and starts it anew. */
  readonly restart: (deed: BotDeed, signal: AbortSignal) => Promise<void>;
}

/** Does what a scenario has done around a dialogue. */
export class Deeds {
  readonly #options: DeedsOptions;
  readonly #database: DatabaseSide;

  constructor(options: DeedsOptions) {
    this.#options = options;
    const { mongoUri: uri, database, clock, emit } = options;
    this.#database = new DatabaseSide({ uri, database, clock, emit });
  }

  /** @throws SendtwiceError `target/not-loopback`, `mongo/unreachable`, `bot/…`: the run cannot go on */
  async perform(deed: Deed, facts: DeedFacts): Promise<void> {
    switch (deed.do) {
      case 'request':
        return sendRequests(deed, facts, this.#options);
      case 'mongo':
        return this.#database.write(deed, facts);
      case 'probe':
        return this.#database.probe(deed, facts);
      case 'restart':
      case 'kill':
        return this.#options.restart(deed, facts.signal);
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
