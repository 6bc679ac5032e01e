import { cpus } from 'node:os';
import type { RealClock } from '../base/clock.js';
import type { SendtwiceError } from '../base/errors.js';
import { explainFault } from '../faults/explain.js';
import type { RunEnded, RunStarted } from '../history/events.js';
import { MEMORY_SERVER } from '../mongo/memory-server.js';
import { limitsOf, patternsOf } from './declared.js';
import { departuresOf, isAdversarial } from './fault-wiring.js';
import type { RunOptions } from './run-options.js';

/** The first event of a run. */
export function runStarted(
  { scenario, bot, seed, version, mongoUri, baseline }: RunOptions,
  clock: RealClock,
): RunStarted {
  const patterns = patternsOf(scenario.expect);
  return {
    type: 'run.started',
    format: 'sendtwice-history',
    version: 1,
    sendtwice: version,
    scenario: scenario.scenario,
    seed,
    startedAt: clock.startedAt.toISOString(),
    pace: scenario.play.pace,
    delivery: isAdversarial(scenario.faults) ? 'adversarial' : 'faithful',
    departures: departuresOf(scenario.faults),
    faults: scenario.faults.map((fault) => ({
      name: fault.name,
      on: fault.on,
      explain: explainFault(fault),
    })),
    expect: limitsOf(scenario),
    ...(patterns !== undefined && { patterns }),
    environment: {
      bot: bot.name,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cpus: cpus().length,
      ...(bot.instances > 1 && { instances: bot.instances, route: bot.route }),
      mongo:
        mongoUri === undefined ? `embedded (${scenario.mongo?.topology ?? 'replicaSet'})` : kindOf(mongoUri),
    },
    ...(scenario.telegram?.callback_expires !== undefined && {
      callbackAnswerableMs: scenario.telegram.callback_expires,
    }),
    ...(baseline !== undefined && { baseline: baseline.facts }),
  };
}

const kindOf = (mongoUri: string): string => (mongoUri === MEMORY_SERVER ? MEMORY_SERVER : 'real');

/** The last one. */
export function runEnded(error: SendtwiceError | undefined): RunEnded {
  if (error === undefined) return { type: 'run.ended', outcome: 'completed' };
  return {
    type: 'run.ended',
    outcome: error.code === 'run/interrupted' ? 'interrupted' : 'failed',
    error: {
      code: error.code,
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    },
  };
}
