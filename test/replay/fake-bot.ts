import type { Message } from '@grammyjs/types';
import type { Clock } from '../../src/base/clock.js';
import {
  botId,
  type CallId,
  callId,
  chatId,
  type MessageId,
  messageId,
  updateId,
} from '../../src/base/ids.js';
import type { Content } from '../../src/history/content.js';
import type { PeopleSide } from '../../src/replay/people-side.js';
import type { Incoming, Received, Seen } from '../../src/telegram/contracts.js';

export interface FakeReply {
  readonly text: string;
  readonly buttons?: readonly string[];
  /** Labels of a keyboard below the chat; none: it is taken away. */
  readonly below?: readonly string[];
}

/** What the bot answers to an update. */
export type Dialogue = (incoming: Incoming, side: FakeSide) => readonly FakeReply[];

/** A Telegram with one bot in it, in memory; the bot answers `answerMs` after each update. */
export class FakeSide implements PeopleSide {
  readonly id = botId(42);
  readonly received: Incoming[] = [];
  answerMs = 20;
  readonly #clock: Clock;
  readonly #dialogue: Dialogue;
  readonly #listeners = new Set<(seen: Seen) => void>();
  readonly #messages = new Map<string, Message>();
  #last = 0;

  constructor(clock: Clock, dialogue: Dialogue) {
    this.#clock = clock;
    this.#dialogue = dialogue;
  }

  receive(incoming: Incoming): Received {
    this.received.push(incoming);
    const { payload, kind } = incoming;
    const about = (kind === 'callback_query' ? payload.message : payload) as Message;
    const chat = chatId(about.chat.id);
    const isNew = kind === 'message';
    if (isNew) this.#last += 1;
    const id = messageId(isNew ? this.#last : about.message_id);
    const replies = this.#dialogue(incoming, this);
    if (replies.length > 0) {
      this.#clock.set(this.answerMs, () => {
        for (const reply of replies) this.send(chat, reply);
      });
    }
    return {
      updateId: updateId(this.received.length),
      chatId: chat,
      messageId: id,
      ...(kind === 'callback_query' && { callbackQueryId: `q${this.received.length}` }),
    };
  }

  send(chat: number, { text, buttons, below }: FakeReply): MessageId {
    this.#last += 1;
    const id = messageId(this.#last);
    const message = {
      message_id: id,
      chat: { id: chat, type: 'private' },
      date: 1,
      text,
      ...(buttons && {
        reply_markup: {
          inline_keyboard: [buttons.map((b) => ({ text: b.toUpperCase(), callback_data: b }))],
        },
      }),
    } as unknown as Message;
    this.#messages.set(`${chat}/${id}`, message);
    const content =
      below === undefined ? {} : { content: { kind: 'text', text, keyboard: keyboardOf(below) } };
    const seen = { what: 'sent', call: callId('c1') as CallId, chatId: chatId(chat), messageId: id, message };
    this.#tell({ ...seen, ...content } as Seen);
    return id;
  }

  delete(chat: number, id: number): void {
    this.#messages.delete(`${chat}/${id}`);
  }

  onSeen(listener: (seen: Seen) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  message(chat: number, id: number): Message | undefined {
    return this.#messages.get(`${chat}/${id}`);
  }

  #tell(seen: Seen): void {
    for (const listener of this.#listeners) listener(seen);
  }
}

const keyboardOf = (labels: readonly string[]): Content['keyboard'] => ({
  type: labels.length > 0 ? 'reply' : 'remove',
  rows: labels.map((text) => [{ text }]),
});

/** Order dialogue: /start, name, size (by button), goodbye. */
export const orderDialogue: Dialogue = ({ kind, payload }) => {
  if (kind === 'callback_query') return [{ text: `You chose ${String(payload.data)}` }];
  const from = payload.from as { first_name: string };
  if (payload.text === '/start') return [{ text: `Hello ${from.first_name}, what is your name?` }];
  if (payload.text === 'bye') return [];
  return [{ text: `Nice, ${String(payload.text)}! Which size do you want?`, buttons: ['small', 'large'] }];
};

const MIRA = { id: 777, is_bot: false, first_name: 'Mira', username: 'mira_v' };
const CHAT = { id: 777, type: 'private', first_name: 'Mira', username: 'mira_v' };

/** The recording of that dialogue, as one person had it with message ids of her own. */
export function orderRecording(): object[] {
  const keyboard = {
    inline_keyboard: [
      [
        { text: 'SMALL', callback_data: 'small' },
        { text: 'LARGE', callback_data: 'large' },
      ],
    ],
  };
  const said = (at: number, id: number, text: string, more: object = {}) => ({
    at,
    type: 'update',
    update: { update_id: id, message: { message_id: id, from: MIRA, chat: CHAT, date: 5, text, ...more } },
  });
  const sent = (at: number, id: number, text: string, markup?: object) => ({
    at,
    type: 'call',
    method: 'sendMessage',
    params: { chat_id: 777, text },
    result: { message_id: id, chat: CHAT, date: 5, text, ...(markup && { reply_markup: markup }) },
  });
  return [
    said(1000, 101, '/start'),
    sent(1100, 102, 'Hello Mira, what is your name?'),
    said(3000, 103, 'Mira', { reply_to_message: { message_id: 102, date: 5, chat: CHAT, text: 'x' } }),
    sent(3200, 104, 'Nice, Mira! Which size do you want?', keyboard),
    {
      at: 5000,
      type: 'update',
      update: {
        update_id: 104,
        callback_query: {
          id: 'q',
          from: MIRA,
          chat_instance: '1',
          data: 'large',
          message: { message_id: 104, chat: CHAT, date: 5, text: 'x', reply_markup: keyboard },
        },
      },
    },
    sent(5100, 106, 'You chose large'),
    said(7000, 107, 'bye'),
  ];
}
