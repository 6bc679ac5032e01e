import { createServer } from 'node:net';
import { messageOf, SendtwiceError } from '../base/errors.js';

/**
 * A TCP port of 127.0.0.1 that nobody listens on now. Somebody else may take it before the bot does; the
 * operating system hands out such ports in turn, so that is rare.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) =>
      reject(
        new SendtwiceError('listen/port-in-use', `No free port on 127.0.0.1: ${messageOf(error)}`, {
          cause: error,
        }),
      ),
    );
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
