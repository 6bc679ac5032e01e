import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadHistory } from '../../src/history/reader.js';
import { type Suite, suiteSchema } from '../../src/suite/suite.js';
import { ROOT, Workplace } from './cli.js';
import { HELLO } from './recordings.js';

const BOT = `command: node ${join(ROOT, 'test/bots/small/echo.mjs')}
recording: hello.jsonl
env: { BOT_TOKEN: "\${telegram.token}", TELEGRAM_API_ROOT: "\${telegram.apiRoot}", PORT: "\${webhook.port}" }
`;
const base = (name: string, more: string): string =>
  `scenario: ${name}\nplay: { recording: hello.jsonl, think: 20ms, settle: 200ms, patience: 1s, sends: 1 }\n${more}`;

/** Has its bot been started? */
function hasBegun(run: string): boolean {
  const path = join(run, 'history.jsonl');
  return existsSync(path) && readFileSync(path, 'utf8').includes('"bot.started"');
}

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

  it('run at once, each whole and with a place of its own', async () => {
    const { code, stdout, stderr } = await place.sendtwice(
      'run',
      'good.yaml',
      'bad.yaml',
      'last.yaml',
      '--jobs',
      '3',
      '--seed',
      's',
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    // As they were planned, whatever ended first.
    expect(suite().runs.map(({ scenario, verdict }) => `${scenario} ${verdict}`)).toEqual([
      'good pass',
      'bad fail',
      'last pass',
    ]);
    expect(place.runs()).toHaveLength(3);
    const blocks = stdout.split(/^(?=(?:PASS|FAIL) {2}\w+ against)/m).slice(0, 3);
    for (const block of blocks) {
      const name = /against/.test(block) ? /^\w+ {2}(\w+)/.exec(block)?.[1] : undefined;
      expect(block).toMatch(new RegExp(`the same again: --seed s\\n.*-${name}\\n`));
    }
  });

  it('are refused at once with what only one of them can have', async () => {
    place.write('fixed.yaml', `${BOT}webhook: { port: 18231 }\n`);
    const fixed = await place.sendtwice('run', 'good.yaml', '--bot', 'fixed.yaml', '--jobs', '2');
    expect(fixed.code).toBe(2);
    expect(fixed.stderr).toMatch(/fixed is: `webhook\.port` in .*fixed\.yaml\n {2}Leave out `webhook\.port`/);
    const many = await place.sendtwice('run', 'good.yaml', '--jobs', '9');
    expect(many.stderr).toContain('--jobs is no whole number from 1 to 8: 9');
  });

  it('are stopped by one that fails, at once, and count as interrupted', async () => {
    place.write('long.yaml', base('long', 'order: 1\n').replace('settle: 200ms', 'settle: 20s'));
    const { code, stdout, stderr } = await place.sendtwice(
      'run',
      'long.yaml',
      'bad.yaml',
      'last.yaml',
      '--jobs',
      '2',
      '--bail',
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(suite().runs.map(({ scenario, outcome }) => `${scenario} ${outcome}`)).toEqual([
      'long interrupted',
      'bad completed',
    ]);
    expect(stdout).toMatch(/ {2}long .*INCONCLUSIVE.*\n {2}bad .*FAIL/);
    expect(readlinkSync(join(place.folder, 'runs/latest'))).toMatch(/-bad$/);
  });

  it('keep what was done when somebody stops several at once, and leave nothing running', async () => {
    place.write('long.yaml', base('long', 'order: 2\n').replace('settle: 200ms', 'settle: 20s'));
    const begun = place.begin('run', 'good.yaml', 'long.yaml', '--jobs', '2');
    const timer = setInterval(() => {
      const isDone = existsSync(join(place.folder, 'runs/latest-suite.json'));
      if (isDone && place.runs().filter(hasBegun).length === 2) {
        clearInterval(timer);
        begun.kill('SIGINT');
      }
    }, 50);
    const { code } = await begun.outcome;
    clearInterval(timer);
    expect(code).toBe(3);
    expect(suite().runs.map(({ scenario, outcome }) => `${scenario} ${outcome}`)).toEqual([
      'good completed',
      'long interrupted',
    ]);
    const pids = (await Promise.all(place.runs().map((run) => loadHistory(join(run, 'history.jsonl')))))
      .flat()
      .flatMap((event) => (event.type === 'bot.started' ? [event.pid] : []));
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
  });

  it('that fail are asked what their findings need', async () => {
    const { code, stdout } = await place.sendtwice(
      'run',
      'bad.yaml',
      '--why',
      '--why-runs',
      '4',
      '--jobs',
      '4',
      '--seed',
      's',
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^FAIL {2}bad[\s\S]*\nbad, duplicate-reply-1: duplicate-reply: delivered-twice\n {2}nothing removed +4 of 4\n {2}without fault twice +0 of 4 +needed\n/,
    );
    const [folder = ''] = place.runs();
    expect(readdirSync(folder)).toContain('why-duplicate-reply-1.json');
    expect(readdirSync(folder).some((name) => name.startsWith('investigate-'))).toBe(false);
  });

  it('pass over what can say nothing about the bot', async () => {
    place.write('taps.yaml', base('taps', 'needs: [taps]\norder: 3\n'));
    place.write('slow.yaml', base('slow', 'needs: [mongo]\norder: 4\n'));
    const { code, stdout } = await place.sendtwice('run', 'good.yaml', 'taps.yaml', 'slow.yaml');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      / {2}taps .*not applicable {2}nobody taps a button in the recording\n {2}slow .*not applicable/,
    );
    expect(stdout).toMatch(/PASS {2}1 runs, 2 of the scenarios not applicable to this bot\n$/);
    const alone = await place.sendtwice('run', 'taps.yaml');
    expect(alone.code).toBe(3);
    expect(alone.stdout).toContain('not applicable');
  });
});
