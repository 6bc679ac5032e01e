import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FindingKind } from '../../src/checkers/finding.js';
import type { EventOf, EventType, HistoryEvent } from '../../src/history/events.js';
import { type Outcome, ROOT, Workplace } from './cli.js';

/**
 * Bots that know nothing of the harness, written with three libraries as their authors would write them. What
 * each must be found to do is what its library does: see the notes at the tests.
 */

type Library = 'telegraf' | 'node-telegram-bot-api' | 'python-telegram-bot';
type Mode = 'webhook' | 'polling';

const BOTS = join(ROOT, 'test/bots');
const SCENARIOS = join(ROOT, 'test/e2e/scenarios');
const PYTHON = join(ROOT, '.venv/bin/python');
/** What stands behind the colon of the token that every bot here has. */
const SECRET = 'AAHnobodyMayEverReadThisOfAny0fTheBots';
const RUN_LIMIT_MS = 150_000;

/** python-telegram-bot says nothing to a text where it wants a tap; its recording has that silence. */
const RECORDINGS: Readonly<Record<Library, string>> = {
  telegraf: join(BOTS, 'sign-up.jsonl'),
  'node-telegram-bot-api': join(BOTS, 'sign-up.jsonl'),
  'python-telegram-bot': join(BOTS, 'python-telegram-bot/sign-up.jsonl'),
};

/** Runs wait for bots more than they work: two at a time are quick enough and disturb nobody. */
const AT_ONCE = 2;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

interface Run extends Outcome {
  /** `kind: cause` of the findings, each once, sorted. */
  readonly findings: readonly string[];
  readonly events: readonly HistoryEvent[];
  readonly log: string;
}

/** Plays a scenario against a bot, and checks what must be so in every run: no token anywhere. */
function play(library: Library, mode: Mode, scenario: string): Promise<Run> {
  return inTurn(async () => {
    const place = new Workplace();
    try {
      const bot = place.write(
        'bot.yaml',
        [
          readFileSync(join(BOTS, library, `${mode}.yaml`), 'utf8'),
          `cwd: ${join(BOTS, library)}`,
          `telegram: { token: "7000000002:${SECRET}" }`,
        ].join('\n'),
      );
      const outcome = await place.sendtwice(
        'run',
        scenario,
        '--bot',
        bot,
        '--recording',
        RECORDINGS[library],
        '--seed',
        'strangers',
      );
      const [folder = ''] = place.runs();
      expect(folder, outcome.stderr).not.toBe('');
      const files = new Map(
        readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
      );
      for (const [name, text] of [...files, ['stdout', outcome.stdout], ['stderr', outcome.stderr]] as const)
        expect(text.includes(SECRET), `the token stands in ${name}`).toBe(false);
      const { findings } = JSON.parse(files.get('summary.json') ?? '{}') as {
        findings: readonly { readonly kind: FindingKind; readonly cause: string }[];
      };
      return {
        ...outcome,
        findings: [...new Set(findings.map(({ kind, cause }) => `${kind}: ${cause}`))].sort(),
        events: await place.history(),
        log: files.get('bot.log') ?? '',
      };
    } finally {
      place.remove();
    }
  });
}

const ofType = <T extends EventType>(run: Run, type: T): readonly EventOf<T>[] =>
  run.events.filter((event): event is EventOf<T> => event.type === type);

