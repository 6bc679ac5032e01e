import type { BotId, ChatId, MessageId, UpdateId } from '../base/ids.js';
import type { Content } from './content.js';
import type { EventOf, EventType, HistoryEvent } from './events.js';
import { EventRows } from './rows.js';

/**
 * An index over the events of a run: who did what, what became of it, and what happened meanwhile.
 * Everything is joined after the pass, so neither a missing end nor the order of events with the same
 * time matters: a history that stops in the middle gives a view with unfinished things in it.
 */
export interface HistoryView {
  readonly run?: EventOf<'run.started'>;
  readonly runEnded?: EventOf<'run.ended'>;
  /** When the play ended; else the time of the last event. In ms; 0 for an empty history. */
  readonly endAt: number;
  /** The events with these numbers. Looks through all of them: ask once, for many. */
  eventsBySeq(wanted: Iterable<number>): ReadonlyMap<number, HistoryEvent>;
  readonly users: ReadonlyMap<string, UserView>;
  /** In order of their first action. Steps without an action (a button that never came) are last. */
  readonly steps: readonly StepView[];
  /** In order of first appearance. */
  readonly updates: readonly UpdateView[];
  readonly deliveries: readonly DeliveryView[];
  /** By start. */
  readonly calls: readonly CallView[];
  readonly commands: readonly CommandView[];
  /** Calls that made or concern a message, by start. */
  callsOn(bot: BotId, chat: ChatId, message: MessageId): readonly CallView[];
  /** By `chatKey(bot, chat)`. */
  readonly chats: ReadonlyMap<string, ChatView>;
  readonly updateByCallback: ReadonlyMap<string, UpdateView>;
  readonly hitsByFault: ReadonlyMap<string, readonly EventOf<'fault.hit'>[]>;
  /** Faults that hit one delivery, call or action, by its id. (What hit a command stands at its end.) */
  readonly hitsByTarget: ReadonlyMap<string, readonly EventOf<'fault.hit'>[]>;
  /** While the play lasted: that the harness stops the bot afterwards is no event of the bot's life. */
  readonly processes: readonly ProcessEvent[];
  /** By start. */
  readonly requests: readonly RequestView[];
  readonly probes: readonly EventOf<'probe'>[];
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
  /** By number. */
  readonly steps: readonly StepView[];
}

export interface StepView {
  readonly user: string;
  readonly session: string;
  readonly step: number;
  readonly chatId?: ChatId;
  readonly actions: readonly Action[];
  /** What the recording's bot answered; empty when the step wants no answer. */
  readonly expects: readonly Content[];
  /** Updates of its actions, in the order of the actions. */
  readonly updates: readonly UpdateView[];
  readonly ended?: EventOf<'step.ended'>;
}

export interface UpdateView {
  readonly bot: BotId;
  readonly updateId: UpdateId;
  readonly chatId?: ChatId;
  readonly queued?: EventOf<'update.queued'>;
  readonly dropped?: EventOf<'update.dropped'>;
  /** All attempts, by start. */
  readonly deliveries: readonly DeliveryView[];
  readonly action?: Action;
  readonly step?: StepView;
}

export interface DeliveryView {
  readonly started: EventOf<'delivery.started'>;
  /** Absent: still in flight when the history ends. */
  readonly ended?: EventOf<'delivery.ended'>;
}

export interface CallView {
  readonly started: EventOf<'call.started'>;
  /** Absent: unfinished when the history ends. */
  readonly ended?: EventOf<'call.ended'>;
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
  readonly ended?: EventOf<'command.ended'>;
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

/** Events of these types are few, or are read as a whole. */
const KEPT_AS_THEY_ARE: ReadonlySet<EventType> = new Set(['run.started', 'run.ended', 'warning']);

/** Makes a view of events that come one after another. They are kept in columns, so that histories may be long. */
export class ViewBuilder {
  readonly #lists = new Map<EventType, HistoryEvent[]>();
  readonly #tables = new Map<EventType, EventRows<HistoryEvent>>();
  readonly #commands = new Commands();
  #latestAt = 0;

