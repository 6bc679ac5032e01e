import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as membership from '../../src/telegram/people/membership.js';
import { ANNA, BORIS } from './api-harness.js';
import { Groups } from './group-harness.js';

let groups: Groups;
beforeEach(async () => {
  groups = await Groups.start();
});
afterEach(() => groups.close());

const bot = () => groups.world.user;
const getChat = (chat_id: number | string) =>
  groups.api.result<Record<string, unknown>>('getChat', { chat_id });

/** Uploads a picture as this chat's photo. */
async function setPhoto(chat: number, file = 'picture'): Promise<unknown> {
  const form = new FormData();
  form.set('chat_id', String(chat));
  form.set('photo', new Blob([file], { type: 'image/png' }), 'p.png');
  const { body } = await groups.api.request<unknown>('setChatPhoto', { method: 'POST', body: form });
  return body.ok ? body.result : body.description;
}

describe('getChat', () => {
  test('a private chat', async () => {
    groups.api.hello();
    const lastName = { id: ANNA.id, first_name: 'Anna', username: 'anna_test', type: 'private' };
    groups.api.write({ from: ANNA, chat: lastName, text: 'x' });
    expect(Object.keys(await getChat(ANNA.id))).toEqual([
      'id',
      'first_name',
      'username',
      'type',
      'can_send_gift',
      'active_usernames',
      'accepted_gift_types',
      'max_reaction_count',
      'accent_color_id',
    ]);
  });

  test('a basic group', async () => {
    const chat = await groups.create('group', []);
    await groups.done('setChatDescription', { chat_id: chat, description: 'About' });
    const link = await groups.api.result<string>('exportChatInviteLink', { chat_id: chat });
    const info = await getChat(chat);
    expect(Object.keys(info)).toEqual([
      'id',
      'title',
      'type',
      'description',
      'invite_link',
      'permissions',
      'all_members_are_administrators',
      'accepted_gift_types',
      'max_reaction_count',
      'accent_color_id',
    ]);
    expect(info).toMatchObject({ description: 'About', invite_link: link });
    expect(Object.keys(info.permissions as object)).toEqual([
      'can_send_messages',
      'can_send_media_messages',
      'can_send_audios',
      'can_send_documents',
      'can_send_photos',
      'can_send_videos',
      'can_send_video_notes',
      'can_send_voice_notes',
      'can_send_polls',
      'can_send_other_messages',
      'can_add_web_page_previews',
      'can_react_to_messages',
      'can_edit_tag',
      'can_change_info',
      'can_invite_users',
      'can_pin_messages',
      'can_manage_topics',
    ]);
  });

  test('a supergroup by its name, and its pinned message', async () => {
    const chat = await groups.create('supergroup', ['can_pin_messages'], { username: 'garden' });
    const { message_id } = await groups.api.result('sendMessage', { chat_id: '@Garden', text: 'rules' });
    await groups.done('pinChatMessage', { chat_id: chat, message_id });
    expect(await getChat('@garden')).toMatchObject({
      id: chat,
      username: 'garden',
      type: 'supergroup',
      active_usernames: ['garden'],
      permissions: { can_send_messages: true },
      pinned_message: { message_id, text: 'rules' },
    });
  });

  test('a channel has no permissions, and a bot without the right sees no link', async () => {
    const chat = await groups.create('channel');
    await groups.api.result('exportChatInviteLink', { chat_id: chat });
    expect(await getChat(chat)).toHaveProperty('invite_link');
    membership.promoteBot(groups.world, ANNA, chat, ['can_post_messages']);
    const info = await getChat(chat);
    expect(info).not.toHaveProperty('invite_link');
    expect(info).not.toHaveProperty('permissions');
  });

  test('public chats can be read from outside', async () => {
    const open = await groups.create('supergroup', undefined, { username: 'open_garden' });
    const closed = await groups.create('supergroup');
    for (const chat_id of [open, closed]) await groups.done('leaveChat', { chat_id });
    expect(await getChat(open)).toMatchObject({ id: open });
    expect(await groups.api.error('getChat', { chat_id: closed })).toBe(
      'Forbidden: bot is not a member of the supergroup chat',
    );
  });
});

