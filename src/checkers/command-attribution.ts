import { DRIVER_TALK } from '../history/driver-talk.js';
import { wasGiven } from '../history/given.js';
import type { CommandView, DeliveryView, HistoryView, UpdateView } from '../history/view.js';
import { attributionsOf, deliveriesByTrace, traceId } from './attribution.js';
import { BETWEEN_CALLS_MS, restartsOf, workingsOf } from './handlings.js';
import type { Strength } from './strength.js';

/**
 * Which update, and which attempt to deliver it, a command was made for. The rules:
 *
 * 1. *exact*: it brought the traceparent of one delivery in its comment.
 * 2. It goes on with a cursor or a transaction that is attributed already, or is a write that the driver repeats: as that.
 * 3. *exclusive*: only one update of any chat can be at work.
 *
 * There is no best guess among several. A command names no chat, and handlers that are at the same point of the same
 * work cannot be told apart by the time: guesses (by the order in which answers came back, and by what usually follows on
 * what) were right in 80 % of the cases with an idle bot and in 10 % with a busy one. Nobody could rely on that.
 */
export interface CommandAttribution {
  readonly update: UpdateView;
  readonly delivery: DeliveryView;
  readonly strength: Strength;
  readonly rule: 'traceparent' | 'continued' | 'only-one-at-work';
}

export type CommandAttributions = ReadonlyMap<CommandView, CommandAttribution>;

/** A handler of a bot that acknowledges when it is done may take so long to be told of that. */
const RETURNING_MS = 5;

const memory = new WeakMap<HistoryView, CommandAttributions>();

/** Attributes all commands that the bot itself made. Computed once for a view, when somebody asks. */
export function commandAttributionsOf(view: HistoryView): CommandAttributions {
  const known = memory.get(view);
  if (known !== undefined) return known;
  const result = attributeAll(view);
  memory.set(view, result);
  return result;
}

/** May a command have been made for this user? Not when it was surely made for another one. */
export const mayBeFor =
  (view: HistoryView, user: string | undefined) =>
  (command: CommandView): boolean => {
    if (user === undefined) return true;
    const owner = commandAttributionsOf(view).get(command)?.update.step?.user;
    return owner === undefined || owner === user;
  };

function attributeAll(view: HistoryView): CommandAttributions {
  const found = new Map<CommandView, CommandAttribution>();
  const traces = deliveriesByTrace(view);
  const updates = new Map(
    view.updates.flatMap((update) => update.deliveries.map((delivery) => [delivery, update] as const)),
  );
  /** By the command that opened a cursor, and by session and transaction number. */
  const begun = new Map<string, CommandAttribution>();
  const work = new Work(view);
  for (const command of view.commands) {
    const { started, ended } = command;
    if (DRIVER_TALK.has(started.name)) continue;
    work.goOnUntil(started.at);
    const { lsid, txnNumber, cursorOf } = started;
    const transaction = txnNumber === undefined ? undefined : `${lsid}/${txnNumber}`;
    const traced = traces.get(traceId(started.traceparent) ?? '');
    const before = begun.get(cursorOf ?? transaction ?? '');
    const delivery = traced ?? before?.delivery ?? work.only();
    const update = delivery === undefined ? undefined : updates.get(delivery);
    if (delivery === undefined || update === undefined) continue;
    const how =
      traced !== undefined
        ? ({ strength: 'exact', rule: 'traceparent' } as const)
        : before !== undefined
          ? ({ strength: before.strength, rule: 'continued' } as const)
          : ({ strength: 'exclusive', rule: 'only-one-at-work' } as const);
    const attribution: CommandAttribution = { update, delivery, ...how };
    found.set(command, attribution);
    begun.set(started.command, attribution);
    if (transaction !== undefined) begun.set(transaction, attribution);
    work.lives(delivery, ended?.at ?? view.endAt);
  }
  return found;
}

/** A sign that a handling is at work; the first one is its delivery. */
interface Sign {
  readonly at: number;
  readonly until: number;
  readonly delivery: DeliveryView;
  readonly isBegin: boolean;
}

/** Who may be at work, as time goes on. */
class Work {
  readonly #signs: readonly Sign[];
  /** With the last time of which a sign of life is known. */
  readonly #atWork = new Map<DeliveryView, number>();
  readonly #acknowledgesLast: boolean;
  readonly #downAt: readonly number[];
  #next = 0;
  #downs = 0;

  constructor(view: HistoryView) {
    const attributions = attributionsOf(view);
    this.#acknowledgesLast = workingsOf(view).acknowledgesLast;
    this.#downAt = restartsOf(view).map(({ downAt }) => downAt);
    const begins = view.deliveries.filter(wasGiven).map((delivery): Sign => {
      const { at } = delivery.started;
      return { at, until: at, delivery, isBegin: true };
    });
    const calls = view.calls.flatMap((call): Sign[] => {
      const delivery = attributions.of(call)?.delivery;
      const until = call.ended?.at ?? view.endAt;
      return delivery === undefined ? [] : [{ at: call.started.at, until, delivery, isBegin: false }];
    });
    this.#signs = [...begins, ...calls].sort((a, b) => a.at - b.at);
  }

  goOnUntil(at: number): void {
    for (let sign = this.#signs[this.#next]; sign !== undefined && sign.at <= at; ) {
      this.#forgetBefore(sign.at);
      if (sign.isBegin) this.#atWork.set(sign.delivery, sign.until);
      else this.lives(sign.delivery, sign.until);
      this.#next += 1;
      sign = this.#signs[this.#next];
    }
    this.#forgetBefore(at);
    for (const [delivery, livedAt] of this.#atWork) {
      if (this.#isOver(delivery, livedAt, at)) this.#atWork.delete(delivery);
    }
  }

  /** The one that is at work, when there is no other. */
  only(): DeliveryView | undefined {
    const [only] = this.#atWork.keys();
    return this.#atWork.size === 1 ? only : undefined;
  }

  lives(delivery: DeliveryView, until: number): void {
    const livedAt = this.#atWork.get(delivery);
    if (livedAt !== undefined) this.#atWork.set(delivery, Math.max(livedAt, until));
  }

  /** Whatever was at work before the process ended is over. */
  #forgetBefore(at: number): void {
    while ((this.#downAt[this.#downs] ?? Number.POSITIVE_INFINITY) <= at) {
      this.#downs += 1;
      this.#atWork.clear();
    }
  }

  #isOver({ ended }: DeliveryView, livedAt: number, at: number): boolean {
    if (ended === undefined || ended.at >= at || livedAt >= at) return false;
    const hasSaidSo = ended.outcome === 'acknowledged' || ended.outcome === 'refused';
    if (this.#acknowledgesLast && hasSaidSo) return at - ended.at > RETURNING_MS;
    return at - Math.max(ended.at, livedAt) > BETWEEN_CALLS_MS;
  }
}
