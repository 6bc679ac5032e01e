import type { Message } from '@grammyjs/types';
import type { Clock } from '../base/clock.js';
import type { BotId, CallId, ChatId, DeliveryId } from '../base/ids.js';
import { randomStream } from '../base/random.js';
import type { Emit } from '../history/events.js';
import { Calls } from './calls.js';
import type { Access, ChatState } from './chats/chat-book.js';
import { asMessage } from './chats/message-store.js';
import { SharedGroups } from './chats/shared-groups.js';
import type {
  BotIdentity,
  DeliveryPath,
  Files,
  Incoming,
  Params,
  Received,
  Seen,
  TelegramFaults,
  Witness,
} from './contracts.js';
import { FloodGuard, type FloodLimits } from './flood.js';
import { type Forgery, forge } from './forgery.js';
import type { BackendBot } from './http/front.js';
import { Audience } from './people/audience.js';
import { impossible } from './people/impossible.js';
import { freePersonId, Person, type PersonInput } from './people/person.js';
import { receive } from './receive.js';
import type { RefuseAddress } from './updates/resolve-host.js';
import { Updates } from './updates/updates.js';
import { type BotSettings, newWorld, type World } from './world.js';

export interface BotAccountOptions {
  readonly id: BotId;
  readonly identity: BotIdentity;
  readonly apiRoot: string;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly faults: TelegramFaults;
  readonly path?: DeliveryPath;
  readonly seed: string;
  readonly trace: boolean;
  readonly local: boolean;
  readonly refuseAddress?: RefuseAddress;
  readonly nextCall: () => CallId;
  readonly nextDelivery: () => DeliveryId;
  readonly flood?: FloodLimits;
  /** A callback query can be answered this long; 30,000 ms when left out. */
  readonly callbackAnswerableMs?: number;
  /** What BotFather would have been told. */
  readonly settings?: Partial<BotSettings>;
  /** What the bots of one server share. */
  readonly groups?: SharedGroups;
}

/** One bot on the server: its chats, its updates, and what people see of it. */
export class BotAccount {
  readonly id: BotId;
  readonly token: string;
  readonly user: BotIdentity['user'];
  /** For the client library of the bot: `http://127.0.0.1:port`. */
  readonly apiRoot: string;
  readonly updates: Updates;
  /** For the HTTP front. */
  readonly backend: BackendBot;
  readonly #world: World;
  readonly #emit: Emit;
  readonly #calls: Calls;
  readonly #seenListeners = new Set<(seen: Seen) => void>();
  readonly #callListeners = new Set<(method: string) => void>();
  readonly #called = new Set<string>();
  readonly #witnesses = new Set<Witness>();
  readonly #audience = new Audience();
  #people = 0;

  constructor(options: BotAccountOptions) {
    const { id, identity, clock, emit, faults, seed, trace, local, nextCall, nextDelivery } = options;
    this.id = id;
    this.token = identity.token;
    this.user = identity.user;
    this.apiRoot = options.apiRoot;
    this.#emit = emit;
    this.updates = new Updates({
      bot: id,
      token: identity.token,
      clock,
      emit,
      random: randomStream(seed, `telegram/updates/${id}`),
      local,
      trace,
      ...(options.refuseAddress !== undefined && { refuseAddress: options.refuseAddress }),
      nextDelivery,
      faults,
      ...(options.path !== undefined && { path: options.path }),
      onQueued: (json) => {
        for (const witness of this.#witnesses) witness.update(JSON.parse(json));
      },
      runMethod: (method, params, files, delivery) => this.#runFromWebhook(method, params, files, delivery),
    });
    this.#world = newWorld({
      bot: id,
      user: identity.user,
      clock,
      random: randomStream(seed, `telegram/world/${id}`),
      updates: this.updates,
      groups: options.groups ?? new SharedGroups(),
      ...(options.flood === undefined ? {} : { flood: new FloodGuard(clock, options.flood) }),
      ...(options.callbackAnswerableMs !== undefined && {
        callbackAnswerableMs: options.callbackAnswerableMs,
      }),
      ...(options.settings === undefined ? {} : { settings: options.settings }),
    });
    this.#calls = new Calls({
      world: this.#world,
      emit,
      faults,
      nextCall,
      onSeen: (seen) => {
        this.#world.groups.mirror(this.#world, seen);
        this.#audience.show(seen);
        for (const listener of this.#seenListeners) listener(seen);
      },
      onCall: (method) => {
        this.#called.add(method);
        for (const listener of this.#callListeners) listener(method);
      },
      onAnswer: (method, params, body) => {
        for (const witness of this.#witnesses) witness.call(method, params, body);
      },
    });
    this.backend = {
      call: (request) => this.#calls.run(request),
      file: (path) => this.#world.files.read(path),
    };
  }

