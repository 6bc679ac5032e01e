import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Update } from 'grammy/types';
import { log } from './log.js';
import type { Office } from './office.js';
import { Refusal } from './refusal.js';

const LONGEST_BODY = 1024 * 1024;

export interface WebhookOptions {
  readonly url: string;
  readonly secret: string;
  readonly port: number;
  /** Everything that is not for Telegram. */
  readonly office: Office;
  /** Resolves when the update may be acknowledged. */
  readonly take: (update: Update) => Promise<void>;
}

/** Listens for Telegram. */
export function listen({ url, secret, port, office, take }: WebhookOptions): Promise<Server> {
  const path = new URL(url).pathname;
  const receive = async (request: IncomingMessage): Promise<void> => {
    if (request.method !== 'POST') throw new Refusal(404);
    if (request.url !== path) return office.receive(request.url ?? '', await readJson(request));
    if (!isSame(request.headers['x-telegram-bot-api-secret-token'], secret)) throw new Refusal(401);
    await take(await readUpdate(request));
  };
  const server = createServer((request, response) => {
    receive(request)
      .then(
        () => 200,
        (error: unknown) => {
          log(request.url === path ? 'update not taken' : 'request failed', error);
          return error instanceof Refusal ? error.code : 500;
        },
      )
      .then((status) => response.writeHead(status).end())
      .catch((error: unknown) => log('no answer', error));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

async function readUpdate(request: IncomingMessage): Promise<Update> {
  const update = await readJson(request);
  if (!('update_id' in update)) throw new Refusal(400);
  return update as Update;
}

async function readJson(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > LONGEST_BODY) throw new Refusal(413);
    chunks.push(chunk as Buffer);
  }
  const value = parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new Refusal(400);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400);
  }
}

function isSame(given: string | string[] | undefined, secret: string): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}
