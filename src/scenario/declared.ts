import type { RunStarted, WrittenPattern } from '../history/events.js';
import type { Scenario } from './load.js';
import { patternOrWords } from './written-pattern.js';

type Patterns = NonNullable<RunStarted['patterns']>;

/** The texts that a scenario forbids, wants at most once, or does not compare. */
export function patternsOf({ never, once, volatile }: Scenario['expect']): Patterns | undefined {
  const of = (texts: readonly string[] | undefined): readonly WrittenPattern[] | undefined =>
    texts?.map(patternOrWords);
  const patterns = {
    ...(never !== undefined && { never: of(never) }),
    ...(once !== undefined && { once: of(once) }),
    ...(volatile !== undefined && { volatile: of(volatile) }),
  };
  return Object.keys(patterns).length === 0 ? undefined : (patterns as Patterns);
}

/**
 * How much may be found. What a scenario declares must hold, so that its breach is a failure even where the
 * file limits other things only; without any limit, nothing may be found.
 */
export function limitsOf({ expect, play }: Pick<Scenario, 'expect' | 'play'>): RunStarted['expect'] {
  const { never, once, volatile: _, database: __, ...written } = expect;
  // Without the keys that a program set to undefined.
  const limits = JSON.parse(JSON.stringify(written)) as RunStarted['expect'];
  if (Object.keys(limits).length === 0) return { findings: 0 };
  if ('findings' in limits) return limits;
  const steps = play.steps ?? [];
  const wants = steps.some((step) => step.expect !== undefined && step.expect !== 'nothing');
  const forbids = never !== undefined || steps.some((step) => step.expect === 'nothing');
  return {
    ...(wants && { lost_updates: 0, lost_states: 0 }),
    ...(forbids && { forbidden_replies: 0 }),
    ...(once !== undefined && { duplicate_replies: 0 }),
    ...limits,
  };
}
