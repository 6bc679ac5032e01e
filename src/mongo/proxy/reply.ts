import { ElementCursor, KeySet } from './element-cursor.js';
import { bodyOffset } from './request.js';

/** What the proxy reads of a reply. */
export interface ReplyFacts {
  /** False for `ok: 0`, and when a statement or the write concern failed inside an `ok: 1`. */
  readonly ok: boolean;
  /** `ok: 1`: the server carried the command out, though single statements may have failed. */
  readonly isApplied: boolean;
  readonly code?: number | undefined;
  readonly n?: number | undefined;
  readonly modified?: number | undefined;
  /** Number of documents in the batch of a cursor. */
  readonly returned?: number | undefined;
  /** Of a cursor that stays open. */
  readonly cursorId?: bigint | undefined;
}

type Facts = { -readonly [K in keyof ReplyFacts]: ReplyFacts[K] };

const KEYS = new KeySet('ok', 'code', 'writeErrors', 'writeConcernError', 'n', 'nModified', 'cursor');
const CURSOR_KEYS = new KeySet('firstBatch', 'nextBatch', 'id');

/** Reads an OP_MSG reply without decoding it. @throws WireError when it is malformed. */
export function readReply(frame: Buffer): ReplyFacts {
  const body = new ElementCursor(frame, bodyOffset(frame));
  const facts: Facts = {
    ok: true,
    isApplied: true,
    code: undefined,
    n: undefined,
    modified: undefined,
    returned: undefined,
    cursorId: undefined,
  };
  while (body.next()) {
    switch (body.keyAmong(KEYS)) {
      case 'ok':
        facts.isApplied = body.truth();
        if (!facts.isApplied) fail(facts, undefined);
        break;
      case 'code':
        fail(facts, body.number());
        break;
      case 'writeErrors':
        if (body.inside()?.next() === true) fail(facts, firstCode(body));
        break;
      case 'writeConcernError':
        fail(facts, codeIn(body));
        break;
      case 'n':
        facts.n = body.number();
        break;
      case 'nModified':
        facts.modified = body.number();
        break;
      case 'cursor':
        readCursor(facts, body);
        break;
    }
  }
  return facts;
}

function fail(facts: Facts, code: number | undefined): void {
  facts.ok = false;
  facts.code ??= code;
}

/** How a command ended that has this reply, as the history says it. */
export function outcomeOf({ ok, code }: ReplyFacts): { outcome: 'ok' | 'error'; code?: number } {
  return { outcome: ok ? 'ok' : 'error', ...(code !== undefined && { code }) };
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

function readCursor(facts: Facts, cursor: ElementCursor): void {
  const fields = cursor.inside();
  while (fields?.next() === true) {
    const key = fields.keyAmong(CURSOR_KEYS);
    if (key === undefined) continue;
    if (key === 'id') {
      facts.cursorId = fields.id();
      continue;
    }
    const batch = fields.inside();
    if (batch === undefined) continue;
    let size = 0;
    while (batch.next()) size += 1;
    facts.returned = size;
  }
}
