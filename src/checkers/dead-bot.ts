import { largest } from '../base/extremes.js';
import { printable } from '../base/untrusted.js';
import type { EventOf } from '../history/events.js';
import { givenOf, wasGiven } from '../history/given.js';
import type { DeliveryView, HistoryView, RequestView, UpdateView } from '../history/view.js';
import { endGraceMs } from './conversation.js';
import { isOdd } from './extras.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import { AT_ONCE_MS, requestsCutBy } from './process-trouble.js';
import { isCallbackAnswer, isMeantToShow } from './replies.js';
import { breakages } from './webhook-error.js';

/** So many updates of so many steps must have been taken before a bot counts as dead. */
const LEAST_UPDATES = 3;
const LEAST_STEPS = 2;

/** After this long without a delivery, an end of the process has nothing to do with one; ms. */
const AFTER_DELIVERY_MS = 1_000;

/** The bot takes updates and never shows anybody anything, or it ends at one of them. */
export const deadBot: Checker = {
  kinds: ['dead-bot'],
  explain:
    'The bot accepted updates and never did anything that a user could see, or its process ended at one of them.',
  check(view) {
    // A bot that was started wrongly on purpose may well end.
    return numbered([...silentDraft(view), ...(view.glued === undefined ? crashDrafts(view) : [])]);
  },
};

function silentDraft(view: HistoryView): Draft[] {
  if (view.calls.some((call) => isMeantToShow(call) || isCallbackAnswer(call))) return [];
  if (view.glued !== undefined) return wrongStartDraft(view);
  const taken = view.updates.filter(
    (update) =>
      update.step !== undefined &&
      update.step.expects.length > 0 &&
      update.deliveries.some(
        (delivery) =>
          delivery.ended?.outcome === 'acknowledged' ||
          (delivery.started.via === 'polling' && wasGiven(delivery)),
      ),
  );
  const steps = new Set(taken.map((update) => update.step));
  if (taken.length < LEAST_UPDATES || steps.size < LEAST_STEPS) return [];
  const deliveries = taken.flatMap((update) => update.deliveries);
  const lastAt = largest(deliveries.map(({ started, ended }) => ended?.at ?? started.at));
  if (view.endAt - lastAt < endGraceMs(view)) return [];
  const start = view.processes.find((event) => event.type === 'bot.started');
  const saidNothing = start !== undefined && view.calls.length === 0;
  return [
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
  ];
}

/**
 * Ends of a process that nobody had asked for, while or just after it was handed an update. When something else was
 * broken just then, its author may want it to end and be started anew.
 */
function crashDrafts(view: HistoryView): Draft[] {
  return view.processes.flatMap((exit) => {
    if (exit.type !== 'bot.exited' || exit.expected) return [];
    const given = view.updates.flatMap((update) =>
      givenOf(update)
        .filter(({ started }) => started.at <= exit.at)
        .map((delivery) => ({ update, delivery })),
    );
    const inFlight = given.filter(({ delivery }) => isInFlightAt(delivery, exit.at));
    const at =
      inFlight.length > 0
        ? inFlight
        : given.filter(({ delivery: { ended } }) => (ended?.at ?? 0) >= exit.at - AFTER_DELIVERY_MS);
    // One that the bot has never seen the like of is the likeliest; else the one that came last.
    const last = at.findLast(({ update }) => isOdd(update)) ?? latest(at);
    const how = exit.signal === undefined ? `with code ${exit.code ?? '?'}` : `by ${exit.signal}`;
    // What was under way says more than what was handed over before.
    const [cut] = requestsCutBy(view, exit);
    if (cut !== undefined && (last === undefined || !isOdd(last.update))) {
      if (breakages(view)(cut.started.at, exit.at)) return [];
      return [requestDraft(cut, exit, how, inFlight.length === 0)];
    }
    if (last === undefined || breakages(view)(last.delivery.started.at, exit.at)) return [];
    const { update, delivery } = last;
    const kind = update.queued?.kind ?? 'update';
    return [
      {
        kind: 'dead-bot' as const,
        cause: isOdd(update) ? ('update-not-understood' as const) : ('crashed-on-update' as const),
        strength: at.length === 1 ? ('exclusive' as const) : ('overlap' as const),
        ...(update.step === undefined ? {} : { step: update.step }),
        message: `The process ended ${how} when it had been handed update ${update.updateId} (${kind}).`,
        evidence: [update.action, ...bothEnds(delivery), exit],
      },
    ];
  });
}

function requestDraft(
  { started, ended }: RequestView,
  exit: EventOf<'bot.exited'>,
  how: string,
  isAlone: boolean,
): Draft {
  const name = `${started.method} ${printable(started.path, 80)}`;
  return {
    kind: 'dead-bot',
    cause: 'crashed-on-request',
    strength: isAlone ? 'exclusive' : 'overlap',
    message: `The process ended ${how} when its own server had been asked ${name}.`,
    evidence: [started, ended, exit],
  };
}

interface Given {
  readonly update: UpdateView;
  readonly delivery: DeliveryView;
}

/** Its connection ends with the process, and the two are told in either order. */
const isInFlightAt = ({ ended }: DeliveryView, at: number): boolean =>
  ended === undefined || ended.at >= at || (ended.outcome === 'unknown' && ended.at >= at - AT_ONCE_MS);

const latest = (given: readonly Given[]): Given | undefined =>
  given.toSorted((a, b) => a.delivery.started.at - b.delivery.started.at).at(-1);

/** A bot that cannot work, because it was started wrongly, and is up all the same. One that ends is not. */
function wrongStartDraft(view: HistoryView): Draft[] {
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
  return [
    {
      kind: 'dead-bot',
      cause: 'glued-environment',
      strength: 'exact',
      message: `The bot was started without ${glued.second}, which stands at the end of ${glued.first}, and ${what}.`,
      evidence: [glued, start, ready, ...bothEnds(delivery)],
    },
  ];
}
