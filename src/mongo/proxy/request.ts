import { HEADER_BYTES, WireError } from '../wire/header.js';
import { MSG_FLAG, MSG_SECTIONS_OFFSET } from '../wire/op-msg.js';
import { ElementCursor } from './element-cursor.js';
import { BSON_TYPE, documentEnd, idAt, keyEndAt, numberAt, truthAt, valueEndAt } from './elements.js';
import { KeySet, stringAt, textAt } from './keys.js';

/** What the proxy reads of a command: only elements at the top of its body. */
export interface RequestFacts {
  readonly name: string;
  readonly database?: string | undefined;
  readonly collection?: string | undefined;
  /** First eight hex digits of the session's id. */
  readonly lsid?: string | undefined;
  readonly txnNumber?: string | undefined;
  /** Of getMore. */
  readonly cursorId?: bigint | undefined;
  readonly maxTimeMs?: number | undefined;
  readonly traceparent?: string | undefined;
  readonly inTransaction: boolean;
  /** False: the client wants no reply (w: 0). */
  readonly wantsReply: boolean;
}

type Facts = { -readonly [K in keyof RequestFacts]: RequestFacts[K] };

/** An lsid is `{ id: UUID }`; this many bytes lie between its start and the 16 bytes of the UUID. */
const LSID_UUID_OFFSET = 13;
const LSID_SHOWN_BYTES = 4;

