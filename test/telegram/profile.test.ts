import type {
  BotCommand,
  ChatAdministratorRights,
  UserProfileAudios,
  UserProfilePhotos,
} from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import type { audiosOf, photosOf, rightsFor } from '../../src/telegram/methods/profile-media.js';
import { ANNA, ApiHarness, GROUP, SUPERGROUP } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});
afterEach(() => api.server.close());

async function upload(method: string, params: Record<string, string>, size = 1000) {
  const form = new FormData();
  for (const [name, value] of Object.entries(params)) form.set(name, value);
  form.set('pic', new Blob([Buffer.alloc(size, size % 251)]), 'p.jpg');
  return (await api.request(method, { method: 'POST', body: form })).body;
}

const STATIC = { photo: '{"type":"static","photo":"attach://pic"}' };
const photos = (params: object = {}) =>
  api.result<UserProfilePhotos>('getUserProfilePhotos', { user_id: api.bot.id, ...params });

describe('photos', () => {
  test('of the bot come and go, newest first', async () => {
    await upload('setMyProfilePhoto', STATIC, 1000);
    await upload('setMyProfilePhoto', { photo: '{"type":"animated","animation":"attach://pic"}' }, 2000);
    const { total_count, photos: all } = await photos();
    expect(total_count).toBe(2);
    expect(all.map((sizes) => sizes.map(({ width }) => width))).toEqual([
      [160, 320, 640],
      [160, 320, 640],
    ]);
    expect(all.map((sizes) => sizes.at(-1)?.file_size)).toEqual([2000, 1000]);
    expect((await photos({ offset: 1, limit: 1 })).photos).toEqual([all[1]]);
    expect(await api.result('removeMyProfilePhoto')).toBe(true);
    expect(await photos()).toEqual({ total_count: 1, photos: [all[1]] });
    await api.result('removeMyProfilePhoto');
    expect(await api.result('removeMyProfilePhoto')).toBe(true);
  });

  test('of people are those that they have set', async () => {
    expect(await photos({ user_id: ANNA.id })).toEqual({ total_count: 0, photos: [] });
    api.bot.person(ANNA).profile.setPhoto('at sea');
    const { photos: all } = await photos({ user_id: ANNA.id });
    const file_id = all[0]?.at(-1)?.file_id;
    expect(await api.result('getFile', { file_id })).toMatchObject({
      file_path: 'profile_photos/file_0.jpg',
    });
    expect(await api.error('getUserProfilePhotos', { user_id: 7 })).toBe('Bad Request: user not found');
    expect(await api.error('getUserProfilePhotos')).toBe('Bad Request: invalid user_id specified');
    expect(await api.result('getUserProfileAudios', { user_id: ANNA.id })).toEqual({
      total_count: 0,
      audios: [],
    });
  });

  test.each([
    [{}, "photo isn't specified"],
    [{ photo: '{' }, "can't parse photo JSON object"],
    [{ photo: '[]' }, 'object expected as profile photo'],
    [{ photo: '{}' }, 'can\'t find field "type"'],
    [{ photo: '{"type":"x"}' }, 'invalid profile photo type specified'],
    [{ photo: '{"type":"static"}' }, 'can\'t find field "photo"'],
    [{ photo: '{"type":"static","photo":"abc"}' }, 'photo must be uploaded as a file'],
    [{ photo: '{"type":"animated","animation":"attach://x"}' }, 'photo must be uploaded as a file'],
  ])('setMyProfilePhoto with %j is refused', async (params, why) => {
    expect((await upload('setMyProfilePhoto', params)).description).toBe(`Bad Request: ${why}`);
  });
});

