import type { RunFacts } from '../scenario/run-file.js';
import { chanceOfFewer, type Share } from './fisher.js';
import { type Budget, outcomeOf, type Runner, repeat, type Signature } from './runner.js';
import type { Suspect } from './suspects.js';

/** `cannot tell`: too few runs, or the original shows it too rarely. */
export type Need = 'needed' | 'not needed' | 'makes it likelier' | 'cannot tell';

export interface Counterfactual extends Share {
  /** What was taken out. */
  readonly without: readonly string[];
  readonly need: Need;
  /** Fisher's exact test, one-sided, against the runs with nothing taken out. */
  readonly chance: number;
}

export interface Why {
  readonly signature: Signature;
  readonly original: Share;
  readonly removed: readonly Counterfactual[];
  /** Why it stopped before all was tried. */
  readonly stopped?: 'interrupted' | 'runs' | 'time';
}

export interface WhyOptions {
  readonly run: Runner;
  readonly facts: RunFacts;
  readonly signature: Signature;
  readonly suspects: readonly Suspect[];
  /** Runs for the original, and for each thing that is taken out. */
  readonly runs: number;
  /** So many runs at once. Default 1: runs beside it slow a run down, and what depends on time shows oftener or rarer. */
  readonly jobs?: number;
  readonly budget: Budget;
  readonly onProgress?: (text: string) => void;
}

/** Chance below this is none: the usual one in twenty. */
const SIGNIFICANT = 0.05;

/** Runs a play with one suspect removed at a time; in pairs when no single removal ends the finding. */
export async function why(options: WhyOptions): Promise<Why> {
  const { budget, signature, suspects } = options;
  const original = await shareOf(options, [], options.runs);
  const removed: Counterfactual[] = [];
  const groups = (sets: readonly (readonly Suspect[])[]): Promise<void> =>
    tryAll(options, original, sets, removed);
  if (original.k > 0) {
    await groups(suspects.map((suspect) => [suspect]));
    const isEnded = removed.some(({ need }) => need === 'needed');
    const faults = suspects.filter(({ name }) => name.startsWith('fault ') && !name.includes(' on '));
    if (!isEnded) {
      await groups(faults.flatMap((one, index) => faults.slice(index + 1).map((other) => [one, other])));
    }
  }
  const stopped = budget.spent;
  return { signature, original, removed, ...(stopped !== undefined && { stopped }) };
}

async function tryAll(
  options: WhyOptions,
  original: Share,
  sets: readonly (readonly Suspect[])[],
  removed: Counterfactual[],
): Promise<void> {
  for (const set of sets) {
    if (options.budget.spent !== undefined) return;
    const share = await shareOf(options, set, options.runs);
    if (share.n === 0) continue;
    const chance = chanceOfFewer(original, share);
    removed.push({
      without: set.map(({ name }) => name),
      ...share,
      need: needOf(original, share, chance),
      chance,
    });
  }
}

export function needOf(original: Share, share: Share, chance: number): Need {
  if (chance < SIGNIFICANT) return share.k === 0 ? 'needed' : 'makes it likelier';
  // That it showed without the suspect proves that it can do without.
  return share.k > 0 && share.k * original.n >= original.k * share.n ? 'not needed' : 'cannot tell';
}

async function shareOf(
  { run, facts, signature, budget, jobs = 1, onProgress }: WhyOptions,
  set: readonly Suspect[],
  times: number,
): Promise<Share> {
  const scenario = set.reduce((changed, { without }) => without(changed), facts.scenario);
  const name = set.length === 0 ? 'nothing removed' : `without ${set.map((one) => one.name).join(' and ')}`;
  onProgress?.(name);
  const ran = await repeat(run, { ...facts, scenario }, { times, jobs, budget });
  const outcomes = ran.map((one) => outcomeOf(one, signature)).filter((outcome) => outcome !== 'unusable');
  const share = { k: outcomes.filter((outcome) => outcome === 'shown').length, n: outcomes.length };
  onProgress?.(`${name}: ${share.k} of ${share.n}`);
  return share;
}

/** What came out, as text with a newline at its end. */
export function whyText({ signature, original, removed, stopped }: Why): string {
  const lines = [`${signature.kind}: ${signature.cause}`, row('nothing removed', original, '')];
  for (const one of removed) lines.push(row(`without ${one.without.join(' and ')}`, one, one.need));
  lines.push('', `  ${conclusion(original, removed)}`);
  if (stopped !== undefined) lines.push(`  Stopped early (${stopped}); what is missing was not tried.`);
  lines.push(`  (Fisher's exact test, one-sided; below ${SIGNIFICANT} it is not taken for chance.)`);
  return `${lines.join('\n')}\n`;
}

const row = (title: string, { k, n }: Share, need: string): string =>
  `  ${title.padEnd(44)} ${`${k} of ${n}`.padEnd(10)} ${need}`.trimEnd();

function conclusion(original: Share, removed: readonly Counterfactual[]): string {
  if (original.k === 0) return `It did not show again in ${original.n} runs: cannot tell.`;
  const names = (need: Need): string =>
    removed
      .filter((one) => one.need === need)
      .map(({ without }) => without.join(' or '))
      .join(', ');
  const needed = names('needed');
  const not = names('not needed');
  if (needed === '' && not === '') return 'Cannot tell what it needs; more --runs may.';
  if (needed === '') return `Not needed: ${not}.`;
  return `It needs ${needed}${not === '' ? '' : `; not ${not}`}.`;
}
