import type { ChatId } from '../base/ids.js';
import type { HistoryEvent } from '../history/events.js';
import type { CallView, CommandView, DeliveryView, HistoryView, StepView } from '../history/view.js';
import { CAUSES, type Cause } from './causes.js';
import type { Strength } from './strength.js';

export type FindingKind =
  | 'duplicate-reply'
  | 'duplicate-keyboard'
  | 'lost-update'
  | 'lost-state'
  | 'resend-needed'
  | 'unanswered-callback'
  | 'dead-bot'
  | 'unexplained-exit'
  | 'wrong-slot'
  | 'stuck-conversation'
  | 'cross-talk'
  | 'out-of-order-reply'
  | 'double-effect'
  | 'polling-conflict'
  | 'silent-write'
  | 'dropped-updates'
  | 'webhook-error'
  | 'api-error'
  | 'flood-limit'
  | 'missing-notification'
  | 'forbidden-reply'
  | 'forged-update';

/** Something wrong with the bot, and the few events that prove it. */
export interface Finding {
  /** Readable and stable: the kind and its number in order of time (`duplicate-reply-1`). */
  readonly id: string;
  readonly kind: FindingKind;
  readonly cause: Cause;
  /** How surely the events were attributed to each other: the weakest link of the chain. */
  readonly strength: Strength;
  readonly user?: string;
  readonly session?: string;
  readonly step?: number;
  readonly chatId?: ChatId;
  readonly message: string;
  readonly hint: string;
  /** `seq` of the events that prove it, in order of time. */
  readonly evidence: readonly number[];
}

/** Judges one kind of thing. A pure function of the history. */
export interface Checker {
  /** The kinds of finding it makes; no other checker makes them. */
  readonly kinds: readonly FindingKind[];
  /** One sentence: what it finds. */
  readonly explain: string;
  check(view: HistoryView): Finding[];
}

/** A finding that has no number yet. */
export interface Draft {
  readonly kind: FindingKind;
  readonly cause: Cause;
  readonly strength: Strength;
  readonly step?: StepView;
  readonly message: string;
  /** Unordered; repeated and absent events are allowed. The last of them is when it showed. */
  readonly evidence: readonly (HistoryEvent | undefined)[];
}

/** Sorts the drafts by the time at which they showed, and numbers those of each kind. */
export function numbered(drafts: readonly Draft[]): Finding[] {
  const order = drafts
    .map((draft) => ({ draft, evidence: distinctInOrder(draft.evidence) }))
    .sort(
      (a, b) =>
        shownAt(a.evidence) - shownAt(b.evidence) ||
        compare(a.draft.step?.user ?? '', b.draft.step?.user ?? '') ||
        compare(a.draft.kind, b.draft.kind),
    );
  const counts = new Map<FindingKind, number>();
  return order.map(({ draft, evidence }) => {
    const number = (counts.get(draft.kind) ?? 0) + 1;
    counts.set(draft.kind, number);
    const { kind, cause, strength, step, message } = draft;
    return {
      id: `${kind}-${number}`,
      kind,
      cause,
      strength,
      ...(step === undefined ? {} : { user: step.user, session: step.session, step: step.step }),
      ...(step?.chatId === undefined ? {} : { chatId: step.chatId }),
      message,
      hint: CAUSES[cause].hint,
      evidence: evidence.map((event) => event.seq),
    };
  });
}

function distinctInOrder(events: readonly (HistoryEvent | undefined)[]): HistoryEvent[] {
  const distinct = new Map(events.flatMap((event) => (event === undefined ? [] : [[event.seq, event]])));
  return [...distinct.values()].sort((a, b) => a.at - b.at || a.seq - b.seq);
}

const shownAt = (evidence: readonly HistoryEvent[]): number => evidence.at(-1)?.at ?? 0;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Both ends of something that lasts. */
export const bothEnds = (
  thing: CallView | CommandView | DeliveryView | undefined,
): readonly (HistoryEvent | undefined)[] => [thing?.started, thing?.ended];
