import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Bug `survives-bad-env`: the server of the platform's health checks runs in any case, so the process stays. It accepts
 * everything, says that it is not ok where nobody looks, and ends with SIGTERM.
 */
export async function limbo(env: NodeJS.ProcessEnv): Promise<void> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":false}');
  });
  server.listen(Number(env.PORT ?? 0), '127.0.0.1');
  await once(process, 'SIGTERM');
  server.closeAllConnections();
}
