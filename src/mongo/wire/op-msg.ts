import { crc32c } from './crc32c.js';
import { HEADER_BYTES, OPCODE, readHeader, WireError, writeHeader } from './header.js';
import { readCString, readRawDocument } from './raw.js';

/** Flag bits of OP_MSG. A receiver must refuse unknown ones among the lower 16. */
export const MSG_FLAG = {
  checksumPresent: 1,
  /** Another message follows without a request: the sender of a request with it wants no reply. */
  moreToCome: 1 << 1,
  exhaustAllowed: 1 << 16,
} as const;

const REQUIRED_FLAGS = 0xffff;
const KNOWN_REQUIRED_FLAGS = MSG_FLAG.checksumPresent | MSG_FLAG.moreToCome;
const FLAGS_BYTES = 4;
const CHECKSUM_BYTES = 4;

/** Where the first section starts: its kind is this byte, the body of a kind-0 section the next. */
export const MSG_SECTIONS_OFFSET = HEADER_BYTES + FLAGS_BYTES;

/** A kind-1 section: documents that belong into an array field of the body. */
export interface DocumentSequence {
  readonly identifier: string;
  /** BSON documents as they came. */
  readonly documents: readonly Buffer[];
}

/** OP_MSG. The documents are BSON bytes: views of the message that was parsed. */
export interface OpMsg {
  readonly requestId: number;
  readonly responseTo: number;
  readonly flags: number;
  /** The one kind-0 section. */
  readonly body: Buffer;
  /** The kind-1 sections in their order. */
  readonly sequences: readonly DocumentSequence[];
}

/**
 * Takes a whole message apart.
 *
 * @throws WireError when it is malformed, has an unknown required flag or a wrong checksum.
 */
export function parseOpMsg(frame: Buffer): OpMsg {
  const header = readHeader(frame);
  if (header.opCode !== OPCODE.msg) throw new WireError(`Expected OP_MSG, got opcode ${header.opCode}`);
  if (header.messageLength !== frame.length) throw new WireError('The length of an OP_MSG is not its size');
  if (frame.length < MSG_SECTIONS_OFFSET + 1) throw new WireError('An OP_MSG has no section');
  const flags = frame.readUInt32LE(HEADER_BYTES);
  const unknown = flags & REQUIRED_FLAGS & ~KNOWN_REQUIRED_FLAGS;
  if (unknown !== 0) throw new WireError(`An OP_MSG has the unknown flag bits 0x${unknown.toString(16)}`);
  const end = checkedEnd(frame, flags);
  let body: Buffer | undefined;
  const sequences: DocumentSequence[] = [];
  for (let at = MSG_SECTIONS_OFFSET; at < end; ) {
    const kind = frame[at];
    at += 1;
    if (kind === 0) {
      if (body !== undefined) throw new WireError('An OP_MSG has two bodies');
      body = readRawDocument(frame, at, end);
      at += body.length;
    } else if (kind === 1) {
      const sequence = readSequence(frame, at, end);
      sequences.push(sequence.section);
      at = sequence.end;
    } else {
      throw new WireError(`An OP_MSG has a section of the unknown kind ${kind}`);
    }
  }
  if (body === undefined) throw new WireError('An OP_MSG has no body');
  return { requestId: header.requestId, responseTo: header.responseTo, flags, body, sequences };
}

function checkedEnd(frame: Buffer, flags: number): number {
  if ((flags & MSG_FLAG.checksumPresent) === 0) return frame.length;
  const end = frame.length - CHECKSUM_BYTES;
  if (end < MSG_SECTIONS_OFFSET || frame.readUInt32LE(end) !== crc32c(frame.subarray(0, end))) {
    throw new WireError('The checksum of an OP_MSG is wrong');
  }
  return end;
}

function readSequence(frame: Buffer, start: number, end: number): { section: DocumentSequence; end: number } {
  if (end - start < 4) throw new WireError('A document sequence is cut off');
  const size = frame.readInt32LE(start);
  const sectionEnd = start + size;
  if (size < 5 || sectionEnd > end) throw new WireError(`A document sequence says that it has ${size} bytes`);
  const name = readCString(frame, start + 4, sectionEnd);
  const documents: Buffer[] = [];
  for (let at = name.end; at < sectionEnd; ) {
    const document = readRawDocument(frame, at, sectionEnd);
    documents.push(document);
    at += document.length;
  }
  return { section: { identifier: name.value, documents }, end: sectionEnd };
}

/** What {@link encodeOpMsg} needs. Everything but the body may be left out. */
export interface OpMsgInput {
  readonly body: Uint8Array;
  readonly requestId?: number;
  readonly responseTo?: number;
  /** `checksumPresent` makes the checksum. */
  readonly flags?: number;
  readonly sequences?: readonly { readonly identifier: string; readonly documents: readonly Uint8Array[] }[];
}

/** Builds a whole message. */
export function encodeOpMsg(message: OpMsgInput): Buffer {
  const flags = message.flags ?? 0;
  const withChecksum = (flags & MSG_FLAG.checksumPresent) !== 0;
  const sections: Uint8Array[] = [Uint8Array.of(0), message.body];
  for (const { identifier, documents } of message.sequences ?? []) {
    const name = Buffer.from(`${identifier}\0`);
    const head = Buffer.alloc(5);
    head[0] = 1;
    head.writeInt32LE(4 + name.length + totalBytes(documents), 1);
    sections.push(head, name, ...documents);
  }
  const messageLength = MSG_SECTIONS_OFFSET + totalBytes(sections) + (withChecksum ? CHECKSUM_BYTES : 0);
  const frame = Buffer.allocUnsafe(messageLength);
  const { requestId = 0, responseTo = 0 } = message;
  writeHeader(frame, { messageLength, requestId, responseTo, opCode: OPCODE.msg });
  frame.writeUInt32LE(flags >>> 0, HEADER_BYTES);
  let at = MSG_SECTIONS_OFFSET;
  for (const part of sections) {
    frame.set(part, at);
    at += part.length;
  }
  if (withChecksum) frame.writeUInt32LE(crc32c(frame.subarray(0, at)), at);
  return frame;
}

function totalBytes(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
