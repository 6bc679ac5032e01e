import type { CommandId } from '../../base/ids.js';

/** More open cursors than this are no bot's; the oldest is forgotten then. */
const MAX_CURSORS = 10_000;

/** Which command opened which cursor. Cursors belong to the server, so all connections share this. */
export class CursorOwners {
  readonly #owners = new Map<bigint, CommandId>();

  opened(cursor: bigint, command: CommandId): void {
    if (this.#owners.size >= MAX_CURSORS) {
      const [oldest] = this.#owners.keys();
      if (oldest !== undefined) this.#owners.delete(oldest);
    }
    this.#owners.set(cursor, command);
  }

  ownerOf(cursor: bigint): CommandId | undefined {
    return this.#owners.get(cursor);
  }

  closed(cursor: bigint): void {
    this.#owners.delete(cursor);
  }
}
