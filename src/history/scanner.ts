import type { EventType } from './events.js';
import { Remembered } from './remembered.js';
import type { EventRows, Field } from './rows.js';

/** More digits may not fit into a double without rounding. */
const MOST_DIGITS = 15;
/** Powers of ten that a double holds exactly, as many as there are digits. */
const TENS = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;
const DELETE = 0x7f;

const HEAD = [Buffer.from('{"seq":'), Buffer.from(',"at":'), Buffer.from(',"type":')] as const;
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** An event, taken apart. */
export interface Scanned {
  readonly type: EventType;
  readonly at: number;
  /** The table that it belongs to; `fields` are fields of it. */
  readonly rows: EventRows;
  /** The first `count` of these, and the values of the same places. */
  readonly fields: readonly Field[];
  readonly values: readonly unknown[];
  readonly count: number;
  /** What it says of the field with this name. */
  valueOf(name: string): unknown;
}

/**
 * Takes lines of a history apart as the writer makes them, byte by byte: no object for the event and no text for
 * what was read before. It understands only what it is sure of, and then says exactly what JSON.parse would; all
 * other lines are left to that.
 */
export class Scanner implements Scanned {
  readonly #tables: ReadonlyMap<EventType, EventRows>;
  readonly #remembered = new Remembered();
  readonly fields: Field[] = [];
  readonly values: unknown[] = [];
  count = 0;
  at = 0;
  type: EventType = 'warning';
  rows!: EventRows;
  /** Where the last part that was read ends; -1: it was not understood. */
  #end = 0;

  /** Only lines are understood whose type has a table with all of their fields. */
  constructor(tables: ReadonlyMap<EventType, EventRows>) {
    this.#tables = tables;
  }

  /** What the line says, until the next one is scanned; undefined: it was not understood. */
  scan(bytes: Buffer, from: number, to: number): Scanned | undefined {
    this.count = 0;
    this.#end = from;
    const seq = this.#after(HEAD[0], bytes, to) ? this.#value(bytes, to, false) : undefined;
    const at = this.#after(HEAD[1], bytes, to) ? this.#value(bytes, to, false) : undefined;
    const type = this.#after(HEAD[2], bytes, to) ? this.#value(bytes, to, true) : undefined;
    if (typeof seq !== 'number' || typeof at !== 'number' || typeof type !== 'string') return undefined;
    const rows = this.#tables.get(type as EventType);
    if (rows === undefined) return undefined;
    this.at = at;
    this.type = type as EventType;
    this.rows = rows;
    this.#keep(rows.fields[0], seq);
    this.#keep(rows.fields[1], at);
    this.#keep(rows.fields[2], type);
    for (let expected = 3; this.#end !== -1 && bytes[this.#end] === COMMA; ) {
      this.#end += 1;
      const place = this.#fieldAt(rows.fields, expected, bytes, to);
      const field = rows.fields[place];
      if (field === undefined || place < HEAD.length) return undefined;
      this.#end += field.key.length;
      this.#keep(field, this.#value(bytes, to, field.column.repeats));
      expected = place + 1;
    }
    return this.#end !== -1 && bytes[this.#end] === CLOSE && this.#end + 1 === to ? this : undefined;
  }

  valueOf(name: string): unknown {
    for (let place = this.count - 1; place >= 0; place -= 1) {
      if (this.fields[place]?.name === name) return this.values[place];
    }
    return undefined;
  }

