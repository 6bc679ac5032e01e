import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SendtwiceError } from '../base/errors.js';
import { nearest } from './allowed.js';
import { faultNames } from './fault-names.js';
import { filledIn, lackingIn, needOf, withBotValues } from './parameters.js';
import { withSettings } from './settings.js';
import {
  childOf,
  mapScalars,
  type Traced,
  type TracedList,
  type TracedMap,
  textAt,
  told,
  traced,
  withEntry,
} from './traced.js';
import { refusal } from './yaml-file.js';
import { type Path, readSource } from './yaml-source.js';

/** So many files may stand one upon the other. */
const MOST_FILES = 8;

/** Maps of which this key says what else they hold: with another one, nothing of the base fits. */
const SHAPES = ['on', 'distribution'];

/** What is said to a scenario from outside. */
export interface Given {
  /** `name=value` of parameters, or `play.users=50` of anything in the file. */
  readonly set?: readonly string[];
  /** The path of a bot file, whose `parameters` are values for those of the scenario; `set` goes above them. */
  readonly botFile?: string;
}

/**
 * Reads a scenario file with all that it `extends`, sets what is given, fills in the parameters and makes
 * paths absolute. Each part knows who wrote it. Nothing is checked against the schema yet.
 * @throws SendtwiceError `file/…` with the place; `usage/bad-argument` for a `set` that cannot be understood;
 * `usage/missing-value` for parameters that nobody gives
 */
export function composed(path: string, given: Given = {}): Traced {
  const root = asGiven(path, given);
  if (root.kind !== 'map') return root;
  const whole = filledIn(root);
  const lacking = lackingIn(root);
  if (lacking.length > 0) throw new SendtwiceError('usage/missing-value', `${path} ${needOf(lacking)}`);
  return withPaths(whole);
}

/** What the file would have to be given still. @throws SendtwiceError as `composed` */
export function lackingOf(path: string, given: Given): string[] {
  const root = asGiven(path, given);
  return root.kind === 'map' ? lackingIn(root) : [];
}

function asGiven(path: string, { set = [], botFile }: Given): Traced {
  const root = asWritten(path);
  if (root.kind !== 'map') return root;
  const values = botFile === undefined ? undefined : botValues(botFile);
  return withSettings(values === undefined ? root : withBotValues(root, values), set);
}

/** The values for parameters of scenarios that a bot file holds. */
export function botValues(path: string): TracedMap | undefined {
  const source = readSource(path);
  const values = childOf(traced(source.value, { source, path: [] }), 'parameters');
  return values?.kind === 'map' ? values : undefined; // the schema says what is wrong with it
}

/** The same before anything is set or filled in, and with paths as they stand there. */
export const asWritten = (path: string): Traced => extended(path, []);

/** The file, merged into what it extends. `above`: the files that led here. */
function extended(path: string, above: readonly string[]): Traced {
  const source = readSource(path);
  const root = traced(source.value, { source, path: [] });
  const base = root.kind === 'map' ? root.entries.get('extends') : undefined;
  if (root.kind !== 'map' || base === undefined) return byName(root);
  const other = textAt(root, 'extends');
  const refuse = (message: string): Error => refusal([told(base.origin, message)], 'file/bad-scenario');
  if (other === undefined || other === '') {
    throw refuse('`extends` must be a text: the path of another scenario file, relative to this one');
  }
  const target = resolve(dirname(path), other);
  const chain = [...above, path];
  if (chain.some((file) => sameFile(file, target))) {
    throw refuse(`the files extend each other in a circle: ${[...chain, target].join(' → ')}`);
  }
  if (chain.length > MOST_FILES) {
    throw refuse(`more than ${MOST_FILES} files extend each other: ${[...chain, target].join(' → ')}`);
  }
  if (!isThere(target)) throw refuse(`the file ${target}, which this one extends, does not exist`);
  return merged(extended(target, chain), withEntry(root, 'extends', undefined), []);
}

function isThere(path: string): boolean {
  try {
    return realpathSync(path) !== '';
  } catch {
    return false; // the caller says so
  }
}

