import { readFileSync } from 'node:fs';
import {
  isMap,
  isNode,
  isPair,
  LineCounter,
  parseDocument,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml';
import type { z } from 'zod';
import { type ErrorCode, messageOf, SendtwiceError } from '../base/errors.js';
import { allowedAt, nearest } from './allowed.js';

/** Everything that is wrong with a file, at most this many lines of it. */
const MAX_PROBLEMS = 8;

/** A YAML file of this size is a mistake, not a scenario. */
const MAX_FILE_BYTES = 256 * 1024;

const MAX_ALIASES = 100;

type Path = readonly PropertyKey[];

interface Problem {
  readonly path: Path;
  readonly message: string;
  /** The problem is the key at the end of the path, not its value. */
  readonly atKey?: boolean;
}

/**
 * Reads a YAML file and checks it against a schema. Everything wrong is reported at once, each with line
 * and column, the key, what is there and what is allowed.
 */
export function readYamlFile<S extends z.ZodType>(path: string, schema: S, code: ErrorCode): z.output<S> {
  const text = readText(path);
  return parseYaml(text, path, schema, code);
}

/** As {@link readYamlFile}, for a text that is at hand. `path` names it in messages. */
export function parseYaml<S extends z.ZodType>(
  text: string,
  path: string,
  schema: S,
  code: ErrorCode,
): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  // A warning is a tag that nobody knows: the value would not be what its author meant.
  const broken = document.errors[0] ?? document.warnings[0];
  if (broken !== undefined) {
    throw new SendtwiceError('file/bad-yaml', `${place(broken.pos[0])}: not valid YAML: ${flawOf(broken)}`, {
      hint: 'Check the indentation and the quotes around that place.',
    });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw new SendtwiceError('file/bad-yaml', `${path}: the aliases (*name) cannot be followed`, {
      hint: `Write out what they stand for; at most ${MAX_ALIASES} values may come from aliases.`,
      cause: error,
    });
  }
  if (value === null) value = {};
  return checked(value, schema, code, (problem) => `${place(offsetOf(document.contents, problem))}: `);
}

/** What the parser found, where its own words are for programmers. */
function flawOf({ code, message }: YAMLParseError | YAMLWarning): string {
  if (code === 'MULTIPLE_DOCS') return 'there is a second document (---); one file holds one';
  if (/call stack/.test(message)) return 'it is nested too deeply';
  return message;
}

/** Checks a value that was written in a program. `name` stands in messages where a file has a line. */
export function checkValue<S extends z.ZodType>(
  value: z.input<S>,
  name: string,
  schema: S,
  code: ErrorCode,
): z.output<S> {
  return checked(value, schema, code, () => `${name}: `);
}

function checked<S extends z.ZodType>(
  value: unknown,
  schema: S,
  code: ErrorCode,
  placeOf: (problem: Problem) => string,
): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const problems = distinct(result.error.issues.flatMap((issue) => describe(issue, schema)));
  const lines = problems.slice(0, MAX_PROBLEMS).map((problem) => `${placeOf(problem)}${problem.message}`);
  if (problems.length > MAX_PROBLEMS) lines.push(`… and ${problems.length - MAX_PROBLEMS} more`);
  throw new SendtwiceError(code, lines.join('\n'), { hint: 'Nothing was run.' });
}

/** One problem for each place: where a value is of the wrong type, nothing else is said about it. */
function distinct(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ path, atKey = false }) => {
    const place = JSON.stringify([path.map(String), atKey]);
    return !seen.has(place) && seen.add(place);
  });
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_FILE_BYTES) {
      throw new SendtwiceError(
        'file/unreadable',
        `${path} has ${bytes.length} bytes; at most ${MAX_FILE_BYTES} are read`,
      );
    }
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof SendtwiceError) throw error;
    throw new SendtwiceError('file/unreadable', `Cannot read ${path}: ${messageOf(error)}`, {
      hint: 'Check the path; it is taken relative to the current folder.',
      cause: error,
    });
  }
}

/** Where in the text a problem is: the key for an unknown key, else the value, else what holds it. */
function offsetOf(root: unknown, problem: Problem): number {
  let node = root;
  let offset = isNode(root) ? (root.range?.[0] ?? 0) : 0;
  problem.path.forEach((key, index) => {
    const last = index === problem.path.length - 1;
    const pair = isMap(node) ? node.items.find((item) => keyText(item.key) === String(key)) : undefined;
    if (pair !== undefined) {
      const target = last && problem.atKey === true ? pair.key : (pair.value ?? pair.key);
      if (isNode(target) && target.range) offset = target.range[0];
      node = pair.value;
      return;
    }
    const items = (node as { items?: readonly unknown[] } | undefined)?.items;
    const item = items?.[Number(key)];
    if (item !== undefined && !isPair(item)) {
      if (isNode(item) && item.range) offset = item.range[0];
      node = item;
    } else {
      node = undefined;
    }
  });
  return offset;
}