describe('default rights', () => {
  const get = (for_channels = false) =>
    api.result<ChatAdministratorRights>('getMyDefaultAdministratorRights', { for_channels });

  test('are none at first, and differ for channels', async () => {
    expect(Object.keys(await get())).toContain('can_pin_messages');
    expect(Object.keys(await get(true))).toContain('can_post_messages');
    expect(Object.values(await get()).every((right) => right === false)).toBe(true);
  });

  test('are kept until they are taken back', async () => {
    const rights = { can_pin_messages: true, is_anonymous: true, can_post_messages: true };
    expect(await api.result('setMyDefaultAdministratorRights', { rights })).toBe(true);
    expect(await get()).toMatchObject({ can_pin_messages: true, is_anonymous: true, can_change_info: false });
    expect(await get()).not.toHaveProperty('can_post_messages');
    expect(await get(true)).toMatchObject({ can_post_messages: false });
    await api.result('setMyDefaultAdministratorRights', { rights, for_channels: true });
    expect(await get(true)).toMatchObject({ can_post_messages: true });
    await api.result('setMyDefaultAdministratorRights');
    expect(await get()).toMatchObject({ can_pin_messages: false });
  });

  test.each([
    ['{', "can't parse ChatAdministratorRights JSON object"],
    ['[]', "can't parse ChatAdministratorRights: ChatAdministratorRights must be an Object"],
    [
      '{"is_anonymous":1}',
      'can\'t parse ChatAdministratorRights: Field "is_anonymous" must be of type Boolean',
    ],
  ])('%s is refused', async (rights, why) => {
    expect(await api.error('setMyDefaultAdministratorRights', { rights })).toBe(`Bad Request: ${why}`);
  });
});

test('an emoji status needs the permission of the person', async () => {
  const params = { user_id: ANNA.id, emoji_status_custom_emoji_id: '5' };
  expect(await api.error('setUserEmojiStatus', params)).toBe('Bad Request: USER_PERMISSION_DENIED');
  api.bot.person(ANNA).profile.allowEmojiStatus();
  expect(await api.result('setUserEmojiStatus', params)).toBe(true);
  api.bot.person(ANNA).profile.allowEmojiStatus(false);
  expect(await api.error('setUserEmojiStatus', params)).toBe('Bad Request: USER_PERMISSION_DENIED');
  expect(await api.error('setUserEmojiStatus', { user_id: 7 })).toBe('Bad Request: user not found');
});

test('each of the seven scopes has commands of its own, in each language', async () => {
  api.bot.addChat(GROUP);
  api.bot.addChat(SUPERGROUP);
  const scopes = [
    undefined,
    { type: 'default' },
    { type: 'all_private_chats' },
    { type: 'all_group_chats' },
    { type: 'all_chat_administrators' },
    { type: 'chat', chat_id: ANNA.id },
    { type: 'chat_administrators', chat_id: GROUP.id },
    { type: 'chat_member', chat_id: SUPERGROUP.id, user_id: ANNA.id },
  ];
  for (const [i, scope] of scopes.entries()) {
    for (const language_code of [undefined, 'de']) {
      const about = { scope, language_code };
      const commands = [{ command: `c${i}${language_code ?? ''}`, description: 'd' }];
      await api.result('setMyCommands', { ...about, commands });
      expect(await api.result<BotCommand[]>('getMyCommands', about)).toEqual(commands);
    }
  }
  expect(await api.result('getMyCommands')).toEqual([{ command: 'c1', description: 'd' }]);
  await api.result('deleteMyCommands', { scope: scopes[5], language_code: 'de' });
  expect(await api.result('getMyCommands', { scope: scopes[5], language_code: 'de' })).toEqual([]);
  expect(await api.result('getMyCommands', { scope: scopes[5] })).toEqual([
    { command: 'c5', description: 'd' },
  ]);
});

test('results have the types that bots are written against', () => {
  expectTypeOf<ReturnType<typeof photosOf>>().toExtend<UserProfilePhotos>();
  expectTypeOf<ReturnType<typeof audiosOf>>().toExtend<UserProfileAudios>();
  expectTypeOf<ReturnType<typeof rightsFor>>().toExtend<ChatAdministratorRights>();
});
