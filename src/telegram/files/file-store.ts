import type { Random } from '../../base/random.js';
import { checkFileId, FILE_KINDS, type FileKind, makeFileId, uniqueIdOf } from './file-id.js';

/** A made-up file is not longer than this when it is downloaded, whatever its size. */
const LONGEST_FILLER = 1024 * 1024;

/** Content beyond this is forgotten, oldest file first; its size and identity stay. */
const KEPT_CONTENT_BYTES = 64 * 1024 * 1024;
const KEPT_FILES = 100_000;
/** Stands for the size of a file whose content was never here. */
const UNKNOWN_SIZE = 20_480;

export interface StoredFile {
  readonly fileId: string;
  readonly fileUniqueId: string;
  readonly kind: FileKind;
  readonly size: number;
  readonly fileName?: string;
  readonly mimeType?: string;
  /** Where it is downloaded from, when that is not the folder of its kind. */
  readonly folder?: string;
  /** Set when getFile was first asked for it. */
  path?: string;
  content?: Buffer;
  /** Has bytes of its size when it is downloaded, which say nothing. */
  readonly isMadeUp?: boolean;
  /** Made when the photo is first sent, and the same ever after. */
  smaller?: readonly StoredFile[];
}

export interface NewFile {
  /** What tells this content from other content: its hash, or where it came from. */
  readonly identity: string;
  readonly size?: number;
  readonly fileName?: string;
  readonly mimeType?: string;
  readonly folder?: 'thumbnails' | 'profile_photos';
  readonly content?: Buffer;
  readonly isMadeUp?: boolean;
}

/** The files one bot has sent or was sent. */
export class FileStore {
  readonly #random: Random;
  readonly #byId = new Map<string, StoredFile>();
  readonly #byPath = new Map<string, StoredFile>();
  readonly #withContent = new Set<StoredFile>();
  #contentBytes = 0;
  #paths = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  add(kind: FileKind, file: NewFile): StoredFile {
    const { identity, size, ...rest } = file;
    return this.#keep({
      fileId: makeFileId(kind, this.#random),
      fileUniqueId: uniqueIdOf(kind, identity),
      kind,
      size: size ?? UNKNOWN_SIZE,
      ...rest,
    });
  }

  /**
   * The file with this id. A well-formed id from elsewhere (a recording, a production bot) is taken for a
   * file that exists.
   * @throws ApiError when it cannot be a file_id.
   */
  get(fileId: string): StoredFile {
    const known = this.#byId.get(fileId);
    if (known !== undefined) return known;
    return this.adopt(checkFileId(fileId) ?? 'document', fileId, {});
  }

  /** A file from elsewhere, by the id that it has there. */
  adopt(
    kind: FileKind,
    fileId: string,
    known: Partial<Pick<StoredFile, 'fileUniqueId' | 'size' | 'fileName'>>,
  ): StoredFile {
    return (
      this.#byId.get(fileId) ??
      this.#keep({ fileId, fileUniqueId: uniqueIdOf(kind, fileId), kind, size: UNKNOWN_SIZE, ...known })
    );
  }

  /** Where getFile says that it can be downloaded: `photos/file_0.jpg`. */
  pathOf(file: StoredFile): string {
    if (file.path === undefined) {
      const { folder: usual, extension } = FILE_KINDS[file.kind];
      const folder = file.folder ?? usual;
      const named = /\.([A-Za-z0-9]{1,8})$/.exec(file.fileName ?? '')?.[1];
      file.path = `${folder}/file_${this.#paths}.${file.kind === 'photo' ? extension : (named ?? extension)}`;
      this.#paths += 1;
      this.#byPath.set(file.path, file);
    }
    return file.path;
  }

  /** The content behind a path; a few words in its place when it was not kept. */
  read(path: string): Buffer | undefined {
    const file = this.#byPath.get(path);
    if (file === undefined) return undefined;
    if (file.content === undefined && file.isMadeUp === true) return fillerOf(file);
    return file.content ?? Buffer.from(`The content of ${file.fileUniqueId} is not known to this server.\n`);
  }

  #keep(file: StoredFile): StoredFile {
    this.#byId.set(file.fileId, file);
    if (file.content !== undefined) {
      this.#withContent.add(file);
      this.#contentBytes += file.content.length;
    }
    for (const oldest of this.#withContent) {
      if (this.#contentBytes <= KEPT_CONTENT_BYTES) break;
      this.#dropContent(oldest);
    }
    for (const oldest of this.#byId.values()) {
      if (this.#byId.size <= KEPT_FILES) break;
      this.#byId.delete(oldest.fileId);
      if (oldest.path !== undefined) this.#byPath.delete(oldest.path);
      this.#dropContent(oldest);
    }
    return file;
  }

  #dropContent(file: StoredFile): void {
    if (!this.#withContent.delete(file)) return;
    this.#contentBytes -= file.content?.length ?? 0;
    delete file.content;
  }
}

/** The same bytes each time, and others for another file. */
function fillerOf({ fileUniqueId, size }: StoredFile): Buffer {
  return Buffer.alloc(Math.min(size, LONGEST_FILLER), `${fileUniqueId}\n`);
}
