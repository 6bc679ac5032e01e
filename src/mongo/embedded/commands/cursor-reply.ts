import { encode } from '../bson/encode.js';
import type { Encodable } from '../bson/value.js';
import type { Reply, Request } from './contract.js';
import { countOption, documentOption } from './options.js';

/** A reply with a cursor over documents that are all here already. */
export function cursorReply(
  request: Request,
  name: string,
  documents: readonly Map<string, Encodable>[],
): Reply {
  const batchSize = countOption(documentOption(request.body, 'cursor') ?? new Map(), 'batchSize');
  const namespace = `${request.database}.${name}`;
  return new Map([
    [
      'cursor',
      request.server.cursors.open(
        namespace,
        documents.map((item) => encode(item)),
        batchSize,
      ),
    ],
  ]);
}
