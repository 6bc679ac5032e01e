import type { Document, Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { Filter } from '../query/matcher.js';
import type { StoredDocument } from './stored-document.js';

/** What documents of a collection must pass when they are written. */
export interface Validator {
  readonly spec: Document;
  readonly filter: Filter;
  /** `moderate`: a document that did not pass before need not pass after an update. */
  readonly level: 'strict' | 'moderate';
}

/** @throws ServerError 121 when the document does not pass */
export function checkValid(
  validator: Validator | undefined,
  after: StoredDocument,
  before?: StoredDocument,
): void {
  if (validator === undefined || validator.filter(after.document)) return;
  if (validator.level === 'moderate' && before !== undefined && !validator.filter(before.document)) return;
  const errInfo = new Map<string, Value>([
    ['failingDocumentId', after.document.get('_id') ?? null],
    ['details', new Map([['specifiedAs', validator.spec]])],
  ]);
  throw new ServerError(121, 'Document failed validation', [], new Map([['errInfo', errInfo]]));
}
