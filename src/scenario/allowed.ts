import { z } from 'zod';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly additionalProperties?: boolean | JsonSchema;
}

/**
 * The keys that a schema allows at a path; with `discriminator`, the values of that key instead. `input`
 * is what stands there: where a list or map has several shapes, the one whose fixed values agree with it
 * counts.
 */
export function allowedAt(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  input: unknown,
  discriminator?: string,
): string[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  let here: readonly JsonSchema[] = branches(root);
  for (const key of path) {
    here = here.flatMap((node) => {
      const other = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
      const next = typeof key === 'number' ? node.items : (node.properties?.[String(key)] ?? other);
      return next === undefined ? [] : branches(next);
    });
  }
  if (discriminator !== undefined) {
    return unique(here.flatMap((node) => node.properties?.[discriminator]?.const ?? []).map(String));
  }
  const fitting = here.filter((node) => agrees(node, input));
  return unique((fitting.length > 0 ? fitting : here).flatMap((node) => Object.keys(node.properties ?? {})));
}

function branches(node: JsonSchema): readonly JsonSchema[] {
  const several = node.anyOf ?? node.oneOf ?? node.allOf;
  return several === undefined ? [node] : several.flatMap(branches);
}

/** Do the fixed values (`on: mongo`) of this shape stand in the input? */
function agrees(node: JsonSchema, input: unknown): boolean {
  if (typeof input !== 'object' || input === null || node.properties === undefined) return false;
  return Object.entries(node.properties).every(
    ([key, property]) =>
      property.const === undefined || (input as Record<string, unknown>)[key] === property.const,
  );
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** The candidate that was most likely meant: at most two typing errors, or a third of the letters, away. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(word.length / 3));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (
      distance <= limit &&
      distance < candidate.length &&
      (best === undefined || distance < best.distance)
    ) {
      best = { candidate, distance };
    }
  }
  return best?.candidate;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
