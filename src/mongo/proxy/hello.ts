import { serialize } from 'bson';
import { HEADER_BYTES, OPCODE, readHeader, writeHeader } from '../wire/header.js';
import { MSG_FLAG } from '../wire/op-msg.js';
import { REPLY_DOCUMENTS_OFFSET } from '../wire/op-query.js';
import { readCString } from '../wire/raw.js';
import { ElementCursor } from './element-cursor.js';
import { bodyOffset } from './request.js';

/**
 * Keys of a hello reply that do not pass the proxy. Without `topologyVersion` drivers poll instead of
 * awaiting changes, without `compression` they never compress.
 */
const REMOVED = new Set(['topologyVersion', 'compression']);

/** How a replica set looks from in front of the proxy. */
export interface SetView {
  /** `host:port` of the proxy that stands for this member; `undefined` for a member that it does not stand for. */
  addressOf(member: string): string | undefined;
  /** True while a fault has it that nobody is primary. */
  readonly isElecting: boolean;
}

/**
 * The reply to a hello with the proxy in the place of the servers: else a replica-set driver would take
 * the real addresses from it and go round the proxy. All other elements stay byte for byte.
 *
 * @throws WireError when the reply is malformed
 */
export function rewriteHello(frame: Buffer, view: SetView): Buffer {
  const { opCode } = readHeader(frame);
  const offset = opCode === OPCODE.reply ? REPLY_DOCUMENTS_OFFSET : bodyOffset(frame);
  const head = Buffer.from(frame.subarray(0, offset));
  const document = rewriteDocument(frame, offset, view);
  const header = readHeader(head);
  writeHeader(head, { ...header, messageLength: head.length + document.length });
  if (opCode === OPCODE.msg)
    head.writeUInt32LE((head.readUInt32LE(HEADER_BYTES) & ~MSG_FLAG.checksumPresent) >>> 0, HEADER_BYTES);
  return Buffer.concat([head, document]);
}

function rewriteDocument(frame: Buffer, offset: number, view: SetView): Buffer {
  const isElecting = view.isElecting && isOfSet(frame, offset);
  const parts: Uint8Array[] = [];
  const cursor = new ElementCursor(frame, offset);
  while (cursor.next()) {
    const bytes = rewrittenElement(frame, cursor, view, isElecting);
    if (bytes !== undefined) parts.push(bytes);
  }
  const size = parts.reduce((sum, part) => sum + part.length, 0) + 5;
  const length = Buffer.alloc(4);
  length.writeInt32LE(size);
  return Buffer.concat([length, ...parts, Buffer.alloc(1)], size);
}

/** The element as it goes to the client; `undefined` when it does not. */
function rewrittenElement(
  frame: Buffer,
  cursor: ElementCursor,
  view: SetView,
  isElecting: boolean,
): Uint8Array | undefined {
  const { key } = cursor;
  switch (key) {
    case 'hosts':
    case 'passives':
    case 'arbiters': {
      const addresses = stringsIn(cursor).flatMap((member) => view.addressOf(member) ?? []);
      // A list without a member of ours says nothing that a driver could use.
      return addresses.length === 0 ? undefined : element(key, addresses);
    }
    case 'me':
    case 'primary': {
      if (key === 'primary' && isElecting) return undefined;
      const address = view.addressOf(cursor.string() ?? '');
      return address === undefined ? undefined : element(key, address);
    }
    case 'isWritablePrimary':
    case 'ismaster':
      return isElecting ? element(key, false) : frame.subarray(cursor.start, cursor.end);
    case 'secondary':
      // The one that was primary is a secondary now; the others are what they were, unless they are arbiters.
      return isElecting ? element(key, true) : frame.subarray(cursor.start, cursor.end);
    default:
      return REMOVED.has(key) ? undefined : frame.subarray(cursor.start, cursor.end);
  }
}

/** True for a data-bearing member of a replica set. */
function isOfSet(frame: Buffer, offset: number): boolean {
  const cursor = new ElementCursor(frame, offset);
  let isMember = false;
  while (cursor.next()) {
    if (cursor.key === 'setName') isMember = true;
    if (cursor.key === 'arbiterOnly' && cursor.truth()) return false;
  }
  return isMember;
}

function stringsIn(list: ElementCursor): string[] {
  const items = list.inside();
  const strings: string[] = [];
  while (items?.next() === true) strings.push(items.string() ?? '');
  return strings;
}

/** The `appName` of a client, from the first hello on its connection. @throws WireError when it is malformed. */
export function readAppName(frame: Buffer): string | undefined {
  const { opCode } = readHeader(frame);
  const offset = opCode === OPCODE.query ? readCString(frame, HEADER_BYTES + 4).end + 8 : bodyOffset(frame);
  let fields: ElementCursor | undefined = new ElementCursor(frame, offset);
  for (const key of ['client', 'application']) {
    while (fields.next() && fields.key !== key);
    const inner: ElementCursor | undefined = fields.start < fields.end ? fields.inside() : undefined;
    if (inner === undefined || fields.key !== key) return undefined;
    fields = inner;
  }
  while (fields.next()) if (fields.key === 'name') return fields.string();
  return undefined;
}

/** The bytes of one element: those of a document with only this key, without its length and end. */
function element(key: string, value: unknown): Uint8Array {
  return serialize({ [key]: value }).subarray(4, -1);
}
