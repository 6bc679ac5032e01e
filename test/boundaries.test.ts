import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Which rooms a room may import, besides itself and `base/`. As the table in docs/architecture.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  history: [],
  telegram: ['history'],
  faults: ['history'],
  mongo: ['history', 'faults'],
  recording: ['history'],
  replay: ['history', 'recording', 'telegram'],
  bot: ['history'],
  deeds: ['history', 'replay'],
  scenario: ['history', 'telegram', 'faults', 'mongo', 'recording', 'replay', 'bot', 'deeds'],
  checkers: ['history'],
  metrics: ['history'],
  report: ['history', 'checkers', 'metrics'],
  suite: ['history', 'scenario', 'report'],
  init: ['history', 'recording', 'telegram', 'mongo', 'scenario'],
  investigate: ['history', 'faults', 'recording', 'scenario', 'report'],
  baseline: ['history', 'checkers', 'recording', 'replay', 'scenario'],
  demo: [],
  cli: ['history', 'scenario', 'report', 'checkers', 'init', 'investigate', 'suite', 'demo'],
};

const SRC = resolve(import.meta.dirname, '../src');

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const specifiers = [...text.matchAll(/^\s*(?:import|export)[^'"]*?from\s+['"](\.[^'"]+)['"]/gms)].map(
    ([, path]) => path,
  );
  const dynamic = [...text.matchAll(/import\(\s*['"](\.[^'"]+)['"]\s*\)/g)].map(([, path]) => path);
  return [...specifiers, ...dynamic].map((path) => ({
    from: relative(SRC, file),
    to: relative(SRC, resolve(dirname(file), path ?? '')),
  }));
}

function roomOf(path: string): string | undefined {
  return path.includes('/') ? path.split('/')[0] : undefined;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SRC, name));

/** Rules that a room's code must keep, as `room → imported room` pairs that are not allowed. */
function violations(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from, to }) => {
      const room = roomOf(from);
      const target = roomOf(to);
      if (room === undefined) return false; // index.ts and play.ts stand above all rooms
      if (target === undefined) return room !== 'cli'; // only the command line uses play.ts
      if (target === room) return false;
      return room === 'demo' || !(target === 'base' || (MAY_IMPORT[room] ?? []).includes(target));
    })
    .map(({ from, to }) => `${from} imports ${to}`);
}

describe('import boundaries', () => {
  it('are kept by every file', () => {
    const imports = files.flatMap(importsOf);
    expect(imports.length).toBeGreaterThan(50);
    expect(violations(imports)).toEqual([]);
  });

  it('are really checked', () => {
    expect(violations([{ from: 'checkers/x.ts', to: 'telegram/server.js' }])).toHaveLength(1);
    expect(violations([{ from: 'demo/x.ts', to: 'base/clock.js' }])).toHaveLength(1);
    expect(violations([{ from: 'history/x.ts', to: 'index.js' }])).toHaveLength(1);
  });

  it('know every room', () => {
    const rooms = new Set(
      files.map((file) => roomOf(relative(SRC, file))).filter((room) => room !== undefined),
    );
    expect([...rooms].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });
});
