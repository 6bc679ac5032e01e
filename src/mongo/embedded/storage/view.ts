import type { Value } from '../bson/value.js';

/** What `create` with `viewOn` makes: a pipeline that is run whenever it is read. */
export interface View {
  /** The collection, or another view, of the same database. */
  readonly on: string;
  readonly pipeline: readonly Value[];
}

/** Views on views on views …, at most as deep as this, as in the official server. */
export const MAX_VIEW_DEPTH = 20;
