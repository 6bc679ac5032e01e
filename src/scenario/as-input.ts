import { stringify } from 'yaml';
import type { z } from 'zod';

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** More rounds than any file has layers of unions. */
const MOST_ROUNDS = 20;

/** A loaded scenario or bot file as YAML that can be loaded again. */
export function asYaml(loaded: object, schema: z.ZodType): string {
  return stringify(asInput(loaded, schema), { lineWidth: 110 });
}

/**
 * What was loaded, as it stands in a file. Loading made numbers of durations and rates; the schema itself says
 * which, by refusing them.
 */
export function asInput(loaded: object, schema: z.ZodType): object {
  const value = structuredClone(loaded) as object;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const parsed = schema.safeParse(value);
    if (parsed.success) break;
    const changed = issuesIn(parsed.error.issues, []).filter((issue) => repaired(value, issue));
    if (changed.length === 0) break;
  }
  return value;
}

function issuesIn(issues: readonly z.core.$ZodIssue[], at: readonly PropertyKey[]): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    const nested = 'errors' in issue ? (issue.errors as readonly (readonly z.core.$ZodIssue[])[]) : [];
    return [{ path, message: issue.message }, ...nested.flatMap((inner) => issuesIn(inner, path))];
  });
}

/** Writes one number as the text that it was; drops what only a loaded file has. */
function repaired(value: object, { path, message }: Issue): boolean {
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
  const key = path.at(-1);
  if (typeof holder !== 'object' || holder === null || key === undefined) return false;
  const parts = holder as Record<PropertyKey, unknown>;
  const number = parts[key];
  if (typeof number !== 'number') return false;
  if (/duration/.test(message))
    parts[key] = number > 0 && number % 1000 === 0 ? `${number / 1000}s` : `${number}ms`;
  else if (/rate/.test(message)) parts[key] = `${number}/s`;
  else return false;
  return true;
}
