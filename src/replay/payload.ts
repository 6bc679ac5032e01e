import type { Chat, User } from '@grammyjs/types';
import { isObject, type JsonObject } from '../recording/format.js';
import { entitiesField, shiftEntities } from '../recording/text-edits.js';
import type { Identity } from './identity.js';

/** Deeper JSON is no update; what lies below is left out. */
const DEEPEST = 40;

const CHAT_TYPES = new Set(['private', 'group', 'supergroup', 'channel']);
/** Texts that mean the same in every run. */
const FIXED = new Set(['type', 'file_id', 'file_unique_id', 'mime_type', 'language_code', 'status', 'emoji']);
/** Messages inside of messages: this run's message stands in, or nothing does. */
const QUOTED = new Set(['reply_to_message', 'pinned_message']);
/** They point at messages that this run has never seen. */
const DROPPED = new Set(['forward_from_message_id', 'external_reply', 'message_thread_id', 'via_bot']);
const USER_ID = /(?:^|_)user_id$/;
const CHAT_ID = /(?:^|_)chat_id$/;

/**
 * A recorded payload as this virtual user sends it: ids, names and phone numbers mapped, quoted messages
 * replaced by those of this run, and without what only the server can know (its own ids and dates).
 */
export function remapped(kind: string, payload: JsonObject, identity: Identity): JsonObject {
  const { message_id: id, date: _, edit_date: __, ...rest } = payload;
  const copy: Record<string, unknown> = { ...copyObject(rest, identity, 0) };
  if (kind.endsWith('_query')) delete copy.id;
  if (kind.startsWith('edited_') && typeof id === 'number') copy.message_id = identity.message(id);
  return copy;
}

function copyValue(key: string, value: unknown, identity: Identity, depth: number): unknown {
  if (depth > DEEPEST) return undefined;
  if (typeof value === 'string') return copyText(key, value, identity);
  if (typeof value === 'number') {
    if (USER_ID.test(key)) return identity.person(value);
    return CHAT_ID.test(key) ? identity.chat(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => copyValue(key, item, identity, depth + 1));
  if (!isObject(value)) return value;
  if (QUOTED.has(key)) return quoted(value, identity);
  if (isUser(value)) return identity.renamed(value);
  if (isChat(value)) return identity.moved(value);
  return copyObject(value, identity, depth + 1);
}

function copyText(key: string, text: string, identity: Identity): string {
  if (FIXED.has(key)) return text;
  if (key === 'phone_number') return identity.phone(text);
  return key === 'media_group_id' ? identity.album(text) : identity.rewritten(text).text;
}

function copyObject(object: JsonObject, identity: Identity, depth: number): JsonObject {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    if (DROPPED.has(key)) continue;
    const fresh = copyValue(key, value, identity, depth + 1);
    if (fresh !== undefined) copy[key] = fresh;
  }
  for (const [key, text] of Object.entries(object)) {
    const field = entitiesField(key);
    if (field === undefined || typeof text !== 'string' || copy[field] === undefined) continue;
    copy[field] = shiftEntities(copy[field], identity.rewritten(text).shift);
  }
  return copy;
}

/** The server puts the whole message in; it needs only its number. */
function quoted(message: JsonObject, identity: Identity): JsonObject | undefined {
  const id = typeof message.message_id === 'number' ? identity.message(message.message_id) : undefined;
  return id === undefined ? undefined : { message_id: id, chat: { id: identity.chatId } };
}

function isUser(value: JsonObject): value is JsonObject & User {
  return typeof value.id === 'number' && typeof value.is_bot === 'boolean';
}

function isChat(value: JsonObject): value is JsonObject & Chat {
  return typeof value.id === 'number' && typeof value.type === 'string' && CHAT_TYPES.has(value.type);
}