/** A traceparent stands somewhere in the first bytes of a comment, alone or in a document. */
const COMMENT_READ_BYTES = 512;
const TRACEPARENT = /\b[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\b/;

const KEYS = new KeySet('$db', 'collection', 'lsid', 'txnNumber', 'autocommit', 'comment', 'maxTimeMS');
type Key = Exclude<ReturnType<(typeof KEYS)['at']>, undefined>;

/** Remembered texts of session ids; bots have a few sessions at a time. */
const LSID_SLOTS = 256;
const LSID_NUMBERS = new Int32Array(LSID_SLOTS);
const LSID_TEXTS: (string | undefined)[] = new Array(LSID_SLOTS).fill(undefined);

/** Reads an OP_MSG request without decoding it. @throws WireError when it is malformed. */
export function readRequest(frame: Buffer): RequestFacts {
  const offset = bodyOffset(frame);
  const end = documentEnd(frame, offset);
  if (offset + 4 >= end) throw new WireError('A command has no name');
  // This runs for each command: keys that are set one by one, by name, are several times faster than a table of them.
  const facts: Facts = {
    name: '',
    database: undefined,
    collection: undefined,
    lsid: undefined,
    txnNumber: undefined,
    cursorId: undefined,
    maxTimeMs: undefined,
    traceparent: undefined,
    inTransaction: false,
    wantsReply: !hasFlag(frame, 'moreToCome'),
  };
  let at = readName(facts, frame, offset + 4, end);
  while (at < end) {
    const keyEnd = keyEndAt(frame, at, end);
    const next = valueEndAt(frame, at, keyEnd, end);
    const key = KEYS.at(frame, at + 1, keyEnd);
    if (key !== undefined) readField(facts, key, frame, frame[at] as number, keyEnd + 1, next);
    at = next;
  }
  return facts;
}

/** The first element: its key is the command, its value the collection, or the cursor. Returns where it ends. */
function readName(facts: Facts, frame: Buffer, at: number, end: number): number {
  const keyEnd = keyEndAt(frame, at, end);
  const next = valueEndAt(frame, at, keyEnd, end);
  const type = frame[at] as number;
  facts.name = textAt(frame, at + 1, keyEnd, 'latin1');
  facts.collection = stringAt(frame, type, keyEnd + 1, next);
  if (facts.name === 'getMore') facts.cursorId = idAt(frame, type, keyEnd + 1);
  return next;
}

function readField(facts: Facts, key: Key, frame: Buffer, type: number, at: number, valueEnd: number): void {
  switch (key) {
    case '$db':
      facts.database = stringAt(frame, type, at, valueEnd);
      break;
    case 'collection':
      // getMore: its first element is the cursor id.
      if (facts.name === 'getMore') facts.collection = stringAt(frame, type, at, valueEnd);
      break;
    case 'lsid':
      facts.lsid = shownLsid(frame, type, at, valueEnd);
      break;
    case 'txnNumber':
      if (type === BSON_TYPE.int64) facts.txnNumber = String(frame.readBigInt64LE(at));
      break;
    case 'autocommit':
      facts.inTransaction = !truthAt(frame, type, at);
      break;
    case 'comment':
      facts.traceparent = traceparentIn(frame, at, valueEnd);
      break;
    case 'maxTimeMS':
      facts.maxTimeMs = numberAt(frame, type, at);
      break;
  }
}

/** Is this flag of an OP_MSG set? @throws WireError when the message has no flags. */
export function hasFlag(frame: Buffer, flag: keyof typeof MSG_FLAG): boolean {
  if (frame.length < MSG_SECTIONS_OFFSET) throw new WireError('An OP_MSG is cut off');
  return (frame.readInt32LE(HEADER_BYTES) & MSG_FLAG[flag]) !== 0;
}

/** Where the body of an OP_MSG starts. Document sequences may legally come before it. */
export function bodyOffset(frame: Buffer): number {
  let at = MSG_SECTIONS_OFFSET;
  while (frame[at] === 1 && at + 5 < frame.length) at += 1 + sequenceBytes(frame, at + 1);
  if (frame[at] !== 0) throw new WireError('An OP_MSG has no body');
  return at + 1;
}

function sequenceBytes(frame: Buffer, at: number): number {
  const size = frame.readInt32LE(at);
  if (size < 5) throw new WireError(`A document sequence says that it has ${size} bytes`);
  return size;
}

/** Where the filter of a command stands: in the command itself, or in its first statement. */
const FILTER_KEYS: Readonly<Record<string, string>> = {
  find: 'filter',
  count: 'query',
  distinct: 'query',
  findAndModify: 'query',
  findandmodify: 'query',
  update: 'updates',
  delete: 'deletes',
  aggregate: 'pipeline',
};
const INNER_KEYS: Readonly<Record<string, string>> = { updates: 'q', deletes: 'q', pipeline: '$match' };

/** No filter that people write has more keys at its top. */
const MAX_FILTER_KEYS = 200;

/**
 * The sorted top-level keys of a command's filter: of its first statement, or of the $match with which its
 * pipeline begins. `undefined` for a command without one.
 *
 * @throws WireError when the message is malformed
 */
export function readFilterKeys(frame: Buffer, name: string): readonly string[] | undefined {
  const key = FILTER_KEYS[name];
  if (key === undefined) return undefined;
  const inner = INNER_KEYS[key];
  const found = fieldOf(new ElementCursor(frame, bodyOffset(frame)), key);
  if (inner === undefined) return keysOf(found);
  const first = found ?? firstOfSequence(frame, key);
  if (first === undefined) return undefined;
  // A list in the body is an array of statements, a sequence is its first statement.
  const statement = found === undefined ? first : first.next() ? first.inside() : undefined;
  return statement === undefined ? undefined : keysOf(fieldOf(statement, inner));
}

function fieldOf(fields: ElementCursor, key: string): ElementCursor | undefined {
  while (fields.next()) if (fields.key === key) return fields.inside();
  return undefined;
}

function keysOf(document: ElementCursor | undefined): readonly string[] | undefined {
  const keys: string[] = [];
  while (document?.next() === true && keys.length < MAX_FILTER_KEYS) keys.push(document.key);
  return document === undefined ? undefined : keys.sort();
}

function firstOfSequence(frame: Buffer, identifier: string): ElementCursor | undefined {
  for (let at = MSG_SECTIONS_OFFSET; at + 5 < frame.length; ) {
    const size = frame.readInt32LE(at + 1);
    if (size < 5) return undefined;
    const name = `${identifier}\0`;
    const documentAt = at + 5 + name.length;
    if (frame[at] === 1 && frame.toString('latin1', at + 5, documentAt) === name) {
      return new ElementCursor(frame, documentAt);
    }
    at += 1 + size;
  }
  return undefined;
}

/** Does a server that is no primary refuse this command? Reads may say that a secondary will do. */
export function needsPrimary(frame: Buffer, name: string): 'write' | 'read' | undefined {
  if (WRITES.has(name)) return 'write';
  if (!READS.has(name)) return undefined;
  const fields = new ElementCursor(frame, bodyOffset(frame));
  const preference = fieldOf(fields, '$readPreference');
  while (preference?.next() === true) {
    if (preference.key === 'mode') return preference.string() === 'primary' ? 'read' : undefined;
  }
  return 'read';
}

const WRITES = new Set(
  (
    'insert update delete findAndModify findandmodify bulkWrite commitTransaction abortTransaction create ' +
    'createIndexes drop dropDatabase dropIndexes collMod renameCollection'
  ).split(' '),
);
const READS = new Set(['find', 'aggregate', 'count', 'distinct', 'listCollections', 'listIndexes']);

function shownLsid(frame: Buffer, type: number, valueAt: number, valueEnd: number): string | undefined {
  const at = valueAt + LSID_UUID_OFFSET;
  if (type !== BSON_TYPE.document || frame[valueAt + 4] !== BSON_TYPE.binary) return undefined;
  if (at + LSID_SHOWN_BYTES > valueEnd) return undefined;
  // As an int32: a larger number would be made anew for each look into the table.
  const number = frame.readInt32BE(at);
  const slot = number & (LSID_SLOTS - 1);
  if (LSID_NUMBERS[slot] !== number) {
    LSID_NUMBERS[slot] = number;
    LSID_TEXTS[slot] = undefined;
  }
  LSID_TEXTS[slot] ??= (number >>> 0).toString(16).padStart(8, '0');
  return LSID_TEXTS[slot];
}

function traceparentIn(frame: Buffer, at: number, valueEnd: number): string | undefined {
  const end = Math.min(valueEnd, at + COMMENT_READ_BYTES);
  return TRACEPARENT.exec(frame.toString('latin1', at, end))?.[0];
}