describe('title, description, photo', () => {
  test('a new title is announced, the same one is not', async () => {
    const chat = await groups.create('supergroup', ['can_change_info']);
    const title = { chat_id: chat, title: '  Winter   garden ' };
    expect(await groups.done('setChatTitle', title)).toBe(true);
    expect(await groups.done('setChatTitle', title)).toBe(true);
    const updates = await groups.updates();
    expect(updates.map(({ message }) => message)).toEqual([
      expect.objectContaining({ from: bot(), new_chat_title: 'Winter garden' }),
    ]);
    expect(updates[0]?.message?.chat).toMatchObject({ title: 'Winter garden' });
    expect(await getChat(chat)).toMatchObject({ title: 'Winter garden' });
  });

  test('in a channel it is a post', async () => {
    const chat = await groups.create('channel');
    await groups.done('setChatTitle', { chat_id: chat, title: 'News' });
    const [update] = await groups.updates();
    expect(update?.channel_post).toMatchObject({ sender_chat: { id: chat }, new_chat_title: 'News' });
    expect(update?.channel_post).not.toHaveProperty('from');
  });

  test('a description is set once, and taken away', async () => {
    const chat = await groups.create('supergroup', ['can_change_info']);
    const set = { chat_id: chat, description: ` ${'d'.repeat(300)} ` };
    expect(await groups.done('setChatDescription', set)).toBe(true);
    expect(((await getChat(chat)).description as string).length).toBe(255);
    expect(await groups.why('setChatDescription', set)).toBe('chat description is not modified');
    expect(await groups.done('setChatDescription', { chat_id: chat })).toBe(true);
    expect(await getChat(chat)).not.toHaveProperty('description');
    expect(await groups.updates()).toEqual([]);
  });

  test('a photo is uploaded, shown and deleted', async () => {
    const chat = await groups.create('supergroup', ['can_change_info']);
    expect(await setPhoto(chat)).toBe(true);
    const { photo } = (await getChat(chat)) as { photo: Record<string, string> };
    expect(Object.keys(photo)).toEqual([
      'small_file_id',
      'small_file_unique_id',
      'big_file_id',
      'big_file_unique_id',
    ]);
    const file = await groups.api.result<object>('getFile', { file_id: photo.big_file_id });
    expect(file).toMatchObject({ file_size: 7 });
    expect(await groups.done('deleteChatPhoto', { chat_id: chat })).toBe(true);
    expect(await getChat(chat)).not.toHaveProperty('photo');
    const [set, deleted] = await groups.updates();
    expect(set?.message?.new_chat_photo?.length).toBeGreaterThan(1);
    expect(deleted?.message?.delete_chat_photo).toBe(true);
    expect(await groups.why('setChatPhoto', { chat_id: chat, photo: 'https://a.test/p.jpg' })).toBe(
      'photo must be uploaded as an InputFile',
    );
    expect(await groups.why('setChatPhoto', { chat_id: chat })).toBe('there is no photo in the request');
  });

  test('what a plain member may not do, where everybody else may', async () => {
    for (const type of ['group', 'supergroup'] as const) {
      const chat = { chat_id: await groups.create(type) };
      expect(await groups.why('setChatTitle', { ...chat, title: 'x' })).toBe(
        'not enough rights to change chat title',
      );
      expect(await groups.why('setChatDescription', { ...chat, description: 'x' })).toBe(
        'not enough rights to set chat description',
      );
      expect(await groups.why('deleteChatPhoto', chat)).toBe('not enough rights to change chat photo');
      expect(await groups.why('setChatPermissions', { ...chat, permissions: {} })).toBe(
        'not enough rights to change chat permissions',
      );
      expect(await groups.why('exportChatInviteLink', chat)).toBe(
        'not enough rights to manage chat invite link',
      );
    }
  });

  test('a private chat has none of this', async () => {
    groups.api.hello();
    const chat = { chat_id: ANNA.id };
    expect(await groups.why('setChatTitle', chat)).toBe('title must be non-empty');
    expect(await groups.why('setChatTitle', { ...chat, title: 'x' })).toBe("can't change private chat title");
    expect(await groups.why('setChatDescription', chat)).toBe("can't change private chat description");
    expect(await groups.why('deleteChatPhoto', chat)).toBe("can't change private chat photo");
    expect(await groups.why('setChatPermissions', { ...chat, permissions: {} })).toBe(
      "can't change private chat permissions",
    );
  });

  test('sticker sets are for supergroups', async () => {
    const chat = await groups.create('supergroup', ['can_change_info']);
    expect(await groups.why('setChatStickerSet', { chat_id: chat })).toBe('sticker_set_name is empty');
    const where = { chat_id: chat, sticker_set_name: 'Flowers' };
    expect(await groups.why('setChatStickerSet', where)).toBe('STICKERSET_INVALID');
    const set = { name: 'Flowers', title: 'F', kind: 'regular', ownerId: 1, needsRepainting: false } as const;
    groups.api.bot.world.stickers.add({ ...set, stickers: [] });
    expect(await groups.done('setChatStickerSet', where)).toBe(true);
    expect(await getChat(chat)).toMatchObject({ sticker_set_name: 'Flowers', can_set_sticker_set: true });
    expect(await groups.done('deleteChatStickerSet', { chat_id: chat })).toBe(true);
    expect(await getChat(chat)).not.toHaveProperty('sticker_set_name');
    const group = await groups.create('group', []);
    expect(await groups.why('setChatStickerSet', { ...where, chat_id: group })).toBe(
      'method is available only for supergroups',
    );
  });
});

