import { groupBy, push } from '../base/groups.js';
import type { BotId, ChatId, MessageId, UpdateId } from '../base/ids.js';
import type { Content } from './content.js';
import type { EventOf, HistoryEvent, RunStarted } from './events.js';
import { callsOf, commandsOf, deliveriesOf } from './lasting.js';
import { peopleOf } from './people.js';
import { inTime, Tables } from './tables.js';
import { maskOf } from './volatile.js';

/**
 * An index over the events of a run: who did what, what became of it, and what happened meanwhile.
 * Everything is joined after the pass, so neither a missing end nor the order of events with the same
 * time matters: a history that stops in the middle gives a view with unfinished things in it.
 */
export interface HistoryView {
  readonly run?: EventOf<'run.started'>;
  readonly runEnded?: EventOf<'run.ended'>;
  /** Those of the scenario, then those that were added while it went on. */
  readonly faults: RunStarted['faults'];
  /** When the play ended; else the time of the last event. In ms; 0 for an empty history. */
  readonly endAt: number;
  /** The events with these numbers. Looks through all of them: ask once, for many. */
  eventsBySeq(wanted: Iterable<number>): ReadonlyMap<number, HistoryEvent>;
  readonly users: ReadonlyMap<string, UserView>;
  /** In order of their first action. Steps without an action (a button that never came) are last. */
  readonly steps: readonly StepView[];
  /** In order of first appearance. */
  readonly updates: readonly UpdateView[];
  updateOf(bot: BotId, update: UpdateId): UpdateView | undefined;
  readonly deliveries: readonly DeliveryView[];
  /** By start. */
  readonly calls: readonly CallView[];
  readonly commands: readonly CommandView[];
  /** Calls that made or concern a message, by start. */
  callsOn(bot: BotId, chat: ChatId, message: MessageId): readonly CallView[];
  /** By `chatKey(bot, chat)`. */
  readonly chats: ReadonlyMap<string, ChatView>;
  readonly updateByCallback: ReadonlyMap<string, UpdateView>;
  /** How often each fault hit, by its name; in order of the first hit. */
  readonly hitCounts: ReadonlyMap<string, number>;
  readonly hitsByFault: ReadonlyMap<string, readonly EventOf<'fault.hit'>[]>;
  /** Faults that hit one delivery, call or action, by its id. (What hit a command stands at its end.) */
  readonly hitsByTarget: ReadonlyMap<string, readonly EventOf<'fault.hit'>[]>;
  /** While the play lasted: that the harness stops the bot afterwards is no event of the bot's life. */
  readonly processes: readonly ProcessEvent[];
  /** By start. */
  readonly requests: readonly RequestView[];
  readonly probes: readonly EventOf<'probe'>[];
  /** What the scenario changed in the bot's database. */
  readonly written: readonly EventOf<'database.written'>[];
  readonly forged: readonly ForgedView[];
  /** Two variables of the bot's environment were glued together on purpose. */
  readonly glued?: EventOf<'environment.glued'>;
  /** What the bot wrote. */
  readonly log: readonly EventOf<'bot.log'>[];
  readonly health: readonly EventOf<'harness.health'>[];
  readonly warnings: readonly EventOf<'warning'>[];
}

export type ProcessEvent = EventOf<'bot.started'> | EventOf<'bot.ready'> | EventOf<'bot.exited'>;
export type Action = EventOf<'action'>;

export interface UserView {
  readonly user: string;
  readonly session: string;
  readonly started?: EventOf<'user.started'>;
  readonly ended?: EventOf<'user.ended'>;
  /** By round and number. */
  readonly steps: readonly StepView[];
  /** Updates of what it did beyond its recording: they belong to no step. */
  readonly extras: readonly UpdateView[];
}

export interface StepView {
  readonly user: string;
  readonly session: string;
  readonly step: number;
  /** 1, until the user begins its session anew. */
  readonly round: number;
  readonly chatId: ChatId | undefined;
  readonly actions: readonly Action[];
  /** What the recording's bot answered; empty when the step wants no answer. */
  readonly expects: readonly Content[];
  /** Updates of its actions, in the order of the actions. */
  readonly updates: readonly UpdateView[];
  readonly ended: EventOf<'step.ended'> | undefined;
}

