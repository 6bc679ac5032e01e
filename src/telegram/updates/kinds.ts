import type { UpdateKind } from '../contracts.js';

/**
 * What the official server knows of each kind of update: the queue of the webhook engine it belongs to,
 * and how long it is kept (facts/telegram.md §1.1; Client.cpp at 01a3679, lines in brackets).
 */

export type Payload = Readonly<Record<string, unknown>>;

interface Rule {
  /** The id that the queue is made of; `slot` keeps kinds apart that must not wait for each other. */
  readonly owner: readonly string[];
  readonly slot: bigint;
  /** Seconds from creation, or from the date in `since` when it has one. */
  readonly keepS: number;
  readonly since?: readonly (readonly string[])[];
}

const DAY_S = 86_400;
const CHAT = ['chat', 'id'];
const USER = ['user', 'id'];
const FROM = ['from', 'id'];
/** An edited message counts from its last edit (C:17053). */
const MESSAGE_DATES = [['edit_date'], ['date']];

const RULES: Readonly<Record<UpdateKind, Rule>> = {
  // [17053, 17959] One queue a chat, edits included.
  message: { owner: CHAT, slot: 0n, keepS: DAY_S, since: MESSAGE_DATES },
  edited_message: { owner: CHAT, slot: 0n, keepS: DAY_S, since: MESSAGE_DATES },
  channel_post: { owner: CHAT, slot: 0n, keepS: DAY_S, since: MESSAGE_DATES },
  edited_channel_post: { owner: CHAT, slot: 0n, keepS: DAY_S, since: MESSAGE_DATES },
  // [17073, 17081]
  inline_query: { owner: FROM, slot: 1n, keepS: 30 },
  chosen_inline_result: { owner: FROM, slot: 2n, keepS: 600 },
  // [17155, 17215, 17227] By user, whatever the chat.
  callback_query: { owner: FROM, slot: 3n, keepS: 150 },
  // [17235] Both in one.
  shipping_query: { owner: FROM, slot: 4n, keepS: 150 },
  pre_checkout_query: { owner: FROM, slot: 4n, keepS: 150 },
  // [17278]
  my_chat_member: { owner: CHAT, slot: 5n, keepS: DAY_S, since: [['date']] },
  // [17277, 17291] The member it is about, not the one who did it.
  chat_member: { owner: ['new_chat_member', 'user', 'id'], slot: 6n, keepS: DAY_S, since: [['date']] },
  chat_join_request: { owner: FROM, slot: 6n, keepS: DAY_S, since: [['date']] },
  // [17303]
  chat_boost: { owner: CHAT, slot: 7n, keepS: DAY_S, since: [['boost', 'add_date']] },
  removed_chat_boost: { owner: CHAT, slot: 7n, keepS: DAY_S, since: [['remove_date']] },
  // [17319, 17332]
  message_reaction: { owner: CHAT, slot: 8n, keepS: DAY_S, since: [['date']] },
  message_reaction_count: { owner: CHAT, slot: 9n, keepS: DAY_S, since: [['date']] },
  // [17346, 17352, 18005]
  business_connection: { owner: USER, slot: 10n, keepS: DAY_S },
  business_message: { owner: CHAT, slot: 11n, keepS: DAY_S, since: MESSAGE_DATES },
  edited_business_message: { owner: CHAT, slot: 11n, keepS: DAY_S, since: MESSAGE_DATES },
  deleted_business_messages: { owner: CHAT, slot: 11n, keepS: DAY_S },
  // [17247, 18050] The two share a slot, and may collide.
  purchased_paid_media: { owner: FROM, slot: 12n, keepS: DAY_S },
  guest_message: { owner: CHAT, slot: 12n, keepS: DAY_S, since: MESSAGE_DATES },
  // [17253]
  managed_bot: { owner: USER, slot: 13n, keepS: DAY_S },
  // [17062, 17067] The poll's own id, which is larger than any slot.
  poll: { owner: ['id'], slot: 0n, keepS: DAY_S },
  poll_answer: { owner: ['poll_id'], slot: 0n, keepS: DAY_S },
  // Newer than the public server source: slots of their own, a guess.
  stopped_message_generation: { owner: CHAT, slot: 14n, keepS: DAY_S },
  subscription: { owner: USER, slot: 15n, keepS: DAY_S },
};

/** A kind that the Bot API does not have yet: a slot of its own, as each new kind got. */
const NOT_YET: Rule = { owner: CHAT, slot: 31n, keepS: DAY_S };

const ruleOf = (kind: string): Rule => (RULES as Readonly<Record<string, Rule | undefined>>)[kind] ?? NOT_YET;

/** The queue of the webhook engine. Updates with the same id are delivered one after the other. */
export function queueIdOf(kind: UpdateKind, payload: Payload): bigint {
  const rule = ruleOf(kind);
  return integerOf(at(payload, rule.owner)) + (rule.slot << 33n);
}

/** Unix time in seconds after which Telegram gives the update up. */
export function expiryOf(kind: UpdateKind, payload: Payload, nowUnixS: number): number {
  const { since = [], keepS } = ruleOf(kind);
  for (const path of since) {
    const date = at(payload, path);
    if (typeof date === 'number' && date > 0) return date + keepS;
  }
  return nowUnixS + keepS;
}

function at(payload: Payload, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Payload)[key] : undefined),
    payload,
  );
}

function integerOf(value: unknown): bigint {
  const text = String(value);
  return /^-?\d+$/.test(text) ? BigInt(text) : 0n;
}
