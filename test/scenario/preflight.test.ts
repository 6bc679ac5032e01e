import { describe, expect, it } from 'vitest';
import type { SendtwiceError } from '../../src/base/errors.js';
import { isLoopback } from '../../src/base/loopback.js';
import { botEnvironment } from '../../src/scenario/environment.js';
import { defineBot, type Scenario } from '../../src/scenario/load.js';
import { checkPace, checkTargets } from '../../src/scenario/preflight.js';

const scenario = (faults: Scenario['faults'] = []): Scenario =>
  ({ scenario: 's', path: 's.yaml', faults, play: {} }) as unknown as Scenario;
const running = (url: string) => defineBot({ webhook: { url } });

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as SendtwiceError).code;
  }
  return 'fine';
}

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['localhost', true],
    ['[::1]', true],
    ['::1', true],
    ['127.0.0.1.example.org', false],
    ['localhost.example.org', false],
    ['10.0.0.1', false],
    ['0.0.0.0', false],
    ['example.org', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});

describe('preflight', () => {
  it('refuses what people cannot do at recorded times', () => {
    const at = (pace: string, effect: string) =>
      codeOf(() =>
        checkPace({
          ...scenario([{ name: 'f', on: 'update', effect }] as Scenario['faults']),
          play: { pace },
        } as Scenario),
      );
    expect(at('timeline', 'start-over')).toBe('file/bad-scenario');
    expect(at('timeline', 'double-tap')).toBe('fine');
    expect(at('timeline', 'forged')).toBe('fine');
    expect(at('conversation', 'start-over')).toBe('fine');
  });

  it('refuses a webhook and a database on another machine, unless they are allowed', () => {
    const remote = { scenario: scenario(), bot: running('https://bot.example.org/hook') };
    expect(codeOf(() => checkTargets(remote))).toBe('target/not-loopback');
    expect(codeOf(() => checkTargets({ ...remote, allowRemote: true }))).toBe('fine');
    const local = { scenario: scenario(), bot: running('http://127.0.0.1:8080/hook') };
    expect(codeOf(() => checkTargets(local))).toBe('fine');
    const restarting = { ...scenario(), play: { steps: [{ restart: 'bot' }] } } as unknown as Scenario;
    expect(codeOf(() => checkTargets({ ...local, scenario: restarting }))).toBe('file/bad-scenario');
    expect(
      codeOf(() => checkTargets({ ...local, mongoUri: 'mongodb://127.0.0.1:1,db.example.org:2/x' })),
    ).toBe('target/not-loopback');
    expect(codeOf(() => checkTargets({ ...local, mongoUri: 'mongodb+srv://cluster.example.org/x' }))).toBe(
      'target/not-loopback',
    );
    expect(codeOf(() => checkTargets({ ...local, mongoUri: 'mongodb://localhost:1/x' }))).toBe('fine');
    expect(codeOf(() => checkTargets({ ...local, mongoUri: 'redis://x' }))).toBe('usage/bad-argument');
  });

  it('refuses to restart a bot that it did not start', () => {
    const restart = scenario([{ on: 'bot', name: 'restart', effect: 'restart' }]);
    expect(codeOf(() => checkTargets({ scenario: restart, bot: running('http://127.0.0.1:1/x') }))).toBe(
      'file/bad-scenario',
    );
  });
});

describe('the environment of a bot', () => {
  it('holds its own variables and those it asks for, not the tokens of the caller', () => {
    const from = {
      PATH: '/bin',
      LC_ALL: 'C',
      BOT_TOKEN: 'the real one',
      MONGO_URL: 'the real one',
      EXTRA: 'x',
    };
    expect(botEnvironment({ A: '1' }, ['EXTRA'], from)).toEqual({
      PATH: '/bin',
      LC_ALL: 'C',
      EXTRA: 'x',
      A: '1',
    });
  });
});
