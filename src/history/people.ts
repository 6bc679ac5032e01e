import type { BotId, ChatId, UpdateId } from '../base/ids.js';
import type { Content } from './content.js';
import { type EventOf, EXTRA_ACTS } from './events.js';
import { asList, type Few, withAnother } from './few.js';
import type { Tables } from './tables.js';
import type { Action, DeliveryView, StepView, UpdateView, UserView } from './view.js';
import type { Mask } from './volatile.js';

/** Who did what, and what became of it on its way to the bot. */
export interface People {
  readonly users: ReadonlyMap<string, UserView>;
  /** In order of their first action; steps without an action are last. */
  readonly steps: readonly StepView[];
  readonly updates: readonly UpdateView[];
  updateOf(bot: BotId, update: UpdateId): UpdateView | undefined;
}

/** Joins users, steps and updates. `mask` is for what steps expect. */
export function peopleOf(
  tables: Tables,
  deliveries: readonly DeliveryView[],
  mask: Mask | undefined,
): People {
  const updates = updatesOf(tables, deliveries);
  const people = stepsOf(tables, updates, mask);
  return { ...people, updates: updates.all, updateOf: updates.of };
}

/** Stands where there is no row. */
const NO_ROW = -1;

/** While it is joined. */
interface UnderWay extends UpdateView {
  action: Action | undefined;
  step: StepView | undefined;
}

interface Updates {
  readonly all: readonly UnderWay[];
  readonly of: (bot: BotId, updateId: UpdateId) => UnderWay | undefined;
}

function updatesOf(tables: Tables, deliveries: readonly DeliveryView[]): Updates {
  const queued = tables.rows('update.queued');
  const dropped = tables.rows('update.dropped');
  /** Nothing of it stands twice: what its events say is read out of their rows. */
  class Update implements UpdateView {
    declare readonly index: number;
    declare queuedRow: number;
    declare droppedRow: number;
    declare given: Few<DeliveryView>;
    declare taken: Few<DeliveryView>;
    declare action: Action | undefined;
    declare step: StepView | undefined;

    constructor(index: number) {
      this.index = index;
      this.queuedRow = NO_ROW;
      this.droppedRow = NO_ROW;
      this.given = undefined;
      this.taken = undefined;
      this.action = undefined;
      this.step = undefined;
    }

    get bot(): BotId {
      return toldBy(this).bot;
    }

    get updateId(): UpdateId {
      return toldBy(this).updateId;
    }

    get chatId(): ChatId | undefined {
      return this.queued?.chatId ?? chatOf(this.given) ?? chatOf(this.taken) ?? this.action?.chatId;
    }

    get queued(): EventOf<'update.queued'> | undefined {
      return this.queuedRow === NO_ROW ? undefined : queued.at(this.queuedRow);
    }

    get dropped(): EventOf<'update.dropped'> | undefined {
      return this.droppedRow === NO_ROW ? undefined : dropped.at(this.droppedRow);
    }

    get deliveries(): readonly DeliveryView[] {
      return asList(this.given);
    }

    get takenByOther(): readonly DeliveryView[] {
      return asList(this.taken);
    }
  }
  const all: Update[] = [];
  const byBot = new Map<BotId, Map<UpdateId, Update>>();
  const of = (bot: BotId, updateId: UpdateId): Update => {
    const ofBot = byBot.get(bot) ?? new Map<UpdateId, Update>();
    byBot.set(bot, ofBot);
    const known = ofBot.get(updateId);
    if (known !== undefined) return known;
    const fresh = new Update(all.length);
    ofBot.set(updateId, fresh);
    all.push(fresh);
    return fresh;
  };
  for (const row of queued.inOrder()) {
    const { bot, updateId } = queued.at(row);
    of(bot, updateId).queuedRow = row;
  }
  for (const delivery of deliveries) {
    const { bot, updateId, consumer } = delivery.started;
    const update = of(bot, updateId);
    if (consumer === 'other') update.taken = withAnother(update.taken, delivery);
    else update.given = withAnother(update.given, delivery);
  }
  for (const row of dropped.inOrder()) {
    const { bot, updateId } = dropped.at(row);
    of(bot, updateId).droppedRow = row;
  }
  return { all, of: (bot, updateId) => byBot.get(bot)?.get(updateId) };
}

/** An event that names the update. There is one, or nobody would know of it. */
function toldBy(update: UpdateView): Pick<EventOf<'update.queued'>, 'bot' | 'updateId'> {
  const { queued, deliveries, takenByOther, dropped } = update;
  const event = queued ?? deliveries[0]?.started ?? takenByOther[0]?.started ?? dropped;
  if (event === undefined) throw new Error('an update without an event');
  return event;
}

/** Of the first that names one. */
const chatOf = (deliveries: Few<DeliveryView>): ChatId | undefined =>
  asList(deliveries).find(({ started }) => started.chatId !== undefined)?.started.chatId;

/** A session is begun anew once at most; further rounds would share their steps. */
const MOST_ROUNDS = 8;

