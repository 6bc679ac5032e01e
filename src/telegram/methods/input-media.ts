import { badRequest } from '../api-error.js';
import type { Files, Params } from '../contracts.js';
import type { FileKind } from '../files/file-id.js';
import {
  FieldError,
  isObject,
  type JsonObject,
  parsing,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import type { FormattedText } from '../text/entity.js';
import { type Input, type Look, readInput, readLook } from './media.js';
import { readCaption } from './texts.js';

/** A file with its caption, as albums and edits take it. */
export interface InputMedia {
  readonly kind: FileKind;
  readonly input: Input;
  readonly caption: FormattedText;
  readonly look: Look;
  /** The item as if it had been arguments. */
  readonly details: Params;
}

const KINDS: readonly string[] = ['photo', 'video', 'animation', 'audio', 'document'] satisfies FileKind[];

/** @throws ApiError `can't parse InputMedia: …` and what its caption and file say */
export function readInputMedia(value: unknown, files: Files): InputMedia {
  const { kind, object, media } = parsing('InputMedia', () => {
    if (!isObject(value)) throw new FieldError('expected an Object');
    const type = requiredStringField(value, 'type').toLowerCase();
    if (!KINDS.includes(type)) throw new FieldError(`type "${type}" is unsupported`);
    const given = stringField(value, 'media') ?? '';
    if (given === '') throw new FieldError('media not found');
    return { kind: type as FileKind, object: value, media: given };
  });
  const input = readInput(new Map([[kind as string, media]]), files, kind);
  const details = asParams(object);
  return { kind, input, caption: readCaption(details), look: readLook(details), details };
}

/** The fields of an object as if they had been arguments. */
export function asParams(object: JsonObject): Params {
  return new Map(
    Object.entries(object).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

/** @throws ApiError when the argument is missing or no JSON */
export function mediaParam(params: Params): string {
  const text = params.get('media');
  if (text === undefined || text === '') throw badRequest('parameter "media" is required');
  return text;
}
