import type { Clock } from '../../base/clock.js';
import { webhookRequest } from './request.js';
import type { Answer, Target, Transport } from './transport.js';
import type { WebhookUrl } from './webhook-url.js';

/** What a stranger posts. */
export interface StrangerRequest {
  readonly body: string;
  /** '' sends no such header. */
  readonly secret: string;
  /** How long the stranger waits for the answer. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** Posts to a webhook over a connection of its own, in the form that Telegram's requests have. Never rejects. */
export function postAsStranger(
  { transport, clock }: { readonly transport: Transport; readonly clock: Clock },
  target: Target,
  url: WebhookUrl,
  { body, secret, patienceMs, signal }: StrangerRequest,
): Promise<Answer | { readonly error: string }> {
  return new Promise((resolve) => {
    const end = (result: Answer | { readonly error: string }): void => {
      clock.clear(timer);
      signal.removeEventListener('abort', hangUp);
      connection.destroy();
      resolve(result);
    };
    const hangUp = (): void => end({ error: 'the run ended first' });
    const connection = transport.connect(target, {
      answered: end,
      ended: (error) => end({ error: error ?? 'the connection was closed without an answer' }),
    });
    const timer = clock.set(patienceMs, () => end({ error: 'no answer in time' }));
    signal.addEventListener('abort', hangUp);
    if (signal.aborted) hangUp();
    else connection.send(webhookRequest({ url, secretToken: secret }, body));
  });
}
