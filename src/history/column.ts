import { Cells } from './cells.js';

/** Of one field, as many different values get a code; with more, they are kept in another way. */
const MOST_CODES = 0xffff;
/** Whether codes pay is asked after so many values: then at most this share of them may be new. */
const ASKED_AFTER = 2_000;
const MOST_NEW = { values: 0.5, ids: 0.75 } as const;

type Kind = 'empty' | 'numbers' | 'codes' | 'ids' | 'values';

/**
 * The values of one field of many events: numbers side by side; codes of values that come again and again;
 * ids such as `c17` as what stands before their number, and the number; or anything, as it is.
 */
export class Column {
  #kind: Kind = 'empty';
  /** Numbers, codes, or the numbers of ids. */
  #cells = new Cells();
  #codes = new Codes(MOST_NEW.values);
  /** Codes of what stands before the numbers of ids. */
  readonly #before = new Cells();
  readonly #values: unknown[] = [];

  /** Worth to look for a value that was there before: codes are made of them. */
  get repeats(): boolean {
    return this.#kind === 'empty' || this.#kind === 'codes';
  }

  get(index: number): unknown {
    const number = this.#cells.get(index);
    switch (this.#kind) {
      case 'numbers':
        return number;
      case 'codes':
        return number === undefined ? undefined : this.#codes.valueOf(number);
      case 'ids':
        return number === undefined
          ? undefined
          : `${this.#codes.valueOf(this.#before.get(index) ?? 0)}${number}`;
      default:
        return this.#values[index];
    }
  }

  /** Indexes are given in rising order; one may be given again. */
  set(index: number, value: unknown): void {
    if (this.#kind === 'empty') this.#kind = typeof value === 'number' ? 'numbers' : 'codes';
    if (this.#kind === 'numbers' && typeof value === 'number' && !Number.isNaN(value)) {
      this.#cells.set(index, value);
      return;
    }
    if (this.#kind === 'codes') {
      const code = this.#codes.of(value);
      if (code !== undefined) {
        this.#cells.set(index, code);
        return;
      }
    }
    if (this.#kind === 'ids' && this.#setId(index, value)) return;
    if (this.#kind !== 'values') {
      this.#becomeOther(index);
      this.set(index, value);
      return;
    }
    this.#values[index] = value;
  }

  #setId(index: number, value: unknown): boolean {
    if (typeof value !== 'string') return false;
    const from = numberStart(value);
    const code = from === value.length ? undefined : this.#codes.of(value.slice(0, from));
    if (code === undefined) return false;
    this.#cells.set(index, Number(value.slice(from)));
    this.#before.set(index, code);
    return true;
  }

  /** From codes to ids, if all so far are ids; else to values as they are. */
  #becomeOther(size: number): void {
    const values = Array.from({ length: size + 1 }, (_, index) => this.get(index));
    const wereCodes = this.#kind === 'codes';
    this.#cells = new Cells();
    this.#codes = new Codes(MOST_NEW.ids);
    this.#kind = 'ids';
    if (wereCodes && values.every((value, index) => value === undefined || this.#setId(index, value))) return;
    this.#cells = new Cells();
    this.#codes = new Codes(MOST_NEW.values);
    this.#kind = 'values';
    for (const value of values) this.#values.push(value);
  }
}

/** At most so many digits count as the number of an id. */
const MOST_DIGITS = 9;

/** Where the number at the end of an id begins: no zero stands before it. The length of the id, if there is none. */
function numberStart(id: string): number {
  const least = Math.max(0, id.length - MOST_DIGITS);
  let start = id.length;
  while (start > least && isDigit(id.charCodeAt(start - 1))) start -= 1;
  while (start < id.length - 1 && id.charCodeAt(start) === ZERO) start += 1;
  return start;
}

const ZERO = 0x30;
const isDigit = (code: number): boolean => code >= ZERO && code <= 0x39;

/** Numbers for values that come again and again. */
class Codes {
  readonly #values: unknown[] = [];
  readonly #codeOf = new Map<unknown, number>();
  /** Objects that say the same are the same value. */
  readonly #codeOfJson = new Map<string, number>();
  readonly #mostNew: number;
  #asked = 0;

  constructor(mostNew: number) {
    this.#mostNew = mostNew;
  }

  valueOf(code: number): unknown {
    return this.#values[code];
  }

  /** Undefined: the values differ too much for codes to pay. */
  of(value: unknown): number | undefined {
    this.#asked += 1;
    const known = this.#codeOf.get(value);
    if (known !== undefined) return known;
    const json = typeof value === 'object' ? JSON.stringify(value) : undefined;
    const same = json === undefined ? undefined : this.#codeOfJson.get(json);
    if (same !== undefined) return same;
    const code = this.#values.length;
    const paysNot = this.#asked >= ASKED_AFTER && code >= this.#asked * this.#mostNew;
    if (code >= MOST_CODES || paysNot) return undefined;
    this.#values.push(value);
    this.#codeOf.set(value, code);
    if (json !== undefined) this.#codeOfJson.set(json, code);
    return code;
  }
}
