import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runFolderOf } from '../../src/cli/run-folder.js';

const folder = mkdtempSync(join(tmpdir(), 'sendtwice-run-folder-'));
const history = join(folder, 'history.jsonl');
writeFileSync(history, '');
afterAll(() => rmSync(folder, { recursive: true }));

describe('the run that an argument names', () => {
  it.each([
    { what: 'its folder', path: folder },
    { what: 'the history in it', path: history },
  ])('by $what', ({ path }) => {
    expect(runFolderOf(path)).toEqual({ folder, history });
  });

  it('says so when there is none', () => {
    expect(() => runFolderOf('runs/of-nobody')).toThrow('There is no run at runs/of-nobody');
  });
});
