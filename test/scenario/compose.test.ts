import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import { defineScenario, loadScenario } from '../../src/scenario/load.js';

let folder: string;
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sendtwice-compose-'));
  write('r.jsonl', '');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Code and message, with the folder as `F`. */
function complaint(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SendtwiceError)
      return `${error.code} ${error.exitCode}\n${error.message.replaceAll(folder, 'F')}`;
    throw error;
  }
  return 'no complaint';
}

const BASE = `scenario: base
about: of the base
tags: [mongo, quick]
play: { recording: r.jsonl, users: 10, arrivals: { rate: 5/s }, patience: 15s }
faults:
  - name: slow
    on: mongo
    match: { commands: [find], collection: sessions }
    delay: { distribution: lognormal, median: 300ms, p99: 1s }
  - name: twice
    on: update
    effect: double-tap
  - on: call
    delay: 1s
expect: { findings: 0 }
`;

describe('a file that extends another one', () => {
  const load = (text: string, set: readonly string[] = []): ReturnType<typeof loadScenario> => {
    write('base.yaml', BASE);
    return loadScenario(write('own.yaml', text), { set });
  };

  it('changes keys, replaces lists and keeps the rest', () => {
    const own = load(
      'extends: base.yaml\nscenario: own\ntags: [slow]\norder: 7\nplay: { users: 50, arrivals: null }\n',
    );
    expect(own).toMatchObject({ scenario: 'own', about: 'of the base', tags: ['slow'], order: 7 });
    expect(own.play).toMatchObject({ users: 50, patience: 15_000, recording: join(folder, 'r.jsonl') });
    expect(own.play).not.toHaveProperty('arrivals');
    expect(own).not.toHaveProperty('extends');
    expect(own.faults.map(({ name }) => name)).toEqual(['slow', 'twice', 'call-1']);
  });

  it('changes faults by name, in a list or as a map, and takes them away with null', () => {
    const own = load(`extends: base.yaml
faults:
  slow: { delay: 2s, match: { collection: null } }
  twice: null
  call-1: { times: 3 }
  fresh: { on: bot, effect: restart }
`);
    expect(own.faults).toEqual([
      { name: 'slow', on: 'mongo', match: { commands: ['find'] }, delay: 2000 },
      { name: 'call-1', on: 'call', delay: 1000, times: 3 },
      { name: 'fresh', on: 'bot', effect: 'restart' },
    ]);
    const listed = load(
      'extends: base.yaml\nfaults:\n  - { name: slow, times: 2 }\n  - { on: call, effect: reset }\n',
    );
    expect(listed.faults.map(({ name, times }) => [name, times])).toEqual([
      ['slow', 2],
      ['twice', undefined],
      ['call-1', undefined],
      ['call-2', undefined],
    ]);
  });

  it('starts anew where a fault or a delay is of another kind', () => {
    const own = load(`extends: base.yaml
faults:
  slow: { on: call, delay: 1s }
  call-1: { delay: { distribution: uniform, min: 1s, max: 2s } }
`);
    expect(own.faults[0]).toEqual({ name: 'slow', on: 'call', delay: 1000 });
    const other = load(
      'extends: base.yaml\nfaults: { slow: { delay: { distribution: uniform, min: 1s, max: 2s } } }\n',
    );
    expect(other.faults[0]).toMatchObject({ delay: { distribution: 'uniform', min: 1000, max: 2000 } });
  });

  it('names the base when the mistake is there, and itself when it is here', () => {
    write('base.yaml', BASE.replace('patience: 15s', 'patience: 15'));
    const path = write('own.yaml', 'extends: base.yaml\nplay: { usres: 3 }\n');
    expect(complaint(() => loadScenario(path))).toMatchInlineSnapshot(`
      "file/bad-scenario 2
      F/base.yaml:4:75: \`play.patience\` must be a duration such as 250ms, 1.5s, 2m, not 15
          …ng: r.jsonl, users: 10, arrivals: { rate: 5/s }, patience: 15 }
                                                                      ^
      F/own.yaml:2:9: unknown key \`usres\`. Did you mean \`users\`? Allowed here: recording, steps, pace, users, arrivals, patience, sends, think, probe_dead_window, speed, baseline, settle, limit.
          play: { usres: 3 }
                  ^"
    `);
  });

  it('knows which fault was meant', () => {
    expect(
      complaint(() => load('extends: base.yaml\nfaults: { slwo: { times: 1 } }\n')),
    ).toMatchInlineSnapshot(`
      "file/bad-scenario 2
      F/own.yaml:2:11: no fault of what this file extends is called \`slwo\`. Did you mean \`slow\`? There are: slow, twice, call-1. A new fault needs \`on\`.
          faults: { slwo: { times: 1 } }
                    ^"
    `);
    expect(complaint(() => load('extends: base.yaml\nfaults: [{ name: gone, times: 1 }]\n'))).toContain(
      'no fault of what this file extends is called `gone`',
    );
    expect(complaint(() => load('extends: base.yaml\nfaults: { gone: null }\n'))).toContain('called `gone`');
  });

  it('is refused in a circle, too deep, without its base', () => {
    write('a.yaml', 'extends: sub/b.yaml\n');
    write('sub/b.yaml', 'scenario: b\nextends: ../a.yaml\n');
    expect(complaint(() => loadScenario(join(folder, 'a.yaml')))).toMatchInlineSnapshot(`
      "file/bad-scenario 2
      F/sub/b.yaml:2:10: the files extend each other in a circle: F/a.yaml → F/sub/b.yaml → F/a.yaml
          extends: ../a.yaml
                   ^"
    `);
    for (let level = 0; level < 9; level += 1) write(`d${level}.yaml`, `extends: d${level + 1}.yaml\n`);
    write('d9.yaml', BASE);
    expect(complaint(() => loadScenario(join(folder, 'd0.yaml')))).toContain(
      'd8.yaml:1:10: more than 8 files',
    );
    expect(loadScenario(join(folder, 'd2.yaml')).scenario).toBe('base');
    expect(complaint(() => load('extends: gone.yaml\n'))).toMatch(/own\.yaml:1:10: the file F\/gone\.yaml/);
    expect(complaint(() => load('extends: [base.yaml]\n'))).toContain('`extends` must be a text');
  });

  it('leaves paths with the file that wrote them', () => {
    write('lib/r.jsonl', '');
    write('lib/trace.txt', '5\n6\n');
    write(
      'lib/base.yaml',
      `scenario: lib
parameters: { talk: { default: r.jsonl } }
play: { recording: "\${talk}" }
faults: [{ name: slow, on: mongo, delay: { distribution: trace, file: trace.txt } }]
`,
    );
    const path = write('own.yaml', 'extends: lib/base.yaml\n');
    expect(loadScenario(path)).toMatchObject({
      play: { recording: join(folder, 'lib/r.jsonl') },
      faults: [{ delay: { values: [5, 6] } }],
    });
    const here = write('here.yaml', 'extends: lib/base.yaml\nplay: { recording: r.jsonl }\n');
    expect(loadScenario(here).play.recording).toBe(join(folder, 'r.jsonl'));
    expect(loadScenario(path, { set: ['talk=README.md'] }).play.recording).toBe(resolve('README.md'));
  });

  it('is no thing of programs', () => {
    const input = { scenario: 's', play: { recording: join(folder, 'r.jsonl') }, extends: 'x.yaml' };
    expect(complaint(() => defineScenario(input))).toContain('`extends` is for files only');
  });
});

