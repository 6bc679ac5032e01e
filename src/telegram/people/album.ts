import type { JsonObject } from '../json-fields.js';
import type { MessageFields } from '../methods/send.js';
import type { World } from '../world.js';
import { type AudioInput, type FileInput, fileFields, type PhotoInput, type VideoInput } from './files.js';
import { impossible } from './impossible.js';
import type { CaptionOptions } from './messages.js';

/** One file of an album: exactly one of the kinds, and its caption. */
export type AlbumItem = Pick<CaptionOptions, 'caption' | 'entities' | 'spoiler'> &
  (
    | { readonly photo: PhotoInput }
    | { readonly video: VideoInput }
    | { readonly audio: AudioInput }
    | { readonly document: FileInput }
  );

/** The kinds that can replace a file in an edit. */
export type EditedMedia = AlbumItem | { readonly animation: VideoInput; readonly caption?: string };

const ALBUM_KINDS = ['photo', 'video', 'audio', 'document', 'animation'] as const;
const MOST_IN_ALBUM = 10;

/** Photos and videos go together; audio files and documents only with their like. @throws SendtwiceError */
export function checkAlbum(items: readonly AlbumItem[]): void {
  if (items.length < 2 || items.length > MOST_IN_ALBUM) {
    throw impossible(`${items.length} files make no album`, 'An album has 2 to 10 files.');
  }
  const kinds = new Set(items.map(kindOf));
  for (const alone of ['audio', 'document'] as const) {
    if (kinds.has(alone) && kinds.size > 1) {
      throw impossible(
        `${[...kinds].join(' and ')} cannot be in one album`,
        `Put ${alone}s with ${alone}s only.`,
      );
    }
  }
}

/** Has the message a file that an edit can replace? */
export function canReplaceFile(message: JsonObject): boolean {
  return ALBUM_KINDS.some((kind) => message[kind] !== undefined);
}

function kindOf(item: EditedMedia): (typeof ALBUM_KINDS)[number] {
  const kind = ALBUM_KINDS.find((name) => name in item);
  if (kind === undefined)
    throw impossible('there is no file in this', `Give one of ${ALBUM_KINDS.join(', ')}.`);
  return kind;
}

/** The file's fields of a message. */
export function mediaOf(world: World, item: EditedMedia): MessageFields {
  const kind = kindOf(item);
  return fileFields(world, kind, (item as Readonly<Record<string, FileInput>>)[kind] ?? {});
}
