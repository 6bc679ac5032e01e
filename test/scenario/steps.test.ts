import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import { scenarioYaml } from '../../src/investigate/reproducer.js';
import { invariantsOf, scriptOf } from '../../src/scenario/compile-steps.js';
import { limitsOf, patternsOf } from '../../src/scenario/declared.js';
import { scenarioJsonSchema } from '../../src/scenario/json-schema.js';
import { defineScenario, loadScenario, type Scenario } from '../../src/scenario/load.js';
import { scenarioPlan } from '../../src/scenario/plan-text.js';
import { checkSteps } from '../../src/scenario/preflight.js';

const folder = mkdtempSync(join(tmpdir(), 'sendtwice-steps-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string, set: readonly string[] = [], recording?: string): Scenario {
  const path = join(folder, 's.yaml');
  writeFileSync(path, text);
  return loadScenario(path, { set, ...(recording !== undefined && { recording }) });
}

const steps = (lines: string): string =>
  `scenario: s\nplay:\n  steps:\n${lines
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('')}`;

function complaint(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof SendtwiceError) return error.message.replaceAll(`${folder}/`, '');
    throw error;
  }
  return 'no complaint';
}

describe('a mistake in a step', () => {
  it.each([
    ['- sya: hi', 's.yaml:4:7: unknown key `sya`. Did you mean `say`?'],
    ['- say: ', '`play.steps[0].say` must be a text or a number, not null'],
    ['- say: hi\n  tap: OK', '`play.steps[0]` does several things at once (say, tap): make a step of each'],
    ['- {}', '`play.steps[0]` does nothing; a step has one of say, tap, send'],
    ['- tap: { label: OK }', 'unknown key `label`. Allowed here: data'],
    ['- wait: soon', '`play.steps[0].wait` must be a duration such as 250ms, 1.5s, 2m'],
    ['- wait: 0s', '`play.steps[0].wait` must be longer than 0'],
    ['- send: phto', 'photo'],
    ['- send: { photo: { captoin: hi } }', 'unknown key `captoin`. Did you mean `caption`?'],
    ['- send: { photo: {}, voice: {} }', 'has photo and voice, of which only one can be'],
    [
      '- send: { location: { latitude: 99, longitude: 1 } }',
      '`play.steps[0].send.location.latitude` must be at most 90',
    ],
    ['- say: hi\n  expect: { txt: Hello }', 'unknown key `txt`. Did you mean `text`?'],
    ['- say: hi\n  expect: {}', '`play.steps[0].expect` must say something: text, kind or buttons'],
    ['- say: hi\n  expect: { kind: foto }', 'kind'],
    ['- say: hi\n  expect: /(/', '`play.steps[0].expect` is no regular expression'],
    ['- say: hi\n  expect: /hi/q', 'the unknown flag q'],
    ['- say: hi\n  expect: /.*/', 'finds every text, even an empty one'],
    ['- expect: hi', '`play.steps[0].expect` belongs to the step before it'],
    ['- say: hi\n- wait: 1s\n- expect: hi', '`play.steps[2].expect` belongs to the step before it'],
    [
      '- restart: bot\n  expect: hi',
      '`play.steps[0].expect` cannot stand beside `restart`, which no bot answers',
    ],
    ['- say: hi\n  expect: nothing\n- expect: hi', 'cannot want something and nothing of the same step'],
    ['- edit: hi', '`play.steps[0].edit` has no message before it that the user wrote'],
    ['- recorded: some', '`play.steps[0].recorded` must be all, rest, a step such as 3'],
    ['- recorded: all', '`play.steps[0].recorded` plays a recording, and `play.recording` names none'],
    ['- recorded: 4-2', 'ends before it begins: 4 is behind 2'],
    ['- http: { body: x }', '`play.steps[0].http` needs one of get, post, put, patch, delete'],
    ['- http: { post: admin }', '`play.steps[0].http.post` must be a path such as /admin/notify'],
    ['- http: { post: /a, times: 0 }', '`play.steps[0].http.times` must be at least 1'],
    ['- mongo: { collection: a }', '`play.steps[0].mongo` needs one of insert, update, delete'],
    ['- probe: { filter: {} }', '`play.steps[0].probe.collection` is missing'],
    ['- restart: boot', '`play.steps[0].restart` cannot be "boot". Did you mean `bot`?'],
    ['- say: hi ${user.nmae}', 'the unknown placeholder ${user.nmae}. Did you mean ${user.name}?'],
    [
      '- http: { post: /a, body: { who: ["${chat.di}"] } }',
      '`play.steps[0].http.body.who[0]` holds the unknown placeholder',
    ],
    ['- say: hi ${userid}', 'no parameter is called `userid`. Did you mean `user.id`?'],
  ])('%j is told with its place', (lines, message) => {
    const told = complaint(steps(lines));
    expect(told).toContain(message);
    expect(told).toMatch(/^s\.yaml:\d+:\d+: /);
  });

  it('is told for the play as a whole', () => {
    expect(complaint('scenario: s\nplay: { users: 2 }')).toContain(
      '`play.recording` is missing: name a recording, or write `steps`',
    );
    expect(complaint('scenario: s\nplay: { pace: timeline, steps: [{ say: hi }] }')).toContain(
      's.yaml:2:15: `play.pace` cannot be timeline beside `steps`',
    );
    expect(complaint('scenario: s\nplay: { steps: [{ say: hi }] }\nexpect: { never: ["/[/"] }')).toContain(
      '`expect.never[0]` is no regular expression',
    );
    expect(
      complaint(
        'scenario: s\nplay: { steps: [{ say: hi }] }\nexpect: { database: [{ collection: a, filter: { u: "${user.di}" } }] }',
      ),
    ).toContain('Did you mean ${user.id}?');
  });
});

