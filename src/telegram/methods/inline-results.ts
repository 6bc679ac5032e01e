import { badRequest } from '../api-error.js';
import type { Params } from '../contracts.js';
import type { FileKind } from '../files/file-id.js';
import {
  asField,
  booleanField,
  FieldError,
  integerField,
  isObject,
  type JsonObject,
  objectField,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import { checkMarkup, type ReplyMarkup, readReplyMarkup } from '../reply-markup.js';
import type { FormattedText } from '../text/entity.js';
import { codePoints, LONGEST_TEXT } from '../text/formatted-text.js';
import type { World } from '../world.js';
import { type Check, type Content, contactOf, locationOf, venueOf } from './inline-content.js';
import { checkInvoice, invoiceContent, readInvoice, withPayButton } from './invoices.js';
import { mediaContent, storeInput } from './media.js';
import type { MessageFields } from './send.js';
import {
  captionContent,
  finishCaption,
  finishRequiredText,
  readCaption,
  readRequiredText,
  textContent,
} from './texts.js';

/** One thing to choose, and the message that it becomes. */
export interface InlineResult {
  readonly id: string;
  readonly type: string;
  /** As the bot gave it: title, description and all that only people's apps show. */
  readonly given: JsonObject;
  readonly markup?: ReplyMarkup;
  /** Made anew for each message: files get their ids then. */
  readonly content: () => MessageFields;
}

interface ReadResult {
  readonly id: string;
  readonly type: string;
  readonly given: JsonObject;
  readonly markup: ReplyMarkup | undefined;
  /** TDLib's checks; then the message can be made. */
  readonly check: (world: World) => Content;
}

/** Reads all results, then has TDLib's checks over them, in the official order. @throws ApiError */
export function readInlineResults(world: World, items: readonly unknown[]): InlineResult[] {
  const read = items.map(readOne);
  return read.map((result) => finish(world, result));
}

/** The `result` argument of methods that take one. @throws ApiError */
export function readInlineResult(world: World, params: Params): InlineResult {
  const json = params.get('result') ?? '';
  if (json === '') throw badRequest("result isn't specified");
  let item: unknown;
  try {
    item = JSON.parse(json);
  } catch (error) {
    throw badRequest(`can't parse JSON encoded web view query results ${(error as Error).message}`);
  }
  try {
    return finish(world, readResult(item));
  } catch (error) {
    // Unlike a list of results, a single one is reported without a prefix (Client.cpp:10287).
    if (error instanceof FieldError) throw badRequest(lowerFirst(error.message));
    throw error;
  }
}

function readOne(item: unknown): ReadResult {
  try {
    return readResult(item);
  } catch (error) {
    if (error instanceof FieldError) throw badRequest(`can't parse inline query result: ${error.message}`);
    throw error;
  }
}

function finish(world: World, { check, given, id, markup, type }: ReadResult): InlineResult {
  const checked = markup === undefined ? undefined : checkInlineMarkup(markup);
  const content = check(world);
  return {
    id,
    type,
    given,
    ...(checked === undefined ? {} : { markup: checked }),
    content: () => content(world),
  };
}

function checkInlineMarkup(markup: ReplyMarkup): ReplyMarkup {
  if (!markup.inline) throw badRequest('inline keyboard expected');
  return checkMarkup(markup);
}

function readResult(item: unknown): ReadResult {
  if (!isObject(item)) throw new FieldError('Inline query result must be an object');
  const type = requiredStringField(item, 'type').toLowerCase();
  const id = requiredStringField(item, 'id');
  const explicit = readContent(item, type === 'article');
  const caption = asField(() => readCaption(asParams(item)));
  booleanField(item, 'show_caption_above_media');
  const markupObject = objectField(item, 'reply_markup');
  const markup =
    markupObject === undefined
      ? undefined
      : asField(() => readReplyMarkup(new Map([['reply_markup', JSON.stringify(markupObject)]])));
  const own = readOwn(item, type, caption);
  return { id, type, given: item, markup, check: explicit === undefined ? own : both(own, explicit) };
}

/** The result's own fields are checked too, though another message is sent. */
function both(own: (world: World) => Content, explicit: (world: World) => Content) {
  return (world: World): Content => {
    own(world);
    return explicit(world);
  };
}

function readOwn(item: JsonObject, type: string, caption: FormattedText): Check {
  switch (type) {
    case 'article':
      requiredStringField(item, 'title');
      stringField(item, 'url');
      return () => () => ({});
    case 'audio':
      if (given(item, 'audio_url')) requiredStringField(item, 'title');
      return mediaOf(item, 'audio', 'audio_url', 'audio_file_id', caption);
    case 'contact':
      return contactOf(item);
    case 'document':
      requiredStringField(item, 'title');
      return documentOf(item, caption);
    case 'game': {
      const name = requiredStringField(item, 'game_short_name');
      return () => () => ({ game: { title: name, description: '', photo: [] } }) as unknown as MessageFields;
    }
    case 'gif':
      return mediaOf(item, 'animation', 'gif_url', 'gif_file_id', caption);
    case 'location':
      requiredStringField(item, 'title');
      return locationOf(item);
    case 'mpeg4_gif':
      return mediaOf(item, 'animation', 'mpeg4_url', 'mpeg4_file_id', caption);
    case 'photo':
      return mediaOf(item, 'photo', 'photo_url', 'photo_file_id', caption);
    case 'sticker': {
      const file = requiredStringField(item, 'sticker_file_id');
      return (world) => {
        if (file.includes('.')) throw badRequest('wrong sticker_file_id specified');
        return mediaWith(world, 'sticker', file, caption);
      };
    }
    case 'venue':
      return venueOf(item);
    case 'video':
      requiredStringField(item, 'title');
      return videoOf(item, caption);
    case 'voice':
      requiredStringField(item, 'title');
      return mediaOf(item, 'voice', 'voice_url', 'voice_file_id', caption);
    default:
      throw new FieldError(`type "${type}" is unsupported for the inline query result`);
  }
}

function given(item: JsonObject, field: string): boolean {
  return (stringField(item, field) ?? '') !== '';
}

function mediaOf(
  item: JsonObject,
  kind: FileKind,
  urlField: string,
  fileField: string,
  caption: FormattedText,
): Check {
  const source = given(item, urlField)
    ? (stringField(item, urlField) ?? '')
    : requiredStringField(item, fileField);
  for (const size of ['width', 'height', 'duration']) integerField(item, `${kind}_${size}`);
  return (world) => mediaWith(world, kind, source, caption);
}

/** A file_id is looked up at once; a URL is loaded when the result is chosen. */
function mediaWith(world: World, kind: FileKind, source: string, caption: FormattedText): Content {
  const finished = finishCaption(world, caption);
  const stored = source.includes('.') ? undefined : storeInput(world, { text: source }, kind);
  return () => ({
    ...mediaContent(world, kind, stored ?? storeInput(world, { text: source }, kind)),
    ...captionContent(finished),
  });
}

function documentOf(item: JsonObject, caption: FormattedText): Check {
  const mime = given(item, 'document_url') ? requiredStringField(item, 'mime_type') : undefined;
  const check = mediaOf(item, 'document', 'document_url', 'document_file_id', caption);
  return withMime(check, mime, ['application/pdf', 'application/zip'], 'document');
}

function videoOf(item: JsonObject, caption: FormattedText): Check {
  const mime = given(item, 'video_url') ? requiredStringField(item, 'mime_type') : undefined;
  const check = mediaOf(item, 'video', 'video_url', 'video_file_id', caption);
  return withMime(check, mime, ['video/mp4', 'text/html'], 'video');
}

function withMime(check: Check, mime: string | undefined, allowed: readonly string[], what: string): Check {
  return (world) => {
    if (mime !== undefined && !allowed.some((type) => mime.startsWith(type))) {
      throw badRequest(`unallowed ${what} MIME type`);
    }
    return check(world);
  };
}

/** `input_message_content`, or the older fields in its place. */
function readContent(item: JsonObject, isArticle: boolean): Check | undefined {
  const content = objectField(item, 'input_message_content');
  if (content === undefined) {
    const text = isArticle ? requiredStringField(item, 'message_text') : stringField(item, 'message_text');
    return isArticle || (text ?? '') !== '' ? textOf(item) : undefined;
  }
  if (content.message_text !== undefined) return textOf(content);
  if (content.rich_message !== undefined) return () => () => ({});
  if (content.latitude !== undefined) {
    return content.title === undefined && content.address === undefined
      ? locationOf(content)
      : venueOf(content);
  }
  if (content.phone_number !== undefined) return contactOf(content);
  if (content.payload !== undefined) return invoiceOf(content);
  if (isArticle) throw new FieldError('Input message content is not specified');
  return undefined;
}

function textOf(content: JsonObject): Check {
  requiredStringField(content, 'message_text');
  const params = new Map(asParams(content));
  params.set('text', params.get('message_text') ?? '');
  const source = asField(() => readRequiredText(params));
  return (world) => {
    const text = finishRequiredText(world, source);
    if (codePoints(text.text) > LONGEST_TEXT) throw badRequest('MESSAGE_TOO_LONG');
    return () => textContent(text);
  };
}

function invoiceOf(content: JsonObject): Check {
  const invoice = asField(() => readInvoice(asParams(content)));
  return (world) => {
    checkInvoice(invoice);
    return () => ({
      ...invoiceContent(world, invoice),
      reply_markup: withPayButton(invoice, undefined).markup as { inline_keyboard: [] },
    });
  };
}

/** The fields of an object as if they had been arguments. */
function asParams(object: JsonObject): Params {
  return new Map(
    Object.entries(object).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

function lowerFirst(text: string): string {
  return /^.[A-Z_]/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}
