import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { UploadedFile } from '../contracts.js';
import { readBody } from '../http/request-body.js';
import type { Answer } from './transport.js';

export interface AnswerMethod {
  readonly method: string;
  readonly params: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, UploadedFile>;
}

const IGNORED = new Set(['', 'deletewebhook', 'setwebhook', 'close', 'logout']);
/** The reader of answers has let no more than 1 MiB through. */
const FILE_LIMIT_BYTES = 1024 * 1024;

/**
 * The method in the body of a webhook's answer (WebhookActor.cpp:619-632; facts/telegram.md §1.5).
 * `undefined`: there is none, or one that is ignored here. Whatever is wrong with it, nobody hears of it.
 */
export async function methodIn(answer: Answer): Promise<AnswerMethod | undefined> {
  if (answer.body.length === 0) return undefined;
  const params = new Map<string, string>();
  const files = new Map<string, UploadedFile>();
  try {
    await readBody(asRequest(answer), { params, files }, FILE_LIMIT_BYTES);
  } catch {
    // What was read before the mistake counts.
  }
  const method = (params.get('method') ?? '').toLowerCase();
  if (IGNORED.has(method) || method.startsWith('get')) return undefined;
  return { method, params, files };
}

/** The reader of requests looks at these two headers and the bytes, and arguments are written alike in both. */
function asRequest(answer: Answer): IncomingMessage {
  const headers = { 'content-type': answer.contentType, 'content-length': String(answer.body.length) };
  return Object.assign(Readable.from([answer.body]), { headers }) as unknown as IncomingMessage;
}
