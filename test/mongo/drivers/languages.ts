import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Programs that use the MongoDB drivers of other languages, and say what they found out. */

const ROOT = resolve(import.meta.dirname, '../../..');
const PYTHON = join(ROOT, '.venv/bin/python');
const GO = join(import.meta.dirname, 'go/build/drivers');

/** One line of a program. */
export interface Line {
  readonly check: string;
  readonly got: unknown;
}

export interface Language {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** For the name of a test: why it cannot run here. Empty when it can. */
  readonly missing: string;
}

export const LANGUAGES: readonly Language[] = [
  python('pymongo', 'pymongo_work.py'),
  python('motor', 'motor_work.py'),
  {
    name: 'Go',
    command: [GO],
    missing: existsSync(GO) ? '' : ' (skipped: test/mongo/drivers/go is not built; .ci/run does it)',
  },
];

function python(name: string, script: string): Language {
  const isThere = existsSync(PYTHON) && hasPackage(name);
  return {
    name,
    command: [PYTHON, join(import.meta.dirname, script)],
    missing: isThere ? '' : ` (skipped: .venv has no ${name}; .ci/run installs it)`,
  };
}

function hasPackage(name: string): boolean {
  const libraries = join(ROOT, '.venv/lib');
  return readdirSync(libraries).some((version) =>
    existsSync(join(libraries, version, 'site-packages', name)),
  );
}

/**
 * What the program says, in the order in which it says it.
 *
 * @throws Error when it fails, or runs for more than a minute
 */
export async function linesOf(
  { name, command: [program, ...args] }: Language,
  uri: string,
  mode: 'work' | 'lost',
): Promise<Line[]> {
  const child = spawn(program, [...args, uri, mode], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const end = await new Promise((done) => child.on('close', (code, signal) => done(signal ?? code)));
  if (end !== 0) throw new Error(`${name} ended with ${end}: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
