import { isObject, type JsonObject } from '../json-fields.js';
import { FILE_KINDS, type FileKind } from './file-id.js';
import type { FileStore } from './file-store.js';

/** Files that a person sends come with ids of their own, which the bot may ask for later. */
export function adoptFiles(files: FileStore, message: JsonObject): void {
  for (const kind of Object.keys(FILE_KINDS) as FileKind[]) {
    const media = message[kind];
    if (media === undefined) continue;
    for (const file of Array.isArray(media) ? media : [media]) {
      if (!isObject(file) || typeof file.file_id !== 'string') continue;
      files.adopt(kind, file.file_id, {
        ...(typeof file.file_unique_id === 'string' ? { fileUniqueId: file.file_unique_id } : {}),
        ...(typeof file.file_size === 'number' ? { size: file.file_size } : {}),
        ...(typeof file.file_name === 'string' ? { fileName: file.file_name } : {}),
      });
    }
  }
}