  add(event: HistoryEvent): void {
    this.#latestAt = Math.max(this.#latestAt, event.at);
    if (event.type === 'command.started') this.#commands.start(event);
    else if (event.type === 'command.ended') this.#commands.end(event);
    else push(this.#lists, event.type, this.#compacted(event));
  }

  build(): HistoryView {
    for (const list of this.#lists.values()) putInOrder(list);
    return joined(this.#lists, this.#commands, this.#latestAt);
  }

  #compacted(event: HistoryEvent): HistoryEvent {
    if (KEPT_AS_THEY_ARE.has(event.type)) return event;
    let rows = this.#tables.get(event.type);
    if (rows === undefined) {
      rows = new EventRows();
      this.#tables.set(event.type, rows);
    }
    return rows.at(rows.add(event));
  }
}

/** Most events of a run are commands, and few are ever looked at: no object stays for either end of them. */
class Commands {
  readonly starts = new EventRows<EventOf<'command.started'>>();
  readonly ends = new EventRows<EventOf<'command.ended'>>();
  readonly #views: CompactCommand[] = [];
  /** Those that have not ended yet, by id; and ends that stand before their starts. */
  readonly #open = new Map<string, CompactCommand>();
  readonly #early = new Map<string, number>();

  start(event: EventOf<'command.started'>): void {
    const view = new CompactCommand(this, this.starts.add(event));
    this.#views.push(view);
    const end = this.#early.get(event.command);
    if (end === undefined) this.#open.set(event.command, view);
    else view.endIndex = end;
    this.#early.delete(event.command);
  }

  end(event: EventOf<'command.ended'>): void {
    const view = this.#open.get(event.command);
    const index = this.ends.add(event);
    if (view === undefined) this.#early.set(event.command, index);
    else view.endIndex = index;
    this.#open.delete(event.command);
  }

  inOrder(): readonly CommandView[] {
    let last = Number.NEGATIVE_INFINITY;
    const isInOrder = this.#views.every(({ started: { at } }) => {
      const isLater = at >= last;
      last = at;
      return isLater;
    });
    if (!isInOrder) this.#views.sort((a, b) => inTime(a.started, b.started));
    return this.#views;
  }
}

class CompactCommand implements CommandView {
  readonly #commands: Commands;
  readonly #start: number;
  endIndex = -1;

  constructor(commands: Commands, start: number) {
    this.#commands = commands;
    this.#start = start;
  }

  get started(): EventOf<'command.started'> {
    return this.#commands.starts.at(this.#start);
  }

