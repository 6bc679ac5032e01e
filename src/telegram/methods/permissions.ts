import { badRequest } from '../api-error.js';
import { EVERYTHING, MEDIA_PERMISSIONS, type Permission, type Permissions } from '../chats/member-status.js';
import { booleanParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import { booleanField, isObject, type JsonObject, parseJsonParam, parsing } from '../json-fields.js';

/** Permissions as they were given. `legacy`: in the way from before there were four more of them. */
export interface GivenPermissions {
  readonly permissions: Permissions;
  readonly legacy: boolean;
}

/**
 * What some permissions say about others, as in Client.cpp:11457.
 * @throws ApiError `can't parse permissions JSON object`, `object expected as permissions`
 */
export function readPermissions(params: Params, allowLegacy: boolean): GivenPermissions {
  const independent = booleanParam(params, 'use_independent_chat_permissions');
  const text = params.get('permissions');
  if (text === undefined) {
    return allowLegacy
      ? readLegacy(params, independent)
      : { permissions: new Set<Permission>(), legacy: false };
  }
  const value = parseJsonParam(text, 'permissions');
  if (!isObject(value)) throw badRequest('object expected as permissions');
  return {
    permissions: parsing('chat permissions', () => readObject(value, independent)),
    legacy: false,
  };
}

function readObject(object: JsonObject, independent: boolean): Permissions {
  const found = new Set<Permission>();
  const is = (name: string): boolean => booleanField(object, name) ?? false;
  const take = (name: Permission, given = is(name)): void => {
    if (given) found.add(name);
  };
  /** A permission that others stand for when it is not given. */
  const takeOr = (name: Permission, other: Permission): void =>
    take(name, object[name] === undefined ? found.has(other) : is(name));
  take('can_send_messages');
  take('can_send_polls');
  take('can_send_other_messages');
  take('can_add_web_page_previews');
  take('can_change_info');
  take('can_invite_users');
  take('can_pin_messages');
  takeOr('can_manage_topics', 'can_pin_messages');
  if (MEDIA_PERMISSIONS.some((name) => object[name] !== undefined)) {
    for (const name of MEDIA_PERMISSIONS) take(name);
  } else if (is('can_send_media_messages')) {
    for (const name of MEDIA_PERMISSIONS) found.add(name);
    if (!independent) found.add('can_send_messages');
  }
  takeOr('can_edit_tag', 'can_pin_messages');
  takeOr('can_react_to_messages', 'can_send_messages');
  if (independent) return found;
  if (found.has('can_send_other_messages') || found.has('can_add_web_page_previews')) {
    for (const name of MEDIA_PERMISSIONS) found.add(name);
    found.add('can_send_messages');
  }
  if (found.has('can_send_polls')) found.add('can_send_messages');
  return found;
}

const LEGACY = [
  'can_send_messages',
  'can_send_media_messages',
  'can_send_other_messages',
  'can_add_web_page_previews',
] as const;

function readLegacy(params: Params, independent: boolean): GivenPermissions {
  const others = booleanParam(params, 'can_send_other_messages');
  const previews = booleanParam(params, 'can_add_web_page_previews');
  const media = booleanParam(params, 'can_send_media_messages') || (!independent && (others || previews));
  const messages = booleanParam(params, 'can_send_messages') || (!independent && media);
  if (messages && media && others && previews) return { permissions: EVERYTHING, legacy: false };
  const found = new Set<Permission>(media ? MEDIA_PERMISSIONS : []);
  if (others) found.add('can_send_other_messages');
  if (previews) found.add('can_add_web_page_previews');
  if (messages) found.add('can_send_messages').add('can_react_to_messages');
  return { permissions: found, legacy: LEGACY.some((name) => params.has(name)) };
}
