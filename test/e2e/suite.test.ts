import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Suite, suiteSchema } from '../../src/suite/suite.js';
import { ROOT, Workplace } from './cli.js';
import { HELLO } from './recordings.js';

const BOT = `command: node ${join(ROOT, 'test/bots/small/echo.mjs')}
recording: hello.jsonl
env: { BOT_TOKEN: "\${telegram.token}", TELEGRAM_API_ROOT: "\${telegram.apiRoot}", PORT: "\${webhook.port}" }
`;
const base = (name: string, more: string): string =>
  `scenario: ${name}\nplay: { recording: hello.jsonl, think: 20ms, settle: 200ms, patience: 1s, sends: 1 }\n${more}`;

describe('several scenarios', { timeout: 60_000 }, () => {
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
    place.write('hello.jsonl', `${HELLO.join('\n')}\n`);
    place.write('sendtwice.yaml', BOT);
    place.write('good.yaml', base('good', 'tags: [quick]\norder: 1\n'));
    // Every update comes twice, and the echo answers both.
    place.write(
      'bad.yaml',
      base('bad', 'order: 2\nfaults: [{ name: twice, on: delivery, effect: duplicate, delay: 30ms }]\n'),
    );
    place.write('last.yaml', 'extends: good.yaml\nscenario: last\norder: 3\n');
  });
  afterEach(() => place.remove());
  const suite = (): Suite =>
    suiteSchema.parse(JSON.parse(readFileSync(join(place.folder, 'runs/latest-suite.json'), 'utf8')));

  it('run in order, have one verdict, and a table at the end', async () => {
    const { code, stdout } = await place.sendtwice(
      'run',
      'last.yaml',
      'bad.yaml',
      'good.yaml',
      '--seed',
      's',
    );
    expect(code).toBe(1);
    expect(suite().runs.map(({ scenario, verdict }) => `${scenario} ${verdict}`)).toEqual([
      'good pass',
      'bad fail',
      'last pass',
    ]);
    expect(stdout.trimEnd().split('\n').slice(-4).join('\n')).toMatch(
      /^ {2}good .*PASS.*\n {2}bad .*FAIL.*duplicate-reply: delivered-twice.*\n {2}last .*PASS.*\nFAIL {2}3 runs$/,
    );
    const again = await place.sendtwice(
      'run',
      'good.yaml',
      'bad.yaml',
      '--only-failed',
      '--set',
      'faults=[]',
    );
    expect(again, again.stdout).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toMatch(/^PASS {2}bad/);
  });

  it('stop after the first that fails, are picked by tag, and are repeated with seeds of their own', async () => {
    const bailed = await place.sendtwice('run', 'good.yaml', 'bad.yaml', 'last.yaml', '--bail');
    expect(bailed.code).toBe(1);
    expect(bailed.stdout).toContain('1 of 3 runs were not made');
    const quick = await place.sendtwice(
      'run',
      'good.yaml',
      'bad.yaml',
      '--tag',
      'quick',
      '--repeat',
      '2',
      '--seed',
      'x',
    );
    expect(quick.code).toBe(0);
    expect(suite().runs.map(({ scenario, seed }) => `${scenario} ${seed}`)).toEqual(['good x-1', 'good x-2']);
    const none = await place.sendtwice('run', 'good.yaml', '--grep', 'nothing');
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/No scenario is left to run\n {2}Their names: good\. Their tags: quick\./);
    const wrong = await place.sendtwice('run', 'good.yaml', '--set', 'play.usres=3');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('Did you mean `users`?');
  });

  it('keep what was done when somebody stops them', async () => {
    place.write('long.yaml', base('long', 'order: 2\n').replace('settle: 200ms', 'settle: 20s'));
    const begun = place.begin('run', 'good.yaml', 'long.yaml', 'last.yaml');
    const timer = setInterval(() => {
      if (place.runs().length >= 2) {
        clearInterval(timer);
        setTimeout(() => begun.kill('SIGINT'), 2_000);
      }
    }, 100);
    const { code, stdout } = await begun.outcome;
    clearInterval(timer);
    expect(code).toBe(3);
    expect(stdout).toContain('1 of 3 runs were not made');
    expect(suite().runs.map(({ scenario, outcome }) => `${scenario} ${outcome}`)).toEqual([
      'good completed',
      'long interrupted',
    ]);
  });
});