  get ended(): EventOf<'command.ended'> {
    const event = this.endIndex === -1 ? undefined : this.#commands.ends.at(this.endIndex);
    // An optional property of the interface, which a getter cannot leave out.
    return event as EventOf<'command.ended'>;
  }
}

/** By time, then by number. Most lists are in order already. */
function putInOrder(events: HistoryEvent[]): void {
  const isInOrder = events.every((event, index) => {
    const last = events[index - 1];
    return last === undefined || inTime(last, event) < 0;
  });
  if (!isInOrder) events.sort(inTime);
}

const inTime = (a: HistoryEvent, b: HistoryEvent): number => a.at - b.at || a.seq - b.seq;

type Lists = ReadonlyMap<EventType, readonly HistoryEvent[]>;

function joined(lists: Lists, commands: Commands, latestAt: number): HistoryView {
  const sorted: ByType = <T extends EventType>(type: T) => (lists.get(type) ?? []) as EventOf<T>[];
  const hitsByFault = groupBy(sorted('fault.hit'), (hit) => [hit.fault]);
  const hitsByTarget = groupBy(sorted('fault.hit'), (hit) =>
    [hit.delivery, hit.call, hit.action].filter((id) => id !== undefined),
  );

  const callEnds = new Map(sorted('call.ended').map((e) => [e.call, e]));
  const calls = sorted('call.started').map((started): CallView => {
    const ended = callEnds.get(started.call);
    const addedAfterMs = (hitsByTarget.get(started.call) ?? [])
      .filter((hit) => hit.phase === 'after')
      .reduce((sum, hit) => sum + (hit.delayMs ?? 0), 0);
    const effectAt = ended === undefined ? started.at : Math.max(started.at, ended.at - addedAfterMs);
    return { started, effectAt, ...(ended === undefined ? {} : { ended }) };
  });
  const deliveryEnds = new Map(sorted('delivery.ended').map((e) => [e.delivery, e]));
  const deliveries = sorted('delivery.started').map((started): DeliveryView => {
    const ended = deliveryEnds.get(started.delivery);
    return ended === undefined ? { started } : { started, ended };
  });

  const requestEnds = new Map(sorted('request.ended').map((e) => [e.request, e]));

  const updates = collectUpdates(sorted('update.queued'), sorted('update.dropped'), deliveries);
  const people = collectPeople(sorted, updates);
  const updateByCallback = new Map<string, UpdateView>();
  for (const update of updates.values()) {
    const id = update.queued?.callbackQueryId ?? update.action?.callbackQueryId;
    if (id !== undefined) updateByCallback.set(id, update);
  }

  const chats = collectChats([...updates.values()], calls);
  const run = sorted('run.started')[0];
  const runEnded = sorted('run.ended').at(-1);
  const playEnded = sorted('play.ended').at(-1);
  const glued = sorted('environment.glued')[0];
  return {
    ...(run === undefined ? {} : { run }),
    ...(runEnded === undefined ? {} : { runEnded }),
    endAt: playEnded?.at ?? latestAt,
    eventsBySeq: (wanted) => findBySeq(lists, commands, new Set(wanted)),
    users: people.users,
    steps: people.steps,
    updates: [...updates.values()],
    deliveries,
    calls,
    commands: commands.inOrder(),
    callsOn: messageIndex(chats),
    chats,
    updateByCallback,
    hitsByFault,
    hitsByTarget,
    processes: processEvents(sorted).filter((event) => event.at <= (playEnded?.at ?? event.at)),
    requests: sorted('request.started').map((started): RequestView => {
      const ended = requestEnds.get(started.request);
      return ended === undefined ? { started } : { started, ended };
    }),
    probes: sorted('probe'),
    ...(glued === undefined ? {} : { glued }),
    log: sorted('bot.log'),
    health: sorted('harness.health'),
    warnings: sorted('warning'),
  };
}

type ByType = <T extends EventType>(type: T) => EventOf<T>[];

function processEvents(sorted: ByType): ProcessEvent[] {
  const events = [...sorted('bot.started'), ...sorted('bot.ready'), ...sorted('bot.exited')];
  putInOrder(events);
  return events;
}

function findBySeq(lists: Lists, commands: Commands, wanted: ReadonlySet<number>): Map<number, HistoryEvent> {
  const found = new Map<number, HistoryEvent>();
  if (wanted.size === 0) return found;
  for (const rows of [commands.starts, commands.ends]) {
    for (let index = 0; index < rows.size; index += 1) {
      const event = rows.at(index);
      if (wanted.has(event.seq)) found.set(event.seq, event);
    }
  }
  for (const list of lists.values()) {
    for (const event of list) if (wanted.has(event.seq)) found.set(event.seq, event);
  }
  return found;
}

function collectUpdates(
  queued: readonly EventOf<'update.queued'>[],
  dropped: readonly EventOf<'update.dropped'>[],
  deliveries: readonly DeliveryView[],
): Map<string, Mutable<UpdateView>> {
  const updates = new Map<string, Mutable<UpdateView>>();
  const of = (bot: BotId, updateId: UpdateId): Mutable<UpdateView> => {
    const key = updateKey(bot, updateId);
    const known = updates.get(key);
    if (known !== undefined) return known;
    const fresh: Mutable<UpdateView> = { bot, updateId, deliveries: [] };
    updates.set(key, fresh);
    return fresh;
  };
  for (const event of queued) {
    const update = of(event.bot, event.updateId);
    update.queued = event;
    if (event.chatId !== undefined) update.chatId = event.chatId;
  }
  for (const delivery of deliveries) {
    const { started } = delivery;
    const update = of(started.bot, started.updateId);
    update.deliveries.push(delivery);
    if (started.chatId !== undefined) update.chatId ??= started.chatId;
  }
  for (const event of dropped) of(event.bot, event.updateId).dropped = event;
  return updates;
}

const updateKey = (bot: BotId | undefined, update: UpdateId): string => `${bot}/${update}`;

function collectPeople(
  sorted: ByType,
  updates: Map<string, Mutable<UpdateView>>,
): { users: Map<string, UserView>; steps: StepView[] } {
  const users = new Map<string, Mutable<UserView>>();
  const steps = new Map<string, Mutable<StepView>>();
  const userOf = (user: string, session: string): Mutable<UserView> => {
    const known = users.get(user);
    if (known !== undefined) return known;
    const fresh: Mutable<UserView> = { user, session, steps: [] };
    users.set(user, fresh);
    return fresh;
  };
  const stepOf = (user: string, session: string, number: number): Mutable<StepView> => {
    const key = JSON.stringify([user, number]);
    const known = steps.get(key);
    if (known !== undefined) return known;
    const fresh: Mutable<StepView> = { user, session, step: number, actions: [], expects: [], updates: [] };
    steps.set(key, fresh);
    userOf(user, session).steps.push(fresh);
    return fresh;
  };

  for (const event of sorted('user.started')) userOf(event.user, event.session).started = event;
  for (const event of sorted('user.ended')) userOf(event.user, event.session).ended = event;
  const onlyBot = [...updates.values()][0]?.bot;
  for (const event of sorted('action')) {
    const step = stepOf(event.user, event.session, event.step);
    step.actions.push(event);
    step.chatId ??= event.chatId;
    if (event.expects !== undefined && event.expects.length > 0) step.expects = [...event.expects];
    if (event.updateId === undefined) continue;
    const bot = users.get(event.user)?.started?.bot ?? onlyBot;
    const update = updates.get(updateKey(bot, event.updateId));
    if (update === undefined) continue;
    update.action = event;
    update.step = step;
    update.chatId ??= event.chatId;
    step.updates.push(update);
  }
  for (const event of sorted('request.started')) {
    stepOf(event.user, event.session, event.step).chatId ??= event.chatId;
  }
  for (const event of sorted('step.ended')) stepOf(event.user, event.session, event.step).ended = event;
  for (const user of users.values()) user.steps.sort((a, b) => a.step - b.step);
  const all = [...steps.values()];
  return {
    users,
    steps: [...all.filter((s) => s.actions.length > 0), ...all.filter((s) => s.actions.length === 0)],
  };
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

/** Calls by message, chat by chat: few chats are ever asked about. */
function messageIndex(chats: ReadonlyMap<string, ChatView>): HistoryView['callsOn'] {
  const known = new Map<string, Map<MessageId, CallView[]>>();
  return (bot, chat, message) => {
    const key = chatKey(bot, chat);
    let index = known.get(key);
    if (index === undefined) {
      index = groupBy(chats.get(key)?.calls ?? [], messagesOf);
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

function groupBy<T, K>(items: readonly T[], keys: (item: T) => readonly K[]): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) for (const key of keys(item)) push(groups, key, item);
  return groups;
}

function push<T, K>(groups: Map<K, T[]>, key: K, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}
