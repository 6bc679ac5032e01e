import { badRequest } from '../api-error.js';
import type { Files } from '../contracts.js';
import { isObject, parseJsonParam } from '../json-fields.js';
import { longId } from '../random-ids.js';
import { type InputMedia, mediaParam, readInputMedia } from './input-media.js';
import { mediaContent, spoiler, storeInput, withDetails } from './media.js';
import type { Handlers } from './outcome.js';
import { addBotMessages, findDestination, sentOutcome } from './send.js';
import { readSendOptions } from './send-options.js';
import { captionContent, finishCaption } from './texts.js';

const MOST_ITEMS = 10;

export const ALBUM_METHODS: Handlers = {
  sendMediaGroup: (context) => {
    const { world, params, files } = context;
    const items = readAlbum(mediaParam(params), files);
    const options = readSendOptions(params);
    const to = findDestination(context, options);
    checkAlbum(items);
    const group = items.length === 1 ? {} : { media_group_id: longId(world.random) };
    const contents = items.map(({ kind, input, caption, look, details }) => ({
      ...group,
      ...withDetails(mediaContent(world, kind, storeInput(world, input, kind)), kind, details),
      ...captionContent(finishCaption(world, caption), look.above),
      ...spoiler(kind, look),
    }));
    const sent = addBotMessages(world, to, contents);
    return { result: sent.map(({ message }) => message), ...sentOutcome(context, to.chat, sent) };
  },
};

function readAlbum(json: string, files: Files): readonly InputMedia[] {
  const list = parseJsonParam(json, 'media');
  if (!Array.isArray(list)) throw badRequest('expected an Array of InputMedia');
  return list.map((item: unknown) => {
    if (isObject(item) && item.type === 'animation') {
      throw badRequest('can\'t parse InputMedia: type "animation" can\'t be used in sendMediaGroup');
    }
    return readInputMedia(item, files);
  });
}

/** Photos and videos go together; audio files and documents only with their like. */
function checkAlbum(items: readonly InputMedia[]): void {
  if (items.length === 0) throw badRequest('there are no messages to send');
  if (items.length > MOST_ITEMS) throw badRequest('too many messages to send as an album');
  if (new Set(items.map(({ look }) => look.above)).size > 1) {
    throw badRequest('parameter show_caption_above_media must be the same for all messages');
  }
  const kinds = new Set(items.map(({ kind }) => kind));
  for (const [kind, name] of [
    ['audio', 'Audio'],
    ['document', 'Document'],
  ] as const) {
    if (kinds.has(kind) && kinds.size > 1) throw badRequest(`${name} can't be mixed with other media types`);
  }
}
