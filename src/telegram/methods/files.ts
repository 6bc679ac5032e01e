import type { File } from '@grammyjs/types';
import { ApiError, badRequest } from '../api-error.js';
import type { StoredFile } from '../files/file-store.js';
import type { World } from '../world.js';
import type { Handlers } from './outcome.js';

/** A cloud server hands out files up to 20 MiB. */
const LARGEST_DOWNLOAD = 20 * 1024 * 1024;

export const FILE_METHODS: Handlers = {
  getFile: ({ world, params }) => {
    const file = findFile(world, params.get('file_id') ?? '');
    if (file.size > LARGEST_DOWNLOAD) throw badRequest('file is too big');
    return { result: fileResult(world, file) };
  },
};

export function fileResult(world: World, file: StoredFile): File {
  return {
    file_id: file.fileId,
    file_unique_id: file.fileUniqueId,
    file_size: file.size,
    file_path: world.files.pathOf(file),
  };
}

function findFile(world: World, fileId: string): StoredFile {
  if (fileId === '') throw badRequest('file_id not specified');
  try {
    return world.files.get(fileId);
  } catch (error) {
    if (error instanceof ApiError) throw badRequest('invalid file_id');
    throw error;
  }
}
