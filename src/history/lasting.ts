import type { EventOf, HistoryEvent } from './events.js';
import type { EventRows } from './rows.js';
import type { Tables } from './tables.js';
import type { CallView, CommandView, DeliveryView, HistoryView } from './view.js';
import type { Mask } from './volatile.js';

/**
 * What lasts has two ends, and in a long run there are hundreds of thousands of it. So each is an object with the
 * place of its start and nothing else: what it says is read out of the columns when somebody asks.
 */

/** Most events of a run are commands, and few are ever looked at. */
export const commandsOf = (tables: Tables): CommandView[] =>
  lastingOf(tables.rows('command.started'), tables.rows('command.ended'), tables.pairs('command'));

export const deliveriesOf = (tables: Tables): DeliveryView[] =>
  lastingOf(tables.rows('delivery.started'), tables.rows('delivery.ended'), tables.pairs('delivery'));

function lastingOf<S extends HistoryEvent, E extends HistoryEvent>(
  starts: EventRows<S>,
  ends: EventRows<E>,
  pairs: ReturnType<Tables['pairs']>,
): { readonly index: number; readonly started: S; readonly ended: E }[] {
  class Lasting {
    declare readonly index: number;

    constructor(index: number) {
      this.index = index;
    }

    get started(): S {
      return starts.at(this.index);
    }

    get ended(): E {
      return orAbsent(ends, pairs.endOf(this.index));
    }
  }
  return starts.inOrder().map((index) => new Lasting(index));
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
/** An end that is absent is `undefined`, though the views, whose property is optional, cannot say so of a getter. */
function orAbsent<T extends HistoryEvent>(ends: EventRows<T>, end: number | undefined): T {
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
