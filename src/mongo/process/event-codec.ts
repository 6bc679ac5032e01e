import { commandId } from '../../base/ids.js';
import type { CommandEnded, CommandStarted, EventBody } from '../../history/events.js';

/**
 * Events on their way from the process of the fault proxy to the harness. Commands come by the thousand, so
 * they have a fixed layout; everything else is JSON. Names that come again and again are sent once.
 */
const RECORD = { json: 0, started: 1, ended: 2, name: 3 } as const;

const OUTCOMES = ['ok', 'error', 'unknown'] as const;

/** Bits that say which fields follow. */
const STARTED = {
  database: 1,
  collection: 2,
  lsid: 4,
  txnNumber: 8,
  cursorOf: 16,
  traceparent: 32,
  contents: 64,
} as const;
const ENDED = {
  upstreamMs: 1,
  isKnown: 2,
  wasApplied: 4,
  code: 8,
  n: 16,
  modified: 32,
  returned: 64,
  fault: 128,
} as const;

/** Names that are remembered; then it starts anew, so that a bot with endless names does no harm. */
const MAX_NAMES = 4096;
const FIRST_BYTES = 16 * 1024;
/** More than any record of fixed layout takes, its texts left out. */
const RECORD_BYTES = 128;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Puts events into one buffer. */
export class EventEncoder {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);
  /** Of the same bytes: it writes numbers several times faster than a buffer. */
  #view = viewOf(this.#buffer);
  #at = 0;
  readonly #names = new Map<string, number>();

  get bytes(): number {
    return this.#at;
  }

  add(event: EventBody, atMs: number): void {
    if (event.type === 'command.started') this.#started(event, atMs);
    else if (event.type === 'command.ended') this.#ended(event, atMs);
    else {
      const text = JSON.stringify(event);
      this.#begin(RECORD.json, atMs, text.length * 3);
      this.#text(text);
    }
  }

  /** Everything since the last time. The buffer is the receiver's. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#at);
    this.#renew(Buffer.allocUnsafe(Math.max(FIRST_BYTES, Math.min(this.#at * 2, 1024 * 1024))));
    this.#at = 0;
    return taken;
  }

  #started(event: CommandStarted, atMs: number): void {
    const { contents = '', traceparent = '' } = event;
    const name = this.#nameOf(event.name);
    const database = event.database === undefined ? 0 : this.#nameOf(event.database);
    const collection = event.collection === undefined ? 0 : this.#nameOf(event.collection);
    this.#begin(RECORD.started, atMs, (contents.length + traceparent.length) * 3);
    const flagsAt = this.#at;
    this.#at += 1;
    let flags = 0;
    this.#short(event.command);
    this.#uint(event.connection);
    this.#uint16(name);
    if (event.database !== undefined) {
      flags |= STARTED.database;
      this.#uint16(database);
    }
    if (event.collection !== undefined) {
      flags |= STARTED.collection;
      this.#uint16(collection);
    }
    if (event.lsid !== undefined) {
      flags |= STARTED.lsid;
      this.#short(event.lsid);
    }
    if (event.txnNumber !== undefined) {
      flags |= STARTED.txnNumber;
      this.#short(event.txnNumber);
    }
    if (event.cursorOf !== undefined) {
      flags |= STARTED.cursorOf;
      this.#short(event.cursorOf);
    }
    if (event.traceparent !== undefined) {
      flags |= STARTED.traceparent;
      this.#text(traceparent);
    }
    if (event.contents !== undefined) {
      flags |= STARTED.contents;
      this.#text(contents);
    }
    this.#buffer[flagsAt] = flags;
  }

  #ended(event: CommandEnded, atMs: number): void {
    const name = this.#nameOf(event.name);
    const fault = event.fault === undefined ? 0 : this.#nameOf(event.fault);
    this.#begin(RECORD.ended, atMs, 0);
    const flagsAt = this.#at;
    this.#at += 1;
    let flags = 0;
    this.#short(event.command);
    this.#uint16(name);
    this.#buffer[this.#at] = OUTCOMES.indexOf(event.outcome);
    this.#at += 1;
    this.#double(event.ms);
    this.#double(event.addedMs);
    if (event.upstreamMs !== undefined) {
      flags |= ENDED.upstreamMs;
      this.#double(event.upstreamMs);
    }
    if (event.appliedUpstream !== undefined) flags |= ENDED.isKnown;
    if (event.appliedUpstream === true) flags |= ENDED.wasApplied;
    if (event.code !== undefined) {
      flags |= ENDED.code;
      this.#double(event.code);
    }
    if (event.n !== undefined) {
      flags |= ENDED.n;
      this.#double(event.n);
    }
    if (event.modified !== undefined) {
      flags |= ENDED.modified;
      this.#double(event.modified);
    }
    if (event.returned !== undefined) {
      flags |= ENDED.returned;
      this.#double(event.returned);
    }
    if (event.fault !== undefined) {
      flags |= ENDED.fault;
      this.#uint16(fault);
    }
    this.#buffer[flagsAt] = flags;
  }

  /** The number of a name; one that is new is sent ahead. */
  #nameOf(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    const number = this.#names.size;
    this.#names.set(name, number);
    this.#begin(RECORD.name, number, name.length * 3);
    this.#text(name);
    return number;
  }

  #begin(record: number, first: number, textBytes: number): void {
    this.#reserve(RECORD_BYTES + textBytes);
    this.#buffer[this.#at] = record;
    this.#at += 1;
    this.#double(first);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#renew(larger);
  }

  #renew(buffer: Buffer<ArrayBuffer>): void {
    this.#buffer = buffer;
    this.#view = viewOf(buffer);
  }

  #uint(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  #uint16(value: number): void {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
  }

  #double(value: number): void {
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** A text of ASCII that is short: an id or a number. A loop is faster than the runtime for so few. */
  #short(text: string): void {
    const length = Math.min(text.length, 255);
    const buffer = this.#buffer;
    let at = this.#at;
    buffer[at++] = length;
    for (let index = 0; index < length; index += 1) buffer[at++] = text.charCodeAt(index);
    this.#at = at;
  }

  #text(text: string): void {
    const bytes = this.#buffer.write(text, this.#at + 4);
    this.#buffer.writeUInt32LE(bytes, this.#at);
    this.#at += 4 + bytes;
  }
}