/** Nothing was found, and the bot ended when it was asked to, by itself. */
function isInnocent(run: Run): void {
  expect(run.findings, run.stdout).toEqual([]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toMatch(/^PASS/);
  endsWell(run);
}

function isFoundToDo(run: Run, findings: readonly string[]): void {
  expect(run.findings, run.stdout).toEqual(findings);
  expect(run).toMatchObject({ code: 1, stderr: '' });
  endsWell(run);
}

/** It forgot its users, and whatever else they met has the same cause: a tap may just have been on its way. */
function forgetsInRestart(run: Run): void {
  expect(run.findings, run.stdout).toContain('lost-update: restart');
  expect(run.findings.filter((finding) => !finding.endsWith(': restart'))).toEqual([]);
  expect(run).toMatchObject({ code: 1, stderr: '' });
  endsWell(run);
}

/** Every process of the bot left with exit code 0 after SIGTERM: none had to be killed. */
function endsWell(run: Run): void {
  const exits = ofType(run, 'bot.exited');
  expect(exits).not.toEqual([]);
  for (const exit of exits) {
    expect(exit).toMatchObject({ code: 0, expected: true });
    expect(exit).not.toHaveProperty('signal');
  }
}

/** How often the bot asked Telegram to send a text. */
const asksToSend = (run: Run, text: string): number =>
  ofType(run, 'call.ended').filter((call) => call.contents?.[0]?.text === text).length;

const scenario = (name: string): string => join(SCENARIOS, `${name}.yaml`);
const SMOKE = join(ROOT, 'scenarios/smoke.yaml');

const MODES: readonly Mode[] = ['webhook', 'polling'];
const WITHOUT_PYTHON = !existsSync(PYTHON);
const CONCURRENT = { concurrent: true, timeout: RUN_LIMIT_MS } as const;

describe('telegraf', CONCURRENT, () => {
  it.each(MODES)('%s: nothing is wrong when nothing is broken', async (mode) => {
    isInnocent(await play('telegraf', mode, SMOKE));
  });

  it('webhook: answerCallbackQuery is the answer of the webhook, and counts', async () => {
    const run = await play('telegraf', 'webhook', SMOKE);
    const answers = ofType(run, 'call.started').filter((call) => call.method === 'answerCallbackQuery');
    expect(answers.map((call) => call.via)).toEqual(answers.map(() => 'webhook-answer'));
    expect(answers).not.toEqual([]);
  });

  // Inside the scene nothing listens to commands: a second /start is taken for the name.
  it.each(MODES)('%s: takes a /start that comes twice for the next answer', async (mode) => {
    isFoundToDo(await play('telegraf', mode, scenario('delivered-twice')), ['lost-state: delivered-twice']);
  });

  it('webhook: takes a /start whose acknowledgement was lost for the next answer', async () => {
    isFoundToDo(await play('telegraf', 'webhook', scenario('lost-acknowledgement')), [
      'lost-state: lost-acknowledgement',
    ]);
  });

  // It acknowledges when its handler is done. Two handlers of one update move the wizard on by two steps; that
  // the second shift has the same cause is not always seen.
  it('webhook: asks twice and skips a question when Telegram is impatient', async () => {
    const run = await play('telegraf', 'webhook', scenario('impatient'));
    expect(run.findings).toContain('duplicate-reply: redelivery-while-running');
    expect(run.findings.filter((finding) => !finding.startsWith('duplicate-reply'))).toEqual([
      expect.stringMatching(/^lost-state: (redelivery-while-running|unknown)$/),
    ]);
    endsWell(run);
  });

  // The session is in memory, and nothing answers a text outside of the scene.
  it.each(MODES)('%s: forgets its users in a restart and says no more to them', async (mode) => {
    forgetsInRestart(await play('telegraf', mode, scenario('restart')));
  });

  // It never sends again; but without bot.catch the error of a single call ends the process, in both modes.
  it.each(MODES)('%s: dies of a call without an answer, and repeats nothing', async (mode) => {
    const run = await play('telegraf', mode, scenario('repeated-call'));
    expect(run.code).toBe(3);
    expect(run.stderr).toMatch(/exit code 1, and nobody had asked it to[\s\S]*ECONNRESET/);
    expect(run.log).toContain('ECONNRESET');
    expect(run.findings).toEqual([]);
    expect(asksToSend(run, 'How old are you?')).toBe(1);
  });
});

describe('node-telegram-bot-api', CONCURRENT, () => {
  const library = 'node-telegram-bot-api';

  it.each(MODES)('%s: nothing is wrong when nothing is broken', async (mode) => {
    isInnocent(await play(library, mode, SMOKE));
  });

  it('webhook: keeps nobody waiting, although it sets its webhook before it listens', async () => {
    const run = await play(library, 'webhook', SMOKE);
    expect(ofType(run, 'delivery.ended').filter((delivery) => delivery.outcome !== 'acknowledged')).toEqual(
      [],
    );
    const [firstAct] = ofType(run, 'action');
    const [firstReply] = ofType(run, 'step.ended');
    expect((firstReply?.at ?? Number.NaN) - (firstAct?.at ?? 0)).toBeLessThan(1500);
  });

  it.each(MODES)('%s: answers a /start twice that comes twice', async (mode) => {
    isFoundToDo(await play(library, mode, scenario('delivered-twice')), ['duplicate-reply: delivered-twice']);
  });

  it('webhook: answers a /start twice whose acknowledgement was lost', async () => {
    isFoundToDo(await play(library, 'webhook', scenario('lost-acknowledgement')), [
      'duplicate-reply: lost-acknowledgement',
    ]);
  });

  // The fault is one of webhooks: what never hit proves nothing.
  it('polling: has no acknowledgement to lose, and the run says so', async () => {
    const run = await play(library, 'polling', scenario('lost-acknowledgement'));
    expect(run.code).toBe(3);
    expect(run.stdout).toMatch(/^INCONCLUSIVE[\s\S]*lost.*never hit/);
    endsWell(run);
  });

  // It acknowledges when its handler is done; the state is stored before the answer, so the second handling of
  // a name takes it for an age.
  it('webhook: takes a name for an age when Telegram is impatient', async () => {
    isFoundToDo(await play(library, 'webhook', scenario('impatient')), [
      'lost-state: redelivery-while-running',
    ]);
  });

  it.each(MODES)('%s: goes on after a restart where it was, with its state in MongoDB', async (mode) => {
    const run = await play(library, mode, scenario('restart'));
    isInnocent(run);
    expect(ofType(run, 'bot.started')).toHaveLength(2);
  });

  it.each(MODES)('%s: is only late when MongoDB is slow', async (mode) => {
    const run = await play(library, mode, scenario('slow-mongo'));
    isInnocent(run);
    expect(ofType(run, 'fault.hit').length).toBeGreaterThan(10);
  });

  // Its transport sends again after a network error, up to twice, whatever became of the first.
  it.each(MODES)('%s: sends again what has arrived', async (mode) => {
    const run = await play(library, mode, scenario('repeated-call'));
    isFoundToDo(run, ['duplicate-reply: repeated-call']);
    expect(asksToSend(run, 'How old are you?')).toBe(2);
  });
});

const NOTE = WITHOUT_PYTHON ? ' (skipped: there is no .venv with test/bots/requirements.txt)' : '';

describe.skipIf(WITHOUT_PYTHON)(`python-telegram-bot${NOTE}`, CONCURRENT, () => {
  const library = 'python-telegram-bot';

  it.each(MODES)('%s: nothing is wrong when nothing is broken', async (mode) => {
    const run = await play(library, mode, SMOKE);
    isInnocent(run);
    // What it writes stands in the log: a warning of the library about the handler for taps.
    expect(run.log).toContain('PTBUserWarning');
  });

  it.each(MODES)('%s: answers a /start twice that comes twice', async (mode) => {
    isFoundToDo(await play(library, mode, scenario('delivered-twice')), ['duplicate-reply: delivered-twice']);
  });

  it('webhook: answers a /start twice whose acknowledgement was lost', async () => {
    isFoundToDo(await play(library, 'webhook', scenario('lost-acknowledgement')), [
      'duplicate-reply: lost-acknowledgement',
    ]);
  });

  // It acknowledges as soon as the update is queued.
  it('webhook: is in time for an impatient Telegram', async () => {
    isInnocent(await play(library, 'webhook', scenario('impatient')));
  });

  // ConversationHandler keeps its state in memory, and nothing answers a text outside of a conversation.
  it.each(MODES)('%s: forgets its users in a restart and says no more to them', async (mode) => {
    forgetsInRestart(await play(library, mode, scenario('restart')));
  });

  // It never sends again; but the handler fails, so the dialogue stays where it was while its user goes on.
  it.each(MODES)('%s: falls behind its user when a call has no answer, and repeats nothing', async (mode) => {
    const run = await play(library, mode, scenario('repeated-call'));
    expect(run.findings).toEqual([expect.stringMatching(/^lost-state: (api-error-unhandled|unknown)$/)]);
    expect(run.log).toContain('telegram.error.NetworkError');
    // Once to the name, once to the age.
    expect(asksToSend(run, 'How old are you?')).toBe(2);
    endsWell(run);
  });
});
