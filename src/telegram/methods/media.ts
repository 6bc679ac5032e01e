import type { PhotoSize } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { Files, Params, UploadedFile } from '../contracts.js';
import { FILE_KINDS, type FileKind } from '../files/file-id.js';
import type { StoredFile } from '../files/file-store.js';
import type { World } from '../world.js';
import type { Handler, Handlers } from './outcome.js';
import { findDestination, type MessageFields, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';
import { captionContent, finishCaption, readCaption } from './texts.js';

const LARGEST_PHOTO = 10 * 1024 * 1024;

export const MEDIA_METHODS: Handlers = {
  sendPhoto: mediaHandler('photo'),
  sendDocument: mediaHandler('document'),
  sendVideo: mediaHandler('video'),
  sendAnimation: mediaHandler('animation'),
  sendAudio: mediaHandler('audio'),
  sendVoice: mediaHandler('voice'),
  sendVideoNote: mediaHandler('video_note'),
  sendSticker: mediaHandler('sticker'),
};

function mediaHandler(kind: FileKind): Handler {
  return (context) => {
    const { world, params } = context;
    const input = readInput(params, context.files, kind);
    const source = readCaption(params);
    const options = readSendOptions(params);
    const to = findDestination(context, options);
    const file = storeInput(world, input, kind);
    const caption = finishCaption(world, source);
    return sendContent(context, to, { ...mediaContent(world, kind, file), ...captionContent(caption) });
  };
}

/** A file as it was given: uploaded, or as a file_id or URL. */
export type Input = { readonly upload: UploadedFile } | { readonly text: string };

/** @throws ApiError `there is no photo in the request` */
export function readInput(params: Params, files: Files, kind: FileKind): Input {
  const given = params.get(kind) ?? '';
  const attached = given.startsWith('attach://') ? files.get(given.slice('attach://'.length)) : undefined;
  const upload = attached ?? (given === '' ? files.get(kind) : undefined);
  if (upload !== undefined) return { upload };
  if (given === '' || given.startsWith('attach://')) {
    throw badRequest(`there is no ${kind.replace('_', ' ')} in the request`);
  }
  return { text: given };
}

/** @throws ApiError for files that cannot be used as this kind */
export function storeInput(world: World, input: Input, kind: FileKind): StoredFile {
  if ('upload' in input) return storeUpload(world, input.upload, kind);
  const { text } = input;
  // The official server tells the two apart by the dot.
  if (text.includes('.')) return storeUrl(world, text, kind);
  const file = world.files.get(text);
  if (file.kind !== kind && (kind === 'photo' || file.kind === 'photo')) {
    throw badRequest(`can't use file of type ${FILE_KINDS[file.kind].label} as ${FILE_KINDS[kind].label}`);
  }
  return file;
}

function storeUpload(world: World, upload: UploadedFile, kind: FileKind): StoredFile {
  if (upload.size === 0) throw badRequest('file must be non-empty');
  if (kind === 'photo' && upload.size > LARGEST_PHOTO) {
    throw badRequest(
      `file of size ${upload.size} bytes is too big for a photo; the maximum size is ${LARGEST_PHOTO} bytes`,
    );
  }
  const { content } = upload;
  return world.files.add(kind, {
    identity: upload.hash,
    size: upload.size,
    fileName: upload.fileName,
    mimeType: upload.mimeType,
    ...(content === undefined ? {} : { content }),
  });
}

/** Nothing is fetched: a well-formed URL is taken for a file that exists. */
function storeUrl(world: World, text: string, kind: FileKind): StoredFile {
  if (!URL.canParse(text) || !/^https?:\/\/[^/]*\./i.test(text)) throw badRequest('wrong HTTP URL specified');
  const fileName = new URL(text).pathname.split('/').at(-1) ?? '';
  return world.files.add(kind, { identity: text, ...(fileName === '' ? {} : { fileName }) });
}

/** The sizes that Telegram makes of a photo, smallest first; the last one is the photo itself. */
const SMALLER_SIZES = [
  { name: 's', width: 90, height: 67, share: 0.05 },
  { name: 'm', width: 320, height: 240, share: 0.4 },
] as const;

/** The field (or fields) of the message that holds the file. */
export function mediaContent(world: World, kind: FileKind, file: StoredFile): MessageFields {
  if (kind === 'photo') {
    file.smaller ??= SMALLER_SIZES.map(({ name, share }) =>
      world.files.add('photo', {
        identity: `${file.fileUniqueId} ${name}`,
        size: Math.max(1, Math.round(file.size * share)),
      }),
    );
    const sizes = SMALLER_SIZES.flatMap(({ width, height }, i) => {
      const smaller = file.smaller?.[i];
      return smaller === undefined ? [] : photoSize(smaller, width, height);
    });
    return { photo: [...sizes, photoSize(file, 800, 600)] };
  }
  const named = { ...nameOf(file), ...typeOf(file) };
  const stored = idsOf(file);
  // Content is not looked into, so lengths and sizes are the same for every file.
  switch (kind) {
    case 'video':
      return { video: { duration: 1, width: 640, height: 360, ...named, ...stored } };
    case 'animation': {
      const animation = { duration: 1, width: 320, height: 240, ...named, ...stored };
      return { animation, document: animation };
    }
    case 'audio':
      return { audio: { duration: 1, ...named, ...stored } };
    case 'voice':
      return { voice: { duration: 1, ...typeOf(file), ...stored } };
    case 'video_note':
      return { video_note: { duration: 1, length: 240, ...stored } };
    case 'sticker':
      return {
        sticker: { width: 512, height: 512, is_animated: false, is_video: false, type: 'regular', ...stored },
      };
    case 'document':
      return { document: { ...named, ...stored } };
  }
}

function idsOf(file: StoredFile): Pick<PhotoSize, 'file_id' | 'file_unique_id' | 'file_size'> {
  return { file_id: file.fileId, file_unique_id: file.fileUniqueId, file_size: file.size };
}

function nameOf({ fileName }: StoredFile): { file_name?: string } {
  return fileName === undefined ? {} : { file_name: fileName };
}

function typeOf({ mimeType }: StoredFile): { mime_type?: string } {
  return mimeType === undefined ? {} : { mime_type: mimeType };
}

function photoSize(file: StoredFile, width: number, height: number): PhotoSize {
  return { ...idsOf(file), width, height };
}