describe('steps', () => {
  it('become acts, waits and deeds; an `expect` of its own is put to the step before it', () => {
    const { play } = load(
      steps(`- say: 104
  expect: Room 104
- expect: [{ text: [/first/i, floor], kind: [text, photo], buttons: [Back] }]
- tap: /^Order/i
- tap: { data: menu:1 }
- send: { document: { name: a.txt, caption: Look } }
- wait: 1.5s
- recorded: 2-3
- edit: bye
- http: { put: /x, body: { id: "\${user.id}" }, status: 204, times: 2 }
  expect: nothing
- mongo: { collection: c, insert: { a: 1 } }
- probe: { collection: c, count: 1, fields: { a: 1 }, within: 3s }
- kill: bot`).replace('play:\n', 'play:\n  recording: s.yaml\n'),
    );
    const script = scriptOf(play.steps ?? []);
    expect(script.slice(0, 3)).toEqual([
      {
        what: 'act',
        act: { do: 'write', fields: { text: '104' } },
        replies: [
          { how: 'sent', content: { kind: 'other', wanted: { contains: ['Room 104'] } } },
          {
            how: 'sent',
            content: {
              kind: 'text',
              wanted: {
                kinds: ['text', 'photo'],
                contains: ['floor'],
                matches: { source: 'first', flags: 'i' },
                buttons: ['Back'],
              },
            },
          },
        ],
      },
      { what: 'act', act: { do: 'tap', button: { pattern: { source: '^Order', flags: 'i' } } }, replies: [] },
      { what: 'act', act: { do: 'tap', button: { data: 'menu:1' } }, replies: [] },
    ]);
    expect(script[3]).toMatchObject({
      act: { fields: { caption: 'Look', document: { file_name: 'a.txt', file_id: 'written-document-4' } } },
    });
    expect(script.slice(4)).toMatchObject([
      { what: 'wait', ms: 1500 },
      { what: 'recorded', which: { from: 2, to: 3 } },
      { act: { do: 'edit', fields: { text: 'bye' } } },
      {
        what: 'deed',
        wantsNothing: true,
        deed: {
          do: 'request',
          method: 'PUT',
          url: '/x',
          body: { id: '${user.id}' },
          status: [204],
          times: 2,
          timeoutMs: 10_000,
        },
      },
      { what: 'deed', deed: { do: 'mongo', collection: 'c', insert: [{ a: 1 }] } },
      {
        what: 'deed',
        deed: {
          do: 'probe',
          what: 'state',
          name: 'c',
          count: { min: 1, max: 1 },
          fields: { a: 1 },
          withinMs: 3000,
        },
      },
      { what: 'deed', deed: { do: 'kill' } },
    ]);
  });

  it('may hold parameters and what users are called', () => {
    const text = `${steps('- say: ${word} ${user.name} $${word} $${user.name}')}parameters: { word: { default: hello } }\n`;
    expect(load(text).play.steps).toEqual([{ say: 'hello ${user.name} ${word} $${user.name}' }]);
    expect(load(text, ['word=bye']).play.steps?.[0]?.say).toContain('bye');
  });

  it('use a recording only where they say so', () => {
    expect(load(`${steps('- say: hi')}  recording: gone.jsonl\n`).play.recording).toBeUndefined();
    expect(load(steps('- say: hi'), [], 'gone.jsonl').play.recording).toBeUndefined();
    expect(complaint(`${steps('- recorded: all')}  recording: gone.jsonl\n`)).toContain(
      'gone.jsonl does not exist',
    );
    expect(load(steps('- recorded: all'), [], join(folder, 's.yaml')).play.recording).toBe(
      join(folder, 's.yaml'),
    );
  });

  it('must not want more of a recording than every session has', () => {
    const { play } = load(steps('- recorded: 1-4'), [], join(folder, 's.yaml'));
    const session = (length: number) => ({ session: 's2', chatId: 1, steps: Array(length).fill({}) });
    expect(() => checkSteps(play, { sessions: [session(4)], leftOut: 0 })).not.toThrow();
    expect(() => checkSteps(play, { sessions: [session(4), session(3)], leftOut: 0 })).toThrow(
      /`recorded` wants step 4, but the session s2 of .* has 3/,
    );
  });

  it('are written so that they can be read again', () => {
    const before = load(
      `${steps(`- say: hi
  expect: [/hello/i, { buttons: [1] }]
- wait: 90s
- http: { get: /x, timeout: 2s }
- probe: { collection: c, within: 1s }`)}expect: { once: [Hi], database: [{ collection: c, count: { max: 2 } }] }\n`,
    );
    expect({ ...load(scenarioYaml(before)), path: '' }).toEqual({ ...before, path: '' });
  });

  it('may be written in a program', () => {
    const { play } = defineScenario({ scenario: 's', play: { steps: [{ say: 'hi', expect: 'nothing' }] } });
    expect(scriptOf(play.steps ?? [])).toMatchObject([{ wantsNothing: true, replies: [] }]);
  });

  it('stand in the plan, with the times that are waited', () => {
    const text = `${steps(`- say: hi
  expect: [Hello, Bye]
- wait: 2s
- http: { post: /notify }
- restart: bot
- recorded: rest`)}expect: { never: [/error/i], database: [{ name: one order, collection: c }] }\n`;
    const lines = scenarioPlan(load(text, [], join(folder, 's.yaml')), undefined);
    const at = lines.indexOf('  steps of each user');
    expect(lines.slice(at + 1)).toEqual([
      '      1     0.00 s says "hi" → 2 replies',
      '            0.00 s waits 2 s',
      '      2     2.00 s POST /notify → whatever comes',
      '            2.00 s the bot is restarted',
      '            2.00 s plays the rest of the recording',
      '  expect',
      '    never     /error/i',
      '    database  one order',
      '  needs',
      '    a bot with a server of its own that answers requests',
      '    a bot that keeps its data at ${mongo.uri}',
      '    a bot that the harness starts (`command`)',
    ]);
  });

  it('are known to editors', () => {
    const schema = JSON.stringify(scenarioJsonSchema());
    for (const key of ['say', 'tap', 'recorded', 'probe', 'never', 'volatile'])
      expect(schema).toContain(`"${key}":`);
  });
});

