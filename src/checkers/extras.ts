import type { ExtraAct } from '../history/events.js';
import type { HistoryView, UpdateView } from '../history/view.js';

const ODD: ReadonlySet<string | undefined> = new Set<ExtraAct>([
  'unknown-kind',
  'unknown-fields',
  'malformed',
]);

/** Is this an update such as the bot has never seen: of a new kind, with new fields, or without a part? */
export const isOdd = ({ action }: UpdateView): boolean => ODD.has(action?.reason);

/** What a user did beyond its recording and the bot was handed within a time (ms, both included). */
export const extrasWithin = (
  view: HistoryView,
  user: string,
  from: number,
  to: number,
): readonly UpdateView[] =>
  (view.users.get(user)?.extras ?? []).filter(({ deliveries }) =>
    deliveries.some(({ started }) => started.at >= from && started.at <= to),
  );

/** The odd update with this number, if it is one. */
export function oddUpdates(view: HistoryView): ReadonlySet<string> {
  return new Set(view.updates.filter(isOdd).map(({ bot, updateId }) => `${bot}/${updateId}`));
}
