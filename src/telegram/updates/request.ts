import type { WebhookUrl } from './webhook-url.js';

export interface RequestParts {
  readonly url: WebhookUrl;
  readonly secretToken: string;
}

/**
 * One webhook request, head and body, in the order and letter case of the official server
 * (WebhookActor.cpp:554-566; facts/telegram.md §1.3). `body` is pure ASCII. `traceparent` is no header of
 * Telegram's; it comes last and only in runs that trace.
 */
export function webhookRequest(parts: RequestParts, body: string, traceparent?: string): string {
  const { url, secretToken } = parts;
  const head = [`POST ${url.target} HTTP/1.1`, `Host: ${url.hostHeader}`];
  if (url.userInfo !== '') {
    head.push(`Authorization: Basic ${Buffer.from(url.userInfo).toString('base64')}`);
  }
  if (secretToken !== '') head.push(`X-Telegram-Bot-Api-Secret-Token: ${secretToken}`);
  head.push(
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: keep-alive',
    'Accept-Encoding: gzip, deflate',
  );
  if (traceparent !== undefined) head.push(`traceparent: ${traceparent}`);
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
