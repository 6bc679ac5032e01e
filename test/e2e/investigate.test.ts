import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_BOT, type Outcome, ROOT, Workplace } from './cli.js';

/** From a red run to a test that shows the same finding: the demo bot forgets which updates it has handled. */
const BOT = `${DEMO_BOT}  DEMO_BUGS: no-update-guard
`;
const SCENARIO = `scenario: twice
play:
  recording: ${join(ROOT, 'recordings/order-dialogue.jsonl')}
  users: 2
  think: 20ms
  patience: 1500ms
  sends: 1
  settle: 200ms
  limit: 15s
faults:
  - { name: twice, on: delivery, match: { step: 1 }, effect: duplicate, delay: 100ms }
  - { name: slow-call, on: call, delay: 5ms, times: 3 }
`;

describe('from a red run to a reproducer', { timeout: 300_000 }, () => {
  const place = new Workplace();
  beforeAll(async () => {
    place.write('bot.yaml', BOT);
    place.write('twice.yaml', SCENARIO);
    const outcome = await place.sendtwice('run', 'twice.yaml', '--bot', 'bot.yaml', '--seed', 'red');
    expect(outcome.stdout).toContain('delivered-twice');
  }, 60_000);
  afterAll(() => place.remove());

  it('explain tells what happened and how to see it again', async () => {
    const { code, stdout, stderr } = await place.sendtwice('explain');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/why {4}delivered-twice: /);
    expect(stdout).toMatch(/again {2}sendtwice run .*twice\.yaml --bot .*bot\.yaml --seed red/);
    expect(stdout).toContain('effect: duplicate');
    const nothing = await place.sendtwice('explain', 'runs/latest', 'lost-state-7');
    expect(nothing.code).toBe(2);
    expect(nothing.stderr).toContain('The run has no finding lost-state-7');
  });

  it('why says that it needs the second delivery and not the slow call', async () => {
    const { code, stdout } = await place.sendtwice('why', '--runs', '4');
    expect(code).toBe(0);
    expect(stdout).toMatch(/twice.*0 of 4.*: needed|without.*twice.*0 of 4/);
    expect(stdout).toMatch(/slow-call.*4 of 4/);
    expect(existsSync(join(place.folder, 'runs/latest/why.json'))).toBe(true);
  });

  it('shrink writes a scenario, a recording and a test that show the same finding', async () => {
    const outcome = await place.sendtwice(
      'shrink',
      '--runs',
      '1',
      '--need',
      '1',
      '--limit',
      '120s',
      '--to',
      'repro',
    );
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/in 1 of 1 runs\./);
    const scenario = readFileSync(join(place.folder, 'repro/scenario.yaml'), 'utf8');
    expect(scenario).toMatch(/users: 1\b/);
    expect(scenario).not.toContain('slow-call');
    const updates =
      readFileSync(join(place.folder, 'repro/recording.jsonl'), 'utf8').match(/"type":"update"/g) ?? [];
    expect(updates.length).toBeLessThan(6);
    const test = await runVitest(place);
    expect(test.code, test.stdout + test.stderr).toBe(0);
    expect(test.stdout).toMatch(/shows duplicate-\w+ by delivered-twice/);
  });
});

/** Runs the written test as its owner does: in a project that has installed sendtwice and vitest. */
function runVitest(place: Workplace): Promise<Outcome> {
  const modules = join(place.folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, 'sendtwice'));
  symlinkSync(join(ROOT, 'node_modules/vitest'), join(modules, 'vitest'));
  writeFileSync(join(place.folder, 'package.json'), '{"type":"module"}');
  return new Promise((done) => {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', 'repro', '--reporter=verbose'],
      {
        cwd: place.folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}
