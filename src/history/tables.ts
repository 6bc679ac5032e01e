import type { EventOf, EventType, HistoryEvent } from './events.js';
import { Pairs } from './pairs.js';
import { EventRows } from './rows.js';
import { type Scanned, Scanner } from './scanner.js';

/** Events of these types are few, or are read as a whole. */
const KEPT_AS_THEY_ARE: ReadonlySet<EventType> = new Set(['run.started', 'run.ended', 'warning']);

/** What lasts, and has its id in a field of this name. */
export type Lasting = 'command' | 'call' | 'delivery';

const STARTS: Partial<Record<EventType, Lasting>> = {
  'command.started': 'command',
  'call.started': 'call',
  'delivery.started': 'delivery',
};
const ENDS: Partial<Record<EventType, Lasting>> = {
  'command.ended': 'command',
  'call.ended': 'call',
  'delivery.ended': 'delivery',
};

/** The events of a history by type, in columns, and which ends belong to which starts. */
export class Tables {
  /** In ms; 0 without events. */
  latestAt = 0;
  readonly #kept = new Map<EventType, HistoryEvent[]>();
  readonly #rows = new Map<EventType, EventRows>();
  readonly #pairs = { command: new Pairs(), call: new Pairs(), delivery: new Pairs() };

  add(event: HistoryEvent): void {
    this.latestAt = Math.max(this.latestAt, event.at);
    if (KEPT_AS_THEY_ARE.has(event.type)) {
      this.#kept.set(event.type, [...(this.#kept.get(event.type) ?? []), event]);
      return;
    }
    let rows = this.#rows.get(event.type);
    if (rows === undefined) {
      rows = new EventRows();
      this.#rows.set(event.type, rows);
    }
    const index = rows.add(event);
    const fields = event as unknown as Readonly<Record<string, unknown>>;
    const start = STARTS[event.type];
    if (start !== undefined) this.#pairs[start].start(fields[start], index);
    const end = ENDS[event.type];
    if (end !== undefined) this.#pairs[end].end(fields[end], index);
  }

  /** The same of an event that a scanner of these tables has taken apart. */
  addScanned(scanned: Scanned): void {
    const { type, at, rows, fields, values, count } = scanned;
    this.latestAt = Math.max(this.latestAt, at);
    const index = rows.addValues(fields, values, count);
    const start = STARTS[type];
    if (start !== undefined) this.#pairs[start].start(scanned.valueOf(start), index);
    const end = ENDS[type];
    if (end !== undefined) this.#pairs[end].end(scanned.valueOf(end), index);
  }

  newScanner(): Scanner {
    return new Scanner(this.#rows);
  }

  rows<T extends EventType>(type: T): EventRows<EventOf<T>> {
    const rows: unknown = this.#rows.get(type) ?? new EventRows();
    return rows as EventRows<EventOf<T>>;
  }

  pairs(of: Lasting): Pairs {
    return this.#pairs[of];
  }

  /** By time, then by number. A new object for each event. */
  list<T extends EventType>(type: T): EventOf<T>[] {
    const rows = this.rows(type);
    const kept = (this.#kept.get(type) ?? []) as EventOf<T>[];
    return kept.length > 0 ? kept.toSorted(inTime) : rows.inOrder().map((index) => rows.at(index));
  }

  bySeq(wanted: ReadonlySet<number>): Map<number, HistoryEvent> {
    const found = new Map<number, HistoryEvent>();
    if (wanted.size === 0) return found;
    for (const events of this.#kept.values()) {
      for (const event of events) if (wanted.has(event.seq)) found.set(event.seq, event);
    }
    for (const rows of this.#rows.values()) {
      for (const index of rows.indexesOf(wanted)) {
        const event = rows.at(index);
        found.set(event.seq, event);
      }
    }
    return found;
  }
}

/** By time, then by number. */
export const inTime = (a: HistoryEvent, b: HistoryEvent): number => a.at - b.at || a.seq - b.seq;
