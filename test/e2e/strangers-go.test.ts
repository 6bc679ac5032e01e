import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BOTS, isInnocent, MODES, playStranger, refusals } from './strangers.js';

/** A bot in Go, by webhook and by polling. `.ci/run` builds it where Go is. */

const ABSENT = !existsSync(join(BOTS, 'go-telegram-bot/build/bot'));
const NOTE = ABSENT ? ' (skipped: test/bots/go-telegram-bot/build/bot was not built)' : '';

describe.skipIf(ABSENT)(`go-telegram/bot${NOTE}`, { timeout: 120_000 }, () => {
  it.each(MODES)('%s: nothing is wrong when nothing is broken', async (mode) => {
    const run = await playStranger(
      { folder: 'go-telegram-bot', recording: 'tables.jsonl' },
      mode,
      'unbroken',
    );
    isInnocent(run);
    expect(refusals(run)).toEqual([]);
  });
});
