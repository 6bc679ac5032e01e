import type { HistoryView } from '../history/view.js';
import { endGraceMs } from './conversation.js';
import { bothEnds, type Checker, type Finding, numbered } from './finding.js';
import { isCallbackAnswer, isMeantToShow } from './replies.js';

/** So many updates of so many steps must have been taken before a bot counts as dead. */
const LEAST_UPDATES = 3;
const LEAST_STEPS = 2;

/** The bot takes updates and never shows anybody anything. */
export const deadBot: Checker = {
  kinds: ['dead-bot'],
  explain: 'The bot accepted updates and never did anything that a user could see.',
  check(view) {
    if (view.calls.some((call) => isMeantToShow(call) || isCallbackAnswer(call))) return [];
    if (view.glued !== undefined) return wronglyStarted(view);
    const taken = view.updates.filter(
      (update) =>
        update.step !== undefined &&
        update.step.expects.length > 0 &&
        update.deliveries.some(
          ({ started, ended }) =>
            ended?.outcome === 'acknowledged' ||
            (started.via === 'polling' && ended?.outcome !== 'undelivered'),
        ),
    );
    const steps = new Set(taken.map((update) => update.step));
    if (taken.length < LEAST_UPDATES || steps.size < LEAST_STEPS) return [];
    const deliveries = taken.flatMap((update) => update.deliveries);
    const lastAt = Math.max(...deliveries.map(({ started, ended }) => ended?.at ?? started.at));
    if (view.endAt - lastAt < endGraceMs(view)) return [];
    const start = view.processes.find((event) => event.type === 'bot.started');
    const saidNothing = start !== undefined && view.calls.length === 0;
    return numbered([
      {
        kind: 'dead-bot',
        cause: saidNothing ? 'start-up-failed' : 'unknown',
        strength: 'exact',
        message: `The bot accepted ${taken.length} updates of ${steps.size} steps and never showed anybody anything.`,
        evidence: [
          start,
          ...taken.slice(0, LEAST_UPDATES).flatMap((u) => [u.action, ...bothEnds(u.deliveries[0])]),
        ],
      },
    ]);
  },
};

/** A bot that cannot work, because it was started wrongly, and is up all the same. One that ends is not. */
function wronglyStarted(view: HistoryView): Finding[] {
  const { glued, processes } = view;
  const start = processes.find((event) => event.type === 'bot.started');
  if (glued === undefined || start === undefined) return [];
  if (processes.some((event) => event.type === 'bot.exited' && !event.expected)) return [];
  const ready = processes.find((event) => event.type === 'bot.ready');
  const delivery =
    view.deliveries.find(({ ended }) => ended?.outcome === 'acknowledged') ?? view.deliveries[0];
  const what =
    ready === undefined
      ? 'neither ended nor became ready in time'
      : 'stayed up, and never showed anybody anything';
  return numbered([
    {
      kind: 'dead-bot',
      cause: 'glued-environment',
      strength: 'exact',
      message: `The bot was started without ${glued.second}, which stands at the end of ${glued.first}, and ${what}.`,
      evidence: [glued, start, ready, ...bothEnds(delivery)],
    },
  ]);
}
