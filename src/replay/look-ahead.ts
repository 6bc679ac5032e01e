import { type Act, actOf } from '../recording/act.js';
import { isCall, isUpdate, type RecordedEvent } from '../recording/format.js';
import { type RecordedReply, repliesOf } from '../recording/replies.js';
import { ReplyRouter } from '../recording/reply-router.js';

/** How many events the reader may be ahead of the act that is due next. */
export const WINDOW_EVENTS = 2_000;
/** Chats and taps whose calls can still be told apart. */
const ROUTED = 20_000;
const REPLIES_PER_STEP = 100;

/** What is known so far of the answers to one act. */
export interface Answers {
  readonly chatId: number;
  readonly replies: RecordedReply[];
  /** The same chat's next act, or the end of the recording, has been read. */
  isComplete: boolean;
  /** The act was handed out: later replies go to the listener. */
  isHandedOut: boolean;
}

export interface UpcomingAct {
  readonly act: Act;
  readonly at: number;
  readonly answers: Answers;
}

interface Queued extends UpcomingAct {
  /** Number of the event in the recording. */
  readonly position: number;
}

/**
 * Reads a recording a bounded piece ahead, so that most acts are handed out together with what the bot
 * answered to them. Memory is bounded by the window, whatever the length of the recording.
 */
export class LookAhead {
  readonly #events: AsyncIterator<RecordedEvent>;
  readonly #recordedBot: number | undefined;
  readonly #onLateReplies: (chatId: number, replies: readonly RecordedReply[]) => void;
  readonly #router = new ReplyRouter<Answers>(ROUTED);
  readonly #queue: Queued[] = [];
  #position = 0;
  #isAtEnd = false;

  constructor(
    events: AsyncIterator<RecordedEvent>,
    recordedBot: number | undefined,
    /** Replies that were read only after their act had been handed out. */
    onLateReplies: (chatId: number, replies: readonly RecordedReply[]) => void,
  ) {
    this.#events = events;
    this.#recordedBot = recordedBot;
    this.#onLateReplies = onLateReplies;
  }

  /** The next act, in the order of the recording; nothing at its end. */
  async next(): Promise<UpcomingAct | undefined> {
    while (!this.#isAtEnd && !this.#isFull()) await this.#read();
    const next = this.#queue.shift();
    if (next === undefined) return undefined;
    next.answers.isHandedOut = true;
    if (this.#isAtEnd) next.answers.isComplete = true;
    return next;
  }

  #isFull(): boolean {
    const head = this.#queue[0];
    return head !== undefined && this.#position - head.position >= WINDOW_EVENTS;
  }

  async #read(): Promise<void> {
    const { value: event, done } = await this.#events.next();
    if (done === true) {
      this.#isAtEnd = true;
      return;
    }
    this.#position += 1;
    if (isUpdate(event)) this.#readAct(actOf(event.update, this.#recordedBot), event.at);
    else if (isCall(event)) {
      const answers = this.#router.targetOf(event);
      if (answers !== undefined) this.#readReplies(answers, repliesOf(event));
    }
  }

  #readAct(act: Act | undefined, at: number): void {
    if (act === undefined) return;
    const before = this.#router.lastIn(act.chatId);
    if (before !== undefined) before.isComplete = true;
    const answers = { chatId: act.chatId, replies: [], isComplete: false, isHandedOut: false };
    this.#router.acted(act, answers);
    this.#queue.push({ act, at, answers, position: this.#position });
  }

  #readReplies(answers: Answers, replies: readonly RecordedReply[]): void {
    if (answers.isHandedOut) this.#onLateReplies(answers.chatId, replies);
    else if (answers.replies.length < REPLIES_PER_STEP) answers.replies.push(...replies);
  }
}
