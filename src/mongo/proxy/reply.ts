import { ElementCursor } from './element-cursor.js';
import { bodyOffset } from './request.js';

/** What the proxy reads of a reply. */
export interface ReplyFacts {
  /** False for `ok: 0`, and when a statement or the write concern failed inside an `ok: 1`. */
  readonly ok: boolean;
  readonly code?: number;
  readonly n?: number;
  readonly modified?: number;
  /** Number of documents in the batch of a cursor. */
  readonly returned?: number;
}

/** Reads an OP_MSG reply without decoding it. @throws WireError when it is malformed. */
export function readReply(frame: Buffer): ReplyFacts {
  const body = new ElementCursor(frame, bodyOffset(frame));
  const facts: { -readonly [K in keyof ReplyFacts]: ReplyFacts[K] } = { ok: true };
  const fail = (code: number | undefined): void => {
    facts.ok = false;
    if (code !== undefined) facts.code ??= code;
  };
  while (body.next()) {
    switch (body.key) {
      case 'ok':
        if (!body.truth()) fail(undefined);
        break;
      case 'code':
        fail(body.number());
        break;
      case 'writeErrors':
        if (body.inside()?.next() === true) fail(firstCode(body));
        break;
      case 'writeConcernError':
        fail(codeIn(body));
        break;
      case 'n':
        setNumber(facts, 'n', body);
        break;
      case 'nModified':
        setNumber(facts, 'modified', body);
        break;
      case 'cursor': {
        const returned = batchSize(body);
        if (returned !== undefined) facts.returned = returned;
        break;
      }
    }
  }
  return facts;
}

function setNumber<K extends 'n' | 'modified'>(
  facts: { -readonly [_ in K]?: number },
  key: K,
  value: ElementCursor,
): void {
  const number = value.number();
  if (number !== undefined) facts[key] = number;
}

function firstCode(errors: ElementCursor): number | undefined {
  const list = errors.inside();
  return list?.next() === true ? codeIn(list) : undefined;
}

function codeIn(error: ElementCursor): number | undefined {
  const fields = error.inside();
  while (fields?.next() === true) if (fields.key === 'code') return fields.number();
  return undefined;
}

function batchSize(cursor: ElementCursor): number | undefined {
  const fields = cursor.inside();
  while (fields?.next() === true) {
    if (fields.key !== 'firstBatch' && fields.key !== 'nextBatch') continue;
    const batch = fields.inside();
    let size = 0;
    while (batch?.next() === true) size += 1;
    return size;
  }
  return undefined;
}
