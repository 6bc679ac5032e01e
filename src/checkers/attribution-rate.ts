import type { HistoryEvent } from '../history/events.js';
import { viewOf } from '../history/view.js';
import { attributionsOf, deliveriesByTrace, traceId } from './attribution.js';
import { commandAttributionsOf } from './command-attribution.js';

/** How often attribution was right. */
export interface Share {
  readonly n: number;
  /** Attributed to the right update … */
  readonly update: number;
  /** … and to the right attempt to deliver it. */
  readonly attempt: number;
}

export interface Rate extends Share {
  /** Attributed to nothing; part of `n`. */
  readonly missed: number;
  readonly byStrength: Readonly<Record<string, Share>>;
  readonly byRule: Readonly<Record<string, Share>>;
}

export interface Rates {
  readonly calls: Rate;
  readonly commands: Rate;
}

/** What something was really made for. */
interface Truth {
  readonly updateId: number;
  readonly delivery: string;
}

interface Judged {
  readonly updateId: number;
  readonly delivery: string;
  readonly strength: string;
  readonly rule: string;
}

/**
 * How well a bot that passes no traceparent on would be attributed, by the history of one that does: what it passed on
 * is kept as the truth and taken out of the events, and then everything is attributed again.
 */
export function rateOfAttribution(events: readonly HistoryEvent[]): Rates {
  const traces = deliveriesByTrace(viewOf(events));
  const truth = new Map<string, Truth>();
  for (const event of events) {
    if (event.type !== 'call.started' && event.type !== 'command.started') continue;
    const delivery = traces.get(traceId(event.traceparent) ?? '')?.started;
    if (delivery === undefined) continue;
    const id = event.type === 'call.started' ? event.call : event.command;
    truth.set(id, { updateId: delivery.updateId, delivery: delivery.delivery });
  }
  const view = viewOf(events.map(withoutTrace));
  const attributions = attributionsOf(view);
  const calls = new Tally();
  for (const call of view.calls) {
    const found = attributions.of(call);
    const { update, delivery, rule, updateStrength: strength } = found ?? {};
    const judged = update && delivery && rule && strength && { update, delivery, rule, strength };
    calls.add(truth.get(call.started.call), flat(judged));
  }
  const commands = new Tally();
  const byCommand = commandAttributionsOf(view);
  for (const command of view.commands)
    commands.add(truth.get(command.started.command), flat(byCommand.get(command)));
  return { calls: calls.rate(), commands: commands.rate() };
}

function withoutTrace(event: HistoryEvent): HistoryEvent {
  if (!('traceparent' in event)) return event;
  const { traceparent: _, ...rest } = event;
  return rest as HistoryEvent;
}

interface Found {
  readonly update: { readonly updateId: number };
  readonly delivery: { readonly started: { readonly delivery: string } };
  readonly strength: string;
  readonly rule: string;
}

const flat = (found: Found | undefined): Judged | undefined =>
  found === undefined
    ? undefined
    : {
        updateId: found.update.updateId,
        delivery: found.delivery.started.delivery,
        strength: found.strength,
        rule: found.rule,
      };

type Count = { -readonly [K in keyof Share]: Share[K] };

class Tally {
  readonly #all: Count = { n: 0, update: 0, attempt: 0 };
  #missed = 0;
  readonly #byStrength = new Map<string, Count>();
  readonly #byRule = new Map<string, Count>();

  /** Nothing is known of what brought no traceparent. */
  add(truth: Truth | undefined, found: Judged | undefined): void {
    if (truth === undefined) return;
    if (found === undefined) this.#missed += 1;
    const update = found?.updateId === truth.updateId ? 1 : 0;
    const attempt = found?.delivery === truth.delivery ? 1 : 0;
    const shares = [this.#all];
    if (found !== undefined) {
      shares.push(shareOf(this.#byStrength, found.strength), shareOf(this.#byRule, found.rule));
    }
    for (const share of shares) {
      share.n += 1;
      share.update += update;
      share.attempt += attempt;
    }
  }

  rate(): Rate {
    return {
      ...this.#all,
      missed: this.#missed,
      byStrength: Object.fromEntries(this.#byStrength),
      byRule: Object.fromEntries(this.#byRule),
    };
  }
}

function shareOf(counts: Map<string, Count>, name: string): Count {
  const known = counts.get(name) ?? { n: 0, update: 0, attempt: 0 };
  counts.set(name, known);
  return known;
}
