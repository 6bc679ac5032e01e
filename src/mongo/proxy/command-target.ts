import { type RequestFacts, readFilterKeys } from './request.js';

/** What faults may match, read only when one asks: it is made for each command. */
export class CommandTarget {
  readonly connection: number;
  readonly app: string | undefined;
  readonly #facts: RequestFacts;
  readonly #frame: Buffer;

  constructor(facts: RequestFacts, frame: Buffer, connection: number, app: string | undefined) {
    this.#facts = facts;
    this.#frame = frame;
    this.connection = connection;
    this.app = app;
  }

  get name(): string {
    return this.#facts.name;
  }

  get database(): string | undefined {
    return this.#facts.database;
  }

  get collection(): string | undefined {
    return this.#facts.collection;
  }

  filter(): readonly string[] | undefined {
    return readFilterKeys(this.#frame, this.#facts.name);
  }
}
