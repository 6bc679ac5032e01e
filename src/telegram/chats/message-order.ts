import type { JsonObject } from '../json-fields.js';

/** Fields before the content of a message, as the official server writes them (Client.cpp:4102). */
const HEAD = [
  'business_connection_id',
  'sender_business_bot',
  'message_id',
  'ephemeral_message_id',
  'from',
  'receiver_user',
  'author_signature',
  'sender_chat',
  'chat',
  'date',
  'edit_date',
  'message_thread_id',
  'forward_origin',
  'is_automatic_forward',
  'forward_from',
  'forward_from_chat',
  'forward_from_message_id',
  'forward_signature',
  'forward_sender_name',
  'forward_date',
  'reply_to_message',
  'external_reply',
  'quote',
  'reply_to_checklist_task_id',
  'reply_to_poll_option_id',
  'reply_to_story',
  'media_group_id',
  'guest_query_id',
] as const;

/** Fields behind the content (Client.cpp:4702). */
export const TAIL: readonly string[] = [
  'reply_markup',
  'via_bot',
  'guest_bot_caller_user',
  'guest_bot_caller_chat',
  'has_protected_content',
  'is_topic_message',
  'direct_messages_topic',
  'is_from_offline',
  'effect_id',
  'sender_boost_count',
  'sender_tag',
  'paid_star_count',
  'is_paid_post',
  'suggested_post_info',
];

const AROUND: ReadonlySet<string> = new Set([...HEAD, ...TAIL]);

/** The fields in the official order; those of the content stay in the order in which they came. */
export function inOfficialOrder<T extends JsonObject>(message: T): T {
  const ordered: Record<string, unknown> = {};
  for (const key of HEAD) if (message[key] !== undefined) ordered[key] = message[key];
  for (const [key, value] of Object.entries(message)) {
    if (value !== undefined && !AROUND.has(key)) ordered[key] = value;
  }
  for (const key of TAIL) if (message[key] !== undefined) ordered[key] = message[key];
  return ordered as T;
}

/** What belongs to a message and not to what it says: an edit leaves it as it is. */
export function envelopeOf(message: JsonObject): JsonObject {
  const kept: Record<string, unknown> = {};
  for (const key of [...HEAD, ...TAIL]) if (message[key] !== undefined) kept[key] = message[key];
  return kept;
}

/** What a message says. */
export function contentOf(message: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(message).filter(([key]) => !AROUND.has(key)));
}
