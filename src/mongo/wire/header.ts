/** What the wire protocol calls its messages. Everything else is refused. */
export const OPCODE = {
  reply: 1,
  query: 2004,
  compressed: 2012,
  msg: 2013,
} as const;

/** Every message starts with four int32: its length, its id, the id it answers, its opcode. */
export const HEADER_BYTES = 16;

/** `maxBsonObjectSize` of every server there is. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** `maxMessageSizeBytes` of every server, and room for what a driver puts around it. */
export const MAX_MESSAGE_BYTES = 48_000_000 + 16 * 1024;

export interface MessageHeader {
  /** All bytes of the message, the header included. */
  readonly messageLength: number;
  readonly requestId: number;
  /** `requestId` of the message that this one answers, 0 in a request. */
  readonly responseTo: number;
  readonly opCode: number;
}

/** The bytes are not a message of the MongoDB wire protocol, or one out of bounds. The connection is lost. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** Reads the length of a message and refuses one that cannot be true. */
export function readMessageLength(bytes: Buffer, offset = 0): number {
  const length = bytes.readInt32LE(offset);
  if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
    throw new WireError(
      `A message says that it is ${length} bytes long; it must be ${HEADER_BYTES} to ${MAX_MESSAGE_BYTES}`,
    );
  }
  return length;
}

export function readHeader(bytes: Buffer, offset = 0): MessageHeader {
  if (bytes.length - offset < HEADER_BYTES) {
    throw new WireError(`A message header needs ${HEADER_BYTES} bytes, there are ${bytes.length - offset}`);
  }
  return {
    messageLength: readMessageLength(bytes, offset),
    requestId: bytes.readInt32LE(offset + 4),
    responseTo: bytes.readInt32LE(offset + 8),
    opCode: bytes.readInt32LE(offset + 12),
  };
}

export function writeHeader(bytes: Buffer, header: MessageHeader, offset = 0): void {
  bytes.writeInt32LE(header.messageLength, offset);
  bytes.writeInt32LE(header.requestId, offset + 4);
  bytes.writeInt32LE(header.responseTo, offset + 8);
  bytes.writeInt32LE(header.opCode, offset + 12);
}
