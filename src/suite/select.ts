import { SendtwiceError } from '../base/errors.js';
import type { Heading } from '../scenario/heading.js';

export interface Selection {
  /** A regular expression over the name and the tags. */
  readonly grep?: string;
  /** Any of these. */
  readonly tags?: readonly string[];
  /** Names of scenarios; nothing means all. */
  readonly only?: ReadonlySet<string>;
  /** Paths of files that were named themselves, and not by their folder. */
  readonly named?: ReadonlySet<string>;
}

/** Scenarios with this tag show what no bot can do anything about: a suite leaves them out unless they are asked for. */
const DEMONSTRATION = 'demonstration';

/**
 * The scenarios to run, cheap and telling ones first: by `order`, then by name.
 * @throws SendtwiceError `usage/bad-argument` when none is left, or for a wrong expression
 */
export function selected<T extends Pick<Heading, 'path' | 'scenario' | 'tags' | 'order'>>(
  scenarios: readonly T[],
  { grep, tags = [], only, named }: Selection,
): T[] {
  const pattern = grep === undefined ? undefined : patternOf(grep);
  const isChosen = pattern !== undefined || tags.length > 0 || only !== undefined || scenarios.length === 1;
  const chosen = scenarios.filter(
    ({ path, scenario, tags: own }) =>
      (isChosen || named?.has(path) === true || !own.includes(DEMONSTRATION)) &&
      (pattern === undefined || [scenario, ...own].some((word) => pattern.test(word))) &&
      (tags.length === 0 || own.some((tag) => tags.includes(tag))) &&
      (only === undefined || only.has(scenario)),
  );
  if (chosen.length > 0) {
    return chosen.sort(
      (a, b) => a.order - b.order || (a.scenario < b.scenario ? -1 : a.scenario > b.scenario ? 1 : 0),
    );
  }
  const known = [...new Set(scenarios.flatMap(({ tags: own }) => own))].sort();
  throw new SendtwiceError('usage/bad-argument', 'No scenario is left to run', {
    hint: `Their names: ${scenarios.map(({ scenario }) => scenario).join(', ')}. Their tags: ${known.join(', ') || 'none'}.`,
  });
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch (error) {
    throw new SendtwiceError('usage/bad-argument', `--grep is no regular expression: ${text}`, {
      cause: error,
    });
  }
}
