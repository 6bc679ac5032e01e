import { dropOldest } from '../bounded.js';
export interface BotCommandEntry {
  readonly command: string;
  readonly description: string;
}

/** Distinct scopes and languages that are kept; more replace the oldest. */
const KEPT_LISTS = 10_000;

/** The command lists of one bot, by scope and language. */
export class CommandBook {
  readonly #lists = new Map<string, readonly BotCommandEntry[]>();

  get(scope: string, language: string): readonly BotCommandEntry[] {
    return this.#lists.get(key(scope, language)) ?? [];
  }

  /** An empty list deletes. */
  set(scope: string, language: string, commands: readonly BotCommandEntry[]): void {
    this.#lists.delete(key(scope, language));
    if (commands.length === 0) return;
    this.#lists.set(key(scope, language), commands);
    dropOldest(this.#lists, KEPT_LISTS);
  }
}

function key(scope: string, language: string): string {
  return `${scope}\u0000${language}`;
}
