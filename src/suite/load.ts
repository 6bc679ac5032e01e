import { readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { nearest } from '../scenario/allowed.js';
import { botValues, lackingOf } from '../scenario/compose.js';
import { type Heading, headingOf } from '../scenario/heading.js';
import { type LoadScenarioOptions, loadScenario, type Scenario } from '../scenario/load.js';
import { needOf } from '../scenario/parameters.js';
import { told } from '../scenario/traced.js';
import { type Selection, selected } from './select.js';
import type { Skipped } from './suite.js';

/** What was picked. */
export interface Picked {
  readonly scenarios: readonly Scenario[];
  /** Those that cannot be played, since nobody gives their parameters. */
  readonly lacking: readonly Skipped[];
  /** What may be misspelt. */
  readonly warnings: readonly string[];
}

/**
 * Picks scenarios of files and folders by what their files say, then reads these with what is set.
 * @throws SendtwiceError `usage/bad-argument`, `file/…`; `usage/missing-value` where one is picked alone
 */
export function loadSelected(
  paths: readonly string[],
  selection: Selection,
  options: LoadScenarioOptions,
): Picked {
  const headings = [...new Set(paths.flatMap(scenarioFiles))].map(headingOf);
  const files = headings.map(({ path }) => path);
  const named = new Set(paths.map((path) => resolve(path)));
  const chosen = selected(headings, { ...selection, named });
  const picked = chosen.map(({ path, scenario }) => loadOne({ path, scenario }, files, options));
  const lacking = picked.flatMap((one) => ('reason' in one ? one : []));
  // Who asks for one scenario wants to run it, and not to hear that it was passed over.
  const [alone] = chosen;
  if (alone !== undefined && chosen.length === 1 && lacking.length > 0) loadScenario(alone.path, options);
  return {
    scenarios: picked.flatMap((one) => ('reason' in one ? [] : one)),
    lacking,
    warnings: misspelt(headings, options),
  };
}

/** Most names in a bot file that no scenario has are for scenarios elsewhere; not those that nearly are one of these. */
function misspelt(headings: readonly Heading[], { botFile }: LoadScenarioOptions): string[] {
  const values = botFile === undefined ? undefined : botValues(botFile);
  const known = [...new Set(headings.flatMap(({ parameters }) => parameters))];
  return [...(values?.entries ?? [])].flatMap(([name, value]) => {
    const guess = known.includes(name) ? undefined : nearest(name, known);
    // Where that has a value, too, both are meant.
    if (guess === undefined || values?.entries.has(guess) === true) return [];
    return told(value.origin, `no scenario has the parameter \`${name}\`. Did you mean \`${guess}\`?`, true);
  });
}

/** A parameter is for the files that have it: where a chosen one does not, the error says which do. */
function loadOne(
  { path, scenario }: Pick<Heading, 'path' | 'scenario'>,
  files: readonly string[],
  options: LoadScenarioOptions,
): Scenario | Skipped {
  try {
    const lacking = lackingOf(path, options);
    return lacking.length > 0 ? { scenario, reason: needOf(lacking) } : loadScenario(path, options);
  } catch (error) {
    if (!(error instanceof SendtwiceError) || error.code !== 'usage/bad-argument') throw error;
    const setting = options.set?.find((one) => !takes(path, one, options));
    const others =
      setting === undefined ? [] : files.filter((file) => file !== path && takes(file, setting, options));
    const { message, hint, cause } = error;
    throw new SendtwiceError('usage/bad-argument', `${path}: ${message}`, {
      ...(hint !== undefined && { hint }),
      ...(others.length > 0 && {
        hint: `It can be set in ${others.map((file) => relative('.', file)).join(', ')}: pick these with --grep or --tag.`,
      }),
      cause,
    });
  }
}

/** Is there something in the file that this sets? Whatever else may be wrong with the file. */
function takes(path: string, setting: string, options: LoadScenarioOptions): boolean {
  try {
    loadScenario(path, { ...options, set: [setting] });
    return true;
  } catch (error) {
    return !(error instanceof SendtwiceError && error.code === 'usage/bad-argument');
  }
}

/** A file as it is; a folder stands for the YAML files in it, in order of their names. */
function scenarioFiles(path: string): string[] {
  const full = resolve(path);
  try {
    if (!statSync(full).isDirectory()) return [full];
    const files = readdirSync(full)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(full, name));
    if (files.length > 0) return files;
  } catch (error) {
    throw new SendtwiceError('usage/bad-argument', `Cannot read ${path}: ${messageOf(error)}`, {
      hint: 'Name a scenario file or a folder of them.',
      cause: error,
    });
  }
  throw new SendtwiceError('usage/bad-argument', `The folder ${path} holds no scenario (*.yaml)`);
}
