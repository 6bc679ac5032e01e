import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { messageOf, SendtwiceError } from '../base/errors.js';

/**
 * Below the ports that systems give to outgoing connections (Linux: from 32768, others from 49152 on): one of those
 * may be taken by any client between the moment in which it was free and the one in which a slow bot listens.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 20;

/**
 * A TCP port of 127.0.0.1 that nobody listens on now. Somebody else may take it before the bot does; which one
 * it is is drawn, so that is rare.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if ((await listened(port)) === port) return port;
  }
  const port = await listened(0);
  if (typeof port === 'number') return port;
  throw new SendtwiceError('listen/port-in-use', `No free port on 127.0.0.1: ${messageOf(port)}`, {
    cause: port,
  });
}

/** The port that could be listened on; or why it could not. */
function listened(port: number): Promise<number | Error> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