/** Takes apart what an {@link EventEncoder} has put together. It remembers names, so use one for all of it. */
export class EventDecoder {
  readonly #names: string[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  decode(bytes: Uint8Array, emit: (event: EventBody, atMs: number) => void): void {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
    while (this.#at < this.#buffer.length) {
      const record = this.#byte();
      const first = this.#double();
      switch (record) {
        case RECORD.name:
          this.#names[first] = this.#text();
          break;
        case RECORD.started:
          emit(this.#started(), first);
          break;
        case RECORD.ended:
          emit(this.#ended(), first);
          break;
        default:
          emit(JSON.parse(this.#text()) as EventBody, first);
      }
    }
  }

  #started(): CommandStarted {
    const flags = this.#byte();
    const event: Mutable<CommandStarted> = {
      type: 'command.started',
      command: commandId(this.#short()),
      connection: this.#uint(),
      name: this.#name(),
    };
    if ((flags & STARTED.database) !== 0) event.database = this.#name();
    if ((flags & STARTED.collection) !== 0) event.collection = this.#name();
    if ((flags & STARTED.lsid) !== 0) event.lsid = this.#short();
    if ((flags & STARTED.txnNumber) !== 0) event.txnNumber = this.#short();
    if ((flags & STARTED.cursorOf) !== 0) event.cursorOf = commandId(this.#short());
    if ((flags & STARTED.traceparent) !== 0) event.traceparent = this.#text();
    if ((flags & STARTED.contents) !== 0) event.contents = this.#text();
    return event;
  }

  #ended(): CommandEnded {
    const flags = this.#byte();
    const event: Mutable<CommandEnded> = {
      type: 'command.ended',
      command: commandId(this.#short()),
      name: this.#name(),
      outcome: OUTCOMES[this.#byte()] ?? 'unknown',
      ms: this.#double(),
      addedMs: this.#double(),
    };
    if ((flags & ENDED.upstreamMs) !== 0) event.upstreamMs = this.#double();
    if ((flags & ENDED.isKnown) !== 0) event.appliedUpstream = (flags & ENDED.wasApplied) !== 0;
    if ((flags & ENDED.code) !== 0) event.code = this.#double();
    if ((flags & ENDED.n) !== 0) event.n = this.#double();
    if ((flags & ENDED.modified) !== 0) event.modified = this.#double();
    if ((flags & ENDED.returned) !== 0) event.returned = this.#double();
    if ((flags & ENDED.fault) !== 0) event.fault = this.#name();
    return event;
  }

  #byte(): number {
    return this.#buffer.readUInt8(this.#at++);
  }

  #uint(): number {
    this.#at += 4;
    return this.#buffer.readUInt32LE(this.#at - 4);
  }

  #double(): number {
    this.#at += 8;
    return this.#buffer.readDoubleLE(this.#at - 8);
  }

  #name(): string {
    this.#at += 2;
    return this.#names[this.#buffer.readUInt16LE(this.#at - 2)] ?? '';
  }

  #short(): string {
    const length = this.#byte();
    this.#at += length;
    return this.#buffer.toString('latin1', this.#at - length, this.#at);
  }

  #text(): string {
    const length = this.#uint();
    this.#at += length;
    return this.#buffer.toString('utf8', this.#at - length, this.#at);
  }
}

function viewOf(buffer: Buffer<ArrayBuffer>): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
