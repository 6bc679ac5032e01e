import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isProxyFault } from '../../src/faults/schema.js';
import { defineBot, loadScenario } from '../../src/scenario/load.js';
import type { BotInput } from '../../src/scenario/schema.js';
import { type Known, knownAfter, knownBefore, notApplicable } from '../../src/suite/needs.js';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'scenarios');
const DEMO_BOT = join(ROOT, 'scripts/dialogues/demo-bot.yaml');
const shipped = (name: string) => loadScenario(join(FOLDER, `${name}.yaml`));
const smoke = shipped('smoke');

describe('what is known before a run', () => {
  const known = (bot: BotInput, recording = smoke.play.recording): Promise<Known> =>
    knownBefore(defineBot(bot), { ...smoke.play, recording });

  it('comes from the bot file', async () => {
    expect(await known({ command: 'bot', env: { DB: '${mongo.uri}' } })).toMatchObject({ process: true });
    expect(await known({ command: 'bot', env: { DB: '${mongo.uri}' } })).not.toHaveProperty('mongo');
    expect(await known({ command: 'bot --db=${ mongo.uri }' })).not.toHaveProperty('mongo');
    expect(await known({ command: 'bot', mongo: { port: 27_017 } })).not.toHaveProperty('mongo');
    expect(await known({ command: 'bot' })).toMatchObject({ mongo: false });
    // It may set its webhook by itself.
    expect(await known({ command: 'bot' })).not.toHaveProperty('webhook');
    expect(await known({ command: 'bot', set_webhook: true })).toMatchObject({ webhook: true });
    expect(await known({ webhook: { url: 'http://127.0.0.1:1/' } })).toMatchObject({
      webhook: true,
      process: false,
    });
  });

  it('comes from the recording', async () => {
    const orders = await known({ command: 'bot' });
    expect(orders.taps).toBe(true);
    expect(orders.steps).toBeGreaterThan(6);
    const echo = await known({ command: 'bot' }, join(ROOT, 'test/bots/innocent/echo.jsonl'));
    expect(echo.taps).toBe(false);
  });
});

describe('what a run tells', () => {
  const learned = (commands: number, callsByMethod: Record<string, number>, outcome = 'completed'): Known =>
    knownAfter({ outcome, mongo: { commands }, counts: { callsByMethod } } as never);

  it('is whether it uses MongoDB, and how it gets its updates', () => {
    expect(learned(3, { setWebhook: 1 })).toEqual({ mongo: true, webhook: true });
    expect(learned(0, { getUpdates: 9 })).toEqual({ mongo: false, webhook: false });
    expect(learned(0, { sendMessage: 9 })).toEqual({ mongo: false, webhook: true });
  });
  it('is a webhook for a bot that polls once to drop what is pending', () =>
    expect(learned(0, { getUpdates: 1, setWebhook: 1 })).toMatchObject({ webhook: true }));
  it('is nothing when it did not go to its end', () =>
    expect(learned(0, { getUpdates: 9 }, 'failed')).toEqual({}));
});

describe('what is passed over', () => {
  it.each([
    ['double-tap', { taps: false }, 'nobody taps a button in the recording'],
    ['double-tap', { taps: true }, undefined],
    ['double-tap', {}, undefined],
    ['slow-mongo-bad', { mongo: false }, 'the bot asks nothing of MongoDB at ${mongo.uri}'],
    ['lost-acknowledgement', { webhook: false }, 'the bot gets its updates by polling'],
    ['repeated-delivery', { webhook: false }, undefined],
    ['restart', { process: false }, 'the bot runs already (`webhook.url`), so that it cannot be stopped'],
    [
      'restart',
      { process: true, steps: 5 },
      'the sessions of the recording end before the step that a fault waits for',
    ],
    ['restart', { process: true, steps: 6 }, undefined],
    ['smoke', { taps: false, mongo: false, webhook: false, process: false, steps: 1 }, undefined],
  ] as const)('%s with %o', (name, known, reason) => {
    expect(notApplicable(shipped(name), known)).toBe(reason);
  });
});

const isServerless = ({ lasts }: { readonly lasts?: unknown }): boolean => lasts === 'next-delivery';

/** A fault that never hits makes a run inconclusive: the shipped scenarios say what their faults need. */
describe('the shipped scenarios', () => {
  it.each(readdirSync(FOLDER).filter((name) => name.endsWith('.yaml')))('%s says what it needs', (name) => {
    // Those with parameters of their bot are as the demo bot has them.
    const { bot, needs, faults, play } = loadScenario(join(FOLDER, name), { botFile: DEMO_BOT });
    const wanted = faults.flatMap((fault) => {
      if (isProxyFault(fault)) return ['mongo'];
      const steps = fault.match !== undefined && 'step' in fault.match ? ['steps'] : [];
      if (fault.on === 'update' && fault.effect.endsWith('tap')) return ['taps', ...steps];
      if (fault.on === 'update' && fault.effect === 'forged') return ['webhook', ...steps];
      if (fault.on === 'update' || fault.on === 'telegram') return steps;
      if (fault.on === 'bot') return ['process', ...steps, ...(isServerless(fault) ? ['webhook'] : [])];
      return fault.on === 'delivery' && fault.effect !== 'duplicate' ? ['webhook'] : [];
    });
    if (bot !== undefined) wanted.push('process');
    if (play.steps?.some(({ mongo, probe }) => mongo !== undefined || probe !== undefined))
      wanted.push('mongo');
    expect(needs).toEqual(expect.arrayContaining(wanted));
  });
});
