import { createHash } from 'node:crypto';
import type { PhotoSize } from '@grammyjs/types';
import type { FileKind } from '../files/file-id.js';
import type { StoredFile } from '../files/file-store.js';
import { mediaContent } from '../methods/media.js';
import type { MessageFields } from '../methods/send.js';
import type { World } from '../world.js';

/** A file that a person sends. It is made up: only what is told about it is known, and its content if given. */
export interface FileInput {
  /** As the bot gets it in `file_name`. Photos, voice and video notes and stickers have none. */
  readonly name?: string;
  /** Bytes. Default: those of the content, else 20,480. */
  readonly size?: number;
  readonly mimeType?: string;
  /** What the bot downloads; kept up to 64 MiB for all files together. */
  readonly content?: Uint8Array | string;
}

/** Pixels. Default 1280 x 960. */
export interface PhotoInput extends FileInput {
  readonly width?: number;
  readonly height?: number;
}

/** Pixels and whole seconds. */
export interface VideoInput extends PhotoInput {
  readonly duration?: number;
}

export interface AudioInput extends FileInput {
  readonly duration?: number;
  readonly title?: string;
  readonly performer?: string;
}

export interface VoiceInput extends FileInput {
  readonly duration?: number;
}

export interface VideoNoteInput extends VoiceInput {
  /** Diameter in pixels. Default 240. */
  readonly length?: number;
}

export interface StickerInput extends FileInput {
  readonly emoji?: string;
  readonly setName?: string;
  readonly format?: 'static' | 'animated' | 'video';
}

/** Each kind with what can be told about it. */
export interface MediaInputs {
  readonly photo: PhotoInput;
  readonly video: VideoInput;
  readonly animation: VideoInput;
  readonly audio: AudioInput;
  readonly voice: VoiceInput;
  readonly video_note: VideoNoteInput;
  readonly document: FileInput;
  readonly sticker: StickerInput;
}

const DEFAULT_TYPES: Readonly<Partial<Record<FileKind, string>>> = {
  video: 'video/mp4',
  animation: 'video/mp4',
  audio: 'audio/mpeg',
  voice: 'audio/ogg',
};

/** A photo comes in all of these that are not larger than itself (longer side in pixels). */
const PHOTO_SIDES = [90, 320, 800, 1280];
/** Bytes a pixel of a JPEG takes; only the order of the sizes matters. */
const SMALLER_SHARE = 0.35;

/** The fields of a message that hold the file. */
export function fileFields<K extends keyof MediaInputs>(
  world: World,
  kind: K,
  input: MediaInputs[K],
): MessageFields {
  const file = store(world, kind, input);
  if (kind === 'photo') return { photo: photoSizes(world, file, input) };
  const made = mediaContent(world, kind, file);
  const about = told(kind, input);
  const field = withTold((made as Readonly<Record<string, object>>)[kind] ?? {}, about);
  if (kind === 'animation') return { animation: field, document: asDocument(field) } as MessageFields;
  return { [kind]: field } as MessageFields;
}

/** The same file (by content, else by name and size) has the same `file_unique_id`, whoever sends it. */
function store(world: World, kind: FileKind, input: FileInput): StoredFile {
  const { name, mimeType, content } = input;
  const bytes = content === undefined ? undefined : Buffer.from(content);
  const size = input.size ?? bytes?.length ?? 20_480;
  const identity =
    bytes === undefined ? `${name ?? ''} ${size}` : createHash('sha256').update(bytes).digest('hex');
  const type = mimeType ?? DEFAULT_TYPES[kind];
  const isNamed = kind !== 'photo' && kind !== 'voice' && kind !== 'video_note' && kind !== 'sticker';
  return world.files.add(kind, {
    identity,
    size,
    ...(name === undefined || !isNamed ? {} : { fileName: name }),
    ...(type === undefined ? {} : { mimeType: type }),
    ...(bytes === undefined ? { isMadeUp: true } : { content: bytes }),
  });
}

function photoSizes(world: World, file: StoredFile, input: PhotoInput): PhotoSize[] {
  const { width = 1280, height = 960 } = input;
  const longer = Math.max(width, height, 1);
  const sides = PHOTO_SIDES.filter((side) => side < longer);
  const smaller = sides.map((side): PhotoSize => {
    const share = side / longer;
    const made = world.files.add('photo', {
      identity: `${file.fileUniqueId} ${side}`,
      size: Math.max(1, Math.round(file.size * share * SMALLER_SHARE)),
      isMadeUp: true,
    });
    return photoSize(made, Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share)));
  });
  return [...smaller, photoSize(file, width, height)];
}

function photoSize(file: StoredFile, width: number, height: number): PhotoSize {
  return {
    file_id: file.fileId,
    file_unique_id: file.fileUniqueId,
    file_size: file.size,
    width,
    height,
  };
}

/** What the person told, in the words of the Bot API. */
function told(kind: FileKind, input: FileInput): Readonly<Record<string, unknown>> {
  const all = input as VideoInput & AudioInput & VideoNoteInput & StickerInput;
  const { duration, width, height, length, title, performer, emoji, setName, format } = all;
  const given = {
    duration,
    width,
    height,
    length,
    title,
    performer,
    emoji,
    set_name: setName,
    ...(kind === 'sticker' && format !== undefined
      ? { is_animated: format === 'animated', is_video: format === 'video' }
      : {}),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Fields that stand in front of what is new about a file of this kind. */
const BEFORE_NEW: ReadonlySet<string> = new Set([
  'duration',
  'width',
  'height',
  'length',
  'file_name',
  'mime_type',
]);

/** What is told replaces what was made up; what is not there yet comes at its official place. */
function withTold(made: object, about: Readonly<Record<string, unknown>>): object {
  const result: Record<string, unknown> = {};
  let pending = true;
  const addNew = (): void => {
    if (pending) for (const [key, value] of Object.entries(about)) if (!(key in made)) result[key] = value;
    pending = false;
  };
  for (const [key, value] of Object.entries(made)) {
    if (!BEFORE_NEW.has(key)) addNew();
    result[key] = key in about ? about[key] : value;
  }
  addNew();
  return result;
}

/** The same animation, as bots know it that are older than animations (Client.cpp:1865). */
function asDocument(animation: object): object {
  const { duration: _, width: __, height: ___, ...document } = animation as Readonly<Record<string, unknown>>;
  return document;
}
