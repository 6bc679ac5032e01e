import { readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { headingOf } from '../scenario/heading.js';
import { type LoadScenarioOptions, loadScenario, type Scenario } from '../scenario/load.js';
import { type Selection, selected } from './select.js';

/**
 * Picks scenarios of files and folders by what their files say, then reads these with what is set.
 * @throws SendtwiceError `usage/bad-argument`, `file/…`
 */
export function loadSelected(
  paths: readonly string[],
  selection: Selection,
  options: LoadScenarioOptions,
): Scenario[] {
  const headings = [...new Set(paths.flatMap(scenarioFiles))].map(headingOf);
  const files = headings.map(({ path }) => path);
  return selected(headings, selection).map(({ path }) => loadOne(path, files, options));
}

/** A parameter is for the files that have it: where a chosen one does not, the error says which do. */
function loadOne(path: string, files: readonly string[], options: LoadScenarioOptions): Scenario {
  try {
    return loadScenario(path, options);
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
