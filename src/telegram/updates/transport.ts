/**
 * What the webhook engine needs of the network, so that a day of retries can be tested without one.
 */

/** Where a webhook is reached. A new object for each set of values: connections remember theirs. */
export interface Target {
  readonly secure: boolean;
  /** As in the URL, in ASCII: the name that a certificate must be for. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** PEM text of the certificate that was uploaded with setWebhook. */
  readonly certificate?: string;
}

/** A complete HTTP answer of the bot. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly keepAlive: boolean;
  /** Seconds, 0 when the header is missing or no whole number. */
  readonly retryAfterS: number;
  readonly contentType: string;
  /** Only of types that can hold arguments; else empty. */
  readonly body: Buffer;
}

/** Called later, never from inside `connect` or `send`. */
export interface ConnectionEvents {
  /** A complete answer to the request that was sent. */
  answered(answer: Answer): void;
  /**
   * The connection is gone; nothing follows. `error` is worded as in getWebhookInfo. Without one, the other
   * side closed it cleanly.
   */
  ended(error: string | undefined): void;
}

export interface Connection {
  /** TCP, and TLS where wanted, is established. */
  readonly opened: boolean;
  /** Everything that was sent has been handed to the operating system. */
  readonly flushed: boolean;
  /** Sends one whole request. One at a time; before the connection is open, it waits. */
  send(request: string): void;
  /** Drops the connection. No event follows. */
  destroy(): void;
}

export interface Transport {
  connect(target: Target, events: ConnectionEvents): Connection;
}
