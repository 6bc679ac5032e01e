import type { ChatAdministratorRights, UserProfileAudios, UserProfilePhotos } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { type ProfilePhoto, profileSizes } from '../chats/profile-photos.js';
import { booleanParam, INT32_MAX, integerParam, userIdParam } from '../coercion.js';
import type { Files, Params, UploadedFile } from '../contracts.js';
import { attachedFile } from '../files/attached.js';
import {
  booleanField,
  FieldError,
  isObject,
  type JsonObject,
  parseJsonParam,
  parsing,
  plainly,
  requiredStringField,
} from '../json-fields.js';
import type { World } from '../world.js';
import { storeInput } from './media.js';
import { DONE, type Handlers } from './outcome.js';

/** Photos, rights and statuses: what a profile has beside its texts. */
export const PROFILE_MEDIA_METHODS: Handlers = {
  setMyProfilePhoto: ({ world, params, files }) => {
    world.photos.add(world.user.id, readProfilePhoto(world, params, files));
    return DONE;
  },

  removeMyProfilePhoto: ({ world }) => {
    world.photos.removeNewest(world.user.id);
    return DONE;
  },

  getUserProfilePhotos: ({ world, params }) => ({ result: photosOf(world, params) }),

  setMyDefaultAdministratorRights: ({ world, params }) => {
    const where = booleanParam(params, 'for_channels') ? 'channels' : 'groups';
    const rights = readRights(params);
    if (rights === undefined) delete world.photos.rights[where];
    else world.photos.rights[where] = rights;
    return DONE;
  },

  getMyDefaultAdministratorRights: ({ world, params }) => {
    const where = booleanParam(params, 'for_channels') ? 'channels' : 'groups';
    return { result: rightsFor(where, world.photos.rights[where] ?? {}) };
  },
};

/** People's music is not kept: nobody has any. Emoji statuses are kept, but shown nowhere. */
export const VALIDATED_PROFILE_METHODS: Handlers = {
  setUserEmojiStatus: ({ world, params }) => {
    const user = userIdParam(params);
    const id = /^\d{1,19}/.exec(params.get('emoji_status_custom_emoji_id') ?? '')?.[0] ?? '0';
    const until = integerParam(params, 'emoji_status_expiration_date', {
      fallback: 0,
      min: 0,
      max: INT32_MAX,
    });
    checkKnown(world, user);
    if (!world.photos.emojiStatuses.has(user)) throw badRequest('USER_PERMISSION_DENIED');
    world.photos.emojiStatuses.set(user, id === '0' ? undefined : { id, until });
    return DONE;
  },

  getUserProfileAudios: ({ world, params }) => ({ result: audiosOf(world, params) }),
};

export function photosOf(world: World, params: Params): UserProfilePhotos {
  const user = userIdParam(params);
  checkKnown(world, user);
  return world.photos.of(user, ...pageOf(params));
}

export function audiosOf(world: World, params: Params): UserProfileAudios {
  checkKnown(world, userIdParam(params));
  return { total_count: 0, audios: [] };
}

function pageOf(params: Params): [number, number] {
  const offset = integerParam(params, 'offset', { fallback: 0, min: 0, max: INT32_MAX });
  const limit = integerParam(params, 'limit', { fallback: 100, min: 1, max: 100 });
  return [offset, limit];
}

function checkKnown(world: World, user: number): void {
  if (user !== world.user.id) world.chats.knownUser(user);
}

/** The `photo` argument of methods that set a profile photo. @throws ApiError */
export function readProfilePhoto(world: World, params: Params, files: Files): ProfilePhoto {
  const json = params.get('photo') ?? '';
  if (json === '') throw badRequest("photo isn't specified");
  const object = parseJsonParam(json, 'photo');
  if (!isObject(object)) throw badRequest('object expected as profile photo');
  const upload = uploadIn(object, files);
  return profileSizes(world.files, storeInput(world, { upload }, 'photo'));
}

function uploadIn(object: JsonObject, files: Files): UploadedFile {
  const field = (name: string): string => plainly(() => requiredStringField(object, name));
  const type = field('type');
  if (type !== 'static' && type !== 'animated') throw badRequest('invalid profile photo type specified');
  const given = field(type === 'static' ? 'photo' : 'animation');
  const upload = attachedFile(given, files);
  if (upload === undefined) throw badRequest('photo must be uploaded as a file');
  return upload;
}

const ALWAYS = ['can_manage_chat', 'can_change_info'] as const;
const IN_BOTH = [
  'can_promote_members',
  'can_manage_video_chats',
  'can_post_stories',
  'can_edit_stories',
  'can_delete_stories',
] as const;

/** Rights in the official key order; which there are depends on where they are for (Client.cpp:17850). */
const RIGHTS = {
  groups: [
    ...ALWAYS,
    'can_delete_messages',
    'can_invite_users',
    'can_restrict_members',
    'can_pin_messages',
    'can_manage_topics',
    ...IN_BOTH,
    'can_manage_tags',
    'can_send_welcome_messages',
    'is_anonymous',
  ],
  channels: [
    ...ALWAYS,
    'can_post_messages',
    'can_edit_messages',
    'can_delete_messages',
    'can_invite_users',
    'can_restrict_members',
    ...IN_BOTH,
    'can_manage_direct_messages',
    'can_send_welcome_messages',
    'is_anonymous',
  ],
} as const;

/** Rights that were not asked for are false. */
export function rightsFor(
  where: keyof typeof RIGHTS,
  given: Partial<ChatAdministratorRights>,
): ChatAdministratorRights {
  const names: readonly (keyof ChatAdministratorRights)[] = RIGHTS[where];
  const rights: Partial<Record<keyof ChatAdministratorRights, boolean>> = {};
  for (const name of names) rights[name] = given[name] === true;
  return rights as ChatAdministratorRights;
}

function readRights(params: Params): ChatAdministratorRights | undefined {
  const json = params.get('rights') ?? '';
  if (json === '') return undefined;
  const object = parseJsonParam(json, 'ChatAdministratorRights');
  return parsing('ChatAdministratorRights', () => {
    if (!isObject(object)) throw new FieldError('ChatAdministratorRights must be an Object');
    const names = new Set<string>([...RIGHTS.groups, ...RIGHTS.channels]);
    const rights: Record<string, boolean> = {};
    for (const name of names) rights[name] = booleanField(object, name) ?? false;
    return rights as Partial<ChatAdministratorRights> as ChatAdministratorRights;
  });
}
