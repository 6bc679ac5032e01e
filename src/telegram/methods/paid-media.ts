import type { PaidMedia } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { booleanParam, integerParam, requiredParam } from '../coercion.js';
import type { Files, Params } from '../contracts.js';
import { attachedFile, isAttached } from '../files/attached.js';
import {
  FieldError,
  integerField,
  isObject,
  parseJsonParam,
  parsing,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import type { World } from '../world.js';
import { livePhoto } from './live-photos.js';
import { type Input, mediaContent, readInput, storeInput, withDetails } from './media.js';
import type { Handlers } from './outcome.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';
import { captionContent, finishCaption, readCaption } from './texts.js';

const MOST_STARS = 1_000_000;
const MOST_ITEMS = 10;

/** The bot sees its own paid media in full; so does everybody else, until there are people who pay. */
export const PAID_MEDIA_METHODS: Handlers = {
  sendPaidMedia: (context) => {
    const { world, params, files } = context;
    const stars = integerParam(params, 'star_count', { fallback: 0, min: 0, max: 1_000_000_000 });
    const items = readItems(requiredParam(params, 'media'), files);
    const source = readCaption(params);
    const above = booleanParam(params, 'show_caption_above_media');
    const to = findDestination(context, readSendOptions(params));
    const caption = finishCaption(world, source);
    if (stars <= 0 || stars > MOST_STARS) throw badRequest('invalid media price specified');
    const media = items.map((item) => paidMedia(world, item));
    if (media.length === 0 || media.length > MOST_ITEMS) {
      throw badRequest('invalid number of paid media specified');
    }
    const content = {
      paid_media: { star_count: stars, paid_media: media },
      ...captionContent(caption, above),
    };
    const outcome = sendContent(context, to, content);
    const payload = params.get('payload') ?? '';
    const [id] = outcome.messageIds ?? [];
    const stored = id === undefined ? undefined : to.chat.messages.get(id);
    if (stored !== undefined && payload !== '') {
      to.chat.messages.put({ ...stored, paidMediaPayload: payload });
    }
    return outcome;
  },
};

interface Item {
  readonly type: 'photo' | 'video' | 'live_photo';
  readonly input: Input;
  /** The picture of a live photo. */
  readonly photo?: Input;
  readonly details: Params;
}

function readItems(json: string, files: Files): Item[] {
  const list = parseJsonParam(json, 'paid media');
  if (!Array.isArray(list)) throw badRequest('expected an Array of InputPaidMedia');
  return list.map((item: unknown) => parsing('InputPaidMedia', () => readItem(item, files)));
}

function readItem(item: unknown, files: Files): Item {
  if (!isObject(item)) throw new FieldError('expected an Object');
  const input = inputNamed(stringField(item, 'media') ?? '', files, 'media');
  const details = new Map<string, string>();
  for (const name of ['width', 'height', 'duration']) {
    const value = integerField(item, name);
    if (value !== undefined) details.set(name, String(value));
  }
  const type = requiredStringField(item, 'type');
  if (type === 'photo' || type === 'video') return { type, input, details };
  if (type !== 'live_photo') throw new FieldError(`type "${type}" is unsupported`);
  return { type, input, photo: inputNamed(stringField(item, 'photo') ?? '', files, 'photo'), details };
}

function inputNamed(given: string, files: Files, name: string): Input {
  const isMissing = given === '' || (isAttached(given) && attachedFile(given, files) === undefined);
  if (isMissing) throw new FieldError(`${name} not found`);
  return readInput(new Map([['photo', given]]), files, 'photo');
}

function paidMedia(world: World, { type, input, photo, details }: Item): PaidMedia {
  if (type === 'photo') {
    return { type, photo: mediaContent(world, 'photo', storeInput(world, input, 'photo')).photo ?? [] };
  }
  if (type === 'live_photo') {
    return { type, live_photo: livePhoto(world, input, photo ?? input) };
  }
  const content = mediaContent(world, 'video', storeInput(world, input, 'video'));
  const { video } = withDetails(content, 'video', details);
  if (video === undefined) throw badRequest('paid media must be non-empty');
  return { type, video };
}
