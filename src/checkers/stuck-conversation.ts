import { printable } from '../base/untrusted.js';
import { visibleText } from '../history/content.js';
import type { HistoryView, UpdateView, UserView } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import type { Cause } from './causes.js';
import {
  answersTo,
  type Intention,
  intentionsOf,
  isCutByEnd,
  isExpected,
  repliesTo,
} from './conversation.js';
import { explainDerailment, lastRightBefore } from './derailment.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import type { Explanation } from './repetition.js';
import { nameOf, shownBy, shownKey } from './replies.js';
import { explainSilence } from './silence.js';

/** So many different inputs must fail in a row when the user did not try to begin again: one or two are lost updates. */
const LEAST_INPUTS = 3;
/** When the user did, it must have failed this often. */
const LEAST_SENDS = 2;
/** Events of longer rows are not all told. */
const SHOWN = 6;

/** Nothing that the user does takes the dialogue on any more. */
export const stuckConversation: Checker = {
  kinds: ['stuck-conversation'],
  explain:
    'From some point on nothing took the dialogue further: beginning again did not help, or one input after another got no answer or always the same wrong one.',
  check(view) {
    const attributions = attributionsOf(view);
    return numbered([...view.users.values()].flatMap((user) => draftOf(view, attributions, user) ?? []));
  },
};

/** An input that the bot took, and that did not bring what its step expects. */
interface Failed {
  readonly intention: Intention;
  /** The wrong replies; none: silence. */
  readonly replies: readonly Attribution[];
  /** The user began again: the input of their first step, or /start, in the middle of the dialogue. */
  readonly isBeginning: boolean;
}

function draftOf(view: HistoryView, attributions: Attributions, user: UserView): Draft | undefined {
  const row = failedAtEnd(view, attributions, user);
  const [first] = row;
  if (first === undefined) return undefined;
  const again = row.findIndex((failed) => failed.isBeginning || storedBefore(view, user, failed).length > 0);
  const inputs = new Set(row.map(({ intention }) => inputOf(intention)));
  if (again !== -1) return fromBeginning(view, attributions, user, row, row.slice(again));
  if (inputs.size < LEAST_INPUTS || !hadRightReply(attributions, user, first)) return undefined;
  const [wrong] = first.replies;
  const explanation =
    wrong === undefined
      ? silenceOf(view, first)
      : isKnownReply(user, wrong)
        ? explainDerailment(view, first.intention.step, wrong)
        : undefined;
  // A bot that says something of its own to whatever it does not know has forgotten the user, and says so.
  if (explanation === undefined) return undefined;
  const message = `${inputs.size} different inputs in a row, from step ${first.intention.step.step} on, ${gotOf(row)}.`;
  return draft(attributions, user, row, explanation, message);
}

/** Beginning again did not help either: what the bot has stored of this user holds them. */
function fromBeginning(
  view: HistoryView,
  attributions: Attributions,
  user: UserView,
  row: readonly Failed[],
  sinceAgain: readonly Failed[],
): Draft | undefined {
  const [again] = sinceAgain;
  if (again === undefined || sinceAgain.length < LEAST_SENDS) return undefined;
  // What never worked in this run may be an input that the bot does not know. Where the scenario has stored a state
  // beforehand, the recording must do for that.
  const stored = storedBefore(view, user, again);
  if (stored.length === 0 && !hasWorked(attributions, user, again)) return undefined;
  const [wrong] = again.replies;
  const other =
    wrong === undefined ? silenceOf(view, again) : explainDerailment(view, again.intention.step, wrong);
  // A bot that has forgotten the user begins anew: after a restart only what was stored before it can stand in the
  // way. Unless the restart came upon the work itself.
  const wasKilled = wrong === undefined && other.cause === 'restart' && other.strength !== 'overlap';
  if (!SAYS_NOTHING.has(other.cause) || wasKilled) return undefined;
  const { step, actions } = again.intention;
  const said = actions[0]?.text ?? actions[0]?.button?.text ?? 'the first input';
  const input = `“${visibleText(said).slice(0, 40)}”`;
  const what =
    stored.length === 0
      ? `beginning again with ${input} did not help`
      : `${input} did not lead out of the state that the scenario had stored in ${printable(stored[0]?.collection ?? '?', 80)}`;
  const message = `Step ${step.step}: ${what}: ${gotOf(row)}.`;
  const evidence = [...stored, ...other.evidence];
  return draft(attributions, user, row, { ...other, cause: 'stale-state', evidence }, message);
}

/** What the scenario put into the database for this user before they first said a word; they begin with that input. */
function storedBefore(
  view: HistoryView,
  user: UserView,
  { intention }: Failed,
): readonly HistoryView['written'][number][] {
  if (intention.step !== user.steps[0]) return [];
  return view.written.filter(
    (event) =>
      event.user === user.user &&
      event.operation !== 'delete' &&
      event.at <= (user.steps[0]?.actions[0]?.at ?? 0),
  );
}

/** Causes that tell no more than that nothing right came. */
const SAYS_NOTHING: ReadonlySet<Cause> = new Set(['acknowledged-then-silent', 'unknown', 'restart']);

