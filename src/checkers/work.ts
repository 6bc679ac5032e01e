import type { Content } from '../history/content.js';
import { wasGiven } from '../history/given.js';
import { matchContent } from '../history/match.js';
import type { CallView, UpdateView } from '../history/view.js';
import type { Handling } from './handlings.js';
import { shownKey } from './replies.js';

/** What one update of the chat has got so far. */
export interface Work {
  readonly update: UpdateView;
  readonly handlings: readonly Handling[];
  /** When the bot got the update for the first time; ms, Infinity if never. */
  readonly startedAt: number;
  /** Indexes into the step's expectations that have come. */
  readonly got: Set<number>;
  /** Messages that its handlings sent. */
  readonly sent: Set<number>;
}

/** An update that nothing has been attributed to yet. */
export function workOf(update: UpdateView): Work {
  const handlings = update.deliveries.map((delivery): Handling => {
    const { started, ended } = delivery;
    return {
      update,
      delivery,
      startedAt: started.at,
      endedAt: ended?.at ?? Number.POSITIVE_INFINITY,
      isDelivered: wasGiven(delivery),
      calls: [],
      replies: 0,
      isGuessed: false,
    };
  });
  const startedAt = handlings.find(({ isDelivered }) => isDelivered)?.startedAt ?? Number.POSITIVE_INFINITY;
  return { update, handlings, startedAt, got: new Set(), sent: new Set() };
}

export const isInFlight = ({ startedAt, endedAt }: Handling, at: number): boolean =>
  startedAt <= at && endedAt >= at;

export const expectsOf = (work: Work): readonly Content[] => work.update.step?.expects ?? [];

/** A handling has shown as many replies as the step expects. */
export function isComplete(work: Work, handling: Handling): boolean {
  if (work.update.step === undefined) return handling.replies >= 1;
  return handling.replies >= expectsOf(work).length;
}

/** By one of its handlings, or by several together. */
export const isAnswered = (work: Work): boolean =>
  work.handlings.some((handling) => isComplete(work, handling)) ||
  (work.got.size > 0 && work.got.size === expectsOf(work).length);

export function tappedMessage(update: UpdateView): number | undefined {
  const isTap = (update.queued?.callbackQueryId ?? update.action?.callbackQueryId) !== undefined;
  return isTap ? (update.queued?.messageId ?? update.action?.messageId) : undefined;
}

export const lacks = (work: Work, contents: readonly Content[]): boolean =>
  contents.some((content) => bestMatch(work, content) !== undefined);

/** It has shown one of these already. */
export const hasShown = (work: Work, contents: readonly Content[]): boolean =>
  expectsOf(work).some(
    (expected, index) =>
      work.got.has(index) && contents.some((content) => matchContent(expected, content) !== 'no'),
  );

export const wants = (work: Work, contents: readonly Content[]): boolean =>
  contents.some((content) => expectsOf(work).some((expected) => matchContent(expected, content) !== 'no'));

/** The expectation that this content fulfils and nothing has fulfilled yet. */
export function bestMatch(work: Work, content: Content): number | undefined {
  let similar: number | undefined;
  for (const [index, expected] of expectsOf(work).entries()) {
    if (work.got.has(index)) continue;
    const match = matchContent(expected, content);
    if (match === 'same') return index;
    if (match === 'similar') similar ??= index;
  }
  return similar;
}

export const resembles = (some: readonly Content[], others: readonly Content[]): boolean =>
  some.some((a) => others.some((b) => matchContent(a, b) !== 'no'));

export const looksLike = (a: CallView, b: CallView): boolean =>
  a.started.method === b.started.method && shownKey(a) === shownKey(b);

/** The handling sent the same before and never learned that it took effect. */
export function repeatsUnanswered(handling: Handling, call: CallView): boolean {
  return handling.calls.some(
    (earlier) =>
      looksLike(earlier, call) &&
      earlier.ended?.applied === true &&
      !(earlier.ended.ok && earlier.ended.answered) &&
      !handling.calls.some((other) => other !== earlier && looksLike(other, call)),
  );
}
