import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SendtwiceError } from '../../src/base/errors.js';
import { loadBot, loadScenario } from '../../src/scenario/load.js';
import { checkPlaceholders, fillIn, type Placeholders } from '../../src/scenario/placeholders.js';
import { botSchema, scenarioSchema } from '../../src/scenario/schema.js';
import { parseYaml } from '../../src/scenario/yaml-file.js';

function complaint(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SendtwiceError) return `${error.code}\n${error.message}`;
    throw error;
  }
  return 'no complaint';
}

const scenario = (text: string): string =>
  complaint(() => parseYaml(text, 's.yaml', scenarioSchema, 'file/bad-scenario'));
const bot = (text: string): string => complaint(() => parseYaml(text, 'b.yaml', botSchema, 'file/bad-bot'));

describe('a scenario file', () => {
  it('may switch the limits of Telegram on', () => {
    const read = (telegram: string): unknown =>
      parseYaml(
        `scenario: s\nplay: { recording: r.jsonl }\ntelegram: ${telegram}\n`,
        's.yaml',
        scenarioSchema,
        'file/bad-scenario',
      ).telegram;
    expect(read('{ flood: { chat_per_second: 1, group_per_minute: 20 } }')).toEqual({
      strict: false,
      flood: { chat_per_second: 1, group_per_minute: 20, absorb: 8000 },
    });
    expect(read('{ strict: true, flood: { absorb: 0s } }')).toEqual({ strict: true, flood: { absorb: 0 } });
    expect(
      scenario('scenario: s\nplay: { recording: r }\ntelegram: { flood: { chat_per_second: 0 } }'),
    ).toContain('`telegram.flood.chat_per_second`');
  });

  it('is read with its defaults, durations in milliseconds', () => {
    const file = parseYaml(
      `scenario: slow
play: { recording: r.jsonl, users: 20, arrivals: { rate: 30/m }, patience: 1.5s }
faults:
  - on: mongo
    match: { commands: [find, update], collection: sessions }
    delay: { distribution: lognormal, median: 900ms, p99: 2s }
expect: { duplicate_replies: 0, reply_latency: { p95: 3s } }
`,
      's.yaml',
      scenarioSchema,
      'file/bad-scenario',
    );
    expect(file).toEqual({
      scenario: 'slow',
      tags: [],
      needs: [],
      order: 50,
      play: {
        recording: 'r.jsonl',
        pace: 'conversation',
        users: 20,
        arrivals: { rate: 0.5 },
        patience: 1500,
        sends: 2,
        speed: 1,
        baseline: false,
        settle: 2000,
        limit: 600_000,
      },
      faults: [
        {
          on: 'mongo',
          match: { commands: ['find', 'update'], collection: 'sessions' },
          delay: { distribution: 'lognormal', median: 900, p99: 2000 },
        },
      ],
      expect: { duplicate_replies: 0, reply_latency: { p95: 3000 } },
    });
  });

  it('names line, column, the key that was meant and the keys that are allowed', () => {
    expect(
      scenario(`scenario: slow
play:
  recording: r.jsonl
  usres: 20
`),
    ).toMatchInlineSnapshot(`
      "file/bad-scenario
      s.yaml:4:3: unknown key \`usres\`. Did you mean \`users\`? Allowed here: recording, steps, pace, users, arrivals, patience, sends, think, probe_dead_window, speed, baseline, settle, limit.
          usres: 20
          ^"
    `);
  });

  it('reports every mistake at once, each at its place', () => {
    expect(
      scenario(`scenario: Slow Mongo
play:
  recording: r.jsonl
  pace: conversaton
  users: many
  patience: 5
faults:
  - on: mogno
  - on: call
    phse: after
    effect: reset
  - on: mongo
    delay: soon
expect:
  duplicate_replies: -1
`),
    ).toMatchInlineSnapshot(`
      "file/bad-scenario
      s.yaml:1:11: \`scenario\` must be lower-case letters, digits and dashes
          scenario: Slow Mongo
                    ^
      s.yaml:4:9: \`play.pace\` cannot be "conversaton". Did you mean \`conversation\`? Allowed: conversation, timeline.
          pace: conversaton
                ^
      s.yaml:5:10: \`play.users\` must be a number, not "many"
          users: many
                 ^
      s.yaml:6:13: \`play.patience\` must be a duration such as 250ms, 1.5s, 2m, not 5
          patience: 5
                    ^
      s.yaml:8:9: \`faults[0].on\` cannot be "mogno". Did you mean \`mongo\`? Allowed: mongo, mongo-connection, mongo-heartbeat, call, delivery, update, bot, telegram.
          - on: mogno
                ^
      s.yaml:10:5: unknown key \`phse\`. Did you mean \`phase\`? Allowed here: on, name, skip, times, probability, after, for, every, match, phase, delay, effect, error.
          phse: after
          ^
      s.yaml:13:12: \`faults[2].delay\` must be a duration such as 250ms, 1.5s, 2m or a map of keys, not "soon"
          delay: soon
                 ^
      s.yaml:15:22: \`expect.duplicate_replies\` must be at least 0
          duplicate_replies: -1
                             ^"
    `);
  });

  it('knows faults that contradict themselves', () => {
    expect(
      scenario(`scenario: slow
play: { recording: r.jsonl }
faults:
  - on: mongo
    every: 5s
    delay: 1s
  - on: call
    effect: error
`),
    ).toMatchInlineSnapshot(`
      "file/bad-scenario
      s.yaml:5:12: \`faults[0].every\` needs \`for\`: how long the fault is on each time
          every: 5s
                 ^
      s.yaml:8:13: \`faults[1].effect\` error needs the key \`error\` with a \`code\`
          effect: error
                  ^"
    `);
  });

  it('may be no YAML at all', () => {
    expect(scenario('scenario: [slow\nplay: x')).toMatchInlineSnapshot(`
      "file/bad-yaml
      s.yaml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]
          play: x
          ^"
    `);
    expect(scenario('')).toMatchInlineSnapshot(`
      "file/bad-scenario
      s.yaml:1:1: \`scenario\` is missing; it must be a text
      s.yaml:1:1: \`play\` is missing; it must be a map of keys"
    `);
    expect(scenario('- a\n- b\n')).toMatchInlineSnapshot(`
      "file/bad-scenario
      s.yaml:1:1: the file must be a map of keys, not ["a","b"]"
    `);
  });
});

