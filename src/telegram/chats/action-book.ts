import type { Clock } from '../../base/clock.js';
import { dropOldest } from '../bounded.js';
import { GENERAL_TOPIC } from './topic-book.js';

/** People see `typing…` this long (documentation of sendChatAction). */
const ACTION_MS = 5_000;
/** People see a draft this long (documentation of sendMessageDraft). */
const DRAFT_MS = 30_000;
/** Of more than this, the oldest is forgotten. */
const KEPT = 10_000;

/** What the bot is doing in a chat, as people see it above the chat or below its last message. */
export interface Doing {
  /** `typing`, `upload_photo`, …; `draft` while a message grows. */
  readonly action: string;
  /** Of a draft. */
  readonly draftId?: number;
  readonly text?: string;
  readonly untilMs: number;
}

/** What the bot is doing, by chat and topic. It passes by itself, or with the next message. */
export class ActionBook {
  readonly #clock: Clock;
  readonly #doing = new Map<string, Doing>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(chat: number, topic: number | undefined, action: string): void {
    this.#put(keyOf(chat, topic), { action, untilMs: this.#clock.now() + ACTION_MS });
  }

  draft(chat: number, topic: number | undefined, draftId: number, text: string): void {
    const untilMs = this.#clock.now() + DRAFT_MS;
    this.#put(keyOf(chat, topic), { action: 'draft', draftId, text, untilMs });
  }

  end(chat: number, topic: number | undefined): void {
    if (this.#doing.size > 0) this.#doing.delete(keyOf(chat, topic));
  }

  now(chat: number, topic?: number): Doing | undefined {
    const doing = this.#doing.get(keyOf(chat, topic));
    return doing === undefined || doing.untilMs <= this.#clock.now() ? undefined : doing;
  }

  #put(key: string, doing: Doing): void {
    this.#doing.delete(key);
    this.#doing.set(key, doing);
    dropOldest(this.#doing, KEPT);
  }
}

function keyOf(chat: number, topic: number | undefined): string {
  return `${chat}:${topic ?? GENERAL_TOPIC}`;
}