function stepsOf(tables: Tables, updates: Updates, mask: Mask | undefined): Pick<People, 'users' | 'steps'> {
  const ends = tables.rows('step.ended');
  const requests = tables.rows('request.started');
  const expected = mask === undefined ? asTheyAre : eachMasked(mask);
  class Step implements StepView {
    declare readonly owner: UserView;
    declare readonly session: string;
    declare readonly step: number;
    declare readonly round: number;
    declare done: Few<Action>;
    declare brought: Few<UpdateView>;
    declare requestRow: number;
    declare endRow: number;

    constructor(owner: UserView, session: string, step: number, round: number) {
      this.owner = owner;
      this.session = session;
      this.step = step;
      this.round = round;
      this.done = undefined;
      this.brought = undefined;
      this.requestRow = NO_ROW;
      this.endRow = NO_ROW;
    }

    get user(): string {
      return this.owner.user;
    }

    get chatId(): ChatId | undefined {
      const asked = this.requestRow === NO_ROW ? undefined : requests.at(this.requestRow);
      return this.actions[0]?.chatId ?? asked?.chatId;
    }

    get actions(): readonly Action[] {
      return asList(this.done);
    }

    get updates(): readonly UpdateView[] {
      return asList(this.brought);
    }

    get expects(): readonly Content[] {
      const wanting = asList(this.done).findLast(({ expects = NOTHING }) => expects.length > 0);
      return expected(wanting?.expects ?? NOTHING);
    }

    get ended(): EventOf<'step.ended'> | undefined {
      return this.endRow === NO_ROW ? undefined : ends.at(this.endRow);
    }
  }
  const users = new Map<string, Joining>();
  const steps = new Map<string, Map<number, Step>>();
  const all: Step[] = [];
  const userOf = (user: string, session: string): Joining => {
    const known = users.get(user);
    if (known !== undefined) return known;
    const fresh: Joining = { user, session, steps: [], extras: [] };
    users.set(user, fresh);
    return fresh;
  };
  const stepOf = (user: string, session: string, number: number, round = 1): Step => {
    const own = steps.get(user) ?? new Map<number, Step>();
    steps.set(user, own);
    const place = number * MOST_ROUNDS + Math.min(round, MOST_ROUNDS) - 1;
    const known = own.get(place);
    if (known !== undefined) return known;
    const owner = userOf(user, session);
    // Each event has a text of its own for the same session.
    const fresh = new Step(owner, session === owner.session ? owner.session : session, number, round);
    own.set(place, fresh);
    all.push(fresh);
    owner.steps.push(fresh);
    return fresh;
  };

  for (const event of tables.list('user.started')) userOf(event.user, event.session).started = event;
  for (const event of tables.list('user.ended')) userOf(event.user, event.session).ended = event;
  const onlyBot = updates.all[0]?.bot;
  for (const event of tables.list('action')) {
    const { user, session, updateId } = event;
    const bot = users.get(user)?.started?.bot ?? onlyBot;
    const update = updateId === undefined || bot === undefined ? undefined : updates.of(bot, updateId);
    if (update !== undefined) update.action = event;
    if (isExtra(event)) {
      if (update !== undefined) userOf(user, session).extras.push(update);
      continue;
    }
    const step = stepOf(user, session, event.step, event.round);
    step.done = withAnother(step.done, event);
    if (update === undefined) continue;
    update.step = step;
    step.brought = withAnother<UpdateView>(step.brought, update);
  }
  for (const row of requests.inOrder()) {
    const { user, session, step } = requests.at(row);
    const asked = stepOf(user, session, step);
    if (asked.requestRow === NO_ROW) asked.requestRow = row;
  }
  for (const row of ends.inOrder()) {
    const { user, session, step, round } = ends.at(row);
    stepOf(user, session, step, round).endRow = row;
  }
  for (const user of users.values()) user.steps.sort(inDialogue);
  return {
    users,
    steps: [...all.filter((s) => s.done !== undefined), ...all.filter((s) => s.done === undefined)],
  };
}

/** A user while its steps are collected. */
interface Joining extends UserView {
  started?: EventOf<'user.started'>;
  ended?: EventOf<'user.ended'>;
  readonly steps: StepView[];
  readonly extras: UpdateView[];
}

const NOTHING: readonly Content[] = [];

const asTheyAre = (contents: readonly Content[]): readonly Content[] => contents;

/** What a step expects is asked again and again. */
function eachMasked(mask: Mask): typeof asTheyAre {
  const known = new WeakMap<readonly Content[], readonly Content[]>();
  return (contents) => {
    const masked = known.get(contents) ?? contents.map(mask);
    known.set(contents, masked);
    return masked;
  };
}

/** In the order in which a user comes to its steps. */
export const inDialogue = (a: StepView, b: StepView): number => a.round - b.round || a.step - b.step;

const EXTRA: ReadonlySet<Action['reason']> = new Set(EXTRA_ACTS);

/** Did the user do this beyond its recording? */
export const isExtra = ({ reason }: Action): boolean => EXTRA.has(reason);
