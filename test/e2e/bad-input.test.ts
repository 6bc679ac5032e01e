import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, ROOT, Workplace } from './cli.js';
import { HELLO } from './recordings.js';

const SMALL = join(ROOT, 'test/bots/small');
const ENVIRONMENT =
  'env: { BOT_TOKEN: "${telegram.token}", TELEGRAM_API_ROOT: "${telegram.apiRoot}", PORT: "${webhook.port}" }';

const SCENARIO =
  'scenario: hello\nplay: { recording: hello.jsonl, users: 3, think: 20ms, settle: 300ms, patience: 3s }\n';

describe('what goes wrong before and during a run', () => {
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
    place.write('hello.jsonl', `${HELLO.join('\n')}\n`);
    place.write('hello.yaml', SCENARIO);
    place.write('bot.yaml', `command: node ${SMALL}/echo.mjs\n${ENVIRONMENT}\n`);
  });
  afterEach(() => place.remove());

  const run = (scenario = 'hello.yaml', bot = 'bot.yaml', ...more: string[]): Promise<Outcome> =>
    place.sendtwice('run', scenario, '--bot', bot, ...more);

  /** One message for a person: no stack trace, nothing about our own files. */
  const isOneMessage = (outcome: Outcome): void => {
    expect(outcome.stderr).toMatch(/^sendtwice: /);
    expect(outcome.stderr.match(/^sendtwice: /gm)).toHaveLength(1);
    expect(outcome.stderr).not.toMatch(/\n\s+at |node:internal|dist\//);
  };

  it('nothing, with the smallest bot: exit code 0', async () => {
    const outcome = await run();
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^PASS {2}hello/);
    expect((await place.history()).at(-1)).toMatchObject({ type: 'run.ended', outcome: 'completed' });
  });

  it('an unknown key: exit code 2, line, nearest key, nothing was run', async () => {
    place.write('hello.yaml', SCENARIO.replace('users', 'user'));
    const outcome = await run();
    isOneMessage(outcome);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/hello\.yaml:2:\d+: unknown key `user`\. Did you mean `users`\?/);
    expect(place.runs()).toEqual([]);
  });

  it('a broken line of the recording: exit code 2, file and line, nothing was run', async () => {
    place.write(
      'hello.jsonl',
      [...HELLO.slice(0, 3), '{"at":1000,"type":"update"', ...HELLO.slice(3)].join('\n'),
    );
    const outcome = await run();
    isOneMessage(outcome);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('hello.jsonl:4: ');
    expect(place.runs()).toEqual([]);
  });

  it('no such file, no such option, no bot file: exit code 2', async () => {
    for (const args of [
      ['run', 'none.yaml', '--bot', 'bot.yaml'],
      ['run', 'hello.yaml', '--bott', 'bot.yaml'],
      ['run', 'hello.yaml'],
      ['run'],
      ['rum'],
    ]) {
      const outcome = await place.sendtwice(...args);
      isOneMessage(outcome);
      expect(outcome.code, args.join(' ')).toBe(2);
    }
    expect(place.runs()).toEqual([]);
  });

  it('a command that does not exist: exit code 3, the word that was tried', async () => {
    place.write('bot.yaml', 'command: nodde bot.js\n');
    const outcome = await run();
    isOneMessage(outcome);
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toContain('nodde');
  });

  it('a bot that ends before it is ready: exit code 3, its code and its last words', async () => {
    place.write('bot.yaml', `command: [node, -e, "console.error('no config'); process.exit(4)"]\n`);
    const outcome = await run();
    isOneMessage(outcome);
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toMatch(/4[\s\S]*no config/);
    expect((await place.history()).map((event) => event.type)).toContain('bot.exited');
  });

  it('a bot that never becomes ready: exit code 3, what was waited for', async () => {
    place.write('bot.yaml', 'command: [node, -e, "setInterval(() => {}, 1000)"]\nready_timeout: 700ms\n');
    const outcome = await run();
    isOneMessage(outcome);
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toMatch(/setWebhook.*getUpdates/);
  });

  it('a bot that dies in mid-run: exit code 3, and the history up to then is kept', async () => {
    place.write(
      'bot.yaml',
      `command: node ${SMALL}/echo.mjs\n${ENVIRONMENT.replace('}"}', '')}\n`.replace(
        'env: {',
        'env: { DIE_AFTER: 2,',
      ),
    );
    const outcome = await run();
    isOneMessage(outcome);
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toMatch(/code 7[\s\S]*out of cheese/);
    const history = await place.history();
    expect(
      history.filter((event) => event.type === 'call.ended' && event.method === 'sendMessage'),
    ).toHaveLength(2);
    expect(history.at(-1)).toMatchObject({
      type: 'run.ended',
      outcome: 'failed',
      error: { code: 'bot/died' },
    });
    expect(outcome.stdout).toMatch(/^(FAIL|INCONCLUSIVE)/);
  });

  it('a port in use: exit code 3, the port', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as AddressInfo;
    try {
      for (const key of ['telegram', 'mongo']) {
        place.write('bot.yaml', `command: node ${SMALL}/echo.mjs\n${key}: { port: ${port} }\n`);
        const outcome = await run();
        isOneMessage(outcome);
        expect(outcome.code).toBe(3);
        expect(outcome.stderr).toContain(String(port));
      }
    } finally {
      blocker.close();
    }
  });

  it('a database that is away: exit code 3, its address', async () => {
    const outcome = await run('hello.yaml', 'bot.yaml', '--mongo', 'mongodb://127.0.0.1:1/x');
    isOneMessage(outcome);
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toContain('127.0.0.1:1');
  });

  it('a database on another machine: exit code 2, nothing was run', async () => {
    const outcome = await run('hello.yaml', 'bot.yaml', '--mongo', 'mongodb://db.example.org/x');
    isOneMessage(outcome);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('--allow-remote');
    expect(place.runs()).toEqual([]);
  });

  it('a fault that never hits: exit code 3, inconclusive', async () => {
    place.write(
      'hello.yaml',
      `${SCENARIO}faults:\n  - { on: delivery, match: { kinds: [poll] }, effect: duplicate }\n`,
    );
    const outcome = await run();
    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toMatch(/^INCONCLUSIVE[\s\S]*delivery-1.*never hit/);
  });

  it('a dead bot that answers 200: exit code 1, one finding', async () => {
    place.write('bot.yaml', `command: node ${SMALL}/silent.mjs\nset_webhook: true\n${ENVIRONMENT}\n`);
    place.write(
      'hello.yaml',
      SCENARIO.replace('patience: 3s', 'patience: 300ms').replace('settle: 300ms', 'settle: 2s'),
    );
    const outcome = await run();
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toContain('1 finding\n');
    expect(outcome.stdout).toContain('dead-bot-1');
  });

  it('a second scenario that is wrong: exit code 2, and the first one was not run', async () => {
    place.write('other.yaml', SCENARIO.replace('hello.jsonl', 'broken.jsonl'));
    place.write('broken.jsonl', 'no recording\n');
    const outcome = await run('hello.yaml', 'bot.yaml', 'other.yaml');
    isOneMessage(outcome);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('broken.jsonl:1: ');
    expect(place.runs()).toEqual([]);
  });

  it('an empty seed or folder, as of a variable that is not set: exit code 2', async () => {
    for (const option of ['--seed', '--out']) {
      const outcome = await run('hello.yaml', 'bot.yaml', option, '');
      isOneMessage(outcome);
      expect(outcome).toMatchObject({ code: 2 });
      expect(outcome.stderr).toContain(`${option} is empty`);
    }
  });

  it('control characters in a file: they reach no terminal', async () => {
    place.write('hello.yaml', `${SCENARIO}"\\e[2Jfaults": []\n`);
    const outcome = await run();
    isOneMessage(outcome);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).not.toContain('\u001b');
  });

  it('a bot that sets its webhook to another machine: Telegram refuses it, and nothing goes there', async () => {
    const bot = place.write(
      'elsewhere.mjs',
      'const { TELEGRAM_API_ROOT: root, BOT_TOKEN: token } = process.env;\n' +
        'const answer = await fetch(`${root}/bot${token}/setWebhook?url=http://192.0.2.1/x`);\n' +
        'console.log(await answer.text());\nprocess.exit(4);\n',
    );
    place.write('bot.yaml', `command: [node, ${bot}]\nready: { log: never }\n${ENVIRONMENT}\n`);
    const outcome = await run();
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toContain('192.0.2.1 is not this machine');
  });

  it('histories that cannot be judged: exit code 2', async () => {
    const started = { seq: 1, at: 0, type: 'run.started', format: 'sendtwice-history', version: 2 };
    for (const [text, message] of [
      [`${JSON.stringify(started)}\n`, 'version 2; this sendtwice reads'],
      ['hello\n', 'history.jsonl:1: not JSON'],
      ['', 'the file is empty'],
    ] as const) {
      const outcome = await place.sendtwice('report', place.write('history.jsonl', text));
      isOneMessage(outcome);
      expect(outcome.code).toBe(2);
      expect(outcome.stderr).toContain(message);
    }
  });
});
