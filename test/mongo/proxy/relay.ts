import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A relay that passes everything on in pieces of so many bytes. Returns its `host:port`. */
export async function relayInPieces(pieceBytes: number, address: string): Promise<string> {
  const server = createServer({ noDelay: true }, (near) => {
    const far = connectTo(address);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk) => {
        for (let at = 0; at < chunk.length; at += pieceBytes) to.write(chunk.subarray(at, at + pieceBytes));
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A plain connection that ends with the test. */
export function connectTo(address: string): Socket {
  const [host = '', port] = address.split(':');
  const socket = connect({ host, port: Number(port), noDelay: true });
  onTestFinished(() => void socket.destroy());
  return socket;
}
