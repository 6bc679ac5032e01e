import type { UpdateKind } from '../contracts.js';

/**
 * Which kinds of update a bot wants (facts/telegram.md §1.7). One setting a bot, shared by setWebhook and
 * getUpdates, kept until it is changed. It holds for updates created later; queued ones stay.
 */

/** In the order in which getWebhookInfo lists them (Client.h:1396). */
const KINDS: readonly UpdateKind[] = [
  'message',
  'edited_message',
  'channel_post',
  'edited_channel_post',
  'inline_query',
  'chosen_inline_result',
  'callback_query',
  'shipping_query',
  'pre_checkout_query',
  'poll',
  'poll_answer',
  'my_chat_member',
  'chat_member',
  'chat_join_request',
  'chat_boost',
  'removed_chat_boost',
  'message_reaction',
  'message_reaction_count',
  'business_connection',
  'business_message',
  'edited_business_message',
  'deleted_business_messages',
  'purchased_paid_media',
  'managed_bot',
  'guest_message',
  // Newer than the public server source; their place is a guess.
  'subscription',
  'stopped_message_generation',
];

const NOT_BY_DEFAULT: readonly UpdateKind[] = ['chat_member', 'message_reaction', 'message_reaction_count'];

export type AllowedUpdates = ReadonlySet<UpdateKind>;

export const DEFAULT_ALLOWED_UPDATES: AllowedUpdates = new Set(
  KINDS.filter((kind) => !NOT_BY_DEFAULT.includes(kind)),
);

/** A kind that the Bot API does not have yet comes to those who have not chosen: the default is all but a few. */
export function isAllowed(allowed: AllowedUpdates, kind: UpdateKind): boolean {
  return allowed.has(kind) || (!KINDS.includes(kind) && listedUpdates(allowed) === undefined);
}

/**
 * Reads the parameter `allowed_updates`. `undefined`: it says nothing (absent, no JSON, no array of
 * strings), the setting stays. Unknown names are ignored; when none is left, the default set is meant.
 */
export function parseAllowedUpdates(text: string | undefined): AllowedUpdates | undefined {
  if (text === undefined || text === '') return undefined;
  let names: unknown;
  try {
    names = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) return undefined;
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const kinds = KINDS.filter((kind) => wanted.has(kind));
  return kinds.length === 0 ? DEFAULT_ALLOWED_UPDATES : new Set(kinds);
}

/** What getWebhookInfo shows: nothing for the default set. */
export function listedUpdates(allowed: AllowedUpdates): UpdateKind[] | undefined {
  const isDefault =
    allowed.size === DEFAULT_ALLOWED_UPDATES.size &&
    [...allowed].every((kind) => DEFAULT_ALLOWED_UPDATES.has(kind));
  return isDefault ? undefined : KINDS.filter((kind) => allowed.has(kind));
}
