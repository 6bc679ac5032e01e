/**
 * What a reply looks like to the person who gets it. The same words serve three readers: the history
 * (what the bot sent), the recording (what it sent then) and the checkers (are these two the same?).
 */

export interface ButtonShape {
  readonly text: string;
  /** `callback_data` of an inline button. */
  readonly data?: string;
  readonly url?: string;
}

/**
 * What a message may hold beside text, as its fields are called. Where Telegram sends two of them the first counts: an
 * animation is sent as a document as well, a venue as a location.
 */
export const MEDIA_KINDS = [
  'animation',
  'photo',
  'video',
  'audio',
  'voice',
  'video_note',
  'document',
  'sticker',
  'venue',
  'location',
  'contact',
  'poll',
  'dice',
  'invoice',
  'game',
] as const;

/** What a reply can be. `toast`: the text of an answerCallbackQuery, which is gone after a moment. */
export const REPLY_KINDS = ['text', ...MEDIA_KINDS, 'toast'] as const;

export type ContentKind = (typeof REPLY_KINDS)[number] | 'other';

export interface Content {
  readonly kind: ContentKind;
  /** Text or caption, as sent. */
  readonly text?: string;
  /** Something that tells one file (place, poll …) from another: a hash, a file_unique_id, coordinates. */
  readonly media?: string;
  readonly keyboard?: {
    readonly type: 'inline' | 'reply' | 'remove' | 'force';
    readonly rows: readonly (readonly ButtonShape[])[];
  };
  /** Never in a history: how it is compared where a scenario names parts that change by themselves (`volatile.ts`). */
  readonly compared?: Pick<Content, 'text' | 'keyboard'>;
  /** Only in what a step expects: what is wanted instead of exactly this (see `wanted.ts`). */
  readonly wanted?: Wanted;
}

/**
 * An expectation that was written by hand or learned from a run without faults. All parts must hold; with
 * it, the text and the keyboard of the content are what a report shows, and are not compared.
 */
export interface Wanted {
  /** Absent: a reply of any kind. */
  readonly kinds?: readonly ContentKind[];
  /** Each must stand in the text, as the eye compares it and whatever the case. */
  readonly contains?: readonly string[];
  /** A regular expression that the visible text must match. */
  readonly matches?: { readonly source: string; readonly flags: string };
  /** Labels of buttons that must be there, as the eye compares them. */
  readonly buttons?: readonly string[];
  /** It must look like one of these. */
  readonly anyOf?: readonly Content[];
  /** Learned from a play without faults: its words are those of the recorded person, and mapped like a recording. */
  readonly learned?: true;
}

/** Characters nobody sees; bots add them to defeat a client's cache (U+200B-200F, U+2060-2064, U+FEFF, U+00AD). */
const INVISIBLE = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;

/** Nothing in it is left out or changed: letters, digits and signs of ASCII, and single spaces between them. */
const PLAIN = /^[!-~]*(?: [!-~]+)*$/;

/** Text as the eye compares it: no invisible characters, one kind of space, composed letters. */
export function visibleText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.normalize('NFC').replace(INVISIBLE, '').replace(/\s+/g, ' ').trim();
}

/** Checkers compare the same contents again and again. Contents never change, so their keys are made once. */
const keys = new WeakMap<Content, string>();

/** Two replies with the same key look the same to the person who gets them. */
export function contentKey(content: Content): string {
  const known = keys.get(content);
  if (known !== undefined) return known;
  const { text = '' } = content.compared ?? content;
  const parts = [content.kind, visibleText(text), content.media ?? '', keyboardKey(content)];
  const key = JSON.stringify(content.wanted === undefined ? parts : [...parts, content.wanted]);
  keys.set(content, key);
  return key;
}

/** The inline buttons by what they do and say; '' without an inline keyboard. */
export function keyboardKey(content: Content): string {
  const { keyboard } = content.compared ?? content;
  if (keyboard?.type !== 'inline') return '';
  return JSON.stringify(
    keyboard.rows.map((row) => row.map((b) => [visibleText(b.text), b.data ?? b.url ?? ''])),
  );
}
