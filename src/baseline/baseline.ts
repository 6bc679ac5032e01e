import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findingsOf } from '../checkers/all.js';
import type { FindingKind } from '../checkers/finding.js';
import type { Content } from '../history/content.js';
import type { BaselineFacts } from '../history/events.js';
import { viewOfFile } from '../history/reader.js';
import type { RecordedReply } from '../recording/replies.js';
import type { Step } from '../recording/sessions.js';
import { namesOf } from '../replay/names.js';
import type { Scenario } from '../scenario/load.js';
import { recordedSessions } from '../scenario/preflight.js';
import { runScenario } from '../scenario/run.js';
import type { RunOptions } from '../scenario/run-options.js';
import { learnedReplies } from './learn.js';

/**
 * So many users with the same session show what varies from one to the next, and what others do changes. Few may all
 * get the same by chance: of five greetings that are drawn at random, one person in 25 is greeted like two others.
 */
const MOST_USERS_A_SESSION = 8;
const FEWEST_USERS_A_SESSION = 3;
/** Of a recording with several sessions each gets fewer users, so that the bot is not under load. */
const USERS = 24;
/** Of a recording with many sessions the later ones are left as they were recorded. */
const MOST_SESSIONS = 20;

/** What is wrong without any fault, whatever the recording has: these kinds do not compare with it. */
const OF_ITSELF: ReadonlySet<FindingKind> = new Set([
  'duplicate-reply',
  'duplicate-keyboard',
  'lost-update',
  'unanswered-callback',
  'dead-bot',
  'polling-conflict',
  'silent-write',
  'dropped-updates',
  'webhook-error',
  'api-error',
  'flood-limit',
]);

/** What the same play without faults has shown. */
export interface Baseline {
  readonly facts: BaselineFacts;
  /** What a step is to show where that is not what the recording has. */
  repliesTo(session: string, step: Step): readonly RecordedReply[] | undefined;
}

/**
 * Plays a scenario without its faults, in a folder `baseline` within that of the run, and learns what the
 * bot shows then: what varies without a fault is no consequence of one.
 */
export async function playBaseline(options: RunOptions): Promise<Baseline> {
  const folder = join(options.folder, 'baseline');
  mkdirSync(folder);
  const { recording, users } = options.scenario.play;
  const recorded = recording === undefined ? 1 : (await recordedSessions(recording)).sessions.length;
  const sessions = Math.min(recorded, users, MOST_SESSIONS);
  const samples = new Map<string, Content[][]>();
  const { onPlaying: _, ...rest } = options;
  const { historyPath, error } = await runScenario({
    ...rest,
    folder,
    scenario: withoutFaults(options.scenario, sessions),
    observe: {
      sessions,
      stepSeen: ({ session, step, contents }) => {
        const key = keyOf(session, step);
        const known = samples.get(key);
        if (known === undefined) samples.set(key, [[...contents]]);
        else known.push([...contents]);
      },
    },
  });
  const view = await viewOfFile(historyPath);
  const names = new Set(
    Array.from({ length: view.users.size }, (_, index) => Object.values(namesOf(index + 1))).flat(),
  );
  const learned = new Map<string, readonly RecordedReply[] | undefined>();
  const repliesTo = (session: string, step: Step): readonly RecordedReply[] | undefined => {
    const key = keyOf(session, step.step);
    if (!learned.has(key)) learned.set(key, learnedReplies(step.replies, samples.get(key) ?? [], names));
    return learned.get(key);
  };
  return {
    facts: {
      users: view.users.size,
      steps: samples.size,
      findings: counted(findingsOf(view)),
      ...(error !== undefined && { error: error.message }),
    },
    repliesTo,
  };
}

const keyOf = (session: string, step: number): string => `${session}/${step}`;

/** The same people and inputs; nothing is broken, slow or strict on purpose. */
function withoutFaults(scenario: Scenario, sessions: number): Scenario {
  const { flood: _, callback_expires: __, ...telegram } = scenario.telegram ?? { strict: false };
  const each = Math.min(MOST_USERS_A_SESSION, Math.max(FEWEST_USERS_A_SESSION, Math.floor(USERS / sessions)));
  const users = sessions * each;
  // How the bot is run in a scenario is what may break it, too.
  const { bot: ___, ...own } = scenario;
  return { ...own, faults: [], telegram, play: { ...scenario.play, users } };
}

function counted(findings: ReturnType<typeof findingsOf>): BaselineFacts['findings'] {
  const counts = new Map<string, { kind: string; cause: string; count: number }>();
  for (const { kind, cause } of findings) {
    if (!OF_ITSELF.has(kind)) continue;
    const key = `${kind} ${cause}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { kind, cause, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()];
}
