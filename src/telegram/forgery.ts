import { userId } from '../base/ids.js';
import type { Emit, ForgedAnswered, ForgedSent } from '../history/events.js';
import { privateChatOf } from './chats/chat-book.js';
import { completeIncoming } from './incoming.js';
import { stringifyEscaped } from './json.js';
import { methodIn } from './updates/answer-method.js';
import type { World } from './world.js';

/** Above all numbers that Telegram's queues begin with, so that no update of the run has it, and a positive int32. */
const FIRST_ID = 1_900_000_000;
/** Whoever posts by hand waits this long. */
const PATIENCE_MS = 10_000;
/** What is sent where a wrong secret is wanted. */
const WRONG_SECRET = 'not-the-secret';

export interface Forgery {
  readonly forged: string;
  /** The fault that wants it. */
  readonly fault: string;
  /** A person whom nobody has heard of. */
  readonly userId: number;
  readonly text: string;
  readonly secret: ForgedSent['secret'];
  readonly signal: AbortSignal;
}

/**
 * Posts a message to the bot's webhook as anybody can who knows its address. The person and the chat exist, so that
 * a bot that believes it can answer; the update was never in a queue of Telegram. Without a webhook nothing happens.
 */
export async function forge(world: World, emit: Emit, forgery: Forgery): Promise<void> {
  const { forged, fault, text, secret, signal } = forgery;
  const { bot, updates } = world;
  const secretWasSet = updates.webhookSecret !== '';
  const from = { id: forgery.userId, is_bot: false, first_name: 'Stranger' };
  const chat = privateChatOf(from);
  world.chats.addUser(from);
  world.chats.addChat(chat).access = 'open';
  const { payload } = completeIncoming(world, { kind: 'message', payload: { from, chat, text } });
  const updateId = FIRST_ID + (forgery.userId % 100_000_000);
  const posted = updates.postAsStranger({
    body: `{"update_id":${updateId},\n"message":${stringifyEscaped(payload)}}`,
    secret: secret === 'missing' ? '' : WRONG_SECRET,
    patienceMs: PATIENCE_MS,
    signal,
  });
  if (posted === undefined) return;
  emit({
    type: 'forged.sent',
    forged,
    bot,
    userId: userId(from.id),
    chatId: world.chats.addChat(chat).id,
    updateId,
    secret,
    secretWasSet,
    text,
    fault,
  });
  const answer = await posted;
  const end: ForgedAnswered = { type: 'forged.answered', forged, bot };
  if ('error' in answer) {
    emit({ ...end, error: answer.error });
    return;
  }
  const call = await methodIn(answer);
  emit({ ...end, status: answer.status, ...(call !== undefined && { method: call.method }) });
}
