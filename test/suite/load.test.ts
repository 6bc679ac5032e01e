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
  loadSelected(paths, selection, { set }).scenarios.map(({ scenario }) => scenario);

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
    const [slow] = loadSelected([folder], { grep: '^slow$' }, { set: ['slowest=3s'] }).scenarios;
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
    expect(loadSelected([folder], {}, {}).lacking).toEqual([
      { scenario: 'asks', reason: 'needs the parameter `who`: --set who=… or `parameters:` in the bot file' },
    ]);
    expect(names([])).toEqual(['smoke', 'slow', 'slower']);
    expect(names(['who=me'], { grep: 'asks' })).toEqual(['asks']);
    expect(names([], { tags: ['quick'] })).toEqual(['smoke']);
  });

  it('must be given for a file that is chosen alone', () => {
    const error = refusal([], { grep: 'asks' });
    expect(error).toMatchObject({ code: 'usage/missing-value', exitCode: 2 });
    expect(error.message).toMatch(/asks\.yaml needs the parameter `who`: --set who=…/);
  });
});

describe('what the bot file gives', () => {
  const bots = mkdtempSync(join(tmpdir(), 'sendtwice-load-bots-'));
  afterAll(() => rmSync(bots, { recursive: true }));
  const botFile = (parameters: string): string => {
    const path = join(bots, 'bot.yaml');
    writeFileSync(path, `command: node bot.js\nparameters: ${parameters}\n`);
    return path;
  };

  it('is for the files that have such a parameter, and below what is set', () => {
    const { scenarios, lacking, warnings } = loadSelected(
      [folder],
      {},
      { botFile: botFile('{ who: Ann, slowest: 7s, of_another_scenario: 1 }') },
    );
    expect(lacking).toEqual([]);
    expect(warnings).toEqual([]);
    expect(scenarios.find(({ scenario }) => scenario === 'asks')?.about).toBe('Ann');
    expect(scenarios.find(({ scenario }) => scenario === 'slower')?.faults).toMatchObject([{ delay: 7000 }]);
    const [asks] = loadSelected(
      [folder],
      { grep: 'asks' },
      { botFile: botFile('{ who: Ann }'), set: ['who=Bob'] },
    ).scenarios;
    expect(asks?.about).toBe('Bob');
  });

  it('is told as it may have been meant where it nearly is a name', () => {
    const { lacking, warnings } = loadSelected(
      [folder],
      {},
      { botFile: botFile('{ whoo: Ann, slowset: 1s }') },
    );
    expect(lacking).toHaveLength(1);
    expect(warnings.join('\n')).toMatch(
      /bot\.yaml:2:\d+: no scenario has the parameter `slowset`\. Did you mean `slowest`\?/,
    );
    expect(warnings).toHaveLength(2);
    expect(loadSelected([folder], {}, { botFile: botFile('{ who: Ann, whoo: Ann }') }).warnings).toEqual([]);
  });

  it('is wrong where the bot file wrote it', () => {
    expect(() =>
      loadSelected([folder], { grep: '^slow$' }, { botFile: botFile('{ slowest: soon }') }),
    ).toThrow(/bot\.yaml:2:\d+: .*duration/);
  });
});

it('a file that is named twice runs once', () =>
  expect(names([], { tags: ['quick'] }, [folder, join(folder, 'smoke.yaml')])).toEqual(['smoke']));

it('a folder without scenarios, and one that is not there, are refused', () => {
  const empty = mkdtempSync(join(folder, 'empty-'));
  expect(() => names([], {}, [empty])).toThrow('holds no scenario');
  expect(() => names([], {}, [join(folder, 'nowhere')])).toThrow('Cannot read');
});
