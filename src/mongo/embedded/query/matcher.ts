import { BSONRegExp } from 'bson';
import { compileExpression } from '../aggregate/expression.js';
import { isTruthy } from '../aggregate/truth.js';
import { compareValues } from '../bson/compare.js';
import { type Document, isNumeric, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { QueryContext } from './context.js';
import { splitPath, visitLeaves } from './path.js';
import {
  type BitTest,
  type Comparison,
  comparedTo,
  equalTo,
  matchingRegex,
  ofType,
  oneOf,
  type Predicate,
  wholePart,
  withBits,
  withRemainder,
} from './predicates.js';

/** Receives the array position that a filter matched, for the positional operator `$`. */
export interface Position {
  index: number | undefined;
}

/** A compiled filter. */
export type Filter = (document: Document, position?: Position) => boolean;

/** Tests one value: an element of `$elemMatch` or `$pull`. */
type ValueFilter = (value: Value, position?: Position) => boolean;

/**
 * Compiles a filter as `find` takes it.
 *
 * @throws ServerError for operators that are unknown (code 2) or not implemented (238).
 */
export function compileFilter(filter: Document, context: QueryContext): Filter {
  const parts: Filter[] = [];
  for (const [name, operand] of filter) {
    const part = name.startsWith('$')
      ? topLevel(name, operand, context)
      : compileField(name, operand, context);
    if (part !== undefined) parts.push(part);
  }
  return allOf(parts);
}

/** True when a document's first key is an operator, so that it is not a literal. */
export function isOperatorDocument(value: Value): value is Document {
  if (!(value instanceof Map)) return false;
  const first = value.keys().next();
  return first.done !== true && first.value.startsWith('$') && !DBREF_FIELDS.has(first.value);
}

const DBREF_FIELDS = new Set(['$ref', '$id', '$db']);

function allOf(parts: readonly Filter[]): Filter {
  const [first, second] = parts;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (document, position) => parts.every((part) => part(document, position));
}

function topLevel(name: string, operand: Value, context: QueryContext): Filter | undefined {
  switch (name) {
    case '$and':
      return allOf(branches(name, operand, context));
    case '$or': {
      const parts = branches(name, operand, context);
      return (document, position) => parts.some((part) => part(document, position));
    }
    case '$nor': {
      const parts = branches(name, operand, context);
      return (document) => !parts.some((part) => part(document));
    }
    case '$expr': {
      const expression = compileExpression(operand, context);
      return (document) => isTruthy(expression({ root: document, variables: context.variables }));
    }
    case '$comment':
      return undefined;
    case '$alwaysTrue':
      return () => true;
    case '$alwaysFalse':
      return () => false;
    case '$text':
    case '$where':
    case '$jsonSchema':
    case '$sampleRate':
      throw notImplemented(`The query operator ${name}`);
    default:
      throw new ServerError(
        2,
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

function branches(name: string, operand: Value, context: QueryContext): Filter[] {
  if (!Array.isArray(operand)) throw new ServerError(2, `${name} must be an array`);
  if (operand.length === 0) throw new ServerError(2, '$and/$or/$nor must be a nonempty array');
  return operand.map((item) => {
    if (!(item instanceof Map)) throw new ServerError(2, '$or/$and/$nor entries need to be full objects');
    return compileFilter(item, context);
  });
}

function compileField(name: string, operand: Value, context: QueryContext): Filter {
  const path = splitPath(name);
  if (operand instanceof BSONRegExp) return anywhere(path, matchingRegex(operand));
  if (!isOperatorDocument(operand)) return anywhere(path, equalTo(operand, context));
  return compileOperators(path, operand, context);
}

function compileOperators(path: readonly string[], operators: Document, context: QueryContext): Filter {
  const parts: Filter[] = [];
  for (const [operator, operand] of operators) {
    if (operator === '$options') {
      if (!operators.has('$regex')) throw new ServerError(2, '$options needs a $regex');
      continue;
    }
    parts.push(compileOperator(path, operator, operand, operators, context));
  }
  return allOf(parts);
}

function compileOperator(
  path: readonly string[],
  operator: string,
  operand: Value,
  siblings: Document,
  context: QueryContext,
): Filter {
  switch (operator) {
    case '$eq':
      return anywhere(path, equalTo(operand, context));
    case '$ne':
      if (operand instanceof BSONRegExp) throw new ServerError(2, "Can't have regex as arg to $ne.");
      return not(anywhere(path, equalTo(operand, context)));
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return anywhere(path, comparedTo(operator as Comparison, operand, context));
    case '$in':
      return anywhere(path, oneOf(operand, context, operator));
    case '$nin':
      return not(anywhere(path, oneOf(operand, context, operator)));
    case '$exists': {
      const exists: Filter = (document) => visitLeaves(document, path, (value) => value !== undefined);
      return isTruthy(operand) ? exists : not(exists);
    }
    case '$type':
      return anywhere(path, ofType(operand));
    case '$mod':
      return anywhere(path, withRemainder(operand));
    case '$regex':
      return anywhere(path, matchingRegex(regexOf(operand, siblings.get('$options'))));
    case '$bitsAllSet':
    case '$bitsAnySet':
    case '$bitsAllClear':
    case '$bitsAnyClear':
      return anywhere(path, withBits(operator as BitTest, operand));
    case '$not':
      return not(negated(path, operand, context));
    case '$size':
      return ofSize(path, operand);
    case '$all':
      return withAll(path, operand, context);
    case '$elemMatch': {
      if (!(operand instanceof Map)) throw new ServerError(2, '$elemMatch needs an Object');
      return withElement(path, compileElementFilter(operand, context));
    }
    case '$near':
    case '$nearSphere':
    case '$geoWithin':
    case '$geoIntersects':
    case '$within':
      throw notImplemented(`The query operator ${operator}`);
    default:
      throw new ServerError(2, `unknown operator: ${operator}`);
  }
}

/** True when the leaf, or an element of it when it is an array, passes. What is an element itself is not gone through. */
function anywhere(path: readonly string[], test: Predicate): Filter {
  const isElement = path === ELEMENT_PATH;
  return (document, position) =>
    visitLeaves(document, path, (value, outer, isPicked) => {
      if (Array.isArray(value) && !isPicked && !isElement) {
        const index = value.findIndex(test);
        if (index !== -1) return found(position, outer ?? index);
      }
      return test(value) && found(position, outer);
    });
}

function found(position: Position | undefined, index: number | undefined): true {
  if (position !== undefined && index !== undefined) position.index = index;
  return true;
}

function not(filter: Filter): Filter {
  return (document) => !filter(document);
}

function negated(path: readonly string[], operand: Value, context: QueryContext): Filter {
  if (operand instanceof BSONRegExp) return anywhere(path, matchingRegex(operand));
  if (!(operand instanceof Map)) throw new ServerError(2, '$not needs a regex or a document');
  const [first] = operand.keys();
  if (first === undefined) throw new ServerError(2, '$not cannot be empty');
  if (!isOperatorDocument(operand)) throw new ServerError(2, `unknown operator: ${first}`);
  return compileOperators(path, operand, context);
}

function regexOf(operand: Value, options: Value | undefined): BSONRegExp {
  if (options !== undefined && typeof options !== 'string')
    throw new ServerError(2, '$options has to be a string');
  if (operand instanceof BSONRegExp) {
    if (options !== undefined && operand.options !== '') {
      throw new ServerError(51075, 'options set in both $regex and $options');
    }
    return new BSONRegExp(operand.pattern, options ?? operand.options);
  }
  if (typeof operand !== 'string') throw new ServerError(2, '$regex has to be a string');
  if (/[^imsxu]/.test(options ?? ''))
    throw new ServerError(51108, `invalid flag in regex options: ${options}`);
  return new BSONRegExp(operand, options ?? '');
}

function ofSize(path: readonly string[], operand: Value): Filter {
  const size = isNumeric(operand) ? wholePart(operand) : undefined;
  if (size === undefined) throw new ServerError(2, 'Failed to parse $size. Expected a number');
  if (compareValues(size, operand) !== 0)
    throw new ServerError(2, 'Failed to parse $size. Expected an integer');
  if (size < 0n) throw new ServerError(2, 'Failed to parse $size. Expected a non-negative number');
  return (document) =>
    visitLeaves(document, path, (value) => Array.isArray(value) && BigInt(value.length) === size);
}

function withAll(path: readonly string[], operand: Value, context: QueryContext): Filter {
  if (!Array.isArray(operand)) throw new ServerError(2, '$all needs an array');
  if (operand.length === 0) return () => false;
  return allOf(
    operand.map((item) => {
      if (item instanceof BSONRegExp) return anywhere(path, matchingRegex(item));
      if (!isOperatorDocument(item)) return anywhere(path, equalTo(item, context));
      const elemMatch = item.get('$elemMatch');
      if (!(elemMatch instanceof Map) || item.size > 1) throw new ServerError(2, 'no $ expressions in $all');
      return withElement(path, compileElementFilter(elemMatch, context));
    }),
  );
}

function withElement(path: readonly string[], test: ValueFilter): Filter {
  return (document, position) =>
    visitLeaves(document, path, (value, outer) => {
      if (!Array.isArray(value)) return false;
      const index = value.findIndex((element) => test(element));
      return index !== -1 && found(position, outer ?? index);
    });
}

/** Operators that take whole filters, so that they stand in the place of fields. */
export const LOGICAL = new Set(['$and', '$or', '$nor', '$expr', '$comment', '$where']);

/**
 * Compiles the operand of `$elemMatch`: operators apply to the element itself, anything else to the
 * fields of an element that is a document (or an array, whose positions are its fields).
 */
export function compileElementFilter(operand: Document, context: QueryContext): ValueFilter {
  if (isOperatorDocument(operand) && !LOGICAL.has([...operand.keys()][0] ?? '')) {
    const filter = compileOperators(ELEMENT_PATH, operand, context);
    return (value) => filter(new Map([[ELEMENT, value]]));
  }
  const filter = compileFilter(operand, context);
  return (value) => {
    if (value instanceof Map) return filter(value);
    return Array.isArray(value) && filter(new Map(value.map((item, index) => [String(index), item])));
  };
}

const ELEMENT = 'element';
const ELEMENT_PATH: readonly string[] = [ELEMENT];

/** Compiles operators for one value that is, unlike the element of `$elemMatch`, gone through when it is an array. */
export function compileValueFilter(operators: Document, context: QueryContext): ValueFilter {
  const filter = compileOperators([ELEMENT], operators, context);
  return (value) => filter(new Map([[ELEMENT, value]]));
}
