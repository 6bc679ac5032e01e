import { HEADER_BYTES, OPCODE, readHeader, WireError, writeHeader } from './header.js';
import { readCString, readRawDocument } from './raw.js';

/** OP_QUERY. Since MongoDB 5.1 it lives on for the first `hello` of a connection only. */
export interface OpQuery {
  readonly requestId: number;
  readonly flags: number;
  /** `database.$cmd` for a command. */
  readonly namespace: string;
  readonly numberToSkip: number;
  readonly numberToReturn: number;
  readonly query: Buffer;
}

/** @throws WireError when the message is malformed. */
export function parseOpQuery(frame: Buffer): OpQuery {
  const header = readHeader(frame);
  if (header.opCode !== OPCODE.query) throw new WireError(`Expected OP_QUERY, got opcode ${header.opCode}`);
  if (header.messageLength !== frame.length) throw new WireError('The length of an OP_QUERY is not its size');
  if (frame.length < HEADER_BYTES + 4) throw new WireError('An OP_QUERY is cut off');
  const namespace = readCString(frame, HEADER_BYTES + 4);
  if (frame.length < namespace.end + 8) throw new WireError('An OP_QUERY is cut off');
  return {
    requestId: header.requestId,
    flags: frame.readInt32LE(HEADER_BYTES),
    namespace: namespace.value,
    numberToSkip: frame.readInt32LE(namespace.end),
    numberToReturn: frame.readInt32LE(namespace.end + 4),
    query: readRawDocument(frame, namespace.end + 8),
  };
}

/** Builds a command in the old form. */
export function encodeOpQuery(message: {
  readonly requestId: number;
  readonly namespace: string;
  readonly query: Uint8Array;
}): Buffer {
  const namespace = Buffer.from(`${message.namespace}\0`);
  const messageLength = HEADER_BYTES + 4 + namespace.length + 8 + message.query.length;
  const frame = Buffer.alloc(messageLength);
  writeHeader(frame, { messageLength, requestId: message.requestId, responseTo: 0, opCode: OPCODE.query });
  let at = HEADER_BYTES + 4;
  frame.set(namespace, at);
  at += namespace.length;
  frame.writeInt32LE(-1, at + 4);
  frame.set(message.query, at + 8);
  return frame;
}

/** Flags (4), cursor id (8), starting from (4), number returned (4). */
const REPLY_FIELDS_BYTES = 20;

/** Where the first document of an OP_REPLY starts. */
export const REPLY_DOCUMENTS_OFFSET = HEADER_BYTES + REPLY_FIELDS_BYTES;

/** OP_REPLY: the answer to OP_QUERY. */
export interface OpReply {
  readonly requestId: number;
  readonly responseTo: number;
  readonly flags: number;
  readonly documents: readonly Buffer[];
}

/** @throws WireError when the message is malformed. */
export function parseOpReply(frame: Buffer): OpReply {
  const header = readHeader(frame);
  if (header.opCode !== OPCODE.reply) throw new WireError(`Expected OP_REPLY, got opcode ${header.opCode}`);
  if (header.messageLength !== frame.length) throw new WireError('The length of an OP_REPLY is not its size');
  if (frame.length < REPLY_DOCUMENTS_OFFSET) throw new WireError('An OP_REPLY is cut off');
  const documents: Buffer[] = [];
  for (let at = REPLY_DOCUMENTS_OFFSET; at < frame.length; ) {
    const document = readRawDocument(frame, at);
    documents.push(document);
    at += document.length;
  }
  const { requestId, responseTo } = header;
  return { requestId, responseTo, flags: frame.readInt32LE(HEADER_BYTES), documents };
}

/** The server can await data: every server since 1.6 says so. */
const AWAIT_CAPABLE = 8;

/** Builds an answer with one document. */
export function encodeOpReply(message: {
  readonly requestId: number;
  readonly responseTo: number;
  readonly document: Uint8Array;
  readonly flags?: number;
}): Buffer {
  const messageLength = REPLY_DOCUMENTS_OFFSET + message.document.length;
  const frame = Buffer.alloc(messageLength);
  const { requestId, responseTo } = message;
  writeHeader(frame, { messageLength, requestId, responseTo, opCode: OPCODE.reply });
  frame.writeInt32LE(message.flags ?? AWAIT_CAPABLE, HEADER_BYTES);
  frame.writeInt32LE(1, HEADER_BYTES + 16);
  frame.set(message.document, REPLY_DOCUMENTS_OFFSET);
  return frame;
}