describe('what a scenario declares', () => {
  const declared = (expectText: string, lines = '- say: hi\n  expect: Hello') =>
    load(`${steps(lines)}expect: ${expectText}\n`);

  it('becomes patterns; plain words are found as the eye compares them', () => {
    const { expect: wanted } = declared(
      '{ never: ["/err/i"], once: ["Paid (twice)"], volatile: ["/#\\\\d+/"] }',
    );
    expect(patternsOf(wanted)).toEqual({
      never: [{ source: 'err', flags: 'i' }],
      once: [{ source: 'Paid \\(twice\\)', flags: 'iu' }],
      volatile: [{ source: '#\\d+', flags: '' }],
    });
    expect(patternsOf(declared('{ findings: 1 }').expect)).toBeUndefined();
  });

  it('must hold even where only other things are limited', () => {
    expect(limitsOf(declared('{ volatile: [a] }'))).toEqual({ findings: 0 });
    expect(limitsOf(declared('{ findings: 3, never: [a] }'))).toEqual({ findings: 3 });
    expect(limitsOf(declared('{ api_errors: 2, never: [a], once: [b], lost_states: 1 }'))).toEqual({
      api_errors: 2,
      forbidden_replies: 0,
      duplicate_replies: 0,
      lost_updates: 0,
      lost_states: 1,
    });
    expect(limitsOf(declared('{ api_errors: 2 }', '- say: hi'))).toEqual({ api_errors: 2 });
  });

  it('becomes invariants', () => {
    const { expect: wanted } = declared(
      '{ database: [{ collection: c, filter: { u: "${user.id}" }, count: { max: 1 } }] }',
    );
    expect(invariantsOf(wanted.database ?? [])).toEqual([
      {
        do: 'probe',
        what: 'invariant',
        name: 'c',
        collection: 'c',
        filter: { u: '${user.id}' },
        count: { max: 1 },
        withinMs: 0,
      },
    ]);
  });
});
