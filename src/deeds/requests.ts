import { request } from 'undici';
import type { Clock } from '../base/clock.js';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { isLoopback } from '../base/loopback.js';
import { printable, withoutPersonal } from '../base/untrusted.js';
import type { Emit, RequestEnded } from '../history/events.js';
import type { DeedFacts, RequestDeed } from '../replay/deed.js';

export interface RequestSide {
  /** `http://127.0.0.1:8080`: where a path of the bot's own server is meant. */
  readonly origin: string;
  readonly allowRemote: boolean;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** The start of a status that is allowed when the scenario names none. */
const FIRST_REFUSAL = 400;

/**
 * Asks the bot's own server, `times` at once, as a provider does that has lost patience. Resolves when
 * all have been answered or given up; whatever comes back is in the history.
 * @throws SendtwiceError `target/not-loopback` for a URL on another machine
 */
export async function sendRequests(deed: RequestDeed, facts: DeedFacts, side: RequestSide): Promise<void> {
  const url = urlOf(deed.url, side);
  await Promise.all(
    Array.from({ length: deed.times }, (_, index) => sendOne(deed, url, index + 1, facts, side)),
  );
}

async function sendOne(
  deed: RequestDeed,
  url: URL,
  number: number,
  facts: DeedFacts,
  { clock, emit }: RequestSide,
): Promise<void> {
  const { user, session, step, chatId, expects } = facts;
  const id = `${user}.${step}.${number}`;
  emit({
    type: 'request.started',
    request: id,
    user,
    session,
    step,
    chatId,
    method: deed.method,
    path: withoutPersonal(`${url.pathname}${url.search}`),
    ...(number === 1 && expects !== undefined && { expects }),
  });
  const startedAt = clock.now();
  const ended = (rest: Omit<RequestEnded, 'type' | 'request' | 'ms'>): void =>
    emit({ type: 'request.ended', request: id, ms: clock.now() - startedAt, ...rest });
  const signal = AbortSignal.any([facts.signal, AbortSignal.timeout(deed.timeoutMs)]);
  try {
    const isText = typeof deed.body === 'string';
    const { statusCode, body } = await request(url, {
      method: deed.method as 'POST',
      headers: {
        ...(deed.body !== undefined && !isText && { 'content-type': 'application/json' }),
        ...deed.headers,
      },
      ...(deed.body !== undefined && { body: isText ? (deed.body as string) : JSON.stringify(deed.body) }),
      signal,
    });
    await body.dump({ limit: 1_000_000, signal });
    ended({ outcome: 'answered', status: statusCode, ok: isAllowed(statusCode, deed.status) });
  } catch (error) {
    const text = printable(withoutPersonal(messageOf(error)));
    ended({ outcome: wasNeverConnected(error) ? 'undelivered' : 'unknown', ok: false, error: text });
  }
}

const isAllowed = (status: number, allowed: readonly number[] | undefined): boolean =>
  allowed === undefined ? status < FIRST_REFUSAL : allowed.includes(status);

function wasNeverConnected(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT';
}

function urlOf(text: string, { origin, allowRemote }: RequestSide): URL {
  const url = new URL(text, origin);
  if (allowRemote || isLoopback(url.hostname)) return url;
  throw new SendtwiceError(
    'target/not-loopback',
    `A step of the scenario sends a request to ${url.hostname}, which is not this machine`,
    { hint: 'If you may load and disturb that machine, say so with --allow-remote.' },
  );
}
