/**
 * Nothing, one item, or several. Most updates have one delivery and most steps one action: a list of its own for each
 * of a hundred thousand single items takes more memory than the items.
 */
export type Few<T extends object> = T | readonly T[] | undefined;

const NONE: readonly never[] = [];

/** A list that grows makes room for sixteen more, so it grows only when it is long. */
const LONG_LIST = 8;

export const asList = <T extends object>(few: Few<T>): readonly T[] =>
  few === undefined ? NONE : isList(few) ? few : [few];

export function withAnother<T extends object>(few: Few<T>, item: T): Few<T> {
  if (few === undefined) return item;
  if (!isList(few)) return [few, item];
  if (few.length < LONG_LIST) return few.concat([item]);
  (few as T[]).push(item);
  return few;
}

const isList = <T extends object>(few: T | readonly T[]): few is readonly T[] => Array.isArray(few);