function draft(
  attributions: Attributions,
  user: UserView,
  row: readonly Failed[],
  { cause, strength, evidence }: Explanation,
  message: string,
): Draft {
  const told = [...row.slice(0, SHOWN / 2), ...row.slice(-SHOWN / 2)];
  const events = told.flatMap(({ intention, replies }) => [
    ...intention.actions,
    ...intention.updates.flatMap(({ deliveries }) => bothEnds(deliveries.at(-1))),
    ...replies.slice(0, 1).flatMap(({ call }) => bothEnds(call)),
  ]);
  const before = lastRightBefore(user.steps, attributions, row[0]?.intention.actions[0]?.at ?? 0);
  const step = row[0]?.intention.step;
  return {
    kind: 'stuck-conversation',
    cause,
    strength,
    ...(step !== undefined && { step }),
    message,
    evidence: [...bothEnds(before?.call), ...evidence, ...row.flatMap((f) => f.intention.actions), ...events],
  };
}

const gotOf = (row: readonly Failed[]): string => {
  const [wrong] = row.flatMap(({ replies }) => replies);
  if (wrong === undefined) return 'got no answer';
  const isSame = new Set(row.map(keyOf)).size === 1;
  return isSame
    ? `got the same answer each time, the ${nameOf(wrong.call)}`
    : `got no right answer, first the ${nameOf(wrong.call)}`;
};

/** The row of failed inputs at the end of a user's dialogue: all in silence, all with the same wrong answer, or all beginning again. */
function failedAtEnd(view: HistoryView, attributions: Attributions, user: UserView): Failed[] {
  const intentions = user.steps
    .filter((step) => step.expects.length > 0)
    .flatMap(intentionsOf)
    .sort((a, b) => startOf(a) - startOf(b));
  const row: Failed[] = [];
  for (const intention of intentions.toReversed()) {
    const failed = failedOf(view, attributions, user, intention);
    if (failed === undefined || (row[0] !== undefined && !belongTogether(failed, row[0]))) break;
    row.unshift(failed);
  }
  return row;
}

function failedOf(
  view: HistoryView,
  attributions: Attributions,
  user: UserView,
  intention: Intention,
): Failed | undefined {
  const { step, updates } = intention;
  const isTaken = updates.some(({ deliveries }) =>
    deliveries.some(({ ended }) => ended?.outcome === 'acknowledged'),
  );
  if (!isTaken || isCutByEnd(step, view, attributions)) return undefined;
  const replies = answersTo(view, updates, step.expects, attributions);
  if (replies.some((reply) => isExpected(reply, step.expects) || shownBy(reply.call).length === 0))
    return undefined;
  return { intention, replies, isBeginning: isBeginning(user, intention) };
}

/** Who begins again and again may be taken for another answer each time: each question that was open gets its turn. */
const belongTogether = (a: Failed, b: Failed): boolean =>
  keyOf(a) === keyOf(b) || (a.isBeginning && b.isBeginning && inputOf(a.intention) === inputOf(b.intention));

const keyOf = ({ replies }: Failed): string => [...new Set(replies.map(({ call }) => shownKey(call)))].join();

const startOf = ({ actions }: Intention): number => actions[0]?.at ?? 0;

/** What was said or tapped; two inputs with the same one are the same input. */
const inputOf = ({ actions: [action] }: Intention): string =>
  action?.kind === 'tap'
    ? `tap ${action.button?.text}`
    : `${action?.kind} ${visibleText(action?.text ?? '').toLowerCase()}`;

const START = /^text \/start\b/;

/** The first input of the user's dialogue, or /start, after something else was done. */
function isBeginning(user: UserView, intention: Intention): boolean {
  const [first] = user.steps;
  const [begun] = first === undefined ? [] : intentionsOf(first);
  if (first === undefined || begun === undefined) return false;
  const input = inputOf(intention);
  if (input !== inputOf(begun) && !START.test(input)) return false;
  const between = user.steps.filter((step) => step !== first && step !== intention.step);
  return between.some((step) => step.actions.some((action) => action.at < startOf(intention)));
}

/** The same input brought what was expected earlier in this user's dialogue. */
function hasWorked(attributions: Attributions, user: UserView, { intention }: Failed): boolean {
  const input = inputOf(intention);
  return user.steps
    .flatMap(intentionsOf)
    .some(
      (other) =>
        startOf(other) < startOf(intention) &&
        inputOf(other) === input &&
        repliesTo(other.updates, attributions).some((reply) => isExpected(reply, other.step.expects)),
    );
}

const hadRightReply = (attributions: Attributions, user: UserView, first: Failed): boolean =>
  lastRightBefore(user.steps, attributions, startOf(first.intention)) !== undefined;

/** Some step of this user's dialogue has this reply. */
const isKnownReply = (user: UserView, reply: Attribution): boolean =>
  user.steps.some((step) => isExpected(reply, step.expects));

function silenceOf(view: HistoryView, { intention }: Failed): Explanation {
  const update = intention.updates[0] as UpdateView;
  return explainSilence(view, update, view.endAt);
}
