import type { Summary } from '../report/summary.js';
import type { Bot, Scenario } from '../scenario/load.js';
import { recordedSessions } from '../scenario/preflight.js';
import type { Need } from '../scenario/schema.js';

/** What is known of a bot and one recording of a dialogue with it. Absent: nobody knows yet. */
export interface Known {
  readonly taps?: boolean;
  /** Steps of its longest session. */
  readonly steps?: number;
  readonly mongo?: boolean;
  readonly webhook?: boolean;
  readonly process?: boolean;
}

/** Why a scenario that needs it cannot say anything. */
const REASONS: Readonly<Record<Need, string>> = {
  taps: 'nobody taps a button in the recording',
  steps: 'the sessions of the recording end before the step that a fault waits for',
  mongo: 'the bot asks nothing of MongoDB at ${mongo.uri}',
  webhook: 'the bot gets its updates by polling',
  process: 'the bot runs already (`webhook.url`), so that it cannot be stopped',
};

/**
 * What the files tell. The recording of pace `timeline` is streamed and may be of any length, so it is not asked.
 * @throws SendtwiceError `file/bad-recording`
 */
export async function knownBefore(bot: Bot, { recording, pace }: Scenario['play']): Promise<Known> {
  const { command, env, webhook, mongo, set_webhook: isSetByUs } = bot;
  const isToldOfMongo =
    mongo.port !== undefined || /\$\{\s*mongo\.uri\s*\}/.test(JSON.stringify([command, env]));
  return {
    process: webhook.url === undefined,
    ...((webhook.url !== undefined || isSetByUs) && { webhook: true }),
    // Without the address of the fault proxy it may use another MongoDB, where no fault ever hits.
    ...(!isToldOfMongo && { mongo: false }),
    ...(pace === 'conversation' && recording !== undefined && (await inRecording(recording))),
  };
}

async function inRecording(path: string): Promise<Pick<Known, 'taps' | 'steps'>> {
  const { sessions } = await recordedSessions(path);
  return {
    taps: sessions.some(({ steps }) => steps.some(({ action }) => action.kind === 'callback_query')),
    steps: Math.max(...sessions.map(({ steps }) => steps.length)),
  };
}

/** Can a run of it tell more than the files? Only one that went well and in which nothing was broken. */
export const isTelling = ({ faults, needs }: Scenario): boolean => faults.length === 0 && needs.length === 0;

/** What such a run tells. */
export function knownAfter({ outcome, mongo, counts }: Summary): Known {
  if (outcome !== 'completed') return {};
  const methods = typeof counts.callsByMethod === 'object' ? counts.callsByMethod : {};
  const times = (method: string): number => methods[method] ?? 0;
  return {
    mongo: mongo.commands > 0,
    // Some bots poll once, to throw away what is pending, and set their webhook then.
    webhook: times('getUpdates') === 0 || times('setWebhook') > 0,
  };
}

/** Why the scenario cannot say anything about this bot; nothing when it can, or when nobody knows. */
export function notApplicable(scenario: Scenario, known: Known): string | undefined {
  const missing = scenario.needs.find((need) => isMissing(need, scenario, known));
  return missing === undefined ? undefined : REASONS[missing];
}

/** Would it help to know more before the scenario is run? */
export const isOpen = ({ needs }: Scenario, known: Known): boolean =>
  needs.some((need) => (need === 'mongo' || need === 'webhook') && known[need] === undefined);

function isMissing(need: Need, { faults }: Scenario, known: Known): boolean {
  if (need !== 'steps') return known[need] === false;
  const last = Math.max(
    0,
    ...faults.map(({ match }) => (match !== undefined && 'step' in match ? (match.step ?? 0) : 0)),
  );
  return known.steps !== undefined && known.steps < last;
}
