import type { HistoryEvent } from './events.js';

/**
 * Events of one type in columns: a million of them take a fraction of the memory that objects would. What
 * `at` returns reads like the event, and is written to JSON like it; spread and Object.keys do not see its fields.
 */
export class EventRows<T extends HistoryEvent> {
  readonly #columns = new Map<string, Column>();
  /** A class of its own for each table: the fields of the events are getters of its prototype. */
  readonly #Row: new (
    rowIndex: number,
  ) => Row;
  #size = 0;

  constructor() {
    const columns = this.#columns;
    this.#Row = class extends Row {
      toJSON(): unknown {
        const fields = [...columns].map(([name, column]) => [name, column.get(this.rowIndex)]);
        return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
      }
    };
  }

  get size(): number {
    return this.#size;
  }

  /** Returns its index. */
  add(event: T): number {
    const index = this.#size;
    this.#size += 1;
    for (const name in event) {
      const value: unknown = event[name];
      if (value !== undefined) this.#column(name).set(index, value);
    }
    return index;
  }

  /** A new object each time, for the same event. */
  at(index: number): T {
    const row: unknown = new this.#Row(index);
    return row as T;
  }

  #column(name: string): Column {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    const column = new Column();
    this.#columns.set(name, column);
    Object.defineProperty(this.#Row.prototype, name, {
      get(this: Row) {
        return column.get(this.rowIndex);
      },
    });
    return column;
  }
}

class Row {
  /** Declared and not defined: defining a field for each of a million rows takes half a second. */
  declare readonly rowIndex: number;

  constructor(rowIndex: number) {
    this.rowIndex = rowIndex;
  }
}

/** Of one field, as many different values get a code; with more, values are kept as they are. */
const MOST_CODES = 0xffff;
/** Whether codes pay is asked after so many values: then half of them at least must have been seen before. */
const ASKED_AFTER = 2_000;

type Storage = Numbers | Codes | Values;

/** The values of one field: numbers side by side, or codes of values that come again and again, or anything. */
class Column {
  #storage: Storage | undefined;

  get(index: number): unknown {
    return this.#storage?.get(index);
  }

  set(index: number, value: unknown): void {
    this.#storage ??= typeof value === 'number' ? new Numbers() : new Codes();
    if (!this.#storage.set(index, value)) {
      this.#storage = new Values(index, this.#storage);
      this.#storage.set(index, value);
    }
  }
}

class Numbers {
  #numbers = new Float64Array(64).fill(Number.NaN);

  get(index: number): number | undefined {
    const number = this.#numbers[index];
    return number === undefined || Number.isNaN(number) ? undefined : number;
  }

  /** False: it does not fit here. */
  set(index: number, value: unknown): boolean {
    if (typeof value !== 'number' || Number.isNaN(value)) return false;
    if (index >= this.#numbers.length) {
      const larger = new Float64Array(roomFor(index)).fill(Number.NaN, this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[index] = value;
    return true;
  }
}

class Codes {
  /** Code 0: there is no value. */
  #codes = new Uint16Array(64);
  readonly #values: unknown[] = [undefined];
  readonly #codeOf = new Map<unknown, number>();
  #asked = 0;

  get(index: number): unknown {
    return this.#values[this.#codes[index] ?? 0];
  }

  /** False: it does not fit here. */
  set(index: number, value: unknown): boolean {
    const key = typeof value === 'object' ? JSON.stringify(value) : value;
    let code = this.#codeOf.get(key);
    this.#asked += 1;
    if (code === undefined) {
      code = this.#values.length;
      if (code > MOST_CODES || (this.#asked >= ASKED_AFTER && code > this.#asked / 2)) return false;
      this.#values.push(value);
      this.#codeOf.set(key, code);
    }
    if (index >= this.#codes.length) {
      const larger = new Uint16Array(roomFor(index));
      larger.set(this.#codes);
      this.#codes = larger;
    }
    this.#codes[index] = code;
    return true;
  }
}

class Values {
  readonly #values: unknown[] = [];

  constructor(size: number, before: Storage) {
    for (let index = 0; index < size; index += 1) this.#values.push(before.get(index));
  }

  get(index: number): unknown {
    return this.#values[index];
  }

  set(index: number, value: unknown): boolean {
    while (this.#values.length < index) this.#values.push(undefined);
    this.#values[index] = value;
    return true;
  }
}

const roomFor = (index: number): number => Math.ceil((index + 1) * 1.5);
