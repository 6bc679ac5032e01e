import { USER_PLACEHOLDERS } from '../replay/user-texts.js';
import { nearest } from './allowed.js';
import {
  childOf,
  mapScalars,
  type Traced,
  type TracedMap,
  type TracedScalar,
  tellAt,
  told,
  withEntry,
} from './traced.js';
import { refusal } from './yaml-file.js';

/** `${name}`, or `$${name}` for these characters themselves. Names with dots are not ours: `${user.id}` is filled in for each user. */
const PLACEHOLDER = /(\$?)\$\{\s*([^}.\s]+)\s*\}/g;
const WHOLE = /^\$\{\s*([^}.\s]+)\s*\}$/;
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
/** `${instance}` is filled in for each instance of the bot. */
const TAKEN = 'instance';

/** Keys of the file that parameters do not reach. */
const UNTOUCHED = 'parameters';

/** The names of the parameters of a file. */
export function parametersOf(root: Traced): string[] {
  const parameters = childOf(root, UNTOUCHED);
  return parameters?.kind === 'map' ? [...parameters.entries.keys()] : [];
}

/** The file with the values that a bot file has for its parameters; the others are for other files. */
export function withBotValues(root: TracedMap, values: TracedMap): TracedMap {
  const parameters = root.entries.get(UNTOUCHED);
  if (parameters?.kind !== 'map') return root;
  const entries = [...parameters.entries].map(([name, parameter]) => {
    const value = values.entries.get(name);
    const isGiven = value !== undefined && parameter.kind === 'map';
    return [name, isGiven ? withEntry(parameter, 'default', value) : parameter] as const;
  });
  return withEntry(root, UNTOUCHED, { ...parameters, entries: new Map(entries) });
}

/** Parameters that have no value yet. */
export function lackingIn(root: TracedMap): string[] {
  return parametersOf(root).filter((name) => {
    const parameter = childOf(root.entries.get(UNTOUCHED), name);
    // With other keys beside `about` it is misspelt, and the schema says so.
    return parameter?.kind === 'map' && [...parameter.entries.keys()].every((key) => key === 'about');
  });
}

/** What to do about parameters that have no value, as the end of a sentence about their file. */
export const needOf = (names: readonly string[]): string =>
  `needs the parameter${names.length === 1 ? '' : 's'} ${names.map((name) => `\`${name}\``).join(', ')}: --set ${names[0]}=… or \`parameters:\` in the bot file`;

/**
 * Puts the values of the parameters where the file names them. A scalar that is only `${name}` becomes the
 * value with its type; elsewhere it is put into the text.
 * @throws SendtwiceError `file/bad-scenario`: a name that is none
 */
export function filledIn(root: TracedMap): TracedMap {
  const values = valuesOf(root);
  const lacking = lackingIn(root); // said once, and not for each place
  const problems: string[] = [];
  const problem = (message: string, scalar: TracedScalar): void => {
    problems.push(told(scalar.origin, message));
  };
  const lookUp = (name: string, scalar: TracedScalar): Traced | undefined => {
    const value = values.get(name);
    if (value !== undefined || lacking.includes(name)) return value;
    const known = [...values.keys()];
    // Steps may hold these, too; without their dot they look like parameters.
    const guess = nearest(name, [...known, ...USER_PLACEHOLDERS]);
    problem(
      `no parameter is called \`${name}\`.${guess === undefined ? '' : ` Did you mean \`${guess}\`?`} ${known.length === 0 ? 'Name it under `parameters`' : `Known: ${known.join(', ')}`}; write $\${${name}} for these characters themselves.`,
      scalar,
    );
    return undefined;
  };
  const fill = (scalar: TracedScalar): Traced => {
    const { value: text } = scalar;
    if (typeof text !== 'string' || !text.includes('${')) return scalar;
    const only = WHOLE.exec(text)?.[1];
    if (only !== undefined && only !== TAKEN) return lookUp(only, scalar) ?? scalar;
    const value = text.replace(PLACEHOLDER, (written: string, dollar: string, name: string) => {
      if (name === TAKEN) return written;
      if (dollar !== '') return written.slice(1);
      const found = lookUp(name, scalar);
      if (found === undefined) return written;
      if (found.kind === 'scalar' && found.value !== null) return String(found.value);
      problem(`the parameter \`${name}\` is no text or number that could stand inside of a text`, scalar);
      return written;
    });
    return { ...scalar, value };
  };
  const entries = [...root.entries].map(
    ([key, value]) => [key, key === UNTOUCHED ? value : mapScalars(value, fill)] as const,
  );
  if (problems.length > 0) throw refusal([...new Set(problems)], 'file/bad-scenario');
  return { ...root, entries: new Map(entries) };
}

/** The parameters with the values that they have now. */
function valuesOf(root: TracedMap): ReadonlyMap<string, Traced> {
  const parameters = root.entries.get(UNTOUCHED);
  const values = new Map<string, Traced>();
  if (parameters?.kind !== 'map') return values; // the schema says what is wrong with it
  const problems: string[] = [];
  for (const [name, parameter] of parameters.entries) {
    const refuse = (message: string): void => {
      problems.push(tellAt(root, { path: [UNTOUCHED, name], atKey: true }, message));
    };
    const value = childOf(parameter, 'default');
    if (name === TAKEN)
      refuse('a parameter cannot be called `instance`: that is the number of the bot process');
    else if (!NAME.test(name)) {
      refuse(`the name of the parameter \`${name}\` must be letters, digits, _ and -, a letter first`);
    } else if (value !== undefined) values.set(name, value);
  }
  if (problems.length > 0) throw refusal(problems, 'file/bad-scenario');
  return values;
}
