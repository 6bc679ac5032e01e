import { SendtwiceError } from '../base/errors.js';
import { printable, withoutPersonal } from '../base/untrusted.js';
import { rulesOf } from './rules.js';
import type { Summary } from './summary.js';

export type WrittenFinding = Summary['findings'][number];

export interface Explained {
  readonly finding: WrittenFinding;
  /** Rules of Telegram that took part, a sentence each. */
  readonly rules: readonly string[];
  /** How sure the chain is, in words. */
  readonly sure: string;
  /** Command line and scenario lines that play it again. */
  readonly reproduce: readonly string[];
}

const STRENGTHS: Readonly<Record<WrittenFinding['strength'], string>> = {
  exact: 'exact: ids in the events themselves join them',
  marker: 'by marker: something that only this user said stands in the call',
  exclusive: 'exclusive: nothing else was at work that it could belong to',
  overlap: 'overlap only: several things were at work at that time, so it may be another one',
};

/** Longer chains are cut in the middle: how it began and how it ended matter most. */
const LONGEST_CHAIN = 14;

/** A finding, in words already or not yet. */
type Named = Pick<WrittenFinding, 'id' | 'kind' | 'cause'>;

/**
 * The findings with this id, or the first one of this kind; without a name the first of each kind and cause.
 * @throws SendtwiceError `usage/bad-argument` when there is none
 */
export function chosenFindings<F extends Named>(
  { findings }: { readonly findings: readonly F[] },
  name?: string,
): F[] {
  if (name === undefined) {
    const seen = new Set<string>();
    return findings.filter(({ kind, cause }) => {
      const key = `${kind}/${cause}`;
      return !seen.has(key) && seen.add(key);
    });
  }
  const found = findings.find(({ id }) => id === name) ?? findings.find(({ kind }) => kind === name);
  if (found !== undefined) return [found];
  const ids = findings.map(({ id }) => id);
  const some = ids.slice(0, 8).join(', ') + (ids.length > 8 ? ', …' : '');
  throw new SendtwiceError('usage/bad-argument', `The run has no finding ${printable(name, 60)}`, {
    hint: ids.length === 0 ? 'It has no findings at all.' : `It has: ${some}`,
  });
}

/** A finding with everything that a person needs to believe it. */
export function explained(finding: WrittenFinding, reproduce: readonly string[] = []): Explained {
  return { finding, rules: rulesOf(finding), sure: STRENGTHS[finding.strength], reproduce };
}

/** The same as text, with a newline at its end. Safe to print. */
export function explanation({ finding, rules, sure, reproduce }: Explained): string {
  const row = (title: string, text: string): string => `  ${title.padEnd(6)} ${text}`;
  const lines = [
    `${finding.id}  ${printable(withoutPersonal(finding.message), 300)}`,
    ...(finding.expected === undefined ? [] : [row('want', printable(finding.expected, 300))]),
    ...shortened(finding.chain).map((line) => `    ${printable(line, 300)}`),
    ...rules.map((rule) => row('rule', rule)),
    row('why', `${finding.cause}: ${finding.explain}`),
    row('sure', sure),
    row('do', finding.hint),
    ...reproduce.map((line, index) => (index === 0 ? row('again', line) : `         ${line}`)),
  ];
  return `${lines.join('\n')}\n`;
}

function shortened(chain: readonly string[]): string[] {
  if (chain.length <= LONGEST_CHAIN) return [...chain];
  const half = Math.floor(LONGEST_CHAIN / 2);
  const left = chain.length - 2 * half;
  return [...chain.slice(0, half), `… ${left} more events …`, ...chain.slice(-half)];
}
