import { largest, smallest } from '../base/extremes.js';
import type { HistoryView, StepView, UpdateView, UserView } from '../history/view.js';
import { distributionOf } from './histogram.js';
import { type Effects, isAnswer, seenEffects } from './latency.js';

/**
 * The time after a question during which a bot passes the answer over, because it is still at work. An input that was
 * passed over `d` after the question shows that the window is longer than that, one that was taken that it is not. So
 * there are bounds for each place of the dialogue, the nearer the more inputs came early.
 */
export interface DeadWindow {
  /** Inputs that came within {@link PROBED_MS} of the question before them, and were taken or passed over. */
  readonly n: number;
  readonly passedOver: number;
  /** Milliseconds, over the places of the dialogue: the latest input that was passed over; 0 where none was. */
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  /** Places with inputs that were passed over, the longest windows first. */
  readonly places: readonly DeadPlace[];
}

export interface DeadPlace {
  readonly session: string;
  /** The step whose input was passed over. */
  readonly step: number;
  readonly n: number;
  readonly passedOver: number;
  /** The window lasted at least so long, in ms after the question: the latest input that was passed over. */
  readonly atLeast: number;
  /** The earliest input that was taken; below `atLeast` when the window is not always the same. Absent: none was. */
  readonly takenFrom?: number;
}

/** What comes later after the question says nothing of it. */
export const PROBED_MS = 5_000;
/** So many places are told. */
const MOST_PLACES = 20;

interface Probed {
  n: number;
  readonly passedOver: number[];
  readonly taken: number[];
  readonly session: string;
  readonly step: number;
}

/** Nothing when no input came so soon. `isPassedOver`: the bot was busy when this came, and never acted on it. */
export function deadWindowOf(
  view: HistoryView,
  effects: Effects,
  isPassedOver: (update: UpdateView) => boolean,
): DeadWindow | undefined {
  const places = new Map<string, Probed>();
  for (const user of view.users.values()) probe(user, effects, isPassedOver, places);
  const all = [...places.values()];
  if (all.length === 0) return undefined;
  const windows = all.map(({ passedOver }) => largest(passedOver, 0));
  const { p50, p95, max } = distributionOf(windows);
  const dead = all
    .filter(({ passedOver }) => passedOver.length > 0)
    .map(placeOf)
    .sort((a, b) => b.atLeast - a.atLeast);
  return {
    n: all.reduce((sum, { n }) => sum + n, 0),
    passedOver: dead.reduce((sum, place) => sum + place.passedOver, 0),
    p50: p50 ?? 0,
    p95: p95 ?? 0,
    max: max ?? 0,
    places: dead.slice(0, MOST_PLACES),
  };
}

function placeOf({ session, step, n, passedOver, taken }: Probed): DeadPlace {
  return {
    session,
    step,
    n,
    passedOver: passedOver.length,
    atLeast: largest(passedOver),
    ...(taken.length > 0 && { takenFrom: smallest(taken) }),
  };
}

function probe(
  { session, steps }: UserView,
  effects: Effects,
  isPassedOver: (update: UpdateView) => boolean,
  places: Map<string, Probed>,
): void {
  for (const [index, step] of steps.entries()) {
    const question = steps[index - 1];
    const action = step.actions[0];
    const update = step.updates.find((each) => each.action === action);
    if (question === undefined || action === undefined || update === undefined) continue;
    const askedAt = askedBy(question, effects);
    if (askedAt === undefined || step.expects.length === 0) continue;
    const afterMs = action.at - askedAt;
    if (afterMs < 0 || afterMs > PROBED_MS) continue;
    const isTaken = seenEffects([update], effects).some(({ contents }) => isAnswer(contents, step.expects));
    if (!isTaken && !isPassedOver(update)) continue;
    const key = JSON.stringify([session, step.step]);
    const place = places.get(key) ?? { n: 0, passedOver: [], taken: [], session, step: step.step };
    places.set(key, place);
    place.n += 1;
    (isTaken ? place.taken : place.passedOver).push(afterMs);
  }
}

/** When the user could see what the step wants to show; a step that expects nothing asks nothing. */
function askedBy(step: StepView, effects: Effects): number | undefined {
  if (step.expects.length === 0) return undefined;
  return seenEffects(step.updates, effects).find(({ contents }) => isAnswer(contents, step.expects))?.at;
}