  #keep(field: Field | undefined, value: unknown): void {
    if (field === undefined) return;
    this.fields[this.count] = field;
    this.values[this.count] = value;
    this.count += 1;
  }

  #after(text: Uint8Array, bytes: Buffer, to: number): boolean {
    if (this.#end === -1 || !isAt(text, bytes, this.#end, to)) return false;
    this.#end += text.length;
    return true;
  }

  /** Which field begins here. Fields mostly come in the same order, some of them left out. */
  #fieldAt(fields: readonly Field[], expected: number, bytes: Buffer, to: number): number {
    for (let place = expected; place < fields.length; place += 1) {
      const key = fields[place]?.key;
      if (key !== undefined && isAt(key, bytes, this.#end, to)) return place;
    }
    return fields.findIndex(({ key }) => isAt(key, bytes, this.#end, to));
  }

  /** Reads one value and moves on behind it. */
  #value(bytes: Buffer, to: number, repeats: boolean): unknown {
    const first = bytes[this.#end];
    if (first === QUOTE || first === OPEN || first === OPEN_LIST) return this.#text(bytes, to, repeats);
    if (this.#after(TRUE, bytes, to)) return true;
    if (this.#after(FALSE, bytes, to)) return false;
    return this.#number(bytes, to);
  }

  #number(bytes: Buffer, to: number): number | undefined {
    const from = this.#end;
    let at = bytes[from] === MINUS ? from + 1 : from;
    const start = at;
    let whole = 0;
    while (at < to && isDigit(bytes[at])) {
      whole = whole * 10 + (bytes[at] ?? 0) - ZERO;
      at += 1;
    }
    let digits = at - start;
    // JSON has no number that begins with a point, or with a zero before another digit.
    if (digits === 0 || (digits > 1 && bytes[start] === ZERO)) return this.#notUnderstood();
    let decimals = 0;
    if (bytes[at] === POINT) {
      const point = at;
      at += 1;
      while (at < to && isDigit(bytes[at])) {
        whole = whole * 10 + (bytes[at] ?? 0) - ZERO;
        at += 1;
      }
      decimals = at - point - 1;
      digits += decimals;
      if (decimals === 0) return this.#notUnderstood();
    }
    if (bytes[at] !== COMMA && bytes[at] !== CLOSE) return this.#notUnderstood();
    this.#end = at;
    // The quotient of two exact doubles is the double next to the number that is written there.
    if (digits > MOST_DIGITS) return Number(bytes.toString('latin1', from, at));
    const number = whole / (TENS[decimals] ?? 1);
    return start === from ? number : -number;
  }

  /** A text, or a list or object as a whole. */
  #text(bytes: Buffer, to: number, repeats: boolean): unknown {
    const from = this.#end;
    const end = endOf(bytes, from, to);
    if (end === -1) return this.#notUnderstood();
    this.#end = end;
    const value = repeats ? this.#remembered.get(bytes, from, end, parsed) : parsed(bytes, from, end);
    return value ?? this.#notUnderstood();
  }

  #notUnderstood(): undefined {
    this.#end = -1;
    return undefined;
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= ZERO + 9;

function isAt(text: Uint8Array, bytes: Buffer, from: number, to: number): boolean {
  if (from + text.length > to) return false;
  for (let place = 0; place < text.length; place += 1) {
    if (bytes[from + place] !== text[place]) return false;
  }
  return true;
}

/** Where a text, a list or an object ends that begins at `from`; -1 if it does not end before `to`. */
function endOf(bytes: Buffer, from: number, to: number): number {
  let depth = 0;
  let isInText = false;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at];
    if (isInText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isInText = false;
    } else if (byte === QUOTE) isInText = true;
    else if (byte === OPEN || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE || byte === CLOSE_LIST) depth -= 1;
    if (depth === 0 && !isInText) return at + 1;
  }
  return -1;
}

/** The value of a text, a list or an object; undefined if it is none. */
function parsed(bytes: Buffer, from: number, to: number): unknown {
  if (isPlain(bytes, from, to)) return bytes.toString('latin1', from + 1, to - 1);
  try {
    return JSON.parse(bytes.toString('utf8', from, to));
  } catch {
    // The reader parses the whole line then, and says what is wrong with it.
    return undefined;
  }
}

/** A text of one byte a letter, and nothing escaped in it. */
function isPlain(bytes: Buffer, from: number, to: number): boolean {
  if (bytes[from] !== QUOTE) return false;
  for (let at = from + 1; at < to - 1; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < SPACE || byte >= DELETE || byte === BACKSLASH) return false;
  }
  return true;
}
