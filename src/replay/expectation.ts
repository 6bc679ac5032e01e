import type { Content } from '../history/content.js';
import { matchContent } from '../history/match.js';
import { contentOfMessage, type MessageLike } from '../history/message-content.js';
import { asItIs, type Mask } from '../history/volatile.js';
import type { RecordedReply } from '../recording/replies.js';
import type { Seen } from '../telegram/contracts.js';
import type { Identity } from './identity.js';

/** A reply that has not come yet. */
interface Wanted {
  readonly content: Content;
  readonly recordedMessage: number | undefined;
}

/** The replies that are still expected; in any order, edits included. */
export class Expectation {
  readonly #identity: Identity;
  readonly #mask: Mask;
  readonly #limit: number;
  #wanted: Wanted[] = [];

  /** @param limit when more replies than this are open, the oldest are given up */
  constructor(identity: Identity, mask: Mask = asItIs, limit = Number.POSITIVE_INFINITY) {
    this.#identity = identity;
    this.#mask = mask;
    this.#limit = limit;
  }

  /** Adds recorded replies; returns how they look to this user. */
  add(replies: readonly RecordedReply[]): readonly Content[] {
    const contents = replies.map(({ content }) => this.#identity.expected(content));
    contents.forEach((content, index) => {
      this.#wanted.push({ content: this.#mask(content), recordedMessage: replies[index]?.messageId });
    });
    if (this.#wanted.length > this.#limit) this.#wanted = this.#wanted.slice(-this.#limit);
    return contents;
  }

  get isMet(): boolean {
    return this.#wanted.length === 0;
  }

  /**
   * Was this one of them? Then it is ticked off, and its message is known as the recorded one from now on.
   * The nearest match wins, the earliest of equals.
   */
  meet(seen: Seen): boolean {
    const shown = contentOf(seen);
    if (shown === undefined) return false;
    const content = this.#mask(shown);
    let index = -1;
    for (const [at, wanted] of this.#wanted.entries()) {
      const match = matchContent(comparable(wanted.content, seen), content);
      if (match === 'same') {
        index = at;
        break;
      }
      if (match === 'similar' && index === -1) index = at;
    }
    const [met] = index === -1 ? [] : this.#wanted.splice(index, 1);
    if (met === undefined) return false;
    if (met.recordedMessage !== undefined && seen.message !== undefined && seen.messageId !== undefined) {
      this.#identity.noteMessage(met.recordedMessage, seen.messageId);
    }
    return true;
  }
}

/** Does a person notice it? */
export const isVisible = (seen: Seen): boolean => contentOf(seen) !== undefined;

/** What a person sees of it; nothing when it shows nothing. */
export function contentOf(seen: Seen): Content | undefined {
  if (seen.content !== undefined) return seen.content;
  return seen.message === undefined ? undefined : contentOfMessage(seen.message as unknown as MessageLike);
}

/** Telegram keeps reply keyboards out of messages, so they cannot be compared when only the message is known. */
function comparable(expected: Content, seen: Seen): Content {
  if (seen.content !== undefined || expected.keyboard === undefined || expected.keyboard.type === 'inline') {
    return expected;
  }
  const { keyboard: _, ...rest } = expected;
  return rest;
}
