import { ManualClock } from '../../../src/base/clock.js';
import { botId, chatId, deliveryId, messageId, type UpdateId, userId } from '../../../src/base/ids.js';
import { randomStream } from '../../../src/base/random.js';
import type { EventBody, EventType } from '../../../src/history/events.js';
import type { Files, Params, UpdateKind } from '../../../src/telegram/contracts.js';
import type {
  Answer,
  Connection,
  ConnectionEvents,
  Target,
  Transport,
} from '../../../src/telegram/updates/transport.js';
import { Updates, type UpdatesOptions } from '../../../src/telegram/updates/updates.js';

export const NO_FILES: Files = new Map();
export const URL = 'http://127.0.0.1:8080/hook';

export const params = (values: Readonly<Record<string, string | number>> = {}): Params =>
  new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** How the bot reacts to one webhook request. */
export type Reaction =
  | ({ readonly is: 'answer'; readonly afterMs?: number } & Partial<Answer>)
  /** The connection ends: cleanly, or with an error of the operating system. */
  | { readonly is: 'end'; readonly afterMs?: number; readonly error?: string }
  | { readonly is: 'silence' };

export const answer = (status: number, more: Partial<Answer> & { afterMs?: number } = {}): Reaction => ({
  is: 'answer',
  status,
  ...more,
});
export const silence: Reaction = { is: 'silence' };

export interface Request {
  readonly at: number;
  readonly connection: number;
  readonly updateId: number;
  readonly text: string;
}

/** A bot without a network: it reacts as the test says, on the test's clock. */
export class FakeBot implements Transport {
  readonly requests: Request[] = [];
  readonly targets: Target[] = [];
  /** Connections that exist now. */
  open = 0;
  /** 'refuse': Connection refused. 'hang': never established. */
  network: 'up' | 'refuse' | 'hang' = 'up';
  react: (request: Request) => Reaction = () => answer(200);
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  connect(target: Target, events: ConnectionEvents): Connection {
    const number = this.targets.push(target);
    this.open += 1;
    let alive = true;
    let sent = false;
    const opened = this.network === 'up';
    const end = (error?: string): void => {
      if (!alive) return;
      alive = false;
      this.open -= 1;
      events.ended(error);
    };
    if (this.network === 'refuse') this.#clock.set(0, () => end('Connection refused'));
    return {
      opened,
      get flushed() {
        return opened || !sent;
      },
      send: (text) => {
        sent = true;
        if (!opened) return;
        const updateId = Number(/"update_id":(\d+)/.exec(text)?.[1]);
        const request = { at: this.#clock.now(), connection: number, updateId, text };
        this.requests.push(request);
        const reaction = this.react(request);
        if (reaction.is === 'silence') return;
        this.#clock.set(reaction.afterMs ?? 0, () => {
          if (!alive) return;
          if (reaction.is === 'end') end(reaction.error);
          else events.answered({ ...PLAIN, ...reaction });
        });
      },
      destroy: () => {
        if (alive) this.open -= 1;
        alive = false;
      },
    };
  }
}

const PLAIN: Answer = {
  status: 200,
  reason: 'OK',
  keepAlive: true,
  retryAfterS: 0,
  contentType: '',
  body: Buffer.alloc(0),
};

export interface Rig {
  readonly clock: ManualClock;
  readonly bot: FakeBot;
  readonly updates: Updates;
  readonly events: (EventBody & { readonly at: number })[];
  readonly calls: { readonly method: string; readonly params: Params; readonly delivery: string }[];
}

export function rig(more: Partial<UpdatesOptions> = {}): Rig {
  const clock = new ManualClock();
  const bot = new FakeBot(clock);
  const events: Rig['events'] = [];
  const calls: Rig['calls'] = [];
  let deliveries = 0;
  const updates = new Updates({
    bot: botId(42),
    token: '42:TEST',
    clock,
    emit: (event, atMs = clock.now()) => {
      events.push({ ...event, at: atMs });
    },
    random: randomStream('seed', 'updates'),
    local: true,
    trace: false,
    nextDelivery: () => {
      deliveries += 1;
      return deliveryId(`d${deliveries}`);
    },
    faults: {},
    runMethod: async (method, callParams, _files, delivery) => {
      calls.push({ method, params: callParams, delivery });
    },
    transport: bot,
    ...more,
  });
  return { clock, bot, updates, events, calls };
}

/** The events of one type, with their time. */
export function eventsOf<T extends EventType>(
  { events }: Rig,
  type: T,
): (Extract<EventBody, { type: T }> & { at: number })[] {
  return events.filter(
    (event): event is Extract<EventBody, { type: T }> & { at: number } => event.type === type,
  );
}

export const setWebhook = (
  { updates }: Rig,
  more: Readonly<Record<string, string | number>> = {},
): Promise<{ description: string }> => updates.setWebhook(params({ url: URL, ...more }), NO_FILES);

export const getUpdates = async (
  { updates }: Rig,
  values: Readonly<Record<string, string | number>> = {},
  signal = new AbortController().signal,
): Promise<readonly { readonly update_id: number }[]> =>
  JSON.parse(await updates.getUpdates(params(values), signal));

export const person = (id: number) => ({ id, is_bot: false, first_name: 'P' });
export const privateChat = (id: number) => ({ id, type: 'private', first_name: 'P' });

let messages = 0;
export function message(chat: number, { clock }: Rig): Record<string, unknown> {
  messages += 1;
  return {
    message_id: messages,
    date: clock.unixSeconds(),
    chat: privateChat(chat),
    from: person(chat),
    text: 'hi',
  };
}

export function pushMessage(made: Rig, chat = 7): UpdateId {
  const payload = message(chat, made);
  return push(made, 'message', payload, {
    chatId: chatId(chat),
    userId: userId(chat),
    messageId: messageId(Number(payload.message_id)),
  });
}

export function pushTap(made: Rig, user = 7, chat = user): UpdateId {
  const payload = {
    id: '1',
    from: person(user),
    message: { message_id: 1, chat: privateChat(chat), date: 0 },
  };
  return push(made, 'callback_query', payload, { chatId: chatId(chat), userId: userId(user) });
}

export function push(
  { updates }: Rig,
  kind: UpdateKind,
  payload: Record<string, unknown>,
  about: Parameters<Updates['push']>[2] = {},
): UpdateId {
  const id = updates.push(kind, payload, about);
  if (id === undefined) throw new Error(`${kind} was not queued`);
  return id;
}
