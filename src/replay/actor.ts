import { actionId, type MessageId, type UpdateId } from '../base/ids.js';
import { type Content, MEDIA_KINDS } from '../history/content.js';
import { type ActionDone, EXTRA_ACTS, type StepEnded, type UserEnded } from '../history/events.js';
import type { Act } from '../recording/act.js';
import { isObject, type JsonObject } from '../recording/format.js';
import type { Incoming, Received, Seen } from '../telegram/contracts.js';
import { type Button, findButton, type Tap, tapOf } from './buttons.js';
import { type ExtraInput, prepareExtra } from './extra-acts.js';
import type { Identity } from './identity.js';
import type { Stage } from './options.js';
import { isOwn, type OwnAct, ownPayload } from './own-act.js';
import { remapped } from './payload.js';
import type { WrittenButton } from './script.js';
import { factsOf } from './user-texts.js';
import { findWritten, keyboardAfter, type ReplyKeyboard } from './written-button.js';

/** Messages of the bot in which a button is looked for, the newest ones. */
const SHOWN_MESSAGES = 50;

/** Fields of a message that a person wrote; a message without any of them is a service message. */
const WRITTEN = [...MEDIA_KINDS, 'story'];

/** Something that can be sent now. */
export interface Prepared {
  readonly kind: ActionDone['kind'];
  readonly incoming: Pick<Incoming, 'kind' | 'payload'>;
  readonly text?: string;
  readonly button?: Button;
  /** The recorded number of the message that this writes. */
  readonly writes?: number;
}

export interface About {
  readonly step: number;
  /** 1 when left out. */
  readonly round?: number;
  readonly send: number;
  readonly reason: ActionDone['reason'];
  readonly intendedAt: number;
  readonly expects?: readonly Content[];
}

/** A virtual user's hands and eyes: does acts, sees messages, and reports both paces' events alike. */
export class Actor {
  readonly identity: Identity;
  readonly session: string;
  readonly #stage: Stage;
  #shown: MessageId[] = [];
  #replyKeyboard: ReplyKeyboard | undefined;

  constructor(stage: Stage, identity: Identity, session: string) {
    this.#stage = stage;
    this.identity = identity;
    this.session = session;
  }

  start(): void {
    const { user, userId, chatId, marks } = this.identity;
    const { emit, bot, tally, onUser } = this.#stage;
    emit({ type: 'user.started', user, session: this.session, bot: bot.id, userId, chatId, marks });
    tally.userStarted();
    onUser?.(factsOf(this.identity, this.session));
  }

