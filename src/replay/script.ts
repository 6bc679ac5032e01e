import type { JsonObject } from '../recording/format.js';
import type { RecordedReply } from '../recording/replies.js';
import type { Deed } from './deed.js';

/**
 * What every user does, line by line, as a scenario wrote it. Texts may hold `${user.…}`; who does it and
 * under which numbers is said for each user (`lines.ts`).
 */
export type Script = readonly ScriptLine[];

export type ScriptLine =
  | (Answerable & { readonly what: 'act'; readonly act: WrittenAct })
  | (Answerable & { readonly what: 'deed'; readonly deed: Deed })
  | { readonly what: 'recorded'; readonly which: Recorded }
  | { readonly what: 'wait'; readonly ms: number };

export interface Answerable {
  /** What the bot must show. */
  readonly replies: readonly RecordedReply[];
  /** The bot must show nothing at all. */
  readonly wantsNothing?: true;
}

export type WrittenAct =
  /** A message with these fields, or what the last one becomes. */
  | { readonly do: 'write' | 'edit'; readonly fields: JsonObject }
  | { readonly do: 'tap'; readonly button: WrittenButton };

/** A button as a person looks for it. */
export interface WrittenButton {
  readonly label?: string;
  readonly pattern?: { readonly source: string; readonly flags: string };
  readonly data?: string;
}

/** Steps of the session that a user plays, from 1 and both included. `rest`: those after the last one played. */
export type Recorded = 'all' | 'rest' | { readonly from: number; readonly to: number };

export const isRecordingNeeded = (script: Script): boolean => script.some(({ what }) => what === 'recorded');
