import type { Timer } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import { type CallId, type ChatId, chatId, type DeliveryId, type MessageId, messageId } from '../base/ids.js';
import { printable, withoutTokens } from '../base/untrusted.js';
import type { CallStarted, Emit } from '../history/events.js';
import { ApiError } from './api-error.js';
import { type CallDisturbance, combineFaults, faultError } from './call-faults.js';
import { leadingInteger } from './coercion.js';
import type { Files, Params, Seen, TelegramFaults } from './contracts.js';
import { FloodError } from './flood.js';
import { errorEnvelope, okEnvelope } from './http/envelope.js';
import { stringifyEscaped } from './json.js';
import type { MethodContext, Outcome } from './methods/outcome.js';
import { findMethod, type Method } from './methods/registry.js';
import type { World } from './world.js';

/** One Bot API request, whatever brought it here. */
export interface CallRequest {
  /** As the bot wrote it; any case. */
  readonly method: string;
  readonly params: Params;
  readonly files: Files;
  /** Makes a signal that is aborted when the bot hangs up. */
  readonly hangUp: () => AbortSignal;
  readonly traceparent?: string;
  /** Set when the call was the body of the webhook's answer to this delivery. */
  readonly delivery?: DeliveryId;
}

export interface CallAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number;
  /** The connection is to be destroyed in place of an answer. */
  readonly reset: boolean;
  /** To be told once whether the bot got the answer. The call ends in the history then. */
  readonly ended: (answered: boolean) => void;
}

export interface CallsOptions {
  readonly world: World;
  readonly emit: Emit;
  readonly faults: TelegramFaults;
  readonly nextCall: () => CallId;
  /** Told about what the person sees, when it takes effect, before the bot gets its answer. */
  readonly onSeen: (seen: Seen) => void;
  readonly onCall: (method: string) => void;
  /** Told of each call with its whole answer, when it is ready. */
  readonly onAnswer: (method: string, params: Params, body: string) => void;
}

interface Ran {
  readonly outcome?: Outcome;
  readonly error?: ApiError;
}

/** Runs the calls of one bot and tells the history about them. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #waits = new Map<Timer, () => void>();
  #inFlight = 0;
  #idle: (() => void) | undefined;
  #open = true;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async run(request: CallRequest): Promise<CallAnswer> {
    const { world, emit, faults, nextCall, onCall } = this.#options;
    const method = findMethod(request.method);
    const name = method?.name ?? printable(withoutTokens(request.method), 64);
    const started = startedEvent(nextCall(), world, name, request);
    emit(started);
    this.#inFlight += 1;
    if (method !== undefined) onCall(name);

    const { chatId: chat, call } = started;
    const hits = faults.onCall?.({
      call,
      bot: world.bot,
      method: name,
      ...(chat === undefined ? {} : { chatId: chat }),
    });
    const disturbance = hits === undefined ? undefined : combineFaults(hits);
    if (disturbance !== undefined) await this.#wait(disturbance.beforeMs);
    const prevented = !this.#open || disturbance?.effect?.phase === 'before';
    const ran: Ran = prevented ? {} : await this.#runMethod(method, name, call, request);
    if (disturbance !== undefined) await this.#wait(disturbance.afterMs);
    const answer = this.#answer(started, method, ran, disturbance);
    this.#options.onAnswer(name, request.params, answer.body);
    return answer;
  }

  /** Ends all waiting, and resolves when every call has ended. Calls that come later are reset. */
  close(): Promise<void> {
    this.#open = false;
    for (const [timer, resume] of this.#waits) {
      this.#options.world.clock.clear(timer);
      resume();
    }
    this.#waits.clear();
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  async #runMethod(
    method: Method | undefined,
    name: string,
    call: CallId,
    request: CallRequest,
  ): Promise<Ran> {
    const { world } = this.#options;
    try {
      world.session.admit(name);
      if (method === undefined) throw new ApiError(404, 'Not Found: method not found');
      const { params, files, hangUp } = request;
      const context = { call, method: name, params, files, world, hangUp };
      const outcome = await (world.flood === undefined
        ? method.run(context)
        : this.#runPatiently(method, context, world.flood.absorbMs));
      for (const seen of outcome.seen ?? []) this.#show(withContent(seen, outcome));
      return { outcome };
    } catch (error) {
      if (error instanceof ApiError) return { error };
      this.#reportDefect(`${name} failed`, error);
      return { error: new ApiError(500, 'Internal Server Error') };
    }
  }

  /**
   * The official server sends again by itself what the flood limits refused, as long as the waits of one
   * call stay within its limit (td/NetQueryDelayer.cpp:36). A refused method has done nothing yet.
   */
  async #runPatiently(method: Method, context: MethodContext, patienceMs: number): Promise<Outcome> {
    for (let leftMs = patienceMs; ; ) {
      try {
        return await method.run(context);
      } catch (error) {
        if (!(error instanceof FloodError) || error.waitMs > leftMs || !this.#open) throw error;
        leftMs -= error.waitMs;
        await this.#wait(error.waitMs);
      }
    }
  }

  /** What goes wrong on the person's side is not the bot's error. */
  #show(seen: Seen): void {
    try {
      this.#options.onSeen(seen);
    } catch (error) {
      this.#reportDefect(`Showing what ${seen.call} did failed`, error);
    }
  }

  /** A defect of the harness must not end the run; the report will show it. */
  #reportDefect(what: string, error: unknown): void {
    const message = `${what}: ${messageOf(error)}`;
    this.#options.emit({ type: 'warning', code: 'telegram/defect', message });
  }

  #answer(
    started: CallStarted,
    method: Method | undefined,
    ran: Ran,
    disturbance: CallDisturbance | undefined,
  ): CallAnswer {
    const { outcome } = ran;
    const effect = disturbance?.effect;
    const error = effect?.effect === 'error' ? faultError(effect) : ran.error;
    const reset = !this.#open || effect?.effect === 'reset';
    const body =
      error !== undefined
        ? errorEnvelope(error)
        : okEnvelope(outcome?.resultJson ?? stringifyEscaped(outcome?.result ?? null), outcome?.description);
    const retryAfterSeconds = error?.parameters?.retry_after;
    return {
      status: error?.errorCode ?? 200,
      body,
      reset,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ended: (answered) => {
        this.#options.emit({
          type: 'call.ended',
          call: started.call,
          bot: started.bot,
          method: started.method,
          ok: error === undefined && !reset,
          ...(error === undefined ? {} : { errorCode: error.errorCode, description: error.description }),
          applied: outcome !== undefined,
          answered: answered && !reset,
          ...(outcome?.messageIds === undefined ? {} : { messageIds: outcome.messageIds }),
          ...(outcome?.contents === undefined ? {} : { contents: outcome.contents }),
          fidelity: method?.fidelity ?? 'modelled',
          ...(disturbance === undefined ? {} : { fault: disturbance.fault }),
        });
        this.#inFlight -= 1;
        if (this.#inFlight === 0) this.#idle?.();
      },
    };
  }

  #wait(delayMs: number): Promise<void> {
    if (delayMs <= 0 || !this.#open) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#options.world.clock.set(delayMs, () => {
        this.#waits.delete(timer);
        resolve();
      });
      this.#waits.set(timer, resolve);
    });
  }
}

