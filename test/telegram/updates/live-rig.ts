import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { RealClock } from '../../../src/base/clock.js';
import { botId, deliveryId } from '../../../src/base/ids.js';
import { randomStream } from '../../../src/base/random.js';
import type { EventBody, EventType } from '../../../src/history/events.js';
import { Updates, type UpdatesOptions } from '../../../src/telegram/updates/updates.js';

export interface RawRequest {
  readonly head: readonly string[];
  readonly body: string;
  readonly socket: Socket;
}

/** A bot that is a bare socket server, so that tests see and send every byte. */
export class RawBot {
  readonly sockets: Socket[] = [];
  readonly requests: RawRequest[] = [];
  readonly #server: Server;
  readonly #react: (request: RawRequest, count: number) => void;

  private constructor(
    react: (request: RawRequest, count: number) => void,
    tls: { readonly key: string; readonly cert: string } | undefined,
  ) {
    this.#react = react;
    const serve = (socket: Socket): void => this.#serve(socket);
    this.#server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  }

  static async listen(
    react: (request: RawRequest, count: number) => void,
    tls?: { readonly key: string; readonly cert: string },
  ): Promise<RawBot> {
    const bot = new RawBot(react, tls);
    await new Promise<void>((resolve) => bot.#server.listen(0, '127.0.0.1', resolve));
    return bot;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the bot does not listen');
    return address.port;
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #serve(socket: Socket): void {
    this.sockets.push(socket);
    let input = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      input += bytes.toString('latin1');
      const end = input.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(input)?.[1]);
      if (end < 0 || input.length < end + 4 + length) return;
      const request = { head: input.slice(0, end).split('\r\n'), body: input.slice(end + 4), socket };
      input = '';
      this.#react(request, this.requests.push(request));
    });
  }
}

/** Bytes of an answer. */
export const http = (
  status: string,
  headers: Readonly<Record<string, string | number>> = {},
  body = '',
): string =>
  [
    `HTTP/1.1 ${status}`,
    ...Object.entries({ 'Content-Length': Buffer.byteLength(body), ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    '',
    body,
  ].join('\r\n');

export class LiveRig {
  readonly clock = new RealClock();
  readonly events: EventBody[] = [];
  readonly calls: {
    readonly method: string;
    readonly params: Record<string, string>;
    readonly files: string[];
  }[] = [];
  readonly updates: Updates;
  readonly #waiting = new Set<() => void>();

  constructor(more: Partial<UpdatesOptions> = {}) {
    let deliveries = 0;
    this.updates = new Updates({
      bot: botId(42),
      token: '42:TEST',
      clock: this.clock,
      emit: (event) => {
        this.events.push(event);
        this.#tell();
      },
      random: randomStream('seed', 'updates'),
      local: true,
      trace: false,
      nextDelivery: () => {
        deliveries += 1;
        return deliveryId(`d${deliveries}`);
      },
      faults: {},
      runMethod: async (method, params, files) => {
        this.calls.push({ method, params: Object.fromEntries(params), files: [...files.keys()] });
        this.#tell();
      },
      ...more,
    });
  }

  of<T extends EventType>(type: T): Extract<EventBody, { type: T }>[] {
    return this.events.filter((event): event is Extract<EventBody, { type: T }> => event.type === type);
  }

  /** Waits until the history holds `count` events of this type, and returns the last of them. */
  async nth<T extends EventType>(type: T, count = 1): Promise<Extract<EventBody, { type: T }>> {
    await this.until(() => this.of(type).length >= count);
    const event = this.of(type)[count - 1];
    if (event === undefined) throw new Error(`there is no ${type} number ${count}`);
    return event;
  }

  /** Waits until this holds; looked at after each event and call. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  #tell(): void {
    for (const look of [...this.#waiting]) look();
  }
}
