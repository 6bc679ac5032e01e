import type { Document, Value } from '../bson/value.js';
import { isNumeric } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { compileExpression, isOperatorName } from './expression.js';
import type { Expression, Frame } from './operators/contract.js';
import { isTruthy } from './truth.js';

/** What happens to one field; the children of `inside` say what happens within it. */
export type Rule =
  | { readonly kind: 'include' }
  | { readonly kind: 'exclude' }
  | { readonly kind: 'compute'; readonly expression: Expression }
  | { readonly kind: 'inside'; readonly children: Map<string, Rule> };

export type Rules = Map<string, Rule>;

export type Transform = (document: Document) => Document;

/** A projection says what stays or what goes, never both; only `_id` may be the other way round. */
export type ProjectionKind = 'inclusion' | 'exclusion';

/** What the fields of a projection have said so far. */
export interface Decision {
  kind: ProjectionKind | undefined;
  /** Stands before messages. */
  readonly where: string;
}

/** Compiles `$project`. */
export function compileProjection(spec: Document, context: QueryContext): Transform {
  if (spec.size === 0)
    throw new ServerError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  const rules: Rules = new Map();
  const decision: Decision = { kind: undefined, where: 'Invalid $project :: caused by :: ' };
  for (const [name, value] of spec) addRule(rules, name, value, context, decision);
  return projecting(rules, context, decision.kind ?? kindById(rules));
}

/** Compiles `$addFields`: every leaf is an expression. */
export function compileAddedFields(spec: Document, context: QueryContext, stage: string): Transform {
  if (spec.size === 0)
    throw new ServerError(
      40177,
      `Invalid ${stage} :: caused by :: specification must have at least one field`,
    );
  const rules: Rules = new Map();
  for (const [name, value] of spec) addComputed(rules, name, value, context);
  return (document) => compute(rules, document, { root: document, variables: context.variables });
}

/** Compiles `$unset` with the paths it removes. */
export function compileRemoval(paths: readonly string[], context: QueryContext): Transform {
  const rules: Rules = new Map();
  for (const path of paths) insertRule(rules, path, { kind: 'exclude' });
  return projecting(rules, context, 'exclusion');
}

export function addRule(
  rules: Rules,
  name: string,
  value: Value,
  context: QueryContext,
  decision: Decision,
): void {
  if (typeof value === 'boolean' || isNumeric(value)) {
    const kind = isTruthy(value) ? 'include' : 'exclude';
    insertRule(rules, name, { kind });
    if (name !== '_id') decide(decision, name, kind);
  } else if (value instanceof Map && ![...value.keys()][0]?.startsWith('$')) {
    if (value.size === 0)
      throw new ServerError(
        51270,
        'An empty sub-projection is not a valid value. Found empty object at path',
      );
    for (const [inner, innerValue] of value)
      addRule(rules, `${name}.${inner}`, innerValue, context, decision);
  } else {
    const [operator] = value instanceof Map && value.size === 1 ? value.keys() : [];
    if (operator !== undefined && !isOperatorName(operator))
      throw new ServerError(31325, `${decision.where}Unknown expression ${operator}`);
    insertRule(rules, name, { kind: 'compute', expression: compileExpression(value, context) });
    if (decision.kind === 'exclusion') {
      throw new ServerError(
        value instanceof Map ? 31252 : 31310,
        `${decision.where}Cannot use an expression in an exclusion projection: ${name}`,
      );
    }
    decision.kind = 'inclusion';
  }
}

/** @throws ServerError when the fields before have said the opposite. */
export function decide(decision: Decision, name: string, kind: 'include' | 'exclude'): void {
  const wanted = kind === 'include' ? 'inclusion' : 'exclusion';
  if (decision.kind !== undefined && decision.kind !== wanted) {
    throw new ServerError(
      kind === 'include' ? 31253 : 31254,
      `${decision.where}Cannot do ${wanted} on field ${name} in ${decision.kind} projection`,
    );
  }
  decision.kind = wanted;
}

/** What a projection is that names nothing but `_id`. */
export function kindById(rules: Rules): ProjectionKind {
  return rules.get('_id')?.kind === 'include' ? 'inclusion' : 'exclusion';
}

