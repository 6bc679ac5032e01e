import { asList, type Few, withAnother } from '../history/few.js';
import {
  type CallView,
  type ChatView,
  chatKey,
  type DeliveryView,
  type HistoryView,
  type UpdateView,
} from '../history/view.js';
import { broadcastCopies } from './broadcasts.js';
import { ChatAttributor, type UsualDelay } from './chat-attributor.js';
import { type Workings, workingsOf } from './handlings.js';
import { isReply } from './replies.js';
import { askedOf, notificationsOf } from './requests.js';
import { type Strength, weakest } from './strength.js';

/**
 * Which update, and which attempt to deliver it, caused a call? The rules, from sure to guessed:
 *
 * 1. *exact*: the call was the webhook's answer, or brought the traceparent of one delivery back.
 * 2. *marker*: it names a callback query, or it is a reply to the message of an update that is at work.
 * 3. *exclusive*: only one update of the chat can be at work (`handlings.ts` says how long one can), or
 *    all others are done: their handlings have returned, or have shown all that was expected of them, and
 *    nothing that looks like this was.
 *    So does a call that repeats one which took effect and was not heard of, unless something at work lacks it.
 * 4. *overlap*: the best guess. In this order: it changes the message that was tapped, or a message that
 *    the update's own handling sent, and is not what another update lacks; it is what exactly one of the
 *    updates still lacks, unless that one is done and a second handling at work says what its next step wants;
 *    else the oldest of those that lack it, as bots work in order, unless fewer such replies follow than
 *    updates wait for one: then the one whose time to reply is the most usual for this bot.
 *    What nothing at work wants may be for an update from before a restart that still lacks it: some bots
 *    store their updates and take them up again.
 * 5. A call that finds no update at work (a reminder) has no cause here, nor has a copy of a broadcast, nor what
 *    a request to the bot's own server brought.
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
  | 'repeats-unheard-call'
  | 'only-one-unanswered'
  | 'oldest-that-lacks-it'
  | 'most-usual-delay'
  | 'latest-at-work';

export interface Attributions {
  of(call: CallView): Attribution | undefined;
  /** By start of the call. */
  to(update: UpdateView): readonly Attribution[];
  /** Does this bot acknowledge when its handler is done? */
  readonly acknowledgesLast: boolean;
}

const memory = new WeakMap<HistoryView, Attributions>();

/** Attributes all calls of a history. Computed once for a view. */
export function attributionsOf(view: HistoryView): Attributions {
  const known = memory.get(view);
  if (known !== undefined) return known;
  const workings = workingsOf(view);
  const byCall: ByCall = new Array<Attribution | undefined>(view.calls.length).fill(undefined);
  const parts: Parts = { view, workings, named: namedDeliveries(view), byCall };
  const talks = talksOf(view);
  // What is usual for this bot is learned from what is sure; only then guesses can use it.
  const guessing = talks.filter((talk) => attribute(parts, talk, ASSUMED_DELAY, new Set()));
  const usual = usualDelay(view, workings, byCall);
  const sure = (call: CallView): Attribution | undefined => byCall[call.index];
  const causeless = new Set([...broadcastCopies(view, sure), ...requestedCalls(view, sure)]);
  // Chats know nothing of each other: only where it makes a difference is this done again.
  const again = new Set([
    ...guessing,
    ...talks.filter(({ calls }) => calls.some((call) => causeless.has(call))),
  ]);
  for (const talk of again) {
    attribute(parts, talk, usual, causeless);
  }
  const byUpdate = attributionsByUpdate(view, byCall);
  const result: Attributions = {
    of: (call) => byCall[call.index],
    to: (update) => asList(byUpdate[update.index]),
    acknowledgesLast: workings.acknowledgesLast,
  };
  memory.set(view, result);
  return result;
}

/** What a request of the scenario brought its user, and no update lacked. */
function requestedCalls(view: HistoryView, of: Attributions['of']): CallView[] {
  return askedOf(view)
    .flatMap((asked) => {
      const { shown, surplus } = notificationsOf(asked);
      return [...shown, ...surplus];
    })
    .filter((call) => of(call)?.wasLacked !== true);
}

/** By the index of the call: a map of all calls would take six times as much memory. */
type ByCall = (Attribution | undefined)[];

/** What each update caused, by the index of the update; by start of the call. */
function attributionsByUpdate({ calls, updates }: HistoryView, byCall: ByCall): Few<Attribution>[] {
  const byUpdate = new Array<Few<Attribution>>(updates.length).fill(undefined);
  for (const { index } of calls) {
    const attribution = byCall[index];
    if (attribution === undefined) continue;
    const place = attribution.update.index;
    byUpdate[place] = withAnother(byUpdate[place], attribution);
  }
  return byUpdate;
}

