import type { LinkPreviewOptions, Message } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { Params } from '../contracts.js';
import { isObject, parseJsonParam } from '../json-fields.js';
import type { FormattedText } from '../text/entity.js';
import { asEntities } from '../text/entity.js';
import {
  CAPTION_FIELDS,
  codePoints,
  finishText,
  isBlank,
  LONGEST_TEXT,
  readText,
  TEXT_FIELDS,
} from '../text/formatted-text.js';
import type { World } from '../world.js';
import type { Handlers } from './outcome.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';

const LONGEST_CAPTION = 1024;

export const TEXT_METHODS: Handlers = {
  sendMessage: (context) => {
    const { world, params } = context;
    const preview = readPreviewOptions(params);
    const source = readRequiredText(params);
    const options = readSendOptions(params);
    const to = findDestination(context, options);
    const text = finishRequiredText(world, source);
    if (codePoints(text.text) > LONGEST_TEXT) throw badRequest('message is too long');
    return sendContent(context, to, { ...textContent(text), ...preview });
  },
};

/** @throws ApiError `message text is empty` and whatever its parse mode says */
export function readRequiredText(params: Params): FormattedText {
  if ((params.get('text') ?? '') === '') throw badRequest('message text is empty');
  return readText(params, TEXT_FIELDS);
}

/** @throws ApiError `text must be non-empty` */
export function finishRequiredText(world: World, source: FormattedText): FormattedText {
  const text = finishText(source, (id) => world.chats.user(id));
  if (isBlank(text.text)) throw badRequest('text must be non-empty');
  return text;
}

export function textContent({ text, entities }: FormattedText): Pick<Message, 'text' | 'entities'> {
  return entities.length === 0 ? { text } : { text, entities: asEntities(entities) };
}

/** @throws ApiError whatever the parse mode says */
export function readCaption(params: Params): FormattedText {
  return readText(params, CAPTION_FIELDS);
}

/** An empty caption is none, and stands nowhere. */
export function captionContent(
  caption: FormattedText,
  above = false,
): Pick<Message, 'caption' | 'caption_entities' | 'show_caption_above_media'> {
  const { text, entities } = caption;
  if (isBlank(text)) return {};
  return {
    caption: text,
    ...(entities.length === 0 ? {} : { caption_entities: asEntities(entities) }),
    ...(above ? { show_caption_above_media: true as const } : {}),
  };
}

/** @throws ApiError `message caption is too long` */
export function finishCaption(world: World, source: FormattedText): FormattedText {
  const caption = finishText(source, (id) => world.chats.user(id));
  if (codePoints(caption.text) > LONGEST_CAPTION) throw badRequest('message caption is too long');
  return caption;
}

/** The options as they come back in the message. */
export function readPreviewOptions(params: Params): Pick<Message, 'link_preview_options'> {
  const json = params.get('link_preview_options');
  if (json === undefined || json === '') return {};
  const options = parseJsonParam(json, 'link preview options');
  if (!isObject(options)) throw badRequest('object expected as link preview options');
  return { link_preview_options: options as LinkPreviewOptions };
}
