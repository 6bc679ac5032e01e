import type { z } from 'zod';
import { type ErrorCode, SendtwiceError } from '../base/errors.js';
import { allowedAt, nearest } from './allowed.js';
import { type Path, readSource, type Spot, YamlSource } from './yaml-source.js';

/** Everything that is wrong with a file, at most this many of it. */
const MAX_PROBLEMS = 8;

export interface Problem extends Spot {
  readonly message: string;
}

/**
 * Reads a YAML file and checks it against a schema. Everything wrong is reported at once, each with line
 * and column, the key, what is there and what is allowed.
 */
export function readYamlFile<S extends z.ZodType>(path: string, schema: S, code: ErrorCode): z.output<S> {
  const source = readSource(path);
  return checked(source.value, schema, code, (problem) => source.placed(problem, problem.message));
}

/** As {@link readYamlFile}, for a text that is at hand. `path` names it in messages. */
export function parseYaml<S extends z.ZodType>(
  text: string,
  path: string,
  schema: S,
  code: ErrorCode,
): z.output<S> {
  const source = new YamlSource(text, path);
  return checked(source.value, schema, code, (problem) => source.placed(problem, problem.message));
}

/** Checks a value that was written in a program. `name` stands in messages where a file has a line. */
export function checkValue<S extends z.ZodType>(
  value: z.input<S>,
  name: string,
  schema: S,
  code: ErrorCode,
): z.output<S> {
  return checked(value, schema, code, ({ message }) => `${name}: ${message}`);
}

/**
 * Checks a value of whatever origin. `tell` writes one problem with the place where it was made.
 * @throws SendtwiceError `code`, with all that is wrong
 */
export function checked<S extends z.ZodType>(
  value: unknown,
  schema: S,
  code: ErrorCode,
  tell: (problem: Problem) => string,
): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const problems = distinct(result.error.issues.flatMap((issue) => describe(issue, schema)));
  throw refusal(problems.map(tell), code);
}

/** One error that says everything at once, as far as people read on. */
export function refusal(problems: readonly string[], code: ErrorCode): SendtwiceError {
  const lines = problems.slice(0, MAX_PROBLEMS);
  if (problems.length > MAX_PROBLEMS) lines.push(`… and ${problems.length - MAX_PROBLEMS} more`);
  return new SendtwiceError(code, lines.join('\n'), { hint: 'Nothing was run.' });
}

/** One problem for each place: where a value is of the wrong type, nothing else is said about it. */
function distinct(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ path, atKey = false }) => {
    const place = JSON.stringify([path.map(String), atKey]);
    return !seen.has(place) && seen.add(place);
  });
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
