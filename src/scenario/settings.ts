import { isCollection, parseDocument } from 'yaml';
import { SendtwiceError } from '../base/errors.js';
import { allowedAt, nearest } from './allowed.js';
import { faultNames } from './fault-names.js';
import { scenarioSchema } from './schema.js';
import { childOf, type Traced, type TracedMap, traced, withEntry } from './traced.js';

/** Sections whose keys people name without the section, by mistake. */
const SECTIONS = ['play', 'expect', 'mongo', 'telegram', 'bot'];

/**
 * The scenario with each `name=value`: the value of a parameter of this name, else of the key at this path
 * (`play.users`, `faults.slow-mongo.delay`). `null` takes a key or a fault away.
 * @throws SendtwiceError `usage/bad-argument`
 */
export function withSettings(root: TracedMap, set: readonly string[]): TracedMap {
  return set.reduce((before, setting) => withSetting(before, setting), root);
}

function withSetting(root: TracedMap, setting: string): TracedMap {
  const [, name = '', text = ''] = /^([^=]*)=?([\s\S]*)$/.exec(setting) ?? [];
  const refuse = (message: string, hint?: string): SendtwiceError =>
    new SendtwiceError('usage/bad-argument', `--set ${setting}: ${message}`, {
      hint: hint ?? 'Nothing was run.',
    });
  if (!setting.includes('=') || name.trim() === '') {
    throw refuse('there is no name and value', 'It looks like --set play.users=50.');
  }
  const value = traced(valueIn(text, refuse), { set: setting });
  const keys = name.trim().split('.');
  const parameters = root.entries.get('parameters');
  const [first = ''] = keys;
  if (keys.length === 1 && parameters?.kind === 'map') {
    const parameter = parameters.entries.get(first);
    if (parameter?.kind === 'map') {
      return withEntry(
        root,
        'parameters',
        withEntry(parameters, first, withEntry(parameter, 'default', value)),
      );
    }
  }
  const top = allowedAt(scenarioSchema, [], {}).filter((key) => key !== 'extends' && key !== 'parameters');
  if (keys.some((key) => key === '')) throw refuse('there is nothing before or behind a dot');
  if (!top.includes(first)) {
    const names = parameters?.kind === 'map' ? [...parameters.entries.keys()] : [];
    const guess = keys.length === 1 ? guessOf(first, [...names, ...top]) : nearest(first, top);
    const said = guess === undefined ? '' : ` Did you mean \`${[guess, ...keys.slice(1)].join('.')}\`?`;
    const known = names.length === 0 ? '' : ` Parameters: ${names.join(', ')}.`;
    throw refuse(`nothing is called \`${name}\`.${said}${known} Keys: ${top.join(', ')}.`);
  }
  return put(root, keys, value, refuse, []) as TracedMap;
}

/** The name that was meant, with its section where the section was forgotten. */
function guessOf(word: string, names: readonly string[]): string | undefined {
  for (const section of SECTIONS) {
    if (allowedAt(scenarioSchema, [section], {}).includes(word)) return `${section}.${word}`;
  }
  const close = nearest(word, names);
  if (close !== undefined) return close;
  for (const section of SECTIONS) {
    const inner = nearest(word, allowedAt(scenarioSchema, [section], {}));
    if (inner !== undefined) return `${section}.${inner}`;
  }
  return undefined;
}

type Refuse = (message: string, hint?: string) => SendtwiceError;

/** The tree with the value at its place. Keys that no schema knows are found when all is checked. */
function put(
  node: Traced | undefined,
  [key, ...rest]: readonly string[],
  value: Traced,
  refuse: Refuse,
  at: readonly string[],
): Traced | undefined {
  if (key === undefined) return isNull(value) && !isVariable(at) ? undefined : value;
  if (node === undefined && at.length === 1 && at[0] === 'faults') faultAt([], key, refuse);
  if (node === undefined || node.kind === 'map') {
    const map: TracedMap =
      node ?? ({ kind: 'map', origin: value.origin, entries: new Map() } satisfies TracedMap);
    return withEntry(map, key, put(map.entries.get(key), rest, value, refuse, [...at, key]));
  }
  if (node.kind === 'scalar') {
    // A delay of one duration may become a distribution, piece by piece; of anything else nothing can come.
    throw refuse(`\`${at.join('.')}\` is one value and has no key \`${key}\``);
  }
  const index = at[0] === 'faults' && at.length === 1 ? faultAt(node.items, key, refuse) : Number(key);
  const before = childOf(node, index);
  if (before === undefined) {
    throw refuse(`\`${at.join('.')}\` has ${node.items.length} entries; the first one is ${at.join('.')}.0`);
  }
  const after = put(before, rest, value, refuse, [...at, key]);
  return { ...node, items: node.items.flatMap((item) => (item !== before ? [item] : (after ?? []))) };
}

function faultAt(items: readonly Traced[], name: string, refuse: Refuse): number {
  const names = faultNames(items).filter((known) => known !== undefined);
  const index = faultNames(items).indexOf(name);
  if (index >= 0) return index;
  const guess = nearest(name, names);
  throw refuse(
    `no fault is called \`${name}\`.${guess === undefined ? '' : ` Did you mean \`faults.${guess}\`?`} There are: ${names.join(', ') || 'none'}.`,
  );
}

const isNull = (value: Traced): boolean => value.kind === 'scalar' && value.value === null;

/** `null` means something of its own there: the variable is taken away from the bot file. */
const isVariable = (at: readonly string[]): boolean => at.length === 3 && at[0] === 'bot' && at[1] === 'env';

/** A scalar of YAML, or a map or list on one line. */
function valueIn(text: string, refuse: Refuse): unknown {
  if (text.trim() === '') {
    throw refuse(
      'the value is empty',
      'Is a variable of your shell not set? null takes a key away, "" is an empty text.',
    );
  }
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const { contents } = document;
  // `text: a: b` would be a map over several lines.
  if (isCollection(contents) && contents.flow !== true) return text;
  const broken = document.errors[0] ?? document.warnings[0];
  if (broken !== undefined)
    throw refuse(`the value is not valid YAML: ${broken.message}`, 'Put it in quotes.');
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw refuse('the value cannot hold aliases (*name)', 'Put it in quotes.');
  }
}