const sameFile = (one: string, other: string): boolean =>
  isThere(one) && isThere(other) && realpathSync(one) === realpathSync(other);

/** What `own` changes of `base`: maps key by key, faults by name, anything else as a whole. */
function merged(base: Traced, own: Traced, at: Path): Traced {
  if (at.length === 1 && at[0] === 'faults' && base.kind === 'list') return mergedFaults(base, own);
  if (base.kind !== 'map' || own.kind !== 'map' || isOtherShape(base, own)) return own;
  const entries = new Map(base.entries);
  for (const [key, value] of own.entries) {
    const before = base.entries.get(key);
    const isRemoval = value.kind === 'scalar' && value.value === null && before !== undefined;
    if (isRemoval && !(at.length === 2 && at[0] === 'bot' && at[1] === 'env')) entries.delete(key);
    else entries.set(key, before === undefined ? value : merged(before, value, [...at, key]));
  }
  return { ...own, entries };
}

function isOtherShape(base: TracedMap, own: TracedMap): boolean {
  return SHAPES.some((key) => {
    const [before, after] = [textAt(base, key), textAt(own, key)];
    return before !== undefined && after !== undefined && before !== after;
  });
}

function mergedFaults(base: TracedList, own: Traced): Traced {
  if (own.kind === 'scalar') return own;
  const names = faultNames(base.items);
  const items: (Traced | undefined)[] = [...base.items];
  for (const [name, change] of changesIn(own)) {
    const index = name === undefined ? -1 : names.indexOf(name);
    const before = items[index];
    const isRemoval = change.kind === 'scalar' && change.value === null;
    if (before !== undefined)
      items[index] = isRemoval ? undefined : merged(before, change, ['faults', index]);
    else if (name !== undefined && (isRemoval || textAt(change, 'on') === undefined)) {
      const known = names.filter((known) => known !== undefined);
      const guess = nearest(name, known);
      const message = `no fault of what this file extends is called \`${name}\`.${guess === undefined ? '' : ` Did you mean \`${guess}\`?`} There are: ${known.join(', ') || 'none'}. A new fault needs \`on\`.`;
      throw refusal([told(change.origin, message, true)], 'file/bad-scenario');
    } else items.push(change);
  }
  return { kind: 'list', origin: own.origin, items: items.filter((item) => item !== undefined) };
}

/** A list of faults by the names that they say, or a map of names. */
function changesIn(own: TracedList | TracedMap): [string | undefined, Traced][] {
  return own.kind === 'list'
    ? own.items.map((item) => [textAt(item, 'name'), item])
    : [...own.entries].map(([name, item]) => [name, named(item, name)]);
}

/** `faults` may be a map of names: the list that it stands for. */
function byName(root: Traced): Traced {
  const faults = root.kind === 'map' ? root.entries.get('faults') : undefined;
  if (root.kind !== 'map' || faults?.kind !== 'map') return root;
  const items = [...faults.entries].map(([name, item]) => named(item, name));
  return withEntry(root, 'faults', { kind: 'list', origin: faults.origin, items });
}

function named(item: Traced, name: string): Traced {
  if (item.kind !== 'map' || item.entries.has('name')) return item;
  return withEntry(item, 'name', { kind: 'scalar', origin: item.origin, value: name });
}

/** Paths of other files belong to the file that wrote them; those of `--set` to the current folder. */
function withPaths(root: Traced): Traced {
  return mapScalars(root, (scalar, at) => {
    const { value, origin } = scalar;
    if (!isPath(at) || typeof value !== 'string' || value === '') return scalar;
    const folder = 'source' in origin ? dirname(origin.source.path) : '.';
    return { ...scalar, value: resolve(folder, value) };
  });
}

function isPath(at: Path): boolean {
  if (at.length === 2 && at[0] === 'play' && at[1] === 'recording') return true;
  return at.at(-1) === 'file' && (at.at(-2) === 'delay' || at.at(-2) === 'think');
}
