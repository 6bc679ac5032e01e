import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SendtwiceError } from '../../src/base/errors.js';
import { loadSelected } from '../../src/suite/load.js';

const folder = mkdtempSync(join(tmpdir(), 'sendtwice-load-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

write('r.jsonl', '');
const PLAY = 'play: { recording: r.jsonl }\n';
write(
  'slow.yaml',
  `scenario: slow\ntags: [mongo]\norder: 2\n${PLAY}parameters: { slowest: { default: 2s } }\nfaults: { slow: { on: mongo, delay: "\${slowest}" } }\n`,
);
write(
  'slower.yaml',
  'extends: slow.yaml\nscenario: slower\nparameters: { slowest: { default: 4s } }\norder: 3\n',
);
write('smoke.yaml', `scenario: smoke\ntags: [quick]\norder: 1\n${PLAY}`);
write('asks.yaml', `scenario: asks\n${PLAY}parameters: { who: { about: nobody knows } }\nabout: "\${who}"\n`);

const names = (set: readonly string[], selection = {}, paths = [folder]): string[] =>
  loadSelected(paths, selection, { set }).map(({ scenario }) => scenario);

function refusal(set: readonly string[], selection = {}): SendtwiceError {
  try {
    names(set, selection);
  } catch (error) {
    return error as SendtwiceError;
  }
  throw new Error('nothing was refused');
}

describe('what is set', () => {
  it('is for the chosen files only', () => {
    expect(names(['slowest=3s'], { tags: ['mongo'] })).toEqual(['slow', 'slower']);
    expect(names([], { grep: 'smoke' })).toEqual(['smoke']);
    const [slow] = loadSelected([folder], { grep: '^slow$' }, { set: ['slowest=3s'] });
    expect(slow?.faults).toMatchObject([{ delay: 3000 }]);
  });

  it('is refused for a chosen file that has no such thing, with the files that have it', () => {
    const error = refusal(['slowest=3s'], { grep: 's' });
    expect(error).toMatchObject({ code: 'usage/bad-argument' });
    expect(error.message).toMatch(/smoke\.yaml: --set slowest=3s: nothing is called `slowest`/);
    expect(error.hint).toMatch(/^It can be set in .*slow\.yaml, .*slower\.yaml: pick these/);
    const fault = refusal(['faults.slow.delay=1s'], { tags: ['quick'] });
    expect(fault.message).toMatch(/smoke\.yaml: --set faults\.slow\.delay=1s: /);
    expect(fault.hint).toMatch(/slow\.yaml/);
  });

  it('is refused as before when no file has it', () => {
    const error = refusal(['slowset=3s'], { grep: '^slow$' });
    expect(error.message).toContain('Did you mean `slowest`?');
    expect(error.hint).toBe('Nothing was run.');
  });

  it('must be given for a chosen file that asks for it, and not for others', () => {
    expect(() => names([])).toThrow('the parameter `who` has no value');
    expect(names(['who=me'], { grep: 'asks' })).toEqual(['asks']);
    expect(names([], { tags: ['quick'] })).toEqual(['smoke']);
  });
});

it('a file that is named twice runs once', () =>
  expect(names([], { tags: ['quick'] }, [folder, join(folder, 'smoke.yaml')])).toEqual(['smoke']));

it('a folder without scenarios, and one that is not there, are refused', () => {
  const empty = mkdtempSync(join(folder, 'empty-'));
  expect(() => names([], {}, [empty])).toThrow('holds no scenario');
  expect(() => names([], {}, [join(folder, 'nowhere')])).toThrow('Cannot read');
});
