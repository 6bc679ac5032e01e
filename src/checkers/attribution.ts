import {
  type CallView,
  chatKey,
  type DeliveryView,
  type HistoryView,
  type UpdateView,
} from '../history/view.js';
import { broadcastCopies } from './broadcasts.js';
import { ChatAttributor, type UsualDelay } from './chat-attributor.js';
import { type Workings, workingsOf } from './handlings.js';
import { isReply } from './replies.js';
import { type Strength, weakest } from './strength.js';

/**
 * Which update, and which attempt to deliver it, caused a call? The rules, from sure to guessed:
 *
 * 1. *exact*: the call was the webhook's answer, or brought the traceparent of one delivery back.
 * 2. *marker*: it names a callback query, or it is a reply to the message of an update that is at work.
 * 3. *exclusive*: only one update of the chat can be at work (`handlings.ts` says how long one can), or
 *    all others are done: their handlings have returned, or have shown all that was expected of them, and
 *    nothing that looks like this was.
 * 4. *overlap*: the best guess. In this order: it changes the message that was tapped, or a message that
 *    the update's own handling sent, and is not what another update lacks; it is what exactly one of the
 *    updates still lacks; else the oldest of those that lack it, as bots work in order, unless fewer such replies follow
 *    than updates wait for one: then the one whose time to reply is the most usual for this bot.
 *    What nothing at work wants may be for an update from before a restart that still lacks it: some bots
 *    store their updates and take them up again.
 * 5. A call that finds no update at work (a reminder) has no cause here, nor has a copy of a broadcast.
 */
export interface Attribution {
  readonly call: CallView;
  readonly update: UpdateView;
  readonly updateStrength: Strength;
  readonly delivery: DeliveryView;
  /** Which attempt, if the update is the right one. */
  readonly deliveryStrength: Strength;
  readonly rule: Rule;
  /** The other updates that may well have caused it. Empty unless the strength is `overlap`. */
  readonly others: readonly UpdateView[];
  /** Before it, the update lacked this. */
  readonly wasLacked: boolean;
  /** Before it, the update had been answered in full. */
  readonly wasAnswered: boolean;
}

export type Rule =
  | 'webhook-answer'
  | 'traceparent'
  | 'callback-query'
  | 'reply-to'
  | 'only-one-at-work'
  | 'resumed-after-restart'
  | 'others-returned'
  | 'tapped-message'
  | 'own-message'
  | 'only-one-lacks-it'
  | 'one-step-further'
  | 'only-one-unanswered'
  | 'oldest-that-lacks-it'
  | 'most-usual-delay'
  | 'latest-at-work';

export interface Attributions {
  of(call: CallView): Attribution | undefined;
  /** By start of the call. */
  to(update: UpdateView): readonly Attribution[];
}

const memory = new WeakMap<HistoryView, Attributions>();

/** Attributes all calls of a history. Computed once for a view. */
export function attributionsOf(view: HistoryView): Attributions {
  const known = memory.get(view);
  if (known !== undefined) return known;
  const workings = workingsOf(view);
  // What is usual for this bot is learned from what is sure; only then guesses can use it.
  const sure = attributeAll(view, workings, ASSUMED_DELAY, new Set());
  const usual = usualDelay(view, workings, sure);
  const result = attributeAll(view, workings, usual, broadcastCopies(view, sure));
  memory.set(view, result);
  return result;
}

/** Assumed for a bot none of whose replies could be attributed surely. */
const ASSUMED_DELAY: UsualDelay = { fromMs: 500, toMs: 500 };
/** Outliers do not make a delay usual: this share of the shortest and of the longest is left out. */
const OUTLIERS = 0.05;

function usualDelay(view: HistoryView, workings: Workings, sure: Attributions): UsualDelay {
  const delays: number[] = [];
  for (const update of view.updates) {
    const first = sure.to(update).find(({ call }) => isReply(call));
    if (first === undefined || weakest(first.updateStrength, first.deliveryStrength) === 'overlap') continue;
    delays.push(workings.idleMs(first.delivery.started.at, first.call.started.at));
  }
  delays.sort((a, b) => a - b);
  const leftOut = Math.floor(delays.length * OUTLIERS);
  const fromMs = delays[leftOut];
  const toMs = delays.at(-1 - leftOut);
  return fromMs === undefined || toMs === undefined ? ASSUMED_DELAY : { fromMs, toMs };
}

function attributeAll(
  view: HistoryView,
  workings: Workings,
  usual: UsualDelay,
  causeless: ReadonlySet<CallView>,
): Attributions {
  const byCall = new Map<CallView, Attribution>();
  const byUpdate = new Map<UpdateView, Attribution[]>();
  const keep = (attribution: Attribution): void => {
    byCall.set(attribution.call, attribution);
    const list = byUpdate.get(attribution.update);
    if (list === undefined) byUpdate.set(attribution.update, [attribution]);
    else list.push(attribution);
  };
  const traces = deliveriesByTrace(view);
  const deliveries = new Map(view.deliveries.map((delivery) => [delivery.started.delivery, delivery]));
  const updates = new Map(
    view.updates.flatMap((update) => update.deliveries.map((d) => [d, update] as const)),
  );
  const attributors = new Map<string, ChatAttributor>();
  for (const call of view.calls) {
    const update = callbackUpdate(view, call);
    const chatId = call.started.chatId ?? update?.chatId;
    if (chatId === undefined) continue;
    const key = chatKey(call.started.bot, chatId);
    const chat = view.chats.get(key);
    if (chat === undefined) continue;
    let attributor = attributors.get(key);
    if (attributor === undefined) {
      attributor = new ChatAttributor(chat, workings, usual);
      attributors.set(key, attributor);
    }
    const { delivery: answered, traceparent } = call.started;
    const named = answered === undefined ? traces.get(traceId(traceparent) ?? '') : deliveries.get(answered);
    const namedUpdate = named === undefined ? undefined : updates.get(named);
    const attribution =
      named !== undefined && namedUpdate !== undefined
        ? attributor.exact(
            call,
            namedUpdate,
            named,
            answered === undefined ? 'traceparent' : 'webhook-answer',
          )
        : causeless.has(call)
          ? undefined
          : attributor.attribute(call, update);
    if (attribution !== undefined) keep(attribution);
  }
  return { of: (call) => byCall.get(call), to: (update) => byUpdate.get(update) ?? [] };
}

function callbackUpdate(view: HistoryView, call: CallView): UpdateView | undefined {
  const id = call.started.callbackQueryId;
  return id === undefined ? undefined : view.updateByCallback.get(id);
}

/** The trace id of a W3C traceparent: a client that continues a trace keeps it and makes a new span id. */
export const traceId = (traceparent: string | undefined): string | undefined => traceparent?.split('-')[1];

/** Deliveries by trace id; those that share one are left out, since it does not tell them apart. */
export function deliveriesByTrace(view: HistoryView): Map<string, DeliveryView> {
  const traces = new Map<string, DeliveryView | undefined>();
  for (const delivery of view.deliveries) {
    const trace = traceId(delivery.started.traceparent);
    if (trace !== undefined) traces.set(trace, traces.has(trace) ? undefined : delivery);
  }
  const unique = new Map<string, DeliveryView>();
  for (const [trace, delivery] of traces) if (delivery !== undefined) unique.set(trace, delivery);
  return unique;
}