export interface UpdateView {
  /** Its place in {@link HistoryView.updates}. */
  readonly index: number;
  readonly bot: BotId;
  readonly updateId: UpdateId;
  readonly chatId: ChatId | undefined;
  readonly queued: EventOf<'update.queued'> | undefined;
  readonly dropped: EventOf<'update.dropped'> | undefined;
  /** All attempts to hand it to the bot, by start. */
  readonly deliveries: readonly DeliveryView[];
  /** The same of another consumer, which took it in the bot's place. */
  readonly takenByOther: readonly DeliveryView[];
  readonly action: Action | undefined;
  readonly step: StepView | undefined;
}

/** What a stranger posted to the webhook, and how that ended. */
export interface ForgedView {
  readonly sent: EventOf<'forged.sent'>;
  readonly answered?: EventOf<'forged.answered'>;
}

export interface DeliveryView {
  readonly started: EventOf<'delivery.started'>;
  /** Undefined: still in flight when the history ends. */
  readonly ended: EventOf<'delivery.ended'> | undefined;
}

export interface CallView {
  /** No other call of the view has it, and it is below their number. */
  readonly index: number;
  readonly started: EventOf<'call.started'>;
  /** Undefined: unfinished when the history ends. */
  readonly ended: EventOf<'call.ended'> | undefined;
  /** When its effect could be seen at the latest, in ms: its end, less what was added after the effect. */
  readonly effectAt: number;
}

/** A request of the scenario to the bot's own server. */
export interface RequestView {
  readonly started: EventOf<'request.started'>;
  readonly ended?: EventOf<'request.ended'>;
}

export interface CommandView {
  readonly started: EventOf<'command.started'>;
  readonly ended: EventOf<'command.ended'> | undefined;
}

export interface ChatView {
  readonly key: string;
  readonly updates: readonly UpdateView[];
  readonly calls: readonly CallView[];
}

/** Bots have chats of their own, even with the same person. */
export const chatKey = (bot: BotId, chat: ChatId): string => `${bot}/${chat}`;

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Indexes events, in any order. */
export function viewOf(events: Iterable<HistoryEvent>): HistoryView {
  const builder = new ViewBuilder();
  for (const event of events) builder.add(event);
  return builder.build();
}

/** Makes a view of events that come one after another. They are kept in columns, so that histories may be long. */
export class ViewBuilder {
  readonly #tables = new Tables();
  readonly #scanner = this.#tables.newScanner();

  add(event: HistoryEvent): void {
    this.#tables.add(event);
  }

  /** The same of an event as a line of the history. False: nothing was added, the line must be parsed. */
  addLine(bytes: Buffer, from: number, to: number): boolean {
    const scanned = this.#scanner.scan(bytes, from, to);
    if (scanned !== undefined) this.#tables.addScanned(scanned);
    return scanned !== undefined;
  }

