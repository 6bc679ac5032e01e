import type { GameHighScore, User } from '@grammyjs/types';
import { dropOldest } from '../bounded.js';

/** Of more tables than this, the oldest is forgotten. */
const TABLES = 10_000;
/** Of more players in one table than this, those who played first are forgotten. */
const PLAYERS = 10_000;
const TOP = 3;
const NEIGHBOURS = 2;

/** High scores, by chat and game. */
export class GameBook {
  readonly #tables = new Map<string, Map<number, number>>();

  score(chat: number, game: string, user: number): number | undefined {
    return this.#tables.get(keyOf(chat, game))?.get(user);
  }

  setScore(chat: number, game: string, user: number, score: number): void {
    const key = keyOf(chat, game);
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = new Map();
      this.#tables.set(key, table);
      dropOldest(this.#tables, TABLES);
    }
    table.set(user, score);
    dropOldest(table, PLAYERS);
  }

  /** Everybody, best first; of equals the one who was there first. */
  ranking(chat: number, game: string): readonly { readonly user: number; readonly score: number }[] {
    const table = this.#tables.get(keyOf(chat, game)) ?? new Map<number, number>();
    return [...table].map(([user, score]) => ({ user, score })).sort((a, b) => b.score - a.score);
  }

  /** The person, two neighbours on each side, and the best three (documentation of getGameHighScores). */
  around(
    chat: number,
    game: string,
    user: number,
    userOf: (id: number) => User | undefined,
  ): GameHighScore[] {
    const ranking = this.ranking(chat, game);
    const place = ranking.findIndex((row) => row.user === user);
    return ranking.flatMap((row, index): GameHighScore[] => {
      const isNear = place !== -1 && Math.abs(index - place) <= NEIGHBOURS;
      const player = userOf(row.user);
      if (player === undefined || !(isNear || index < TOP)) return [];
      return [{ position: index + 1, user: player, score: row.score }];
    });
  }
}

function keyOf(chat: number, game: string): string {
  return `${chat}:${game}`;
}