/** What a message shows besides itself (a reply keyboard) is known to the call alone. */
function withContent(seen: Seen, { messageIds = [], contents = [] }: Outcome): Seen {
  const content = seen.messageId === undefined ? undefined : contents[messageIds.indexOf(seen.messageId)];
  return seen.content !== undefined || content === undefined ? seen : { ...seen, content };
}

function startedEvent(call: CallId, world: World, method: string, request: CallRequest): CallStarted {
  const { params, delivery, traceparent } = request;
  const chat = chatOf(world, params);
  const about = messageOfCall(params);
  const query = params.get('callback_query_id');
  const replied = repliedMessage(params);
  return {
    type: 'call.started',
    call,
    bot: world.bot,
    method,
    via: delivery === undefined ? 'http' : 'webhook-answer',
    ...(delivery === undefined ? {} : { delivery }),
    ...(chat === undefined ? {} : { chatId: chat }),
    ...(about === undefined ? {} : { messageId: about }),
    ...(query === undefined ? {} : { callbackQueryId: printable(query, 64) }),
    ...(replied === undefined ? {} : { replyToMessageId: replied }),
    ...(traceparent === undefined ? {} : { traceparent: printable(traceparent, 64) }),
  };
}

function chatOf(world: World, params: Params): ChatId | undefined {
  const text = params.get('chat_id');
  if (text === undefined) {
    const query = params.get('callback_query_id');
    return query === undefined ? undefined : world.callbacks.get(query)?.chatId;
  }
  if (text.startsWith('@')) return world.chats.lookUp(text)?.id;
  const id = leadingInteger(text);
  return id === 0 ? undefined : chatId(id);
}

/** A copied or forwarded message is in another chat, so it is not what the call is about. */
function messageOfCall(params: Params): MessageId | undefined {
  const text = params.get('message_id');
  if (text === undefined || params.has('from_chat_id')) return undefined;
  const id = leadingInteger(text);
  return id > 0 ? messageId(id) : undefined;
}

function repliedMessage(params: Params): MessageId | undefined {
  const json = params.get('reply_parameters');
  const found =
    json === undefined
      ? leadingInteger(params.get('reply_to_message_id') ?? '')
      : Number(/"message_id"\s*:\s*"?(\d+)/.exec(json)?.[1] ?? 0);
  return found > 0 ? messageId(found) : undefined;
}
