import type { Document, Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import { queryContext } from '../query/context.js';
import { compileFilter } from '../query/matcher.js';
import type { Validator } from '../storage/validator.js';
import { documentOption, stringOption } from './options.js';

/** Options of `create` and `collMod` that say what documents must be like. */
export const VALIDATOR_FIELDS = ['validator', 'validationLevel', 'validationAction'];

/** Nothing: every document is welcome. */
export function validatorOption(options: Document, former?: Validator): Validator | undefined {
  const level = stringOption(options, 'validationLevel') ?? former?.level ?? 'strict';
  const action = stringOption(options, 'validationAction') ?? 'error';
  if (action !== 'error') throw notImplemented(`validationAction ${action}`);
  const spec = documentOption(options, 'validator') ?? former?.spec ?? new Map();
  if (level === 'off' || spec.size === 0) return undefined;
  if (level !== 'strict' && level !== 'moderate') {
    throw new ServerError(
      2,
      `Enumeration value '${level}' for field 'validationLevel' is not a valid value.`,
    );
  }
  return { spec, filter: compileFilter(spec, queryContext()), level };
}

/** As `listCollections` shows it. */
export function validatorShown(validator: Validator | undefined): Document {
  if (validator === undefined) return new Map();
  return new Map<string, Value>([
    ['validator', validator.spec],
    ['validationLevel', validator.level],
    ['validationAction', 'error'],
  ]);
}