  /** What the functions in `people/` act on. */
  get world(): World {
    return this.#world;
  }

  /** A person does something: the update is completed and queued for the bot. */
  receive(incoming: Incoming): Received {
    return receive(this.#world, incoming);
  }

  /**
   * Somebody who uses the bot: writes to it, taps its buttons, waits for its answers. The bot knows them from
   * their first act on.
   * @throws SendtwiceError `people/impossible` for an id that no person can have
   */
  person(input: PersonInput): Person {
    let { id } = input;
    if (id === undefined) {
      id = freePersonId(this.#world, this.#people);
      this.#people += 1;
    }
    return new Person(this.#world, this.#audience, { ...input, id });
  }

  /**
   * Puts this bot and others of the same server into one supergroup or channel: what people do there reaches
   * all of them, with the same message numbers. Basic groups cannot be shared: in those each bot counts for
   * itself.
   * @throws SendtwiceError `people/impossible` for a basic group or a private chat
   */
  shareChat(chat: ChatState['chat'], others: readonly BotAccount[]): void {
    if (chat.type === 'private' || chat.type === 'group') {
      throw impossible(
        `the ${chat.type} chat ${chat.id} cannot be shared by bots`,
        'Use a supergroup or channel.',
      );
    }
    const worlds = [this, ...others].map((account) => account.#world);
    for (const world of worlds) world.chats.addChat(chat);
    this.#world.groups.share(chat.id, worlds);
  }

  /** Somebody who is not Telegram posts an update to the webhook. Resolves when that has ended, however it did. */
  async forge(forgery: Forgery): Promise<void> {
    await forge(this.#world, this.#emit, forgery);
  }

  /** Tells about everything people see of the bot from now on. Returns what ends it. */
  onSeen(listener: (seen: Seen) => void): () => void {
    this.#seenListeners.add(listener);
    return () => this.#seenListeners.delete(listener);
  }

  /** Tells the name of each method when a call of it starts. Returns what ends it. */
  onCall(listener: (method: string) => void): () => void {
    this.#callListeners.add(listener);
    return () => this.#callListeners.delete(listener);
  }

  /** Tells word for word what passes between Telegram and this bot. Returns what ends it. */
  witness(witness: Witness): () => void {
    this.#witnesses.add(witness);
    return () => this.#witnesses.delete(witness);
  }

  /** Has a call of this method (`getUpdates`) started at any time? */
  hasCalled(method: string): boolean {
    return this.#called.has(method);
  }

  /** The message as it is now; nothing when it was deleted or is older than the last 1,000 of its chat. */
  message(chat: ChatId, message: number): Message | undefined {
    const stored = this.#world.chats.chat(chat)?.messages.get(message);
    return stored === undefined ? undefined : asMessage(stored.message);
  }

  /** Makes a person known to the bot who has not done anything yet. */
  addUser(user: Parameters<World['chats']['addUser']>[0]): void {
    this.#world.chats.addUser(user);
  }

  /** Makes a group, supergroup, channel or private chat known to the bot. */
  addChat(chat: ChatState['chat'], access: Access = 'open'): void {
    this.#world.chats.addChat(chat).access = access;
  }

  /**
   * Puts something between the bot and a chat (`blocked`, `kicked` …), or takes it away. A chat that is
   * not known yet stays unknown.
   */
  setAccess(chat: ChatId, access: Access): void {
    const state = this.#world.chats.lookUp(String(chat));
    if (state !== undefined) state.access = access;
  }

  async close(): Promise<void> {
    this.#world.timers.close();
    const ended = this.#calls.close();
    await this.updates.close();
    await ended;
  }

  /** The bot sees nothing of the result, so it counts as answered. */
  async #runFromWebhook(method: string, params: Params, files: Files, delivery: DeliveryId): Promise<void> {
    const hangUp = (): AbortSignal => new AbortController().signal;
    const answer = await this.#calls.run({ method, params, files, hangUp, delivery });
    answer.ended(true);
  }
}