describe('a bot file', () => {
  it('needs a command or the webhook of a bot that runs', () => {
    expect(bot('bot: mine\n')).toMatchInlineSnapshot(`
      "file/bad-bot
      b.yaml:1:1: the file needs \`command\` (how to start the bot) or \`webhook.url\` (where it runs)"
    `);
    expect(bot('command: node bot.js\nwebhook: { url: "http://127.0.0.1:1/x" }\n')).toMatchInlineSnapshot(`
      "file/bad-bot
      b.yaml:2:17: \`webhook.url\` cannot stand beside \`command\`: either is enough
          webhook: { url: "http://127.0.0.1:1/x" }
                          ^"
    `);
  });

  it('says what `ready` can be', () => {
    expect(bot('command: node bot.js\nready: soon\n')).toMatchInlineSnapshot(`
      "file/bad-bot
      b.yaml:2:8: \`ready\` must be a map of keys, not "soon"
          ready: soon
                 ^"
    `);
    expect(bot('command: node bot.js\nready: { htpp: "x" }\n')).toMatchInlineSnapshot(`
      "file/bad-bot
      b.yaml:2:8: \`ready.http\` is missing; it must be a text
          ready: { htpp: "x" }
                 ^
      b.yaml:2:10: unknown key \`htpp\`. Did you mean \`http\`? Allowed here: http, log, calls.
          ready: { htpp: "x" }
                   ^"
    `);
  });

  it('takes numbers and booleans as environment', () => {
    expect(
      parseYaml('command: x\nenv: { PORT: 80, DEBUG: true }\n', 'b.yaml', botSchema, 'file/bad-bot').env,
    ).toEqual({
      PORT: '80',
      DEBUG: 'true',
    });
  });
});

describe('placeholders', () => {
  const values: Placeholders = {
    'telegram.apiRoot': 'http://127.0.0.1:1',
    'telegram.token': '1:a',
    'mongo.uri': 'mongodb://127.0.0.1:2/bot',
    'webhook.host': '127.0.0.1',
    'webhook.port': '3',
    'webhook.path': '/telegram',
    'webhook.url': 'http://127.0.0.1:3/telegram',
    'webhook.secret': 's',
    instance: '1',
  };

  it('are filled in', () => {
    expect(fillIn('${mongo.uri}?x=${ instance }', values, 'b.yaml')).toBe('mongodb://127.0.0.1:2/bot?x=1');
  });

  it('that nobody knows are named, with the nearest one', () => {
    expect(complaint(() => checkPlaceholders('${mongo.url}', 'b.yaml'))).toContain(
      'Did you mean ${mongo.uri}?',
    );
    expect(complaint(() => fillIn('${HOME}', values, 'b.yaml'))).toContain('unknown placeholder ${HOME}');
  });
});