describe('parameters', () => {
  const load = (text: string, set: readonly string[] = []): ReturnType<typeof loadScenario> =>
    loadScenario(write('p.yaml', `scenario: p\nplay:\n  recording: r.jsonl\n${text}`), { set });
  const PARAMETERS = `  users: \${users}
  patience: "\${ seconds }s"
about: "for \${users}, not $\${users} or \${telegram.token}"
parameters:
  users: { default: 20, about: how many }
  seconds: { default: 5 }
`;

  it('keep their type alone and become text within a text', () => {
    const loaded = load(PARAMETERS);
    expect(loaded.play).toMatchObject({ users: 20, patience: 5000 });
    expect(loaded.about).toBe('for 20, not ${users} or ${telegram.token}');
    expect(load(PARAMETERS, ['users=3', 'seconds=1.5']).play).toMatchObject({ users: 3, patience: 1500 });
  });

  it('can be lists and maps', () => {
    const text =
      '  think: ${think}\ntags: ${tags}\nparameters: { think: { default: { distribution: uniform, min: 1s, max: 2s } }, tags: { default: [a] } }\n';
    expect(load(text, ['tags=[b, c]'])).toMatchObject({ tags: ['b', 'c'], play: { think: { min: 1000 } } });
    expect(complaint(() => load(`about: "x \${tags}"\nparameters: { tags: { default: [a] } }\n`))).toContain(
      'no text or number',
    );
  });

  it('are refused without a value, with a taken or impossible name, and when nobody declared them', () => {
    expect(complaint(() => load('parameters: { users: { about: needed } }\n'))).toContain(
      'p.yaml needs the parameter `users`: --set users=… or `parameters:` in the bot file',
    );
    expect(load('parameters: { users: { about: needed } }\n', ['users=3']).play.users).toBe(1);
    expect(complaint(() => load('parameters: { instance: { default: 1 } }\n'))).toContain('cannot be called');
    expect(complaint(() => load('parameters: { a.b: { default: 1 } }\n'))).toContain('must be letters');
    expect(complaint(() => load('parameters: { a: { defalt: 1 } }\n'))).toContain('Did you mean `default`?');
    expect(
      complaint(() => load('  users: ${usres}\nparameters: { users: { default: 1 } }\n')),
    ).toMatchInlineSnapshot(`
      "file/bad-scenario 2
      F/p.yaml:4:10: no parameter is called \`usres\`. Did you mean \`users\`? Known: users; write $\${usres} for these characters themselves.
          users: \${usres}
                 ^"
    `);
  });

  it('of the wrong type are told with the place where the value was written', () => {
    expect(complaint(() => load(PARAMETERS, ['users=many']))).toContain(
      '--set users=many: `play.users` must be a number, not "many"',
    );
    expect(complaint(() => load(PARAMETERS.replace('default: 20', 'default: x')))).toContain('p.yaml:8:21');
  });
});

