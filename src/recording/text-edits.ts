import { isObject, type JsonObject } from './format.js';

/** One place of a text that was replaced; offsets in UTF-16 units of the text before. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly grown: number;
}

/** A text in which something was replaced, and where its old offsets are now. */
export interface EditedText {
  readonly text: string;
  readonly shift: (offset: number) => number;
}

/** Replaces each match of a global pattern and remembers what moved. */
export function editText(text: string, pattern: RegExp, replace: (found: string) => string): EditedText {
  const edits: Edit[] = [];
  const edited = text.replace(pattern, (...match) => {
    const found = String(match[0]);
    const start = match.find((part): part is number => typeof part === 'number') ?? 0;
    const fresh = replace(found);
    if (fresh !== found) edits.push({ start, end: start + found.length, grown: fresh.length - found.length });
    return fresh;
  });
  return { text: edited, shift: (offset) => shifted(offset, edits) };
}

/** An offset inside of a replaced place moves to the end of the new one. */
function shifted(offset: number, edits: readonly Edit[]): number {
  let result = offset;
  for (const { start, end, grown } of edits) {
    if (offset >= end) result += grown;
    else if (offset > start) return result + (end - offset) + grown;
    else break;
  }
  return result;
}

/** Message entities (or others with offset and length) after the text was edited. */
export function shiftEntities(entities: unknown, shift: EditedText['shift']): unknown {
  if (!Array.isArray(entities)) return entities;
  return entities.map((entity: unknown) => {
    if (!isObject(entity)) return entity;
    const { offset, length } = entity;
    if (typeof offset !== 'number' || typeof length !== 'number') return entity;
    const start = shift(offset);
    return { ...entity, offset: start, length: shift(offset + length) - start } satisfies JsonObject;
  });
}

/** The field that holds the entities of a text field. */
export function entitiesField(field: string): string | undefined {
  if (field === 'text') return 'entities';
  return field === 'caption' || field === 'explanation' || field === 'question'
    ? `${field}_entities`
    : undefined;
}
