import { type Button, type Draft, ORDER, QUESTIONS, type Slot, TITLES } from './questions.js';

/**
 * The order dialogue, without Telegram and without a database: where a person was and what they did now
 * give what the bot says and where they are then.
 */

export type Step = 'new' | 'menu' | Slot | 'confirm' | 'placed';

export interface Session {
  readonly step: Step;
  readonly draft: Draft;
  /** Counts the orders that this person began: with the chat it names a checkout. */
  readonly round: number;
  /** The message with which this round began. Buttons of older messages are history. */
  readonly since: number;
  /** The last text that was taken in. */
  readonly lastText?: string;
}

export type Input =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly messageId: number;
      /** It was typed before the bot's last question was there to be read. */
      readonly early: boolean;
    }
  | { readonly kind: 'tap'; readonly data: string; readonly messageId: number }
  | { readonly kind: 'other' };

export interface InlineButton {
  readonly text: string;
  readonly data: string;
}

export type Reply =
  | {
      readonly kind: 'send';
      readonly text: string;
      readonly buttons?: readonly (readonly InlineButton[])[];
    }
  /** Shows what was chosen in place of the buttons. */
  | { readonly kind: 'edit'; readonly messageId: number; readonly text: string };

export interface Decision {
  readonly session: Session;
  readonly replies: readonly Reply[];
  /** The order that must be stored before the person is told of it. */
  readonly placed?: Draft;
}

/** May this tap do what its button says? */
export type TapGuard = (session: Session, step: string, messageId: number) => boolean;

/** A button works once: while its question is the one that is open. */
export const onlyOpenQuestion: TapGuard = (session, step, messageId) =>
  step === session.step && messageId >= session.since;

/** Bug `no-double-tap-guard`: a button says what to do, so the author just does it. */
export const everyTap: TapGuard = () => true;

/** May /start begin anew at this step? */
export type StartGuard = (step: Step) => boolean;

/** Who is lost finds back with /start, wherever they are. */
export const fromAnywhere: StartGuard = () => true;

/** Bug `no-way-out`: in an order a text is the answer to the question, whatever it says. */
export const notInAnOrder: StartGuard = (step) => !isSlot(step) && step !== 'confirm';

/** What a person may do when. */
export interface Rules {
  readonly mayTap: TapGuard;
  readonly mayStart: StartGuard;
}

export const NEW_SESSION: Session = { step: 'new', draft: {}, round: 0, since: 0 };

/** Stands in the reply where the order's number goes: it is known only once the order is stored. */
export const NUMBER = '{number}';

export function decide(session: Session, input: Input, rules: Rules): Decision {
  if (input.kind === 'tap') return tapped(session, input.data, input.messageId, rules.mayTap);
  if (input.kind === 'other') return { session, replies: [hintAt(session)] };
  // Who sends the same again before the next question is on the screen is impatient, and answers nothing.
  if (input.early && input.text === session.lastText) return { session, replies: [] };
  return typed({ ...session, lastText: input.text }, input.text.trim(), input.messageId, rules.mayStart);
}

function typed(session: Session, text: string, messageId: number, mayStart: StartGuard): Decision {
  if (text === '/start' && mayStart(session.step)) {
    return go({ ...session, step: 'menu', draft: {}, since: messageId });
  }
  const { step } = session;
  const value = isSlot(step) ? QUESTIONS[step].read?.(text) : undefined;
  if (!isSlot(step) || value === undefined) return { session, replies: [hintAt(session)] };
  return go(answered(session, step, value));
}

function tapped(session: Session, data: string, messageId: number, mayTap: TapGuard): Decision {
  const [step = '', value = ''] = data.split(':');
  const nothing: Decision = { session, replies: [] };
  if (!mayTap(session, step, messageId)) return nothing;
  if (step === 'menu' || step === 'placed') return go(beginOrder(session, messageId));
  if (step === 'confirm') return value === 'yes' ? place(session, messageId) : cancel(session, messageId);
  if (!isSlot(step)) return nothing;
  if (value === 'back') return go({ ...session, step: 'product' }, edit(messageId, 'Back to the products'));
  const button = QUESTIONS[step].buttons?.flat().find((candidate) => candidate.value === value);
  if (button === undefined) return nothing;
  return go(answered(session, step, value), edit(messageId, `${TITLES[step]}: ${button.text} ✓`));
}

/** Moves to the session's step and asks what is asked there. */
function go(session: Session, ...before: readonly Reply[]): Decision {
  return { session, replies: [...before, promptOf(session)] };
}

function beginOrder(session: Session, messageId: number): Session {
  return { ...session, step: 'product', draft: {}, round: session.round + 1, since: messageId };
}

function answered(session: Session, slot: Slot, value: string): Session {
  const next = ORDER[ORDER.indexOf(slot) + 1] ?? 'confirm';
  return { ...session, step: next, draft: { ...session.draft, [slot]: value } };
}

function place(session: Session, messageId: number): Decision {
  return {
    session: { ...session, step: 'placed' },
    replies: [
      edit(messageId, summaryOf(session.draft)),
      send(`Order #${NUMBER} placed. Thank you, ${session.draft.name ?? 'friend'}!`, [
        [{ text: 'Order again', data: 'placed:again' }],
      ]),
    ],
    placed: session.draft,
  };
}

function cancel(session: Session, messageId: number): Decision {
  return go({ ...session, step: 'menu', draft: {} }, edit(messageId, 'Cancelled, nothing was ordered.'));
}

function promptOf({ step, draft }: Session): Reply {
  if (isSlot(step)) return send(QUESTIONS[step].ask, inline(step, QUESTIONS[step].buttons));
  if (step === 'confirm') {
    return send(`${summaryOf(draft)}\n\nIs that right?`, [
      [
        { text: 'Confirm', data: 'confirm:yes' },
        { text: 'Cancel', data: 'confirm:no' },
      ],
    ]);
  }
  return send('Welcome to the corner shop!', [[{ text: 'Order something', data: 'menu:order' }]]);
}

function hintAt({ step }: Session): Reply {
  if (step === 'new') return send('Hello! Send /start to begin.');
  return send(isSlot(step) ? QUESTIONS[step].hint : 'Please use the buttons above, or /start to begin anew.');
}

function summaryOf(draft: Draft): string {
  return ['Your order', ...ORDER.map((slot) => `${TITLES[slot]}: ${draft[slot] ?? '-'}`)].join('\n');
}

function isSlot(step: string): step is Slot {
  return Object.hasOwn(QUESTIONS, step);
}

function inline(step: Slot, rows: readonly (readonly Button[])[] | undefined): readonly InlineButton[][] {
  return (rows ?? []).map((row) => row.map(({ text, value }) => ({ text, data: `${step}:${value}` })));
}

function send(text: string, buttons: readonly (readonly InlineButton[])[] = []): Reply {
  return { kind: 'send', text, ...(buttons.length > 0 && { buttons }) };
}

function edit(messageId: number, text: string): Reply {
  return { kind: 'edit', messageId, text };
}