describe('--set', () => {
  const load = (...set: string[]): ReturnType<typeof loadScenario> =>
    loadScenario(write('base.yaml', BASE), { set });

  it('changes anything in the file', () => {
    const loaded = load(
      'play.users=50',
      'play.arrivals.rate=2/s',
      'faults.slow.delay=2s',
      'faults.twice=null',
      'faults.call-1.times=2',
      'expect.reply_latency={ p95: 3s }',
      'play.patience=null',
      'tags=[a]',
    );
    expect(loaded.play).toMatchObject({ users: 50, arrivals: { rate: 2 }, patience: 5000 });
    expect(loaded.expect).toEqual({ findings: 0, reply_latency: { p95: 3000 } });
    expect(loaded.faults).toEqual([
      expect.objectContaining({ name: 'slow', delay: 2000 }),
      { name: 'call-1', on: 'call', delay: 1000, times: 2 },
    ]);
    expect(load('about=a: b = c').about).toBe('a: b = c');
  });

  it.each([
    ['users=5', 'Did you mean `play.users`?'],
    ['usres=5', 'Did you mean `play.users`?'],
    ['paly.users=5', 'Did you mean `play.users`?'],
    ['play.usres=5', '--set play.usres=5: unknown key `usres`. Did you mean `users`?'],
    ['play.users=x', '--set play.users=x: `play.users` must be a number, not "x"'],
    ['faults.slwo.delay=2s', 'Did you mean `faults.slow`?'],
    ['faults.slow.dleay=2s', 'Did you mean `delay`?'],
    ['tags.7=x', '`tags` has 2 entries'],
    ['play.users.x=1', '`play.users` is one value and has no key `x`'],
    ['play.users=', 'the value is empty'],
    ['play.users', 'there is no name and value'],
    ['=5', 'there is no name and value'],
    ['play..users=5', 'before or behind a dot'],
    ['play.users=[1', 'not valid YAML'],
    ['play.users=*x', 'cannot hold aliases'],
    ['extends=other.yaml', 'nothing is called `extends`'],
    ['__proto__.x=1', 'nothing is called'],
    ['play.__proto__=1', 'unknown key `__proto__`'],
    ['play=null', '`play` is missing'],
  ])('%s is refused', (setting, part) => {
    const said = complaint(() => load(setting));
    expect(said).toContain(part);
    expect(said).toMatch(/^(usage|file)\/[a-z-]+ 2\n/);
  });
});
