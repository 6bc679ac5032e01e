import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type OnReadOpts,
  Socket,
  type SocketConstructorOpts,
} from 'node:net';

/** As much as Node reads at a time. Memory that nothing is ever read into costs nothing. */
const READ_BYTES = 64 * 1024;

/** A try between two sockets of this process takes a few milliseconds. */
const TRY_WITHIN_MS = 2000;

/**
 * Is given what comes from a socket, in place of the event `data`. The bytes are overwritten by what comes next,
 * unless it returns true.
 */
export type Receive = (bytes: Buffer) => boolean;

/** A buffer of our own for what comes: Node would make a new one for each read. */
export function readInto(receive: Receive): OnReadOpts {
  let isTaken = true;
  let buffer = Buffer.alloc(0);
  let bytes = buffer;
  return {
    buffer: () => {
      if (isTaken) {
        buffer = Buffer.allocUnsafeSlow(READ_BYTES);
        bytes = buffer;
        isTaken = false;
      }
      return buffer;
    },
    callback: (length) => {
      // Many messages of a connection have the length of the one before: they lie in the same place.
      if (bytes.length !== length) bytes = buffer.subarray(0, length);
      isTaken = receive(bytes);
      return true;
    },
  };
}

/** What lies under a socket. Node does not document it, though its own rooms hand it from one socket to another. */
interface HandleHolder {
  _handle?: object | null;
}

interface FromHandle extends SocketConstructorOpts {
  readonly handle: object;
  readonly onread: OnReadOpts;
}

/**
 * A socket in the place of one that a server has accepted, which reads into a buffer of our own: Node offers that to
 * sockets that connect, and has no public way to it for others. `undefined`: it cannot be done, or bytes have
 * been read already; nothing has changed then, and the accepted socket is to be used.
 *
 * The server counts the accepted socket until the new one has closed.
 */
export function takeOver(accepted: Socket, receive: Receive): Socket | undefined {
  const holder = accepted as unknown as HandleHolder;
  const handle = holder._handle;
  if (typeof handle !== 'object' || handle === null || !('readStart' in handle)) return undefined;
  if (accepted.bytesRead > 0 || !accepted.readable || !accepted.writable) return undefined;
  const options: FromHandle = { handle, onread: readInto(receive) };
  const socket = new Socket(options);
  holder._handle = null;
  socket.once('close', () => accepted.destroy());
  return socket;
}

let isSupported: Promise<boolean> | undefined;

/**
 * Does {@link takeOver} work in this version of Node? It is tried once, between two sockets: bytes must come into our buffer,
 * go back, and the server must see the end.
 */
export function canTakeOver(): Promise<boolean> {
  isSupported ??= tryToTakeOver().catch(() => false);
  return isSupported;
}

async function tryToTakeOver(): Promise<boolean> {
  const signal = AbortSignal.timeout(TRY_WITHIN_MS);
  const server = createServer().listen(0, '127.0.0.1');
  const sockets: Socket[] = [];
  try {
    await once(server, 'listening', { signal });
    const accepting = once(server, 'connection', { signal }) as Promise<[Socket]>;
    const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
    sockets.push(client);
    const [accepted] = await accepting;
    sockets.push(accepted);
    const echo = takeOver(accepted, (bytes) => {
      echo?.write(Buffer.from(bytes));
      return false;
    });
    if (echo === undefined) return false;
    sockets.push(echo);
    client.write('there');
    const [first] = await once(client, 'data', { signal });
    client.end(' and back');
    const [second] = await once(client, 'data', { signal });
    await Promise.all([once(echo, 'close', { signal }), once(server.close(), 'close', { signal })]);
    return `${first}${second}` === 'there and back';
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}
