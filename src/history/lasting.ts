import type { EventOf } from './events.js';
import type { EventRows } from './rows.js';
import type { Tables } from './tables.js';
import type { CallView, CommandView, DeliveryView, HistoryView } from './view.js';
import type { Mask } from './volatile.js';

/**
 * What lasts has two ends, and in a long run there are hundreds of thousands of it. So each is an object with the
 * place of its start and nothing else: what it says is read out of the columns when somebody asks.
 */

/** Most events of a run are commands, and few are ever looked at. */
export function commandsOf(tables: Tables): CommandView[] {
  const starts = tables.rows('command.started');
  const ends = tables.rows('command.ended');
  const pairs = tables.pairs('command');
  class Command implements CommandView {
    declare readonly index: number;

    constructor(index: number) {
      this.index = index;
    }

    get started(): EventOf<'command.started'> {
      return starts.at(this.index);
    }

    get ended(): EventOf<'command.ended'> {
      return orAbsent(ends, pairs.endOf(this.index));
    }
  }
  return starts.inOrder().map((index) => new Command(index));
}

export function deliveriesOf(tables: Tables): DeliveryView[] {
  const starts = tables.rows('delivery.started');
  const ends = tables.rows('delivery.ended');
  const pairs = tables.pairs('delivery');
  class Delivery implements DeliveryView {
    declare readonly index: number;

    constructor(index: number) {
      this.index = index;
    }

    get started(): EventOf<'delivery.started'> {
      return starts.at(this.index);
    }

    get ended(): EventOf<'delivery.ended'> {
      return orAbsent(ends, pairs.endOf(this.index));
    }
  }
  return starts.inOrder().map((index) => new Delivery(index));
}

export function callsOf(
  tables: Tables,
  hitsByTarget: HistoryView['hitsByTarget'],
  mask: Mask | undefined,
): CallView[] {
  const starts = tables.rows('call.started');
  const ends = tables.rows('call.ended');
  const pairs = tables.pairs('call');
  const addedMs = addedAfterCalls(tables, hitsByTarget);
  class Call implements CallView {
    declare readonly index: number;

    constructor(index: number) {
      this.index = index;
    }

    get started(): EventOf<'call.started'> {
      return starts.at(this.index);
    }

    get ended(): EventOf<'call.ended'> {
      const event = orAbsent(ends, pairs.endOf(this.index));
      return mask === undefined || event === undefined ? event : masked(event, mask);
    }

    get effectAt(): number {
      const startedAt = starts.timeOf(this.index);
      const end = pairs.endOf(this.index);
      if (end === undefined) return startedAt;
      return Math.max(startedAt, ends.timeOf(end) - (addedMs.get(this.index) ?? 0));
    }
  }
  return starts.inOrder().map((index) => new Call(index));
}

/** The event, which a getter cannot leave out as the optional property of the interface may be. */
function orAbsent<T extends EventOf<'command.ended' | 'delivery.ended' | 'call.ended'>>(
  ends: EventRows<T>,
  end: number | undefined,
): T {
  return (end === undefined ? undefined : ends.at(end)) as T;
}

/** The event with the contents as they are compared; evidence is the event itself. */
function masked(event: EventOf<'call.ended'>, mask: Mask): EventOf<'call.ended'> {
  const { contents } = event;
  if (contents === undefined) return event;
  // A row of a table has its fields in its prototype, where a copy would not find them.
  return Object.create(event, { contents: { value: contents.map(mask), enumerable: true } });
}

/** What faults added after the effect of a call, in ms, by its place. Few calls are hit, and most runs have no such fault. */
function addedAfterCalls(
  tables: Tables,
  hitsByTarget: HistoryView['hitsByTarget'],
): ReadonlyMap<number, number> {
  const added = new Map<string, number>();
  for (const [target, all] of hitsByTarget) {
    const hits = all.filter(({ phase }) => phase === 'after');
    if (hits.length > 0)
      added.set(
        target,
        hits.reduce((sum, { delayMs = 0 }) => sum + delayMs, 0),
      );
  }
  const byPlace = new Map<number, number>();
  if (added.size === 0) return byPlace;
  const starts = tables.rows('call.started');
  for (let index = 0; index < starts.size; index += 1) {
    const addedMs = added.get(starts.value(index, 'call') as string);
    if (addedMs !== undefined) byPlace.set(index, addedMs);
  }
  return byPlace;
}
