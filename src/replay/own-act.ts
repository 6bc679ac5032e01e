import { visibleText } from '../history/content.js';
import { patternOf } from '../history/wanted.js';
import type { Act } from '../recording/act.js';
import type { JsonObject } from '../recording/format.js';
import type { WrittenButton } from './script.js';

/** An act that was written by hand: it is in the words of the user who does it, and nothing of it is mapped. */
export interface OwnAct extends Act {
  readonly isOwn: true;
  /** A tap: the payload holds who taps and where. */
  readonly button?: WrittenButton;
}

export const isOwn = (act: Act): act is OwnAct => 'isOwn' in act;

/** The payload of what is written or edited. `message`: this run's number of a message by that of the act. */
export function ownPayload(act: OwnAct, message: (written: number) => number | undefined): JsonObject {
  if (!act.kind.startsWith('edited_')) return act.payload;
  return { ...act.payload, message_id: act.messageId === undefined ? undefined : message(act.messageId) };
}

/** Is this the button that is meant? Labels are compared as the eye does, decoration (emoji, arrows) aside. */
export function isMeant({ label, pattern, data }: WrittenButton, text: string, itsData?: string): boolean {
  if (data !== undefined) return data === itsData;
  const shown = visibleText(text);
  if (pattern !== undefined) return patternOf(pattern).test(shown);
  const [wanted, got] = [visibleText(label ?? '').toLowerCase(), shown.toLowerCase()];
  return wanted === got || (bare(wanted) !== '' && bare(wanted) === bare(got));
}

/** Letters and digits, one space for what stands between them. */
const bare = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
