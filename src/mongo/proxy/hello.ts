import { serialize } from 'bson';
import { HEADER_BYTES, OPCODE, readHeader, writeHeader } from '../wire/header.js';
import { MSG_FLAG } from '../wire/op-msg.js';
import { REPLY_DOCUMENTS_OFFSET } from '../wire/op-query.js';
import { ElementCursor } from './element-cursor.js';
import { bodyOffset } from './request.js';

/**
 * Keys of a hello reply that do not pass the proxy. Without `topologyVersion` drivers poll instead of
 * awaiting changes, without `compression` they never compress. Other members of the set are unknown here.
 */
const REMOVED = new Set(['topologyVersion', 'compression', 'passives', 'arbiters']);

/**
 * The reply to a hello with the proxy in the place of the server: else a replica-set driver would take
 * the real address from it and go round the proxy. All other elements stay byte for byte.
 *
 * @param proxyAddress `host:port` of the proxy
 * @throws WireError when the reply is malformed
 */
export function rewriteHello(frame: Buffer, proxyAddress: string): Buffer {
  const { opCode } = readHeader(frame);
  const offset = opCode === OPCODE.reply ? REPLY_DOCUMENTS_OFFSET : bodyOffset(frame);
  const head = Buffer.from(frame.subarray(0, offset));
  const document = rewriteDocument(frame, offset, proxyAddress);
  const header = readHeader(head);
  writeHeader(head, { ...header, messageLength: head.length + document.length });
  if (opCode === OPCODE.msg)
    head.writeUInt32LE((head.readUInt32LE(HEADER_BYTES) & ~MSG_FLAG.checksumPresent) >>> 0, HEADER_BYTES);
  return Buffer.concat([head, document]);
}

function rewriteDocument(frame: Buffer, offset: number, proxyAddress: string): Buffer {
  const me = stringAt(frame, offset, 'me');
  const parts: Uint8Array[] = [];
  const cursor = new ElementCursor(frame, offset);
  while (cursor.next()) {
    if (cursor.key === 'hosts') parts.push(element('hosts', [proxyAddress]));
    else if (cursor.key === 'me') parts.push(element('me', proxyAddress));
    else if (cursor.key === 'primary') {
      // With directConnection the server may be a secondary; its primary is not behind this proxy.
      if (cursor.string() === me) parts.push(element('primary', proxyAddress));
    } else if (!REMOVED.has(cursor.key)) parts.push(frame.subarray(cursor.start, cursor.end));
  }
  const size = parts.reduce((sum, part) => sum + part.length, 0) + 5;
  const length = Buffer.alloc(4);
  length.writeInt32LE(size);
  return Buffer.concat([length, ...parts, Buffer.alloc(1)], size);
}

function stringAt(frame: Buffer, offset: number, key: string): string | undefined {
  const cursor = new ElementCursor(frame, offset);
  while (cursor.next()) if (cursor.key === key) return cursor.string();
  return undefined;
}

/** The bytes of one element: those of a document with only this key, without its length and end. */
function element(key: string, value: unknown): Uint8Array {
  return serialize({ [key]: value }).subarray(4, -1);
}