describe('permissions', () => {
  const permissionsAfter = async (permissions: object, more: object = {}): Promise<string[]> => {
    const chat = await groups.create('supergroup', ['can_restrict_members']);
    await groups.done('setChatPermissions', { chat_id: chat, permissions, ...more });
    const info = (await getChat(chat)).permissions as Record<string, boolean>;
    return Object.keys(info).filter((name) => info[name]);
  };

  test('one stands for others, unless they are independent', async () => {
    expect(await permissionsAfter({ can_send_polls: true })).toEqual(['can_send_messages', 'can_send_polls']);
    expect(
      await permissionsAfter({ can_send_polls: true }, { use_independent_chat_permissions: true }),
    ).toEqual(['can_send_polls']);
    expect(await permissionsAfter({ can_pin_messages: true })).toEqual([
      'can_edit_tag',
      'can_pin_messages',
      'can_manage_topics',
    ]);
    const media = await permissionsAfter({ can_send_other_messages: true });
    expect(media).toContain('can_send_photos');
    expect(media).toContain('can_send_messages');
    expect(await permissionsAfter({ can_send_media_messages: true })).toContain('can_send_voice_notes');
  });

  test('they hold for the bot too', async () => {
    const chat = await groups.create('supergroup', ['can_restrict_members']);
    await groups.done('setChatPermissions', { chat_id: chat, permissions: { can_send_photos: true } });
    await groups.api.result('sendMessage', { chat_id: chat, text: 'an administrator may' });
    membership.demoteBot(groups.world, ANNA, chat);
    expect(await groups.why('sendMessage', { chat_id: chat, text: 'x' })).toBe(
      'not enough rights to send text messages to the chat',
    );
  });

  test('what is no set of permissions', async () => {
    const chat = await groups.create('supergroup', ['can_restrict_members']);
    const why = (permissions: unknown) => groups.why('setChatPermissions', { chat_id: chat, permissions });
    expect(await why('{')).toBe("can't parse permissions JSON object");
    expect(await why([])).toBe('object expected as permissions');
    expect(await why({ can_send_polls: 1 })).toBe(
      'can\'t parse chat permissions: Field "can_send_polls" must be of type Boolean',
    );
  });

  test('the way from before there were more of them leaves the new ones alone', async () => {
    const chat = await groups.create('supergroup', ['can_restrict_members'], { members: [BORIS] });
    const who = { chat_id: chat, user_id: BORIS.id };
    await groups.done('restrictChatMember', {
      ...who,
      permissions: { can_send_polls: true, can_invite_users: true },
    });
    await groups.done('restrictChatMember', { ...who, can_send_media_messages: true });
    expect(await groups.member(chat, BORIS.id)).toMatchObject({
      can_send_messages: true,
      can_send_photos: true,
      can_send_polls: true,
      can_invite_users: true,
      can_pin_messages: false,
    });
    await groups.done('restrictChatMember', {
      ...who,
      can_send_messages: true,
      can_send_media_messages: true,
      can_send_other_messages: true,
      can_add_web_page_previews: true,
    });
    expect(await groups.member(chat, BORIS.id)).toEqual({ user: BORIS, status: 'member' });
  });
});
