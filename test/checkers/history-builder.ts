import {
  actionId,
  botId,
  type ChatId,
  callId,
  chatId,
  commandId,
  type DeliveryId,
  deliveryId,
  type MessageId,
  messageId,
  type UpdateId,
  type UserId,
  updateId,
  userId,
} from '../../src/base/ids.js';
import type { Content } from '../../src/history/content.js';
import type { EventBody, EventOf, HistoryEvent, RunStarted } from '../../src/history/events.js';
import { inOrder } from '../../src/history/reader.js';

/**
 * Writes small histories that read like a story:
 *
 *     const play = new Play();
 *     const ann = play.user('ann');
 *     ann.says(0, 1, '/start', [text('Welcome')]).delivered(1, 60);
 *     ann.gets(40, text('Welcome'));
 *     const events = play.end(5_000);
 *
 * Times are milliseconds. A call starts at the given time and ends 10 ms later.
 */
export class Play {
  readonly #events: { at: number; body: EventBody }[] = [];
  #ids = 0;

  constructor(run: Partial<Omit<RunStarted, 'type' | 'seq' | 'at'>> = {}) {
    this.emit(0, {
      type: 'run.started',
      format: 'sendtwice-history',
      version: 1,
      sendtwice: '0.0.0',
      scenario: 'story',
      seed: '1',
      startedAt: '2026-01-01T00:00:00.000Z',
      pace: 'conversation',
      delivery: 'faithful',
      departures: [],
      faults: [],
      expect: {},
      environment: {},
      ...run,
    });
  }

  emit(at: number, body: EventBody): void {
    this.#events.push({ at, body });
  }

  nextId(): number {
    this.#ids += 1;
    return this.#ids;
  }

  user(name: string, session = 's1', marks?: readonly string[]): Person {
    return new Person(this, name, session, 100 + this.nextId(), marks);
  }

  /** One command that takes `ms`. Returns its id. */
  command(
    at: number,
    ms: number,
    ended: Partial<EventOf<'command.ended'>> = {},
    name = 'find',
    started: Partial<EventOf<'command.started'>> = {},
  ): string {
    const command = commandId(`m1.${this.nextId()}`);
    this.emit(at, { type: 'command.started', command, connection: 1, name, ...started });
    this.emit(at + ms, { type: 'command.ended', command, name, outcome: 'ok', ms, addedMs: 0, ...ended });
    return command;
  }

  botStarts(at: number, instance = 1, pid = 1000 + this.nextId()): number {
    this.emit(at, { type: 'bot.started', instance, pid });
    return pid;
  }

  botExits(at: number, pid: number, instance = 1): void {
    this.emit(at, { type: 'bot.exited', instance, pid, expected: true, signal: 'SIGTERM' });
  }

  botCrashes(at: number, pid: number): void {
    this.emit(at, { type: 'bot.exited', instance: 1, pid, expected: false, code: 1 });
  }

  /** A call that belongs to no chat. */
  call(at: number, method: string, ended: Partial<EventOf<'call.ended'>> = {}): void {
    const call = callId(`c${this.nextId()}`);
    this.emit(at, { type: 'call.started', call, bot: BOT, method, via: 'http' });
    this.emit(at + 10, {
      type: 'call.ended',
      call,
      bot: BOT,
      method,
      ok: true,
      applied: true,
      answered: true,
      fidelity: 'modelled',
      ...ended,
    });
  }

  hit(at: number, hit: Omit<EventOf<'fault.hit'>, 'type' | 'seq' | 'at'>): void {
    this.emit(at, { type: 'fault.hit', ...hit });
  }

  /** The events in order, with the end of the run as the last one. */
  end(at: number, outcome: EventOf<'run.ended'>['outcome'] = 'completed'): HistoryEvent[] {
    this.emit(at, { type: 'run.ended', outcome });
    return this.cut();
  }

