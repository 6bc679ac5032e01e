import { printable, withoutPersonal } from '../base/untrusted.js';
import { visibleText } from '../history/content.js';
import type { EventOf, HistoryEvent } from '../history/events.js';
import { givenOf } from '../history/given.js';
import type { HistoryView, StepView, UserView } from '../history/view.js';
import { type Attributions, attributionsOf } from './attribution.js';
import type { Cause } from './causes.js';
import type { Draft } from './finding.js';
import { bothEnds } from './finding.js';
import { causeOfFailure, failedCommandWithin, restartsWithin } from './process-trouble.js';
import { explainRedelivery } from './repetition.js';
import type { Strength } from './strength.js';

type Probe = EventOf<'probe'>;

/** What a broken probe is: something twice, an input in the wrong place, or a state that was lost. */
type ProbeKind = 'double-effect' | 'wrong-slot' | 'lost-state';

/** Probes of the database that did not find what the scenario wants, as findings of one kind. */
export function brokenProbes(view: HistoryView, kind: ProbeKind): Draft[] {
  return view.probes.flatMap((probe) => {
    if (probe.outcome !== 'broken') return [];
    const user = view.users.get(probe.user);
    const misplaced = inputIn(probe, user);
    const own =
      probe.tooMany === true ? 'double-effect' : misplaced === undefined ? 'lost-state' : 'wrong-slot';
    return own === kind ? [draftOf(view, probe, user, kind, misplaced)] : [];
  });
}

function draftOf(
  view: HistoryView,
  probe: Probe,
  user: UserView | undefined,
  kind: ProbeKind,
  misplaced: StepView | undefined,
): Draft {
  const step =
    probe.step === undefined
      ? user?.steps.findLast(({ actions }) => actions.length > 0)
      : user?.steps.find((other) => other.step === probe.step);
  const { cause, strength, evidence } =
    kind === 'double-effect' ? causeOfSurplus(view, probe, user) : causeOfLoss(view, probe, user);
  const where = probe.step === undefined ? 'At the end' : `Step ${probe.step}`;
  const found = printable(withoutPersonal(probe.found), 120);
  const wanted = printable(withoutPersonal(probe.wanted), 120);
  return {
    kind,
    cause,
    strength,
    ...(step !== undefined && { step }),
    message: `${where}: ${printable(probe.name, 80)}: the database has ${found}, wanted: ${wanted}.`,
    evidence: [...evidence, misplaced?.actions[0], probe],
  };
}

/** The step whose input stands in the field that is wrong. */
function inputIn({ foundText }: Probe, user: UserView | undefined): StepView | undefined {
  if (foundText === undefined || foundText.trim().length < 2) return undefined;
  const text = visibleText(foundText).toLowerCase();
  return user?.steps.find(({ actions }) =>
    actions.some((action) => action.text !== undefined && visibleText(action.text).toLowerCase() === text),
  );
}

interface Explained {
  readonly cause: Cause;
  readonly strength: Strength;
  readonly evidence: readonly (HistoryEvent | undefined)[];
}

/** What of this user's story came twice; the latest thing before the probe. */
function causeOfSurplus(view: HistoryView, probe: Probe, user: UserView | undefined): Explained {
  const attributions = attributionsOf(view);
  const before = (user?.steps ?? []).filter(({ step }) => probe.step === undefined || step <= probe.step);
  const repetitions = [
    ...before.flatMap((step) => repeatedDeliveries(view, attributions, step)),
    ...before.flatMap(secondTaps),
    ...before.flatMap(secondSends),
    ...repeatedRequests(view, probe),
  ].filter(({ at }) => at <= probe.at);
  const latest = repetitions.sort((a, b) => b.at - a.at)[0];
  if (latest === undefined) return { cause: 'unknown', strength: 'overlap', evidence: [] };
  // One thing came twice and one effect too many is there: they belong together if nothing else came twice.
  return { ...latest, strength: repetitions.length === 1 ? 'exclusive' : 'overlap' };
}

type Repetition = Omit<Explained, 'strength'> & { readonly at: number };

function repeatedDeliveries(view: HistoryView, attributions: Attributions, step: StepView): Repetition[] {
  return step.updates.flatMap((update) => {
    const given = givenOf(update);
    const [earlier, later] = [given.at(-2), given.at(-1)];
    if (earlier === undefined || later === undefined) return [];
    const { cause, evidence } = explainRedelivery(view, attributions, earlier, later);
    return [{ cause, evidence: [update.action, ...evidence], at: later.started.at }];
  });
}

const secondTaps = ({ actions }: StepView): Repetition[] =>
  actions
    .filter(({ reason }) => reason === 'double-tap')
    .map((action) => ({ cause: 'double-tap', evidence: [actions[0], action], at: action.at }));

const secondSends = ({ actions }: StepView): Repetition[] =>
  actions
    .filter(({ reason }) => reason === 'resend')
    .map((action) => ({ cause: 'impatient-resend', evidence: [actions[0], action], at: action.at }));

function repeatedRequests(view: HistoryView, { user }: Probe): Repetition[] {
  const steps = new Map<number, HistoryEvent[]>();
  for (const { started, ended } of view.requests) {
    if (started.user !== user) continue;
    steps.set(started.step, [
      ...(steps.get(started.step) ?? []),
      started,
      ...(ended === undefined ? [] : [ended]),
    ]);
  }
  return [...steps.values()].flatMap((events) => {
    const starts = events.filter(({ type }) => type === 'request.started');
    const [, second] = starts;
    return second === undefined
      ? []
      : [{ cause: 'request-repeated' as const, evidence: events, at: second.at }];
  });
}

/** What happened to the bot between this user's first action and the probe. */
function causeOfLoss(view: HistoryView, probe: Probe, user: UserView | undefined): Explained {
  const from = user?.started?.at ?? 0;
  const restarts = restartsWithin(view, from, probe.at);
  if (restarts.length > 0) return { cause: 'restart', strength: 'overlap', evidence: restarts };
  const broken = failedCommandWithin(view, from, probe.at);
  if (broken !== undefined) {
    return { cause: causeOfFailure(broken), strength: 'overlap', evidence: bothEnds(broken) };
  }
  return { cause: 'unknown', strength: 'overlap', evidence: [] };
}
