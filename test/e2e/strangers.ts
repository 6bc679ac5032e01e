import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { EventOf, EventType, HistoryEvent } from '../../src/history/events.js';
import { type Outcome, ROOT, Workplace } from './cli.js';

/** Plays bots that know nothing of the harness, each written as the authors of its library would write it. */

export const BOTS = join(ROOT, 'test/bots');
export const PYTHON = join(ROOT, '.venv/bin/python');
/** What stands behind the colon of the token that every bot here has. */
const SECRET = 'AAHnobodyMayEverReadThisOfAny0fTheBots';

/** aiogram alone takes 20 s to be imported on two loaded cores. */
const READY = '60s';

export type Mode = 'webhook' | 'polling';
export const MODES: readonly Mode[] = ['webhook', 'polling'];

export interface Stranger {
  /** Its folder in test/bots/. */
  readonly folder: string;
  /** The beginnings of its two bot files, when they are not `webhook.yaml` and `polling.yaml`. */
  readonly prefix?: string;
  /** In its folder. */
  readonly recording: string;
  /** Runs where it lies and not in a copy: Node finds libraries from there alone. */
  readonly inPlace?: boolean;
}

export interface StrangerRun extends Outcome {
  /** `kind: cause` of the findings. */
  readonly findings: readonly string[];
  readonly verdict: string;
  readonly events: readonly HistoryEvent[];
  readonly log: string;
}

/** Plays a scenario of test/e2e/scenarios/ in a copy of the bot's folder: what a bot writes there stays there. */
export async function playStranger(stranger: Stranger, mode: Mode, scenario: string): Promise<StrangerRun> {
  const place = new Workplace();
  try {
    const folder = join(place.folder, 'bot');
    cpSync(join(BOTS, stranger.folder), folder, { recursive: true });
    const file = readFileSync(join(folder, `${stranger.prefix ?? ''}${mode}.yaml`), 'utf8');
    const cwd = stranger.inPlace === true ? `cwd: ${join(BOTS, stranger.folder)}\n` : '';
    const bot = place.write(
      'bot/played.yaml',
      `${file.replace('../../../.venv/bin/python', PYTHON)}\n${cwd}telegram: { token: "7000000009:${SECRET}" }\nready_timeout: ${READY}\n`,
    );
    const outcome = await place.sendtwice(
      'run',
      join(ROOT, 'test/e2e/scenarios', `${scenario}.yaml`),
      '--bot',
      bot,
      '--recording',
      join(folder, stranger.recording),
      '--seed',
      'strangers',
    );
    const [run = ''] = place.runs();
    expect(run, outcome.stderr).not.toBe('');
    const files = new Map(readdirSync(run).map((name) => [name, readFileSync(join(run, name), 'utf8')]));
    for (const [name, text] of [...files, ['stdout', outcome.stdout], ['stderr', outcome.stderr]] as const)
      expect(text.includes(SECRET), `the token stands in ${name}`).toBe(false);
    const { findings, verdict } = JSON.parse(files.get('summary.json') ?? '{}') as {
      findings: readonly { readonly kind: string; readonly cause: string }[];
      verdict: string;
    };
    return {
      ...outcome,
      findings: findings.map(({ kind, cause }) => `${kind}: ${cause}`),
      verdict,
      events: await place.history(),
      log: files.get('bot.log') ?? '',
    };
  } finally {
    place.remove();
  }
}

export const ofType = <T extends EventType>(run: StrangerRun, type: T): readonly EventOf<T>[] =>
  run.events.filter((event): event is EventOf<T> => event.type === type);

/** Nothing was found, everybody was answered, and the bot ended when it was asked to. */
export function isInnocent(run: StrangerRun): void {
  expect(run.findings, run.stdout + run.log).toEqual([]);
  expect(run, run.stdout + run.log).toMatchObject({ verdict: 'pass', code: 0, stderr: '' });
  const exits = ofType(run, 'bot.exited');
  expect(exits).not.toEqual([]);
  for (const exit of exits) expect(exit).toMatchObject({ expected: true });
}

/** The calls that the bot's library was told have failed. */
export const refusals = (run: StrangerRun): readonly string[] =>
  ofType(run, 'call.ended').flatMap((call) =>
    call.ok || !call.answered ? [] : [`${call.method}: ${call.errorCode ?? ''} ${call.description ?? ''}`],
  );

/** Python is there with what `module` needs. */
export const hasPythonModule = (module: string): boolean => {
  const packages = join(ROOT, '.venv/lib');
  return (
    existsSync(PYTHON) &&
    readdirSync(packages).some((version) => existsSync(join(packages, version, 'site-packages', module)))
  );
};