  /** The events in order, as a run that was killed leaves them. */
  cut(): HistoryEvent[] {
    return inOrder(this.#events.map(({ at, body }, index) => ({ seq: index + 1, at, ...body })));
  }
}

export const BOT = botId(777);

export const text = (line: string): Content => ({ kind: 'text', text: line });

export const menu = (line: string, ...buttons: string[]): Content => ({
  kind: 'text',
  text: line,
  keyboard: { type: 'inline', rows: [buttons.map((label) => ({ text: label, data: label.toLowerCase() }))] },
});

export const toast = (line: string): Content => ({ kind: 'toast', text: line });

interface Doing {
  readonly send?: number;
  readonly reason?: EventOf<'action'>['reason'];
  /** The bot has switched this kind of update off. */
  readonly unseen?: boolean;
  /** From 2 on: the session is played again. */
  readonly round?: number;
}

interface Calling {
  readonly ms?: number;
  readonly method?: string;
  readonly messageId?: MessageId;
  readonly replyTo?: MessageId;
  readonly traceparent?: string;
  readonly answering?: Delivered;
  readonly contents?: readonly Content[];
  readonly ended?: Partial<EventOf<'call.ended'>>;
  readonly unfinished?: boolean;
}

export class Person {
  readonly chatId: ChatId;
  /** The last call to this person, for a fault that hits it. */
  lastCall = callId('none');
  readonly #play: Play;
  readonly #name: string;
  readonly #session: string;
  readonly #userId: UserId;

  constructor(play: Play, name: string, session: string, id: number, marks?: readonly string[]) {
    this.#play = play;
    this.#name = name;
    this.#session = session;
    this.chatId = chatId(id);
    this.#userId = userId(id);
    const { chatId: chat } = this;
    play.emit(0, {
      type: 'user.started',
      user: name,
      session,
      bot: BOT,
      userId: this.#userId,
      chatId: chat,
      ...(marks !== undefined && { marks }),
    });
  }

  says(at: number, step: number, line: string, expects?: readonly Content[], doing: Doing = {}): Sent {
    return this.#acts(at, step, { kind: 'text', text: line }, expects, doing);
  }

  taps(
    at: number,
    step: number,
    button: string,
    on: MessageId,
    expects?: readonly Content[],
    doing: Doing = {},
  ): Sent {
    const kind = {
      kind: 'tap',
      button: { text: button, data: button.toLowerCase() },
      messageId: on,
    } as const;
    return this.#acts(at, step, kind, expects, doing);
  }

