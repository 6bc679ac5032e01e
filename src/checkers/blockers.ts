import { groupBy } from '../base/groups.js';
import { firstWhereNot } from '../base/sorted.js';
import type { DeliveryView, HistoryView, UpdateView } from '../history/view.js';

type Queues = ReadonlyMap<string, readonly UpdateView[]>;

/** In an outage every update asks, so all are put into their queues once. */
const memory = new WeakMap<HistoryView, Queues>();

/** The update before it in its queue, when that one was still not acknowledged. */
export function blockerOf(view: HistoryView, update: UpdateView): UpdateView | undefined {
  const since = update.queued?.at ?? 0;
  const queue = queuesOf(view).get(queueOf(update)) ?? [];
  const own = firstWhereNot(queue.length, (index) => (queue[index]?.updateId ?? 0) < update.updateId);
  for (let index = own - 1; index >= 0; index -= 1) {
    const other = queue[index];
    if (other?.deliveries.some(({ ended }) => freeAt(ended) >= since) === true) return other;
  }
  return undefined;
}

/** When the queue goes on after an attempt, as far as that is known; ms. */
const freeAt = (ended: DeliveryView['ended']): number =>
  ended === undefined ? Number.POSITIVE_INFINITY : ended.at + (ended.retryInMs ?? 0);

function queuesOf(view: HistoryView): Queues {
  const known = memory.get(view);
  if (known !== undefined) return known;
  const byId = [...view.updates].sort((a, b) => a.updateId - b.updateId);
  const queues = groupBy(byId, (update) => [queueOf(update)]);
  memory.set(view, queues);
  return queues;
}

const queueOf = ({ bot, queued }: UpdateView): string => `${bot} ${queued?.queue ?? ''}`;
