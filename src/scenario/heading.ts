import { asWritten } from './compose.js';
import { parametersOf } from './parameters.js';
import { childOf, plain, textAt } from './traced.js';

/** By what a suite picks a scenario. */
export interface Heading {
  readonly path: string;
  readonly scenario: string;
  readonly tags: readonly string[];
  readonly order: number;
  /** Names of its parameters. */
  readonly parameters: readonly string[];
}

/** Where the file says nothing else: as the schema. */
const DEFAULT_ORDER = 50;

/**
 * Reads only the heading of a scenario, as its file and those that it extends have it: nothing is set, filled in or
 * checked yet, so that a file can be passed over that would need a parameter.
 * @throws SendtwiceError `file/…` for a file that cannot be read
 */
export function headingOf(path: string): Heading {
  const root = asWritten(path);
  const tags = childOf(root, 'tags');
  const order = childOf(root, 'order');
  return {
    path,
    scenario: textAt(root, 'scenario') ?? '',
    tags: tags?.kind === 'list' ? tags.items.map((tag) => String(plain(tag))) : [],
    order: order?.kind === 'scalar' && typeof order.value === 'number' ? order.value : DEFAULT_ORDER,
    parameters: parametersOf(root),
  };
}