  #acts(
    at: number,
    step: number,
    what: Pick<EventOf<'action'>, 'kind' | 'text' | 'button' | 'messageId'>,
    expects: readonly Content[] | undefined,
    doing: Doing,
  ): Sent {
    const { send = 1, reason = send === 1 ? 'planned' : 'resend' } = doing;
    const update = updateId(this.#play.nextId());
    const message = what.messageId ?? messageId(this.#play.nextId());
    const query = what.kind === 'tap' ? { callbackQueryId: `q${update}` } : {};
    this.#play.emit(at, {
      type: 'action',
      action: actionId(`${this.#name}.${doing.round ?? 1}.${step}.${send}${reason}`),
      user: this.#name,
      session: this.#session,
      step,
      ...(doing.round === undefined ? {} : { round: doing.round }),
      send,
      reason,
      ...what,
      chatId: this.chatId,
      intendedAt: at,
      messageId: message,
      ...query,
      ...(doing.unseen === true ? {} : { updateId: update }),
      ...(expects === undefined ? {} : { expects }),
    });
    if (doing.unseen !== true) {
      this.#play.emit(at, {
        type: 'update.queued',
        bot: BOT,
        updateId: update,
        kind: what.kind === 'tap' ? 'callback_query' : 'message',
        queue: `${what.kind}-${this.chatId}`,
        chatId: this.chatId,
        userId: this.#userId,
        messageId: message,
        ...query,
        expiresAt: at + 86_400_000,
      });
    }
    return new Sent(this.#play, this, update, message, query.callbackQueryId);
  }

  /** The scenario asks the bot's own server for this user, which answers after 20 ms unless said otherwise. */
  asks(
    at: number,
    step: number,
    path: string,
    expects: readonly Content[] = [],
    ended: Partial<EventOf<'request.ended'>> = {},
  ): void {
    const request = `${this.#name}.${step}.${this.#play.nextId()}`;
    const { chatId } = this;
    this.#play.emit(at, {
      type: 'request.started',
      request,
      user: this.#name,
      session: this.#session,
      step,
      chatId,
      method: 'POST',
      path,
      ...(expects.length > 0 && { expects }),
    });
    this.#play.emit(at + 20, {
      type: 'request.ended',
      request,
      outcome: 'answered',
      status: 200,
      ok: true,
      ms: 20,
      ...ended,
    });
  }

  /** The harness looked into the database for this user. */
  isProbed(at: number, probe: Partial<EventOf<'probe'>>): void {
    this.#play.emit(at, {
      type: 'probe',
      name: 'one order',
      what: 'invariant',
      user: this.#name,
      session: this.#session,
      chatId: this.chatId,
      collection: 'orders',
      outcome: 'broken',
      wanted: '1 document',
      found: '0 documents',
      ...probe,
    });
  }

  ends(at: number, step: number, outcome: EventOf<'step.ended'>['outcome'], sends = 1, round?: number): void {
    this.#play.emit(at, {
      type: 'step.ended',
      user: this.#name,
      session: this.#session,
      step,
      ...(round === undefined ? {} : { round }),
      outcome,
      sends,
    });
  }

  /** The bot sends a message. Returns its id. */
  gets(at: number, content: Content, calling: Calling = {}): MessageId {
    const id = messageId(this.#play.nextId());
    this.#call(at, { method: 'sendMessage', contents: [content], ...calling }, [id]);
    return id;
  }

  /** The bot changes a message. */
  seesEdit(at: number, id: MessageId, content: Content, calling: Calling = {}): void {
    this.#call(at, { method: 'editMessageText', messageId: id, contents: [content], ...calling }, [id]);
  }

  seesDeletion(at: number, id: MessageId): void {
    this.#call(at, { method: 'deleteMessage', messageId: id }, undefined);
  }

  /** The bot answers a tap. */
  isAnswered(at: number, tap: Sent, calling: Calling = {}): void {
    this.#call(at, { method: 'answerCallbackQuery', ...calling }, undefined, tap.callbackQueryId);
  }

  #call(at: number, calling: Calling, ids: readonly MessageId[] | undefined, query?: string): void {
    const call = callId(`c${this.#play.nextId()}`);
    this.lastCall = call;
    const { method = 'sendMessage', ms = 10 } = calling;
    this.#play.emit(at, {
      type: 'call.started',
      call,
      bot: BOT,
      method,
      via: calling.answering === undefined ? 'http' : 'webhook-answer',
      ...(calling.answering === undefined ? {} : { delivery: calling.answering.id }),
      ...(query === undefined ? { chatId: this.chatId } : { callbackQueryId: query }),
      ...(calling.messageId === undefined ? {} : { messageId: calling.messageId }),
      ...(calling.replyTo === undefined ? {} : { replyToMessageId: calling.replyTo }),
      ...(calling.traceparent === undefined ? {} : { traceparent: calling.traceparent }),
    });
    if (calling.unfinished === true) return;
    const applied = calling.ended?.applied ?? true;
    this.#play.emit(at + ms, {
      type: 'call.ended',
      call,
      bot: BOT,
      method,
      ok: true,
      applied,
      answered: true,
      fidelity: 'modelled',
      ...(applied && ids !== undefined ? { messageIds: ids } : {}),
      ...(applied && calling.contents !== undefined ? { contents: calling.contents } : {}),
      ...calling.ended,
    });
  }
}

/** An input on its way to the bot. */
export class Sent {
  #attempts = 0;

  constructor(
    readonly play: Play,
    readonly person: Person,
    readonly updateId: UpdateId,
    readonly messageId: MessageId,
    readonly callbackQueryId: string | undefined,
  ) {}

  /** One attempt to deliver it; acknowledged unless said otherwise; without `until` it never ends. */
  delivered(
    at: number,
    until?: number,
    ended: Partial<EventOf<'delivery.ended'>> = {},
    started: Partial<EventOf<'delivery.started'>> = {},
  ): Delivered {
    this.#attempts += 1;
    const delivery = deliveryId(`d${this.play.nextId()}`);
    const same = { delivery, bot: BOT, updateId: this.updateId, attempt: this.#attempts };
    const { chatId } = this.person;
    this.play.emit(at, { type: 'delivery.started', ...same, via: 'webhook', chatId, ...started });
    if (until !== undefined) {
      this.play.emit(until, { type: 'delivery.ended', ...same, outcome: 'acknowledged', ...ended });
    }
    return { sent: this, id: delivery };
  }

  dropped(at: number, reason: EventOf<'update.dropped'>['reason']): void {
    this.play.emit(at, { type: 'update.dropped', bot: BOT, updateId: this.updateId, reason });
  }
}

export interface Delivered {
  readonly sent: Sent;
  readonly id: DeliveryId;
}