/** Assumed for a bot none of whose replies could be attributed surely. */
const ASSUMED_DELAY: UsualDelay = { fromMs: 500, toMs: 500 };
/** Outliers do not make a delay usual: this share of the shortest and of the longest is left out. */
const OUTLIERS = 0.05;

function usualDelay(view: HistoryView, workings: Workings, sure: ByCall): UsualDelay {
  const delays: number[] = [];
  const replied = new Set<UpdateView>();
  for (const call of view.calls) {
    const first = sure[call.index];
    if (first === undefined || replied.has(first.update) || !isReply(call)) continue;
    replied.add(first.update);
    if (weakest(first.updateStrength, first.deliveryStrength) === 'overlap') continue;
    delays.push(workings.idleMs(first.delivery.started.at, call.started.at));
  }
  delays.sort((a, b) => a - b);
  const leftOut = Math.floor(delays.length * OUTLIERS);
  const fromMs = delays[leftOut];
  const toMs = delays.at(-1 - leftOut);
  return fromMs === undefined || toMs === undefined ? ASSUMED_DELAY : { fromMs, toMs };
}

/** A chat and the calls that belong to it, by start: also those that name it by a callback query only. */
interface Talk {
  readonly chat: ChatView;
  readonly calls: CallView[];
}

function talksOf(view: HistoryView): Talk[] {
  const talks = new Map<string, Talk>();
  for (const call of view.calls) {
    const { bot, chatId = callbackUpdate(view, call)?.chatId } = call.started;
    if (chatId === undefined) continue;
    const key = chatKey(bot, chatId);
    const chat = view.chats.get(key);
    if (chat === undefined) continue;
    const talk = talks.get(key);
    if (talk === undefined) talks.set(key, { chat, calls: [call] });
    else talk.calls.push(call);
  }
  return [...talks.values()];
}

interface Parts {
  readonly view: HistoryView;
  readonly workings: Workings;
  readonly named: (call: CallView) => NamedDelivery | undefined;
  readonly byCall: ByCall;
}

/** Attributes the calls of one chat. Returns whether it depends on what delay is usual. */
function attribute(
  { view, workings, named, byCall }: Parts,
  { chat, calls }: Talk,
  usual: UsualDelay,
  causeless: ReadonlySet<CallView>,
): boolean {
  const attributor = new ChatAttributor(chat, workings, usual);
  for (const call of calls) {
    const exact = named(call);
    let attribution: Attribution | undefined;
    if (exact !== undefined) attribution = attributor.exact(call, exact.update, exact.delivery, exact.rule);
    else if (!causeless.has(call)) attribution = attributor.attribute(call, callbackUpdate(view, call));
    byCall[call.index] = attribution;
  }
  return attributor.hasComparedDelays;
}

function callbackUpdate(view: HistoryView, call: CallView): UpdateView | undefined {
  const id = call.started.callbackQueryId;
  return id === undefined ? undefined : view.updateByCallback.get(id);
}

/** The trace id of a W3C traceparent: a client that continues a trace keeps it and makes a new span id. */
export const traceId = (traceparent: string | undefined): string | undefined => traceparent?.split('-')[1];

interface NamedDelivery {
  readonly update: UpdateView;
  readonly delivery: DeliveryView;
  readonly rule: 'traceparent' | 'webhook-answer';
}

/** The delivery that a call names, if it names one. */
function namedDeliveries(view: HistoryView): (call: CallView) => NamedDelivery | undefined {
  const traces = once(() => deliveriesByTrace(view));
  const deliveries = once(() => new Map(view.deliveries.map((each) => [each.started.delivery, each])));
  const updates = once(
    () => new Map(view.updates.flatMap((update) => update.deliveries.map((each) => [each, update]))),
  );
  return ({ started: { delivery: answered, traceparent } }) => {
    const trace = answered === undefined ? traceId(traceparent) : undefined;
    if (answered === undefined && trace === undefined) return undefined;
    const delivery = answered === undefined ? traces().get(trace ?? '') : deliveries().get(answered);
    const update = delivery === undefined ? undefined : updates().get(delivery);
    if (delivery === undefined || update === undefined) return undefined;
    return { update, delivery, rule: answered === undefined ? 'traceparent' : 'webhook-answer' };
  };
}

/** Made when it is first asked for: most bots name no deliveries. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

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