  build(): HistoryView {
    return joined(this.#tables);
  }
}

function joined(tables: Tables): HistoryView {
  const hitsByTarget = targetsOf(tables);
  const run = tables.list('run.started')[0];
  const mask = maskOf(run?.patterns?.volatile);
  const calls = callsOf(tables, hitsByTarget, mask);
  const deliveries = deliveriesOf(tables);
  const { users, steps, updates, updateOf } = peopleOf(tables, deliveries, mask);
  const requestEnds = new Map(tables.list('request.ended').map((e) => [e.request, e]));
  const isShared = updates.some(({ takenByOther }) => takenByOther.length > 0);
  const updateByCallback = new Map<string, UpdateView>();
  for (const update of updates) {
    const id = update.queued?.callbackQueryId ?? update.action?.callbackQueryId;
    if (id !== undefined) updateByCallback.set(id, update);
  }

  const chats = collectChats(updates, calls);
  const runEnded = tables.list('run.ended').at(-1);
  const playEnded = tables.list('play.ended').at(-1);
  let hitsByFault: HistoryView['hitsByFault'] | undefined;
  const glued = tables.list('environment.glued')[0];
  let log: HistoryView['log'] | undefined;
  return {
    ...(run === undefined ? {} : { run }),
    ...(runEnded === undefined ? {} : { runEnded }),
    faults: allFaults(run, tables.list('fault.switched')),
    endAt: playEnded?.at ?? tables.latestAt,
    eventsBySeq: (wanted) => tables.bySeq(new Set(wanted)),
    users,
    steps,
    updates,
    updateOf,
    deliveries: isShared ? deliveries.filter(({ started }) => started.consumer === undefined) : deliveries,
    calls,
    commands: commandsOf(tables),
    callsOn: messageIndex(chats),
    chats,
    updateByCallback,
    hitCounts: hitCountsOf(tables),
    // There may be as many hits as commands, and few ask for them.
    get hitsByFault() {
      hitsByFault ??= groupBy(tables.list('fault.hit'), (hit) => [hit.fault]);
      return hitsByFault;
    },
    hitsByTarget,
    processes: processEvents(tables).filter((event) => event.at <= (playEnded?.at ?? event.at)),
    requests: tables.list('request.started').map((started): RequestView => {
      const ended = requestEnds.get(started.request);
      return ended === undefined ? { started } : { started, ended };
    }),
    probes: tables.list('probe'),
    written: tables.list('database.written'),
    forged: forgedOf(tables),
    ...(glued === undefined ? {} : { glued }),
    get log() {
      log ??= tables.list('bot.log');
      return log;
    },
    health: tables.list('harness.health'),
    warnings: tables.list('warning'),
  };
}

/** A name that is given anew after its fault was removed stands for both. */
function allFaults(
  run: EventOf<'run.started'> | undefined,
  switched: readonly EventOf<'fault.switched'>[],
): RunStarted['faults'] {
  const faults = new Map((run?.faults ?? []).map((fault) => [fault.name, fault]));
  for (const { fault: name, to, on = 'unknown', explain = '' } of switched) {
    if (to === 'added') faults.set(name, { name, on, explain });
  }
  return [...faults.values()];
}

function forgedOf(tables: Tables): ForgedView[] {
  const answers = new Map(tables.list('forged.answered').map((event) => [event.forged, event]));
  return tables.list('forged.sent').map((sent) => {
    const answered = answers.get(sent.forged);
    return answered === undefined ? { sent } : { sent, answered };
  });
}

function processEvents(tables: Tables): ProcessEvent[] {
  return [...tables.list('bot.started'), ...tables.list('bot.ready'), ...tables.list('bot.exited')].sort(
    inTime,
  );
}

const TARGETS = ['delivery', 'call', 'action'] as const;

/** Most hits are on commands: for those no object is made. */
function targetsOf(tables: Tables): Map<string, EventOf<'fault.hit'>[]> {
  const rows = tables.rows('fault.hit');
  const targets = new Map<string, EventOf<'fault.hit'>[]>();
  for (const index of rows.inOrder()) {
    const ids = TARGETS.flatMap((name) => (rows.value(index, name) as string | undefined) ?? []);
    const hit = ids.length === 0 ? undefined : rows.at(index);
    for (const id of ids) if (hit !== undefined) push(targets, id, hit);
  }
  return targets;
}

function hitCountsOf(tables: Tables): Map<string, number> {
  const rows = tables.rows('fault.hit');
  const counts = new Map<string, number>();
  for (const index of rows.inOrder()) {
    const fault = rows.value(index, 'fault') as string;
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
  }
  return counts;
}

function collectChats(updates: readonly UpdateView[], calls: readonly CallView[]): Map<string, ChatView> {
  const chats = new Map<string, Mutable<ChatView>>();
  const of = (key: string): Mutable<ChatView> => {
    const known = chats.get(key);
    if (known !== undefined) return known;
    const fresh: Mutable<ChatView> = { key, updates: [], calls: [] };
    chats.set(key, fresh);
    return fresh;
  };
  for (const update of updates) {
    if (update.chatId !== undefined) of(chatKey(update.bot, update.chatId)).updates.push(update);
  }
  for (const call of calls) {
    const { bot, chatId } = call.started;
    if (chatId !== undefined) of(chatKey(bot, chatId)).calls.push(call);
  }
  return chats;
}

/** So many chats are looked into at a time: findings of one time are about the chats of that time. */
const MOST_INDEXED = 256;

/** Calls by message, chat by chat: few chats are ever asked about. */
function messageIndex(chats: ReadonlyMap<string, ChatView>): HistoryView['callsOn'] {
  const known = new Map<string, Map<MessageId, CallView[]>>();
  return (bot, chat, message) => {
    const key = chatKey(bot, chat);
    let index = known.get(key);
    if (index === undefined) {
      index = groupBy(chats.get(key)?.calls ?? [], messagesOf);
      if (known.size >= MOST_INDEXED) known.clear();
      known.set(key, index);
    }
    return index.get(message) ?? [];
  };
}

function messagesOf({ started, ended }: CallView): readonly MessageId[] {
  const made = ended?.messageIds ?? [];
  return started.messageId === undefined || made.includes(started.messageId)
    ? made
    : [started.messageId, ...made];
}
