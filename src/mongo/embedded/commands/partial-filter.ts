import { BSONRegExp } from 'bson';
import { isTruthy } from '../aggregate/truth.js';
import type { Document } from '../bson/value.js';
import { ServerError } from '../errors.js';
import { isOperatorDocument } from '../query/matcher.js';

const OPERATORS = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$in', '$type', '$exists']);

/** @throws ServerError 67 for a filter that no partial index can have: nothing may be said of what is not there. */
export function checkPartialFilter(filter: Document): void {
  for (const [name, operand] of filter) {
    if ((name === '$and' || name === '$or') && Array.isArray(operand)) {
      for (const part of operand) if (part instanceof Map) checkPartialFilter(part);
    } else if (name.startsWith('$')) throw unsupported(name);
    else if (operand instanceof BSONRegExp) throw unsupported('$regex');
    else if (isOperatorDocument(operand)) {
      for (const [operator, value] of operand) {
        if (!OPERATORS.has(operator)) throw unsupported(operator);
        if (operator === '$exists' && !isTruthy(value)) throw unsupported('$not');
      }
    }
  }
}

function unsupported(operator: string): ServerError {
  return new ServerError(67, `Expression not supported in partial index: ${operator}`);
}
