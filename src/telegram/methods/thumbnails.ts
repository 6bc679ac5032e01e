import type { PhotoSize } from '@grammyjs/types';
import { uploadFor } from '../files/attached.js';
import type { FileKind } from '../files/file-id.js';
import { isObject, type JsonObject } from '../json-fields.js';
import type { MethodContext } from './outcome.js';
import type { MessageFields } from './send.js';

/** Kinds of files that the bot may give a thumbnail for. */
const WITH_THUMBNAIL: ReadonlySet<FileKind> = new Set([
  'audio',
  'document',
  'video',
  'animation',
  'video_note',
]);
const SIDE = 320;

/** The file with the thumbnail that was uploaded for it. Its old name is there too (Client.cpp:16691). */
export function withThumbnail(
  { world, params, files }: MethodContext,
  kind: FileKind,
  content: MessageFields,
): MessageFields {
  if (!WITH_THUMBNAIL.has(kind)) return content;
  // Thumbnails are accepted as uploads only.
  const upload = uploadFor(params, files, 'thumbnail') ?? uploadFor(params, files, 'thumb');
  if (upload === undefined || upload.size === 0) return content;
  const stored = world.files.add('photo', {
    identity: upload.hash,
    size: upload.size,
    folder: 'thumbnails',
    ...(upload.content === undefined ? {} : { content: upload.content }),
  });
  const thumbnail: PhotoSize = {
    file_id: stored.fileId,
    file_unique_id: stored.fileUniqueId,
    file_size: stored.size,
    width: SIDE,
    height: SIDE,
  };
  const result: Record<string, unknown> = { ...content };
  // An animation is there as a document too.
  for (const field of [kind, 'document']) {
    const file = result[field];
    if (isObject(file)) result[field] = beforeIds(file, { thumbnail, thumb: thumbnail });
  }
  return result as MessageFields;
}

function beforeIds(file: JsonObject, added: JsonObject): JsonObject {
  const { file_id, file_unique_id, file_size, ...rest } = file;
  return { ...rest, ...added, file_id, file_unique_id, file_size };
}
