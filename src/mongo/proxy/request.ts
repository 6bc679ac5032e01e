import { HEADER_BYTES, WireError } from '../wire/header.js';
import { MSG_FLAG, MSG_SECTIONS_OFFSET } from '../wire/op-msg.js';
import { BSON_TYPE, ElementCursor } from './element-cursor.js';

/** What the proxy reads of a command: only elements at the top of its body. */
export interface RequestFacts {
  readonly name: string;
  readonly database?: string;
  readonly collection?: string;
  /** First eight hex digits of the session's id. */
  readonly lsid?: string;
  readonly txnNumber?: string;
  readonly traceparent?: string;
  readonly inTransaction: boolean;
  /** False: the client wants no reply (w: 0). */
  readonly wantsReply: boolean;
}

/** An lsid is `{ id: UUID }`; this many bytes lie between its start and the 16 bytes of the UUID. */
const LSID_UUID_OFFSET = 13;
const LSID_SHOWN_BYTES = 4;

/** A traceparent stands somewhere in the first bytes of a comment, alone or in a document. */
const COMMENT_READ_BYTES = 512;
const TRACEPARENT = /\b[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\b/;

/** Reads an OP_MSG request without decoding it. @throws WireError when it is malformed. */
export function readRequest(frame: Buffer): RequestFacts {
  const body = new ElementCursor(frame, bodyOffset(frame));
  if (!body.next()) throw new WireError('A command has no name');
  const name = body.key;
  const facts: { -readonly [K in keyof RequestFacts]: RequestFacts[K] } = {
    name,
    inTransaction: false,
    wantsReply: !hasFlag(frame, 'moreToCome'),
  };
  setIfKnown(facts, 'collection', body.string());
  while (body.next()) {
    switch (body.key) {
      case '$db':
        setIfKnown(facts, 'database', body.string());
        break;
      case 'collection':
        // getMore: its first element is the cursor id.
        if (name === 'getMore') setIfKnown(facts, 'collection', body.string());
        break;
      case 'lsid':
        setIfKnown(facts, 'lsid', shownLsid(frame, body));
        break;
      case 'txnNumber':
        if (body.type === BSON_TYPE.int64) facts.txnNumber = String(frame.readBigInt64LE(body.valueAt));
        break;
      case 'autocommit':
        facts.inTransaction = !body.truth();
        break;
      case 'comment':
        setIfKnown(facts, 'traceparent', traceparentIn(frame, body));
        break;
    }
  }
  return facts;
}

/** Is this flag of an OP_MSG set? @throws WireError when the message has no flags. */
export function hasFlag(frame: Buffer, flag: keyof typeof MSG_FLAG): boolean {
  if (frame.length < MSG_SECTIONS_OFFSET) throw new WireError('An OP_MSG is cut off');
  return (frame.readUInt32LE(HEADER_BYTES) & MSG_FLAG[flag]) !== 0;
}

/** Where the body of an OP_MSG starts. Document sequences may legally come before it. */
export function bodyOffset(frame: Buffer): number {
  let at = MSG_SECTIONS_OFFSET;
  while (frame[at] === 1 && at + 5 < frame.length) {
    const size = frame.readInt32LE(at + 1);
    if (size < 5) throw new WireError(`A document sequence says that it has ${size} bytes`);
    at += 1 + size;
  }
  if (frame[at] !== 0) throw new WireError('An OP_MSG has no body');
  return at + 1;
}

function shownLsid(frame: Buffer, lsid: ElementCursor): string | undefined {
  const at = lsid.valueAt + LSID_UUID_OFFSET;
  if (lsid.type !== BSON_TYPE.document || frame[lsid.valueAt + 4] !== BSON_TYPE.binary) return undefined;
  return at + LSID_SHOWN_BYTES <= lsid.end ? frame.toString('hex', at, at + LSID_SHOWN_BYTES) : undefined;
}

function traceparentIn(frame: Buffer, comment: ElementCursor): string | undefined {
  const end = Math.min(comment.end, comment.valueAt + COMMENT_READ_BYTES);
  return TRACEPARENT.exec(frame.toString('latin1', comment.valueAt, end))?.[0];
}

function setIfKnown<T, K extends keyof T>(facts: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) facts[key] = value;
}
