import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** The whole of it takes minutes (`npm run suite`); that its data name files and scenarios that there are takes none. */
it('the bots of `npm run suite` and what they are played with are there', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/suite-bots.mjs'), '--only', 'no bot has this name'],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 2, stderr: 'No bot is chosen.\n' });
});
