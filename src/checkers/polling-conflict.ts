import { formatDuration } from '../base/duration.js';
import { printable } from '../base/untrusted.js';
import type { CallView, HistoryView } from '../history/view.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';

/** Conflicts this close to each other are one episode: libraries poll again after some seconds. */
const EPISODE_GAP_MS = 15_000;
/** One instance that takes over from another may meet it for so long, and so often. */
const TAKE_OVER_MS = 5_000;
const TAKE_OVER_CONFLICTS = 2;

/** Several consumers took the updates of the bot. */
export const pollingConflict: Checker = {
  kinds: ['polling-conflict'],
  explain: 'Calls of getUpdates were refused because something else takes the updates of this bot.',
  check(view) {
    // A refusal that nobody heard of was left behind by a consumer that is gone.
    const conflicts = view.calls.filter(
      ({ started, ended }) =>
        started.method === 'getUpdates' &&
        ended?.errorCode === 409 &&
        ended.answered &&
        ended.fault === undefined,
    );
    return numbered(episodesOf(conflicts).flatMap((episode) => draftOf(view, episode) ?? []));
  },
};

function episodesOf(conflicts: readonly CallView[]): CallView[][] {
  const episodes: CallView[][] = [];
  for (const call of conflicts) {
    const last = episodes.at(-1)?.at(-1);
    const isSame =
      last !== undefined && endOf(call) - endOf(last) <= EPISODE_GAP_MS && sayOf(call) === sayOf(last);
    if (isSame) episodes.at(-1)?.push(call);
    else episodes.push([call]);
  }
  return episodes;
}

const endOf = (call: CallView): number => call.ended?.at ?? call.started.at;

const isBesideWebhook = (call: CallView): boolean => /webhook is active/i.test(call.ended?.description ?? '');

const sayOf = (call: CallView): string => (isBesideWebhook(call) ? 'webhook' : 'poll');

function draftOf(view: HistoryView, episode: readonly CallView[]): Draft | undefined {
  const [first] = episode;
  const last = episode.at(-1);
  if (first === undefined || last === undefined || isTakeOver(view, episode)) return undefined;
  const times =
    episode.length === 1
      ? 'once'
      : `${episode.length} times in ${formatDuration(endOf(last) - endOf(first))}`;
  const starts = view.processes
    .filter((event) => event.type === 'bot.started' && event.at <= endOf(last))
    .slice(-4);
  return {
    kind: 'polling-conflict',
    cause: isBesideWebhook(first) ? 'webhook-still-set' : 'two-consumers',
    strength: 'exact',
    message: `getUpdates was refused ${times}: ${printable(first.ended?.description ?? 'Conflict', 120)}.`,
    evidence: [...starts, ...bothEnds(first), ...bothEnds(last)],
  };
}

/** An instance that starts while the one before it still polls, and then is alone. */
function isTakeOver(view: HistoryView, episode: readonly CallView[]): boolean {
  const [first] = episode;
  const last = episode.at(-1);
  if (first === undefined || last === undefined || isBesideWebhook(first)) return false;
  if (episode.length > TAKE_OVER_CONFLICTS || endOf(last) - endOf(first) > TAKE_OVER_MS) return false;
  return view.processes.some(
    (event) =>
      event.type === 'bot.exited' &&
      event.at >= endOf(first) - TAKE_OVER_MS &&
      event.at <= endOf(last) + TAKE_OVER_MS,
  );
}
