import { smallest } from '../base/extremes.js';
import { groupBy } from '../base/groups.js';
import { type Content, contentKey } from '../history/content.js';
import { matchContent } from '../history/match.js';
import {
  type CallView,
  chatKey,
  type HistoryView,
  type RequestView,
  type StepView,
} from '../history/view.js';
import { isMeantToShow, shownBy } from './replies.js';

/** What one step of the scenario asked of the bot's own server, and what its user was shown then. */
export interface Asked {
  readonly step: StepView;
  /** The same request, once or several times. */
  readonly requests: readonly RequestView[];
  readonly expects: readonly Content[];
  /** From the first request until the user or the scenario did the next thing; ms. */
  readonly from: number;
  readonly until: number;
  /** Calls of that time that were meant to show this user something, in order. */
  readonly calls: readonly CallView[];
}

/** All requests, those of one step together. */
export function askedOf(view: HistoryView): Asked[] {
  const byUser = groupBy(view.requests, ({ started }) => [started.user]);
  return [...byUser.values()].flatMap((requests) =>
    [...groupBy(requests, ({ started }) => [started.step]).values()].flatMap(
      (ofStep) => askedBy(view, ofStep, requests) ?? [],
    ),
  );
}

/** @param all all requests of the same user */
function askedBy(
  view: HistoryView,
  requests: readonly RequestView[],
  all: readonly RequestView[],
): Asked | undefined {
  const [first] = requests;
  if (first === undefined) return undefined;
  const { user, step: number, at: from, chatId } = first.started;
  const steps = view.users.get(user)?.steps ?? [];
  const step = steps.find((other) => other.step === number);
  if (step === undefined) return undefined;
  const until = nextThingAt(view, step, all, from);
  const bot = view.users.get(user)?.started?.bot;
  const chat = bot === undefined ? undefined : view.chats.get(chatKey(bot, chatId));
  const calls = (chat?.calls ?? []).filter(
    (call) => isMeantToShow(call) && call.started.at >= from && call.effectAt <= until,
  );
  const expects = requests.flatMap(({ started }) => started.expects ?? []);
  return { step, requests, expects, from, until, calls };
}

/** When this user, or the scenario for it, did the next thing; else the end. */
function nextThingAt(
  view: HistoryView,
  { user, step }: StepView,
  requests: readonly RequestView[],
  after: number,
): number {
  const actions = (view.users.get(user)?.steps ?? []).flatMap((other) => other.actions);
  const others = requests.map(({ started }) => started).filter((started) => started.step !== step);
  const times = [...actions, ...others].map(({ at }) => at).filter((at) => at > after);
  return smallest(times, view.endAt);
}

/** The calls that showed what is expected, each expectation once and then any of them again. */
export function notificationsOf({ calls, expects }: Asked): {
  readonly shown: readonly CallView[];
  readonly surplus: readonly CallView[];
  readonly missing: readonly Content[];
} {
  const missing = [...expects];
  const shown: CallView[] = [];
  const surplus: CallView[] = [];
  for (const call of calls) {
    const contents = shownBy(call);
    const place = missing.findIndex((expected) => isShown(expected, contents));
    if (place !== -1) {
      missing.splice(place, 1);
      shown.push(call);
    } else if (expects.some((expected) => isShown(expected, contents))) surplus.push(call);
  }
  return { shown, surplus, missing };
}

const isShown = (expected: Content, contents: readonly Content[]): boolean =>
  contents.some((content) => matchContent(expected, content) !== 'no');

/** Do two calls show exactly the same? */
export const isTheSame = (one: CallView, other: CallView): boolean => {
  const keys = [one, other].map((call) => shownBy(call).map(contentKey).join('\n'));
  return keys[0] === keys[1];
};
