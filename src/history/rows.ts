import { Column } from './column.js';
import type { HistoryEvent } from './events.js';

/** A field of the events of one type. */
export interface Field {
  readonly name: string;
  /** How it begins in a line of the history: its name in quotes, and the colon. */
  readonly key: Uint8Array;
  readonly column: Column;
}

/**
 * Events of one type in columns: a million of them take a fraction of the memory that objects would. What
 * `at` returns reads like the event, and is written to JSON like it; spread and Object.keys do not see its fields.
 */
export class EventRows<T extends HistoryEvent = HistoryEvent> {
  /** In the order in which they were first met; `seq`, `at` and `type`, which every event has, are the first three. */
  readonly fields: Field[] = [];
  readonly #byName = new Map<string, Field>();
  /** A class of its own for each table: the fields of the events are getters of its prototype. */
  readonly #Row: new (
    rowIndex: number,
  ) => Row;
  #size = 0;
  #isInOrder = true;
  #last: Row | undefined;

  constructor() {
    const { fields } = this;
    this.#Row = class extends Row {
      toJSON(): unknown {
        const values = fields.map(({ name, column }) => [name, column.get(this.rowIndex)]);
        return Object.fromEntries(values.filter(([, value]) => value !== undefined));
      }
    };
    for (const name of ['seq', 'at', 'type']) this.#field(name);
  }

  get size(): number {
    return this.#size;
  }

  /** Returns its index. */
  add(event: T): number {
    const index = this.#size;
    for (const name in event) {
      const value: unknown = event[name];
      if (value !== undefined) this.#field(name).column.set(index, value);
    }
    return this.#added();
  }

  /** The same of an event that was taken apart: the first `count` fields and their values. */
  addValues(fields: readonly Field[], values: readonly unknown[], count: number): number {
    const index = this.#size;
    for (let place = 0; place < count; place += 1) fields[place]?.column.set(index, values[place]);
    return this.#added();
  }

  /** An object for one event. Most are asked for several times in a row, so the last one is kept. */
  at(index: number): T {
    if (this.#last?.rowIndex !== index) this.#last = new this.#Row(index);
    const row: unknown = this.#last;
    return row as T;
  }

  /** One field of one event, without an object for it. */
  value(index: number, name: keyof T & string): unknown {
    return this.#byName.get(name)?.column.get(index);
  }

  /** `at` of one event; ms. */
  timeOf(index: number): number {
    return this.fields[1]?.column.get(index) as number;
  }

  /** Indexes by time, then by number. Most tables are in order already. */
  inOrder(): number[] {
    const order = Array.from({ length: this.#size }, (_, index) => index);
    return this.#isInOrder ? order : order.sort((a, b) => this.#compare(a, b));
  }

  /** Of the events with these numbers. */
  indexesOf(seqs: ReadonlySet<number>): number[] {
    const column = this.fields[0]?.column;
    const found: number[] = [];
    for (let index = 0; index < this.#size; index += 1) {
      if (seqs.has(column?.get(index) as number)) found.push(index);
    }
    return found;
  }

  #added(): number {
    const index = this.#size;
    this.#size += 1;
    if (this.#isInOrder && index > 0) this.#isInOrder = this.#compare(index - 1, index) < 0;
    return index;
  }

  #compare(a: number, b: number): number {
    const difference = (column: Column | undefined): number =>
      (column?.get(a) as number) - (column?.get(b) as number);
    return difference(this.fields[1]?.column) || difference(this.fields[0]?.column);
  }

  #field(name: string): Field {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const column = new Column();
    const field: Field = { name, key: Buffer.from(`${JSON.stringify(name)}:`), column };
    this.fields.push(field);
    this.#byName.set(name, field);
    Object.defineProperty(this.#Row.prototype, name, {
      get(this: Row) {
        return column.get(this.rowIndex);
      },
    });
    return field;
  }
}

class Row {
  /** Declared and not defined: defining a field for each of a million rows takes half a second. */
  declare readonly rowIndex: number;

  constructor(rowIndex: number) {
    this.rowIndex = rowIndex;
  }
}
