import type { CompareStrings } from '../bson/compare.js';
import { type Document, isNumeric, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';

const SENSITIVITY = { 1: 'base', 2: 'accent', 3: 'variant' } as const;

/** Options that change nothing with the other options accepted here. */
const WITHOUT_EFFECT = new Set(['normalization', 'maxVariable']);

/**
 * The comparison that a `collation` option asks for; `undefined` for the simple one. Both the official
 * server and Node use the tables of ICU.
 */
export function compileCollation(spec: Document): CompareStrings | undefined {
  const locale = spec.get('locale');
  if (typeof locale !== 'string') throw new ServerError(40414, "BSON field 'collation.locale' is missing");
  if (locale === 'simple') return undefined;
  const options: Intl.CollatorOptions = { sensitivity: 'variant' };
  for (const [name, value] of spec) setOption(options, name, value, spec);
  let collator: Intl.Collator;
  try {
    collator = new Intl.Collator(locale.replaceAll('_', '-').replace(/@.*$/, ''), options);
  } catch {
    throw new ServerError(2, `Field 'locale' is invalid in: { locale: "${locale}" }`);
  }
  return (a, b) => collator.compare(a, b);
}

function setOption(options: Intl.CollatorOptions, name: string, value: Value, spec: Document): void {
  if (name === 'locale' || WITHOUT_EFFECT.has(name)) return;
  if (name === 'strength') {
    const strength = isNumeric(value) ? Number(value.valueOf()) : Number.NaN;
    if (!(strength in SENSITIVITY)) throw notImplemented(`The collation strength ${strength}`);
    const level = SENSITIVITY[strength as keyof typeof SENSITIVITY];
    options.sensitivity = level === 'base' && spec.get('caseLevel') === true ? 'case' : level;
  } else if (name === 'caseLevel') {
    if (value === true && Number(spec.get('strength')?.valueOf() ?? 3) === 2) {
      throw notImplemented('The collation option caseLevel with strength 2');
    }
  } else if (name === 'numericOrdering') {
    options.numeric = value === true;
  } else if (name === 'caseFirst' && (value === 'upper' || value === 'lower')) {
    options.caseFirst = value;
  } else if (
    !(name === 'caseFirst' && value === 'off') &&
    !(name === 'alternate' && value === 'non-ignorable') &&
    !(name === 'backwards' && value === false)
  ) {
    throw notImplemented(`The collation option ${name}`);
  }
}
