import { largest } from '../base/extremes.js';
import type { HistoryView, UpdateView } from '../history/view.js';
import { type Checker, type Draft, numbered } from './finding.js';

/** What is thrown away with one call is told of at one time. */
const SAME_DROP_MS = 1_000;
/** Of each drop so many updates are shown. */
const SHOWN = 5;

/** The bot threw away what people had sent. */
export const droppedUpdates: Checker = {
  kinds: ['dropped-updates'],
  explain: 'Pending updates were thrown away at the bot’s own request, and people had sent some of them.',
  check(view) {
    const dropped = view.updates
      .filter(({ dropped: event, action }) => event?.reason === 'dropped-by-bot' && action !== undefined)
      .sort((a, b) => timeOf(a) - timeOf(b));
    const groups: UpdateView[][] = [];
    for (const update of dropped) {
      const last = groups.at(-1)?.at(-1);
      if (last !== undefined && last.bot === update.bot && timeOf(update) - timeOf(last) <= SAME_DROP_MS) {
        groups.at(-1)?.push(update);
      } else groups.push([update]);
    }
    return numbered(groups.map((group) => draftOf(view, group)));
  },
};

const timeOf = ({ dropped }: UpdateView): number => dropped?.at ?? 0;

function draftOf(view: HistoryView, group: readonly UpdateView[]): Draft {
  const users = new Set(group.map(({ action }) => action?.user));
  const at = largest(group.map(timeOf));
  const start = view.processes.findLast((event) => event.type === 'bot.started' && event.at <= at);
  const what = group.length === 1 ? 'One update' : `${group.length} updates`;
  return {
    kind: 'dropped-updates',
    cause: 'dropped-by-bot',
    strength: 'exact',
    message: `${what} of ${users.size === 1 ? 'one user' : `${users.size} users`} waited for the bot and ${group.length === 1 ? 'was' : 'were'} thrown away unread.`,
    evidence: [
      start,
      ...group.slice(0, SHOWN).flatMap(({ action, queued, dropped }) => [action, queued, dropped]),
    ],
  };
}
