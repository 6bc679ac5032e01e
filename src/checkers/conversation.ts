import type { Content } from '../history/content.js';
import { wasGiven } from '../history/given.js';
import { matchContent } from '../history/match.js';
import type { Action, HistoryView, StepView, UpdateView, UserView } from '../history/view.js';
import type { Attribution, Attributions } from './attribution.js';
import { losesOnlyButtons } from './message-life.js';
import { isReply, shownBy } from './replies.js';

/**
 * One intention of a user: an input, with the taps that were meant as one. Sending again is a new
 * intention and deserves an answer of its own.
 */
export interface Intention {
  readonly step: StepView;
  readonly actions: readonly Action[];
  readonly updates: readonly UpdateView[];
}

/** The intentions of a step, in order: the first send, then each resend. */
export function intentionsOf(step: StepView): Intention[] {
  const groups: Action[][] = [];
  for (const action of [...step.actions].sort((a, b) => a.at - b.at || a.send - b.send)) {
    const current = groups.at(-1);
    if (current === undefined || action.reason !== 'double-tap') groups.push([action]);
    else current.push(action);
  }
  return groups.map((actions) => ({
    step,
    actions,
    updates: step.updates.filter((u) => u.action !== undefined && actions.includes(u.action)),
  }));
}

/** All replies to some updates, in order of time. */
export function repliesTo(updates: readonly UpdateView[], attributions: Attributions): Attribution[] {
  const replies: Attribution[] = [];
  for (const update of updates) {
    for (const reply of attributions.to(update)) if (isReply(reply.call)) replies.push(reply);
  }
  // Checkers ask for each step, and most steps have one.
  if (replies.length < 2) return replies;
  return replies.sort((a, b) => a.call.effectAt - b.call.effectAt || a.call.started.at - b.call.started.at);
}

/**
 * The replies that say something. That the buttons of an old message are gone, so that nobody taps them again, is an
 * answer only where the step expects it.
 */
export const answersTo = (
  view: HistoryView,
  updates: readonly UpdateView[],
  expects: readonly Content[],
  attributions: Attributions,
): Attribution[] =>
  repliesTo(updates, attributions).filter(
    (reply) => isExpected(reply, expects) || !losesOnlyButtons(view, reply.call),
  );

/** Does the reply show something that the step expects? */
export const isExpected = (reply: Attribution, expects: readonly Content[]): boolean =>
  shownBy(reply.call).some((content) => matchesAny(content, expects));

export const matchesAny = (content: Content, expects: readonly Content[]): boolean =>
  expects.some((expected) => matchContent(expected, content) !== 'no');

/** The first reply to a step that shows what it expects. */
export function firstExpected(
  updates: readonly UpdateView[],
  expects: readonly Content[],
  attributions: Attributions,
): Attribution | undefined {
  return repliesTo(updates, attributions).find((reply) => isExpected(reply, expects));
}

/** When the bot got this update for the first time, if ever; ms. */
export function deliveredAt(update: UpdateView): number | undefined {
  return update.deliveries.find(wasGiven)?.started.at;
}

/** From its first delivery until the last sign of its handlings, in ms; nothing for one that the bot never got. */
export function spanOf(
  update: UpdateView,
  attributions: Attributions,
): { readonly from: number; readonly until: number } | undefined {
  const from = deliveredAt(update);
  if (from === undefined) return undefined;
  const ends = update.deliveries.map((d) => d.ended?.at ?? d.started.at);
  return { from, until: Math.max(...ends, ...attributions.to(update).map(({ call }) => call.effectAt)) };
}

/** Inputs of a user that were at work while another one's was, until a time. */
export function workBeside(
  attributions: Attributions,
  user: UserView,
  other: UpdateView,
  until: number,
): UpdateView[] {
  const from = spanOf(other, attributions)?.from ?? until;
  return user.steps
    .flatMap(({ updates }) => updates)
    .filter((update) => {
      const span = spanOf(update, attributions);
      return span !== undefined && span.from <= until && span.until >= from;
    });
}

/** The last time at which anything happened to this step; ms. */
export function lastSignOf(step: StepView, attributions: Attributions): number {
  const times = step.actions.map((action) => action.at);
  for (const update of step.updates) {
    for (const { started, ended } of update.deliveries) times.push(ended?.at ?? started.at);
    for (const { call } of attributions.to(update)) times.push(call.effectAt);
  }
  return times.reduce((a, b) => Math.max(a, b), 0);
}

/** How long a bot may be quiet at the end of a run before its silence means something. */
export const END_GRACE_MS = 2_000;
/** The same for a run that did not end by itself: it may have been stopped in the middle of anything. */
export const CUT_GRACE_MS = 10_000;

/** A run ends by itself only after a time in which nothing happened; else its last moments prove nothing. */
export const endGraceMs = (view: HistoryView): number =>
  view.runEnded?.outcome === 'completed' ? END_GRACE_MS : CUT_GRACE_MS;

/** Did the run end before one could say that nothing comes any more? */
export function isCutByEnd(step: StepView, view: HistoryView, attributions: Attributions): boolean {
  if (step.ended?.outcome === 'cut') return true;
  if (step.ended?.outcome === 'silent' || step.ended?.outcome === 'unexpected') return false;
  const isUnderWay = step.updates.some((update) =>
    update.deliveries.some(({ ended }) => ended === undefined || ended.outcome === 'abandoned'),
  );
  if (isUnderWay) return true;
  return view.endAt - lastSignOf(step, attributions) < endGraceMs(view);
}
