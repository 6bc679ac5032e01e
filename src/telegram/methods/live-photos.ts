import type { LivePhoto } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { Files, Params } from '../contracts.js';
import { attachedFile, isAttached } from '../files/attached.js';
import type { World } from '../world.js';
import { type Input, mediaContent, readInput, readLook, spoiler, storeInput } from './media.js';
import type { Handlers } from './outcome.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';
import { captionContent, finishCaption, readCaption } from './texts.js';

export const LIVE_PHOTO_METHODS: Handlers = {
  sendLivePhoto: (context) => {
    const { world, params, files } = context;
    const video = livePhotoInput(params, files);
    const photo = readInput(params, files, 'photo');
    const source = readCaption(params);
    const look = readLook(params);
    const to = findDestination(context, readSendOptions(params));
    const content = { live_photo: livePhoto(world, video, photo) };
    return sendContent(context, to, {
      ...content,
      ...captionContent(finishCaption(world, source), look.above),
      ...spoiler('live_photo', look),
    });
  },
};

function livePhotoInput(params: Params, files: Files): Input {
  const given = params.get('live_photo') ?? '';
  const upload = given === '' ? files.get('live_photo') : attachedFile(given, files);
  if (upload !== undefined) return { upload };
  if (given === '' || isAttached(given)) {
    throw badRequest('there is no live photo in the request');
  }
  return { text: given };
}

/** A picture that moves for a moment: ids and size are those of its video. */
export function livePhoto(world: World, video: Input, photo: Input): LivePhoto {
  const still = mediaContent(world, 'photo', storeInput(world, photo, 'photo')).photo ?? [];
  const moving = storeInput(world, video, 'video');
  return {
    photo: still,
    file_id: moving.fileId,
    file_unique_id: moving.fileUniqueId,
    width: 640,
    height: 480,
    duration: 1,
    ...(moving.mimeType === undefined ? {} : { mime_type: moving.mimeType }),
    file_size: moving.size,
  };
}
