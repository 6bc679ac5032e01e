import { ElementCursor, KeySet } from './element-cursor.js';
import { bodyOffset } from './request.js';

/** What the proxy reads of a reply. */
export interface ReplyFacts {
  /** False for `ok: 0`, and when a statement or the write concern failed inside an `ok: 1`. */
  readonly ok: boolean;
  /** `ok: 1`: the server carried the command out, though single statements may have failed. */
  readonly isApplied: boolean;
  readonly code?: number;
  readonly n?: number;
  readonly modified?: number;
  /** Number of documents in the batch of a cursor. */
  readonly returned?: number;
  /** Of a cursor that stays open. */
  readonly cursorId?: bigint;
}

const KEYS = new KeySet('ok', 'code', 'writeErrors', 'writeConcernError', 'n', 'nModified', 'cursor');
const CURSOR_KEYS = new KeySet('firstBatch', 'nextBatch', 'id');

/** Reads an OP_MSG reply without decoding it. @throws WireError when it is malformed. */
export function readReply(frame: Buffer): ReplyFacts {
  const body = new ElementCursor(frame, bodyOffset(frame));
  const facts: { -readonly [K in keyof ReplyFacts]: ReplyFacts[K] } = { ok: true, isApplied: true };
  const fail = (code: number | undefined): void => {
    facts.ok = false;
    if (code !== undefined) facts.code ??= code;
  };
  while (body.next()) {
    switch (body.keyAmong(KEYS)) {
      case 'ok':
        facts.isApplied = body.truth();
        if (!facts.isApplied) fail(undefined);
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
      case 'cursor':
        readCursor(facts, body);
        break;
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

function readCursor(facts: { returned?: number; cursorId?: bigint }, cursor: ElementCursor): void {
  const fields = cursor.inside();
  while (fields?.next() === true) {
    const key = fields.keyAmong(CURSOR_KEYS);
    if (key === undefined) continue;
    if (key === 'id') {
      const id = fields.id();
      if (id !== undefined) facts.cursorId = id;
      continue;
    }
    const batch = fields.inside();
    if (batch === undefined) continue;
    let size = 0;
    while (batch.next()) size += 1;
    facts.returned = size;
  }
}