function keyText(key: unknown): string {
  return isNode(key) ? String((key as { value?: unknown }).value) : String(key);
}

/** One issue of the schema as one or more sentences. */
function describe(issue: z.core.$ZodIssue, schema: z.ZodType): Problem[] {
  const at = (path: Path, message: string, atKey = false): Problem => ({ path, message, atKey });
  const where = issue.path.length === 0 ? 'the file' : `\`${pathText(issue.path)}\``;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = allowedAt(schema, issue.path, issue.input);
      const known = allowed.length === 0 ? '' : ` Allowed here: ${allowed.join(', ')}.`;
      return issue.keys.map((key) => {
        const guess = nearest(key, allowed);
        const said = allowed.includes(key)
          ? `\`${key}\` cannot stand beside the other keys here: one of ${allowed.join(', ')} is enough.`
          : `unknown key \`${key}\`.${guess === undefined ? '' : ` Did you mean \`${guess}\`?`}${known}`;
        return at([...issue.path, key], said, true);
      });
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      const got = String(issue.input);
      const guess = nearest(got, allowed);
      return [
        at(
          issue.path,
          issue.input === undefined
            ? `${where} is missing. Allowed: ${allowed.join(', ')}.`
            : `${where} cannot be ${shown(issue.input)}.${guess === undefined ? '' : ` Did you mean \`${guess}\`?`} Allowed: ${allowed.join(', ')}.`,
        ),
      ];
    }
    case 'invalid_type':
      return [
        at(
          issue.path,
          issue.input === undefined
            ? `${where} is missing; it must be ${expectation(issue)}`
            : `${where} must be ${expectation(issue)}, not ${shown(issue.input)}`,
        ),
      ];
    case 'invalid_union': {
      if (issue.errors.length === 0) return [at(issue.path, unknownShape(issue, schema))];
      // The branch that got furthest knows best what the author meant.
      const best = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0] ?? [];
      if (depth(best) === 0) {
        const choices = [...new Set(issue.errors.flat().map((inner) => expectation(inner)))];
        return [at(issue.path, `${where} must be ${choices.join(' or ')}, not ${shown(issue.input)}`)];
      }
      return best.flatMap((inner) =>
        describe({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, schema),
      );
    }
    case 'invalid_key':
      return issue.issues.map((inner) => at(issue.path, `the key ${where} ${inner.message}`, true));
    default:
      return [
        at(
          issue.path,
          `${where} ${issue.message
            .replace(/^Invalid (input|string): /, '')
            .replace(/^Too small: expected \w+ to have >=1 \w+$/, 'must not be empty')
            .replace(/^Too (small|big): expected \w+ to (be|have) /, (_, __, verb: string) => `must ${verb} `)
            .replace('>=', 'at least ')
            .replace('<=', 'at most ')
            .replace(/>(?=\d)/, 'more than ')
            .replace(/<(?=\d)/, 'less than ')}`,
        ),
      ];
  }
}

/** A map whose kind (`on: mongo`) is missing or unknown. */
function unknownShape(issue: z.core.$ZodIssueInvalidUnion, schema: z.ZodType): string {
  const key = String(issue.path.at(-1) ?? '');
  const allowed = allowedAt(schema, issue.path.slice(0, -1), undefined, key);
  const got = (issue.input as Readonly<Record<string, unknown>> | undefined)?.[key];
  const where = `\`${pathText(issue.path)}\``;
  if (got === undefined) return `${where} is missing. Allowed: ${allowed.join(', ')}.`;
  const guess = nearest(String(got), allowed);
  return `${where} cannot be ${shown(got)}.${guess === undefined ? '' : ` Did you mean \`${guess}\`?`} Allowed: ${allowed.join(', ')}.`;
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(
    0,
    ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)),
  );
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && !issue.message.startsWith('must be ')) return article(issue.expected);
  if (issue.code === 'invalid_value') return issue.values.map((value) => `\`${String(value)}\``).join(', ');
  return issue.message.replace(/^must be /, '').replace(/^Invalid input: expected /, '');
}

function article(type: string): string {
  const names: Record<string, string> = {
    object: 'a map of keys',
    record: 'a map of keys',
    array: 'a list',
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  };
  return names[type] ?? type;
}

function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

function pathText(path: Path): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}
