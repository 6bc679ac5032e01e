import type { Value } from '../bson/value.js';
import type { QueryContext } from '../query/context.js';

/** What an update needs to know besides the document. */
export interface UpdateInfo {
  /** The array position that the filter matched, for the positional operator `$`. */
  readonly position: number | undefined;
  /** The document is being inserted by an upsert. */
  readonly isInsert: boolean;
}

/**
 * Changes the value of one field. `undefined` is no value: given when the field is missing, returned to
 * leave it missing or to remove it.
 */
export type Change = (current: Value | undefined) => Value | undefined;

/** Checks the operand of an update operator for one path and gives what it does. */
export type ChangeCompiler = (operand: Value, path: string, context: QueryContext) => Change;
