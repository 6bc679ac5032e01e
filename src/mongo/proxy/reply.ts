import { ElementCursor } from './element-cursor.js';
import { documentEnd, hasElements, idAt, keyEndAt, numberAt, truthAt, valueEndAt } from './elements.js';
import { KeySet } from './keys.js';
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
type Key = Exclude<ReturnType<(typeof KEYS)['at']>, undefined>;
const CURSOR_KEYS = new KeySet('firstBatch', 'nextBatch', 'id');

/** Reads an OP_MSG reply without decoding it. @throws WireError when it is malformed. */
export function readReply(frame: Buffer): ReplyFacts {
  const offset = bodyOffset(frame);
  const end = documentEnd(frame, offset);
  const facts: Facts = {
    ok: true,
    isApplied: true,
    code: undefined,
    n: undefined,
    modified: undefined,
    returned: undefined,
    cursorId: undefined,
  };
  for (let at = offset + 4; at < end; ) {
    const keyEnd = keyEndAt(frame, at, end);
    const next = valueEndAt(frame, at, keyEnd, end);
    const key = KEYS.at(frame, at + 1, keyEnd);
    if (key !== undefined) readField(facts, key, frame, frame[at] as number, keyEnd + 1);
    at = next;
  }
  return facts;
}

function readField(facts: Facts, key: Key, frame: Buffer, type: number, valueAt: number): void {
  switch (key) {
    case 'ok':
      facts.isApplied = truthAt(frame, type, valueAt);
      if (!facts.isApplied) fail(facts, undefined);
      break;
    case 'code':
      fail(facts, numberAt(frame, type, valueAt));
      break;
    case 'writeErrors':
      if (hasElements(type)) readWriteErrors(facts, new ElementCursor(frame, valueAt));
      break;
    case 'writeConcernError':
      fail(facts, hasElements(type) ? codeIn(new ElementCursor(frame, valueAt)) : undefined);
      break;
    case 'n':
      facts.n = numberAt(frame, type, valueAt);
      break;
    case 'nModified':
      facts.modified = numberAt(frame, type, valueAt);
      break;
    case 'cursor':
      if (hasElements(type)) readCursor(facts, frame, valueAt);
      break;
  }
}

function fail(facts: Facts, code: number | undefined): void {
  facts.ok = false;
  facts.code ??= code;
}

/** How a command ended that has this reply, as the history says it. */
export function outcomeOf({ ok, code }: ReplyFacts): { outcome: 'ok' | 'error'; code: number | undefined } {
  return { outcome: ok ? 'ok' : 'error', code };
}

function readWriteErrors(facts: Facts, errors: ElementCursor): void {
  if (errors.next()) fail(facts, codeIn(errors.inside()));
}

function codeIn(error: ElementCursor | undefined): number | undefined {
  while (error?.next() === true) if (error.key === 'code') return error.number();
  return undefined;
}

function readCursor(facts: Facts, frame: Buffer, offset: number): void {
  const end = documentEnd(frame, offset);
  for (let at = offset + 4; at < end; ) {
    const keyEnd = keyEndAt(frame, at, end);
    const next = valueEndAt(frame, at, keyEnd, end);
    const type = frame[at] as number;
    const key = CURSOR_KEYS.at(frame, at + 1, keyEnd);
    if (key === 'id') facts.cursorId = idAt(frame, type, keyEnd + 1);
    else if (key !== undefined && hasElements(type)) facts.returned = countAt(frame, keyEnd + 1);
    at = next;
  }
}

/** Number of elements of a document or an array. */
function countAt(frame: Buffer, offset: number): number {
  const end = documentEnd(frame, offset);
  let count = 0;
  for (let at = offset + 4; at < end; count += 1) at = valueEndAt(frame, at, keyEndAt(frame, at, end), end);
  return count;
}