describe('loading', () => {
  let folder: string;
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sendtwice-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives faults names and paths their folder', () => {
    write('r.jsonl', '');
    const path = write(
      's.yaml',
      'scenario: s\nplay: { recording: r.jsonl }\nfaults:\n  - { on: call, effect: reset }\n  - { on: call, name: mine, effect: reset }\n  - { on: call, effect: reset }\n',
    );
    const loaded = loadScenario(path);
    expect(loaded.faults.map((fault) => fault.name)).toEqual(['call-1', 'mine', 'call-3']);
    expect(loaded.play.recording).toBe(join(folder, 'r.jsonl'));
  });

  it('says which file is missing', () => {
    expect(complaint(() => loadScenario(join(folder, 'none.yaml')))).toMatch(
      /^file\/unreadable\nCannot read .*none\.yaml: ENOENT/,
    );
    expect(
      complaint(() => loadScenario(write('m.yaml', 'scenario: s\nplay: { recording: gone.jsonl }\n'))),
    ).toMatch(/the recording .*gone\.jsonl does not exist/);
    expect(complaint(() => loadBot(write('b.yaml', 'command: x\ncwd: nowhere\n')))).toMatch(
      /the folder .*nowhere \(cwd\) does not exist/,
    );
  });

  it('finds unknown placeholders before anything runs', () => {
    expect(complaint(() => loadBot(write('p.yaml', 'command: x\nenv: { A: "${mongo.url}" }\n')))).toContain(
      'unknown placeholder ${mongo.url}',
    );
  });
});

describe('what a file may hold', () => {
  const play = (rest: string): string => scenario(`scenario: s\nplay: { recording: r.jsonl, ${rest} }\n`);

  it.each([
    ['arrivals: { rate: 0/s }', 'must be a rate above 0'],
    ['arrivals: { rate: 5 }', 'must be a rate above 0, such as 2/s or 30/m, not 5'],
    ['patience: 0ms', 'must be longer than 0'],
    ['limit: 0s', 'must be longer than 0'],
    ['users: .inf', 'must be a number, not Infinity'],
    ['think: { distribution: uniform, min: 2s, max: 1s }', 'must not be shorter than `min`'],
    ['think: null', 'must be a duration such as 250ms, 1.5s, 2m or a map of keys, not null'],
    ['think: { distribution: uniform, min: 1s }', '`play.think.max` is missing; it must be a duration'],
  ])('play: %s', (text, complaintPart) => {
    expect(play(text)).toContain(complaintPart);
  });

  it.each([
    ['command: ""', '`command` must not be empty'],
    ['command: "a\\0b"', 'must not hold a NUL'],
    ['command: x\nenv: { "A=B": 1 }', 'the key `env.A=B` must be a name without = in it'],
    ['command: x\nenv: { A: "\\0" }', 'must not hold a NUL'],
    ['command: x\nready: { log: a, http: b }', '`log` cannot stand beside the other keys here'],
    ['command: x\nwebhook: { path: telegram }', 'must be a path such as /telegram'],
    ['webhook: { url: "mailto:a@b" }', 'must be a URL such as http'],
  ])('bot: %s', (text, complaintPart) => {
    expect(bot(`${text}\n`)).toContain(complaintPart);
  });

  it.each([
    ['two documents', 'scenario: a\n---\nscenario: b\n', 'there is a second document'],
    ['a tag', 'scenario: !!js/function "x"\n', 'Unresolved tag'],
    [
      'the same key twice',
      'scenario: a\nscenario: b\n',
      's.yaml:2:1: not valid YAML: Map keys must be unique',
    ],
    ['aliases that explode', bomb(), 'the aliases (*name) cannot be followed'],
    ['too many levels', '['.repeat(20_000), 'it is nested too deeply'],
  ])('no YAML: %s', (_, text, complaintPart) => {
    expect(scenario(text)).toMatch(/^file\/bad-yaml\n/);
    expect(scenario(text)).toContain(complaintPart);
  });
});

/** Nine names, each nine times the one before it. */
function bomb(): string {
  const names = [...'abcdefgh'];
  const lines = names.map((name, index) => {
    const inner = names[index - 1] === undefined ? '"x"' : `*${names[index - 1]}`;
    return `${name}: &${name} [${Array(9).fill(inner).join(', ')}]`;
  });
  return `${lines.join('\n')}\n`;
}

describe('a bot file that can only fail', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sendtwice-bot-file-'));
    writeFileSync(join(folder, 'file'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['command: node "bot.js', 'open quote'],
    ['command: "  "', 'holds no program'],
    ['command: [""]', 'holds no program'],
    ['command: x\ncwd: file', 'does not exist or is no folder'],
    ['command: x\nready: { http: "http://example.org/" }', 'not on this machine'],
    ['command: x\nready: { http: "ftp://127.0.0.1/" }', 'is no URL'],
    ['command: x\nready: { http: "http://127.0.0.1:${webhook.prt}/" }', 'Did you mean ${webhook.port}?'],
    ['command: x\nenv: { A: "${telegram.token" }', 'no closing }'],
  ])('is refused before anything is run: %s', (text, complaintPart) => {
    const path = join(folder, 'bot.yaml');
    writeFileSync(path, `${text}\n`);
    expect(complaint(() => loadBot(path))).toContain(complaintPart);
  });

  it('may name its own URL as `ready`', () => {
    const path = join(folder, 'bot.yaml');
    writeFileSync(path, 'command: x\nready: { http: "${webhook.url}" }\n');
    expect(loadBot(path).ready).toEqual({ http: '${webhook.url}' });
  });
});
