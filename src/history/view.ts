import type { BotId, ChatId, MessageId, UpdateId } from '../base/ids.js';
import type { Content } from './content.js';
import type { EventOf, HistoryEvent } from './events.js';

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
  /** Time of each event in ms, by `seq`. */
  readonly atBySeq: ReadonlyMap<number, number>;
  readonly users: ReadonlyMap<string, UserView>;
  /** In order of their first action. Steps without an action (a button that never came) are last. */
  readonly steps: readonly StepView[];
  /** In order of first appearance. */
  readonly updates: readonly UpdateView[];
  readonly deliveries: readonly DeliveryView[];
  /** By start. */
  readonly calls: readonly CallView[];
  readonly commands: readonly CommandView[];
  /** Calls that made or concern a message, by `messageKey(bot, chat, message)`, by start. */
  readonly callsByMessage: ReadonlyMap<string, readonly CallView[]>;
  /** By `chatKey(bot, chat)`. */
  readonly chats: ReadonlyMap<string, ChatView>;
  readonly updateByCallback: ReadonlyMap<string, UpdateView>;
  readonly hitsByFault: ReadonlyMap<string, readonly EventOf<'fault.hit'>[]>;
  /** Faults that hit one delivery, call, command or action, by its id. */
  readonly hitsByTarget: ReadonlyMap<string, readonly EventOf<'fault.hit'>[]>;
  /** While the play lasted: that the harness stops the bot afterwards is no event of the bot's life. */
  readonly processes: readonly ProcessEvent[];
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

/** Messages are numbered anew in every chat. */
export const messageKey = (bot: BotId, chat: ChatId, message: MessageId): string =>
  `${bot}/${chat}/${message}`;

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Indexes events that are in order (`inOrder`). */
export function viewOf(events: readonly HistoryEvent[]): HistoryView {
  const sorted = sortByType(events);
  const hitsByFault = groupBy(sorted('fault.hit'), (hit) => [hit.fault]);
  const hitsByTarget = groupBy(sorted('fault.hit'), (hit) =>
    [hit.delivery, hit.call, hit.command, hit.action].filter((id) => id !== undefined),
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
  const commandEnds = new Map(sorted('command.ended').map((e) => [e.command, e]));
  const commands = sorted('command.started').map((started): CommandView => {
    const ended = commandEnds.get(started.command);
    return ended === undefined ? { started } : { started, ended };
  });
  const deliveryEnds = new Map(sorted('delivery.ended').map((e) => [e.delivery, e]));
  const deliveries = sorted('delivery.started').map((started): DeliveryView => {
    const ended = deliveryEnds.get(started.delivery);
    return ended === undefined ? { started } : { started, ended };
  });

  const updates = collectUpdates(sorted('update.queued'), sorted('update.dropped'), deliveries);
  const people = collectPeople(sorted, updates);
  const updateByCallback = new Map<string, UpdateView>();
  for (const update of updates.values()) {
    const id = update.queued?.callbackQueryId ?? update.action?.callbackQueryId;
    if (id !== undefined) updateByCallback.set(id, update);
  }

  const run = sorted('run.started')[0];
  const runEnded = sorted('run.ended').at(-1);
  const playEnded = sorted('play.ended').at(-1);
  return {
    ...(run === undefined ? {} : { run }),
    ...(runEnded === undefined ? {} : { runEnded }),
    endAt: playEnded?.at ?? events.reduce((latest, event) => Math.max(latest, event.at), 0),
    atBySeq: new Map(events.map((event) => [event.seq, event.at])),
    users: people.users,
    steps: people.steps,
    updates: [...updates.values()],
    deliveries,
    calls,
    commands,
    callsByMessage: groupBy(calls, messageKeysOf),
    chats: collectChats([...updates.values()], calls),
    updateByCallback,
    hitsByFault,
    hitsByTarget,
    processes: events.filter(
      (e): e is ProcessEvent =>
        (e.type === 'bot.started' || e.type === 'bot.ready' || e.type === 'bot.exited') &&
        e.at <= (playEnded?.at ?? e.at),
    ),
    health: sorted('harness.health'),
    warnings: sorted('warning'),
  };
}

type ByType = <T extends HistoryEvent['type']>(type: T) => EventOf<T>[];

function sortByType(events: readonly HistoryEvent[]): ByType {
  const lists = new Map<string, HistoryEvent[]>();
  for (const event of events) push(lists, event.type, event);
  return <T extends HistoryEvent['type']>(type: T) => (lists.get(type) ?? []) as EventOf<T>[];
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

function messageKeysOf({ started, ended }: CallView): string[] {
  const { bot, chatId, messageId } = started;
  if (chatId === undefined) return [];
  const ids = new Set([...(messageId === undefined ? [] : [messageId]), ...(ended?.messageIds ?? [])]);
  return [...ids].map((id) => messageKey(bot, chatId, id));
}

function groupBy<T>(items: readonly T[], keys: (item: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) for (const key of keys(item)) push(groups, key, item);
  return groups;
}

function push<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}