function addComputed(rules: Rules, name: string, value: Value, context: QueryContext): void {
  if (value instanceof Map && value.size > 0 && ![...value.keys()][0]?.startsWith('$')) {
    for (const [inner, innerValue] of value) addComputed(rules, `${name}.${inner}`, innerValue, context);
  } else {
    insertRule(rules, name, { kind: 'compute', expression: compileExpression(value, context) });
  }
}

/** Puts a rule at its path and refuses a path that runs into another. */
export function insertRule(rules: Rules, path: string, rule: Rule): void {
  const components = path.split('.');
  let level = rules;
  for (const [at, component] of components.entries()) {
    if (component === '')
      throw new ServerError(
        at === 0 && components.length === 1 ? 40352 : 15998,
        'FieldPath field names may not be empty strings.',
      );
    if (component.startsWith('$'))
      throw new ServerError(16410, `FieldPath field names may not start with '$'. Given: ${component}`);
    const present = level.get(component);
    if (at === components.length - 1) {
      if (present !== undefined) throw new ServerError(31250, `Path collision at ${path}`);
      level.set(component, rule);
    } else if (present === undefined) {
      const children: Rules = new Map();
      level.set(component, { kind: 'inside', children });
      level = children;
    } else if (present.kind === 'inside') level = present.children;
    else
      throw new ServerError(
        31249,
        `Path collision at ${path} remaining portion ${components.slice(at + 1).join('.')}`,
      );
  }
}

/** Makes what the rules say of a document; `_id` stays unless it is excluded. */
export function projecting(rules: Rules, context: QueryContext, kind: ProjectionKind): Transform {
  const idRule = rules.get('_id');
  if (kind === 'exclusion') {
    if (idRule?.kind === 'include') rules.delete('_id');
    return (document) =>
      compute(rules, without(rules, document), { root: document, variables: context.variables });
  }
  if (idRule === undefined) rules.set('_id', { kind: 'include' });
  if (idRule?.kind === 'exclude') rules.delete('_id');
  return (document) =>
    compute(rules, only(rules, document), { root: document, variables: context.variables });
}

function only(rules: Rules, document: Document): Document {
  const result: Document = new Map();
  for (const [name, value] of document) {
    const rule = rules.get(name);
    if (rule?.kind === 'include') result.set(name, value);
    else if (rule?.kind === 'inside') {
      const inner = onlyInside(rule.children, value);
      if (inner !== undefined) result.set(name, inner);
    }
  }
  return result;
}

/** Within an array the scalars fall away; so does a scalar in place of a document. */
function onlyInside(rules: Rules, value: Value): Value | undefined {
  if (value instanceof Map) return only(rules, value);
  if (!Array.isArray(value)) return undefined;
  return value.map((item) => onlyInside(rules, item)).filter((item) => item !== undefined);
}

function without(rules: Rules, document: Document): Document {
  const result: Document = new Map();
  for (const [name, value] of document) {
    const rule = rules.get(name);
    if (rule?.kind !== 'exclude')
      result.set(name, rule?.kind === 'inside' ? withoutInside(rule.children, value) : value);
  }
  return result;
}

function withoutInside(rules: Rules, value: Value): Value {
  if (value instanceof Map) return without(rules, value);
  return Array.isArray(value) ? value.map((item) => withoutInside(rules, item)) : value;
}

function compute(rules: Rules, base: Document, frame: Frame): Document {
  const result = new Map(base);
  for (const [name, rule] of rules) {
    if (rule.kind === 'compute') {
      const value = rule.expression(frame);
      if (value === undefined) result.delete(name);
      else result.set(name, value);
    } else if (rule.kind === 'inside' && computes(rule)) {
      result.set(name, computeInside(rule.children, result.get(name), frame));
    }
  }
  return result;
}

function computeInside(rules: Rules, value: Value | undefined, frame: Frame): Value {
  if (Array.isArray(value)) return value.map((item) => computeInside(rules, item, frame));
  return compute(rules, value instanceof Map ? value : new Map(), frame);
}

function computes(rule: Rule): boolean {
  if (rule.kind === 'inside') return [...rule.children.values()].some(computes);
  return rule.kind === 'compute';
}
