import { createHash } from 'node:crypto';
import { type Random, randomInteger } from '../../base/random.js';
import { badRequest } from '../api-error.js';

/** Kinds of files, with the number that opens their file_id. */
export const FILE_KINDS = {
  photo: { code: 2, folder: 'photos', label: 'Photo', extension: 'jpg' },
  voice: { code: 3, folder: 'voice', label: 'Voice', extension: 'oga' },
  video: { code: 4, folder: 'videos', label: 'Video', extension: 'mp4' },
  document: { code: 5, folder: 'documents', label: 'Document', extension: 'bin' },
  sticker: { code: 8, folder: 'stickers', label: 'Sticker', extension: 'webp' },
  audio: { code: 9, folder: 'music', label: 'Audio', extension: 'mp3' },
  animation: { code: 10, folder: 'animations', label: 'Animation', extension: 'mp4' },
  video_note: { code: 13, folder: 'video_notes', label: 'VideoNote', extension: 'mp4' },
} as const;

export type FileKind = keyof typeof FILE_KINDS;

/** Last byte of every file_id: the version of its format. Older versions are still read. */
const FORMAT_VERSION = 4;
const READABLE_VERSIONS: readonly number[] = [2, 3, FORMAT_VERSION];
const SUB_VERSION = 57;
/** What real ids have behind the code of their kind, so that they open alike. */
const OPENING = [0, 2, 2, 2, 0, 3, 25];
const RANDOM_BYTES = 40;

/** A new file_id that opens like a real one of this kind (`AgACAgIAAxk…` for photos). */
export function makeFileId(kind: FileKind, random: Random): string {
  const bytes: number[] = [FILE_KINDS[kind].code, ...OPENING];
  for (let i = 0; i < RANDOM_BYTES; i += 1) bytes.push(randomInteger(random, 1, 255));
  bytes.push(SUB_VERSION, FORMAT_VERSION);
  return Buffer.from(bytes).toString('base64url');
}

/** The same content has the same unique id, whoever sends it however often. */
export function uniqueIdOf(kind: FileKind, identity: string): string {
  const digest = createHash('sha256').update(`${kind}\u0000${identity}`).digest();
  return `${kind === 'photo' ? 'AQAD' : 'AgAD'}${digest.toString('base64url').slice(0, 12)}`;
}

/**
 * Is this the form of a file_id? Returns the kind that it says it is of, if that is one of the known ones.
 * @throws ApiError `wrong remote file identifier specified: …`
 */
export function checkFileId(text: string): FileKind | undefined {
  const bytes = decode(text);
  const version = bytes.at(-1);
  if (version === undefined || !READABLE_VERSIONS.includes(version)) {
    throw wrong("can't unserialize it. Wrong last symbol");
  }
  const kinds = Object.keys(FILE_KINDS) as FileKind[];
  return kinds.find((kind) => FILE_KINDS[kind].code === bytes[0]);
}

function decode(text: string): Buffer {
  const body = text.replace(/=+$/, '');
  const padding = text.length - body.length;
  if (padding >= 3 || (padding > 0 && text.length % 4 !== 0)) throw wrong('Wrong string padding');
  if (body.length % 4 === 1) throw wrong('Wrong string length');
  if (!/^[A-Za-z0-9_-]*$/.test(body)) throw wrong('Wrong character in the string');
  const bytes = Buffer.from(body, 'base64url');
  if (bytes.toString('base64url') !== body) throw wrong('Wrong padding in the string');
  return bytes;
}

function wrong(why: string): Error {
  return badRequest(`wrong remote file identifier specified: ${why}`);
}
