import { request } from 'undici';
import { type Clock, pause } from '../base/clock.js';
import { SendtwiceError } from '../base/errors.js';
import { isLoopback } from '../base/loopback.js';
import type { InstanceLog } from './bot-log.js';

/** How a bot shows that it is ready. */
export type Ready =
  /** Something answers at this URL of this machine, with any status below 500: a 404 listens, too. */
  | { readonly type: 'http'; readonly url: string }
  /** A line of its output holds this text. */
  | { readonly type: 'log'; readonly text: string }
  /**
   * It calls one of these Bot API methods. `waitForCall` resolves at the next such call, or when the
   * signal aborts. Which instance called is not known: with several, a polling one may answer for a new one.
   */
  | {
      readonly type: 'call';
      readonly methods: readonly string[];
      readonly waitForCall: (signal: AbortSignal) => Promise<void>;
    };

const PROBE_EVERY_MS = 50;
const PROBE_TIMEOUT_MS = 1000;

/**
 * Begins to watch. Called before the process is started, so that nothing is missed; resolves when it is
 * ready, or when the signal aborts (the caller knows why).
 */
export function watchReadiness(
  ready: Ready,
  log: InstanceLog,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  if (ready.type === 'call') return ready.waitForCall(signal);
  if (ready.type === 'http') return probe(ready.url, clock, signal);
  return new Promise((resolve) => {
    const finish = (): void => {
      stopListening();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const stopListening = log.onLine((line) => {
      if (line.includes(ready.text)) finish();
    });
    signal.addEventListener('abort', finish);
  });
}

/** What is awaited, in words that go on after "waited for". */
export function explainReady(ready: Ready): string {
  if (ready.type === 'http') return `an answer at ${ready.url}`;
  if (ready.type === 'log') return `a line with ${JSON.stringify(ready.text)}`;
  return `a call of ${ready.methods.join(' or ')}`;
}

/** @throws SendtwiceError `target/not-loopback` */
export function checkReady(ready: Ready): void {
  if (ready.type !== 'http') return;
  const host = URL.canParse(ready.url) ? new URL(ready.url).hostname : '';
  if (isLoopback(host)) return;
  throw new SendtwiceError(
    'target/not-loopback',
    `The URL of \`ready\` is not on this machine: ${ready.url}`,
    {
      hint: 'Use http://127.0.0.1:${webhook.port}/ or another URL on localhost.',
    },
  );
}

async function probe(url: string, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const answer = await request(url, {
        signal,
        headersTimeout: PROBE_TIMEOUT_MS,
        bodyTimeout: PROBE_TIMEOUT_MS,
      });
      await answer.body.dump({ limit: 64 * 1024 });
      if (answer.statusCode < 500) return;
    } catch {
      // Nobody listens yet. If nobody ever does, the deadline says so.
    }
    await pause(PROBE_EVERY_MS, clock, signal);
  }
}