  /** Keeps in mind which messages of the bot there are. */
  see(seen: Seen): void {
    this.#replyKeyboard = keyboardAfter(seen, this.#replyKeyboard);
    if (seen.what !== 'sent' || seen.messageId === undefined) return;
    this.#shown.push(seen.messageId);
    if (this.#shown.length > 2 * SHOWN_MESSAGES) this.#shown = this.#shown.slice(-SHOWN_MESSAGES);
  }

  /** What an act is in this run; nothing when its button is not there, or the message to edit. */
  prepare(act: Act): Prepared | undefined {
    if (isOwn(act) && act.button !== undefined) return this.#prepareOwnTap(act, act.button);
    if (isTap(act)) return this.#prepareTap(act, tapOf(act.payload, this.identity));
    const payload = isOwn(act)
      ? ownPayload(act, (written) => this.identity.message(written))
      : remapped(act.kind, act.payload, this.identity);
    const kind = kindOf(act);
    if (kind === 'edit' && payload.message_id === undefined) return undefined;
    const text = payload.text ?? payload.caption;
    return {
      kind,
      incoming: { kind: act.kind as Incoming['kind'], payload },
      ...(typeof text === 'string' && { text }),
      ...(act.messageId !== undefined && kind !== 'edit' && { writes: act.messageId }),
    };
  }

  perform(prepared: Prepared, about: About): Received {
    const { bot, clock, emit } = this.#stage;
    const { user, chatId } = this.identity;
    const { kind, incoming, text, button, writes } = prepared;
    const { step, round = 1, send, reason, intendedAt, expects } = about;
    const action = actionId(nameOf(user, about));
    const atMs = clock.now();
    const received = bot.receive({ ...incoming, step, action });
    const messageId = button?.messageId ?? received.messageId;
    if (writes !== undefined && received.messageId !== undefined) {
      this.identity.noteMessage(writes, received.messageId);
    }
    emit(
      {
        type: 'action',
        action,
        user,
        session: this.session,
        step,
        ...(round > 1 && { round }),
        send,
        reason,
        kind,
        chatId,
        intendedAt,
        ...(received.updateId !== undefined && { updateId: received.updateId satisfies UpdateId }),
        ...(messageId !== undefined && { messageId }),
        ...(received.callbackQueryId !== undefined && { callbackQueryId: received.callbackQueryId }),
        ...(text !== undefined && { text }),
        ...(button !== undefined && { button: { text: button.text, data: button.data } }),
        ...(expects !== undefined && { expects }),
      },
      atMs,
    );
    return received;
  }

  /** Can the button of this tap still be tapped? Not when its message was deleted. */
  isThere({ button }: Prepared): boolean {
    return (
      button !== undefined && this.#stage.bot.message(this.identity.chatId, button.messageId) !== undefined
    );
  }

  /** What an extra act is in this run; nothing where the session has no message to learn the place from. */
  prepareExtra(input: ExtraInput, like: Act): Prepared | undefined {
    const { from: person, chat: place, message } = like.payload;
    const where = place ?? (isObject(message) ? message.chat : undefined);
    const { from, chat } = remapped(like.kind, { from: person, chat: where }, this.identity);
    if (!isObject(from)) return undefined;
    return prepareExtra(input, { from, chat: isObject(chat) ? chat : { id: this.identity.chatId } });
  }

  endStep(ended: Pick<StepEnded, 'step' | 'outcome' | 'sends' | 'wants'>, round = 1): void {
    const { step, outcome, sends, wants } = ended;
    const { user } = this.identity;
    this.#stage.emit({
      type: 'step.ended',
      user,
      session: this.session,
      step,
      ...(round > 1 && { round }),
      outcome,
      sends,
      ...(wants !== undefined && { wants }),
    });
    this.#stage.tally.stepEnded();
  }

  end(outcome: UserEnded['outcome'], steps: number): void {
    const { user } = this.identity;
    this.#stage.emit({ type: 'user.ended', user, session: this.session, outcome, steps });
    this.#stage.tally.userEnded(outcome);
  }

  #prepareTap(act: Act, tap: Tap): Prepared | undefined {
    const { identity } = this;
    const { from } = remapped(act.kind, { from: act.payload.from }, identity);
    const button = findButton(tap, this.#stage.bot, identity.chatId, this.#shown, identity);
    return button === undefined ? undefined : this.#tapOn(button, from);
  }

  /** A button of a keyboard below the chat writes its label. */
  #prepareOwnTap({ payload }: OwnAct, wanted: WrittenButton): Prepared | undefined {
    const keyboard = this.#replyKeyboard;
    const found = findWritten(wanted, this.#stage.bot, this.identity.chatId, this.#shown, keyboard);
    if (found === undefined) return undefined;
    if ('data' in found) return this.#tapOn(found, payload.from);
    const { text } = found;
    return { kind: 'text', incoming: { kind: 'message', payload: { ...payload, text } }, text };
  }

  #tapOn(button: Button, from: unknown): Prepared {
    const message: JsonObject = { message_id: button.messageId, chat: { id: this.identity.chatId } };
    return {
      kind: 'tap',
      incoming: { kind: 'callback_query', payload: { from, message, data: button.data } },
      button,
    };
  }
}

/** `u3.5.1`: user, step, send. In a later round `u3.r2.5.1`; an extra act is `u3.5.x1`. */
function nameOf(user: string, { step, round = 1, send, reason }: About): string {
  const extra = EXTRA.has(reason) ? 'x' : '';
  return `${user}.${round === 1 ? '' : `r${round}.`}${step}.${extra}${send}`;
}

const EXTRA: ReadonlySet<ActionDone['reason']> = new Set(EXTRA_ACTS);

/** A tap on a button with data, under a message of a chat; other callback queries are sent as they are. */
export function isTap(act: Act): boolean {
  const { kind, payload } = act;
  if (isOwn(act)) return act.button !== undefined;
  return kind === 'callback_query' && payload.data !== undefined && payload.message !== undefined;
}

export function kindOf(act: Act): ActionDone['kind'] {
  if (isTap(act)) return 'tap';
  if (act.kind.startsWith('edited_')) return 'edit';
  if (act.payload.text !== undefined && act.messageId !== undefined) return 'text';
  return WRITTEN.some((field) => act.payload[field] !== undefined) ? 'media' : 'other';
}
