import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { messageOf } from '../../base/errors.js';
import { printable } from '../../base/untrusted.js';
import { AnswerReader, BadAnswer } from './answer-reader.js';
import type { Connection, ConnectionEvents, Target, Transport } from './transport.js';

/** A bot that talks this much without being asked is hung up on. */
const MAX_UNASKED_BYTES = 64 * 1024;

/**
 * Webhook connections over real sockets. Not node:http: its client hides what the history must tell apart (a
 * clean close from a reset, 1xx answers, a body without length), and it has its own idea of a pool.
 */
export const socketTransport: Transport = {
  connect: (target, events) => new SocketConnection(target, events),
};

class SocketConnection implements Connection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #reader = new AnswerReader();
  #opened = false;
  #sent = false;
  #awaitsAnswer = false;
  #over = false;
  #error: string | undefined;

  constructor(target: Target, events: ConnectionEvents) {
    this.#events = events;
    this.#socket = openSocket(target);
    this.#socket.setNoDelay(true);
    this.#socket.once(target.secure ? 'secureConnect' : 'connect', () => {
      this.#opened = true;
    });
    this.#socket.on('data', (bytes) => this.#read(bytes));
    this.#socket.on('error', (error) => {
      this.#error ??= target.secure ? tlsText(error) : osText(error);
    });
    this.#socket.once('close', () => this.#finish());
  }

  get opened(): boolean {
    return this.#opened;
  }

  get flushed(): boolean {
    return !this.#sent || (this.#opened && this.#socket.writableLength === 0);
  }

  send(request: string): void {
    this.#sent = true;
    this.#awaitsAnswer = true;
    this.#socket.write(request);
    // What came before it was asked for counts as the answer, as it does for the official server.
    if (this.#reader.unread > 0) setImmediate(() => this.#read(Buffer.alloc(0)));
  }

  destroy(): void {
    this.#over = true;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    if (this.#over) return;
    this.#reader.push(bytes);
    if (!this.#awaitsAnswer) {
      if (this.#reader.unread > MAX_UNASKED_BYTES) this.#socket.destroy();
      return;
    }
    try {
      const answer = this.#reader.next();
      if (answer === undefined) return;
      this.#awaitsAnswer = false;
      this.#events.answered(answer);
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error;
      this.#error = error.message;
      this.#socket.destroy();
    }
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.ended(this.#error);
  }
}

function openSocket(target: Target): Socket {
  const { address, certificate, host, port, secure } = target;
  if (!secure) return connectTcp({ host: address, port });
  return connectTls({
    host: address,
    port,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 && { servername: host }),
    ...(certificate !== undefined && { ca: certificate }),
  });
}

/** What the operating system calls its errors, as getWebhookInfo shows them. */
const OS_TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  ECONNABORTED: 'Software caused connection abort',
  ETIMEDOUT: 'Connection timed out',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EPIPE: 'Broken pipe',
  EMFILE: 'Too many open files',
};

function osText(error: NodeJS.ErrnoException): string {
  return OS_TEXTS[error.code ?? ''] ?? printable(messageOf(error));
}

const OPENSSL_ERROR = /error:[0-9A-F]{8}:[^:]*:[^:]*:[^:\n]*/;

function tlsText(error: NodeJS.ErrnoException): string {
  const known = OS_TEXTS[error.code ?? ''];
  if (known !== undefined) return known;
  // A failed check of the certificate comes in words of Node's own; below it is always this OpenSSL error.
  const cause =
    OPENSSL_ERROR.exec(error.message)?.[0] ?? 'error:0A000086:SSL routines::certificate verify failed';
  return `SSL error {${cause}}`;
}
