import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './cli.js';

/** The fast part of the matrix (test/matrix/README.md). All of it is played by `npm run matrix`. */
it('finds what the guilty bots of the matrix do, and nothing in their repaired twins', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sendtwice-matrix-test-'));
  try {
    const file = join(folder, 'matrix.json');
    const output = await new Promise<string>((done) => {
      const args = [join(ROOT, 'scripts/matrix.mjs'), '--fast', '--jobs', '2', '--json', file];
      execFile(process.execPath, args, { cwd: ROOT }, (_error, stdout, stderr) => done(stdout + stderr));
    });
    const { results } = JSON.parse(readFileSync(file, 'utf8')) as {
      results: readonly { readonly id: string; readonly ok: boolean }[];
    };
    expect(results.length, output).toBeGreaterThanOrEqual(8);
    expect(
      results.filter(({ ok }) => !ok).map(({ id }) => id),
      output,
    ).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 180_000);
