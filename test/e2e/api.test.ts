import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT, Workplace } from './cli.js';
import { HELLO } from './recordings.js';

// The types are those of the sources, so that they can be checked before anything is built.
const { defineBot, defineScenario, loadHistory, play, SendtwiceError } = (await import(
  pathToFileURL(join(ROOT, 'dist/index.js')).href
)) as typeof import('../../src/index.js');

/** As a user would: from the built package, in a test of their own. */
describe('the TypeScript API', () => {
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
    place.write('hello.jsonl', `${HELLO.join('\n')}\n`);
  });
  afterEach(() => place.remove());

  const bot = () =>
    defineBot({
      bot: 'echo',
      command: ['node', join(ROOT, 'test/bots/small/echo.mjs')],
      env: { BOT_TOKEN: '${telegram.token}', TELEGRAM_API_ROOT: '${telegram.apiRoot}' },
    });
  const remembering = () =>
    defineBot({
      // It says which URI it has got before it connects to it.
      command: [
        'node',
        '--import',
        'data:text/javascript,console.log(process.env.MONGO_URI)',
        join(ROOT, 'test/bots/small/remember.mjs'),
      ],
      env: {
        BOT_TOKEN: '${telegram.token}',
        TELEGRAM_API_ROOT: '${telegram.apiRoot}',
        MONGO_URI: '${mongo.uri}',
      },
    });
  const scenario = (more: Partial<Parameters<typeof defineScenario>[0]> = {}) =>
    defineScenario({
      scenario: 'hello',
      play: { recording: join(place.folder, 'hello.jsonl'), users: 4, think: '20ms', settle: '200ms' },
      ...more,
    });

  it('plays a scenario and judges it', async () => {
    const out = join(place.folder, 'runs');
    const { summary, error, folder } = await play({ scenario: scenario(), bot: bot(), out });
    expect(error).toBeUndefined();
    expect(summary).toMatchObject({ verdict: 'pass', findings: [], counts: { users: 4, steps: 8 } });
    expect((await loadHistory(join(folder, 'history.jsonl'))).at(-1)?.type).toBe('run.ended');
  });

  it('lets faults be changed while people act', async () => {
    const out = join(place.folder, 'runs');
    const changes: Promise<void>[] = [];
    const { folder } = await play({
      scenario: scenario({
        faults: [{ name: 'late', on: 'mongo', match: { commands: ['insert'] }, delay: '10s' }],
      }),
      bot: remembering(),
      out,
      onPlaying: ({ faults }) => {
        changes.push(
          faults.switch('late', 'off'),
          faults.add({ name: 'slow', on: 'mongo', match: { commands: ['insert'] }, delay: 30 }),
        );
      },
    });
    await Promise.all(changes);
    const events = await loadHistory(join(folder, 'history.jsonl'));
    const hits = new Set(events.flatMap((event) => (event.type === 'fault.hit' ? [event.fault] : [])));
    expect([...hits]).toEqual(['slow']);
    expect(events.filter(({ type }) => type === 'fault.switched')).toHaveLength(2);
  });

  it('speaks TLS to the bot where the scenario says so, and writes contents only when asked', async () => {
    const contentsOf = async (mongo: { tls: boolean; contents?: boolean }) => {
      const out = join(place.folder, 'runs');
      const { folder, error } = await play({ scenario: scenario({ mongo }), bot: remembering(), out });
      expect(error).toBeUndefined();
      const events = await loadHistory(join(folder, 'history.jsonl'));
      const inserts = events.filter(
        (event) => event.type === 'command.started' && event.name === 'insert',
      ) as { readonly contents?: string }[];
      expect(inserts.length).toBeGreaterThan(0);
      const uri = events.flatMap((event) => (event.type === 'bot.log' ? [event.line] : [])).join();
      return { isTls: /[?&]tlsCAFile=/.test(uri), contents: inserts[0]?.contents };
    };
    expect(await contentsOf({ tls: false })).toEqual({ isTls: false, contents: undefined });
    const { isTls, contents = '' } = await contentsOf({ tls: true, contents: true });
    expect(isTls).toBe(true);
    expect(contents).toContain('"documents":[{');
    expect(contents).not.toContain('hello');
  });

  it('says what is wrong with a scenario as it does for a file', () => {
    expect(() => scenario({ faults: [{ on: 'call', effect: 'error' }] })).toThrow(
      'the scenario: `faults[0].effect` error needs the key `error` with a `code`',
    );
    expect(() => scenario({ faults: [{ on: 'call', effect: 'error' }] })).toThrow(SendtwiceError);
  });

  it('gives the same seed the same stimulus and the same hits', async () => {
    const out = join(place.folder, 'runs');
    const faulty = scenario({
      faults: [{ name: 'twice', on: 'delivery', effect: 'duplicate', delay: '20ms', probability: 0.5 }],
    });
    /** Without times, and without the order of people who act at once. */
    const stimulusOf = async (seed: string) => {
      const { folder } = await play({ scenario: faulty, bot: bot(), out, seed });
      const events = await loadHistory(join(folder, 'history.jsonl'));
      return {
        actions: events
          .flatMap((event) =>
            event.type === 'action' ? [`${event.action} ${event.chatId} ${event.text}`] : [],
          )
          .sort(),
        hits: events
          .flatMap((event) => (event.type === 'fault.hit' ? [`${event.fault} ${event.action}`] : []))
          .sort(),
      };
    };
    const first = await stimulusOf('x');
    expect(first.actions).toHaveLength(8);
    expect(first.hits.length).toBeGreaterThan(0);
    expect(await stimulusOf('x')).toEqual(first);
    expect(await stimulusOf('y')).not.toEqual(first);
  });
});
