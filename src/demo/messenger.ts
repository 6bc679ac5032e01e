import { type Api, GrammyError, InlineKeyboard } from 'grammy';
import type { Reply } from './dialogue.js';
import { log } from './log.js';

/** Chats whose last question is remembered. */
const REMEMBERED_CHATS = 10_000;
const TRIES = 4;
/** Telegram says when to come back, so waiting for it is worth more. */
const TRIES_WHEN_ASKED_TO_WAIT = 20;
const LONGEST_WAIT_S = 30;

/** Shows replies to people. */
export class Messenger {
  readonly #api: Api;
  readonly #lastSent = new Map<number, number>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** Was this message in the chat before the last one that we sent there? A new process does not know. */
  isEarly(chatId: number, messageId: number): boolean {
    return messageId < (this.#lastSent.get(chatId) ?? 0);
  }

  /** Stops the spinner on a button. Doing it twice does no harm, so it never waits for anything else. */
  async answerTap(callbackQueryId: string): Promise<void> {
    try {
      await repeated(() => this.#api.answerCallbackQuery(callbackQueryId), isRepeatable);
    } catch (error) {
      log('tap not answered', error); // too old, most likely: the person has gone on
    }
  }

  /** @throws when it cannot be sent: whoever asked for it must hear of that */
  async tell(chatId: number, text: string): Promise<void> {
    await repeated(() => this.#api.sendMessage(chatId, text), isRefused);
  }

  async show(chatId: number, replies: readonly Reply[]): Promise<void> {
    for (const reply of replies) {
      try {
        await this.#showOne(chatId, reply);
      } catch (error) {
        log(`${reply.kind} failed`, error);
      }
    }
  }

  async #showOne(chatId: number, reply: Reply): Promise<void> {
    if (reply.kind === 'edit') {
      await repeated(
        () => this.#api.editMessageText(chatId, reply.messageId, reply.text),
        isRepeatable,
      ).catch(unlessNotModified);
      return;
    }
    const keyboard = reply.buttons?.map((row) =>
      row.map(({ text, data }) => InlineKeyboard.text(text, data)),
    );
    const message = await repeated(
      () =>
        this.#api.sendMessage(
          chatId,
          reply.text,
          keyboard === undefined ? {} : { reply_markup: InlineKeyboard.from(keyboard) },
        ),
      isRefused,
    );
    this.#remember(chatId, message.message_id);
  }

  #remember(chatId: number, messageId: number): void {
    this.#lastSent.delete(chatId);
    this.#lastSent.set(chatId, messageId);
    const [oldest] = this.#lastSent.keys();
    if (this.#lastSent.size > REMEMBERED_CHATS && oldest !== undefined) this.#lastSent.delete(oldest);
  }
}

/** Telegram said that it did nothing: a new message may be sent again. After a lost answer it may not. */
export function isRefused(error: unknown): boolean {
  return error instanceof GrammyError && (error.error_code === 429 || error.error_code >= 500);
}

/** For what has the same effect once or twice: anything but a plain "no". */
function isRepeatable(error: unknown): boolean {
  return !(error instanceof GrammyError) || isRefused(error);
}

/** Calls again, after the wait that Telegram asks for or 1, 2, 4 s. */
export async function repeated<T>(
  call: () => Promise<T>,
  mayRepeat: (error: unknown) => boolean,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const asked = error instanceof GrammyError ? error.parameters.retry_after : undefined;
      const tries = asked === undefined ? TRIES : TRIES_WHEN_ASKED_TO_WAIT;
      if (attempt >= tries || !mayRepeat(error)) throw error;
      await pause(Math.min(asked ?? 2 ** (attempt - 1), LONGEST_WAIT_S) * 1000);
    }
  }
}

/** The message looks like that already: an earlier try got through. */
function unlessNotModified(error: unknown): void {
  if (!(error instanceof GrammyError && error.description.includes('message is not modified'))) throw error;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
