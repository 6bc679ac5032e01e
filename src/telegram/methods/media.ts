import type { PhotoSize } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { stickerOf } from '../chats/sticker-book.js';
import { booleanParam, INT32_MAX, integerParam } from '../coercion.js';
import type { Files, Params, UploadedFile } from '../contracts.js';
import { attachedFile, isAttached } from '../files/attached.js';
import { FILE_KINDS, type FileKind } from '../files/file-id.js';
import type { StoredFile } from '../files/file-store.js';
import type { World } from '../world.js';
import type { Handler, Handlers } from './outcome.js';
import { findDestination, type MessageFields, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';
import { captionContent, finishCaption, readCaption } from './texts.js';
import { withThumbnail } from './thumbnails.js';

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
    const look = readLook(params);
    const options = readSendOptions(params);
    const to = findDestination(context, options);
    const file = storeInput(world, input, kind);
    const caption = finishCaption(world, source);
    const media = withThumbnail(context, kind, withDetails(mediaContent(world, kind, file), kind, params));
    return sendContent(context, to, {
      ...media,
      ...captionContent(caption, look.above),
      ...spoiler(kind, look),
    });
  };
}

/** How a file is shown beside its caption. */
export interface Look {
  readonly above: boolean;
  readonly spoiler: boolean;
}

export function readLook(params: Params): Look {
  return {
    above: booleanParam(params, 'show_caption_above_media'),
    spoiler: booleanParam(params, 'has_spoiler'),
  };
}

const COVERABLE: ReadonlySet<string> = new Set(['photo', 'video', 'animation', 'live_photo']);

/** Only what is looked at can be covered. */
export function spoiler(kind: string, look: Look): Pick<MessageFields, 'has_media_spoiler'> {
  return look.spoiler && COVERABLE.has(kind) ? { has_media_spoiler: true } : {};
}

const LONGEST_SIDE = 10_000;

/** What the bot says of the file itself is believed. */
export function withDetails(content: MessageFields, kind: FileKind, params: Params): MessageFields {
  const number = (name: string): number =>
    integerParam(params, name, { fallback: 0, min: 0, max: INT32_MAX });
  const duration = number('duration');
  const [width, height] = [number('width'), number('height')].map((side) => Math.min(side, LONGEST_SIDE));
  const length = number('length');
  const sized = {
    ...(duration > 0 ? { duration } : {}),
    ...(width ? { width } : {}),
    ...(height ? { height } : {}),
  };
  const timed = duration > 0 ? { duration } : {};
  switch (kind) {
    case 'video':
      return content.video === undefined ? content : { ...content, video: { ...content.video, ...sized } };
    case 'animation': {
      if (content.animation === undefined) return content;
      const animation = { ...content.animation, ...sized };
      return { ...content, animation, document: animation };
    }
    case 'audio': {
      if (content.audio === undefined) return content;
      const [performer = '', title = ''] = [params.get('performer'), params.get('title')];
      const named = { ...(title === '' ? {} : { title }), ...(performer === '' ? {} : { performer }) };
      return { ...content, audio: { ...content.audio, ...timed, ...named } };
    }
    case 'voice':
      return content.voice === undefined ? content : { ...content, voice: { ...content.voice, ...timed } };
    case 'video_note':
      return content.video_note === undefined
        ? content
        : { ...content, video_note: { ...content.video_note, ...timed, ...(length > 0 ? { length } : {}) } };
    case 'sticker': {
      const emoji = params.get('emoji') ?? '';
      return content.sticker === undefined || emoji === ''
        ? content
        : { ...content, sticker: { ...content.sticker, emoji } };
    }
    default:
      return content;
  }
}

/** A file as it was given: uploaded, or as a file_id or URL. */
export type Input = { readonly upload: UploadedFile } | { readonly text: string };

/** @throws ApiError `there is no photo in the request` */
export function readInput(params: Params, files: Files, kind: FileKind): Input {
  const given = params.get(kind) ?? '';
  const upload = given === '' ? files.get(kind) : attachedFile(given, files);
  if (upload !== undefined) return { upload };
  if (given === '' || isAttached(given)) {
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
    case 'sticker': {
      const known = world.stickers.ofFile(file.fileId);
      if (known !== undefined) return { sticker: stickerOf(...known) };
      return {
        sticker: { width: 512, height: 512, is_animated: false, is_video: false, type: 'regular', ...stored },
      };
    }
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
