import type { PhotoSize } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { bookOf, type ChatState, retitle } from '../chats/chat-book.js';
import { requireRight } from '../chats/member-rights.js';
import { basicGroupFields, type Permissions } from '../chats/member-status.js';
import { existingSet } from '../chats/sticker-book.js';
import type { Files, Params, UploadedFile } from '../contracts.js';
import { attachedFile } from '../files/attached.js';
import type { World } from '../world.js';
import { mediaContent, storeInput } from './media.js';
import { DONE, type Handlers } from './outcome.js';
import { readPermissions } from './permissions.js';
import { announce } from './service-messages.js';

const LONGEST_TITLE = 128;
const LONGEST_DESCRIPTION = 255;

/** What a chat is called and looks like, and what everybody may do in it. */
export const CHAT_SETTING_METHODS: Handlers = {
  setChatTitle: ({ world, params }) => {
    const chat = world.chats.findFor(params, 'write');
    const title = cleanLine(params.get('title') ?? '', LONGEST_TITLE);
    if (title === '') throw badRequest('title must be non-empty');
    if (chat.chat.type === 'private') throw badRequest("can't change private chat title");
    requireRight(world, chat, 'can_change_info', 'not enough rights to change chat title');
    if (chat.chat.title === title) return DONE;
    retitle(chat, title);
    announce(world, chat, { new_chat_title: title });
    return DONE;
  },

  setChatDescription: ({ world, params }) => {
    const chat = world.chats.findFor(params, 'write');
    const description = firstCharacters((params.get('description') ?? '').trim(), LONGEST_DESCRIPTION);
    if (chat.chat.type === 'private') throw badRequest("can't change private chat description");
    requireRight(world, chat, 'can_change_info', 'not enough rights to set chat description');
    const book = bookOf(chat);
    if (book.description === description) throw badRequest('chat description is not modified');
    book.description = description;
    return DONE;
  },

  setChatPermissions: ({ world, params }) => {
    const { permissions } = readPermissions(params, false);
    const chat = world.chats.findFor(params, 'write');
    const { type } = chat.chat;
    if (type === 'private') throw badRequest("can't change private chat permissions");
    if (type === 'channel') throw badRequest("can't change channel chat permissions");
    requireRight(world, chat, 'can_restrict_members', 'not enough rights to change chat permissions');
    setPermissions(chat, permissions);
    return DONE;
  },

  setChatPhoto: ({ world, params, files }) => {
    const upload = uploadedPhoto(params, files);
    const chat = world.chats.findFor(params, 'write');
    checkMayChangePhoto(world, chat);
    const { photo } = mediaContent(world, 'photo', storeInput(world, { upload }, 'photo'));
    setPhoto(chat, photo);
    announce(world, chat, { new_chat_photo: photo });
    return DONE;
  },

  deleteChatPhoto: ({ world, params }) => {
    const chat = world.chats.findFor(params, 'write');
    checkMayChangePhoto(world, chat);
    if (chat.book?.photo === undefined) throw badRequest('CHAT_NOT_MODIFIED');
    delete chat.book.photo;
    announce(world, chat, { delete_chat_photo: true });
    return DONE;
  },

  setChatStickerSet: ({ world, params }) => {
    const chat = supergroup(world, params);
    const name = params.get('sticker_set_name') ?? '';
    if (name === '') throw badRequest('sticker_set_name is empty');
    existingSet(world.stickers, name);
    requireRight(world, chat, 'can_change_info', 'not enough rights to change supergroup sticker set');
    bookOf(chat).stickerSet = name;
    return DONE;
  },

  deleteChatStickerSet: ({ world, params }) => {
    const chat = supergroup(world, params);
    requireRight(world, chat, 'can_change_info', 'not enough rights to change supergroup sticker set');
    delete bookOf(chat).stickerSet;
    return DONE;
  },
};

function supergroup(world: World, params: Params): ChatState {
  const chat = world.chats.findFor(params, 'write');
  if (chat.chat.type !== 'supergroup') throw badRequest('method is available only for supergroups');
  return chat;
}

/** A file_id or URL will not do (Client.cpp:14750). */
function uploadedPhoto(params: Params, files: Files): UploadedFile {
  const given = params.get('photo') ?? '';
  const upload = attachedFile(given, files) ?? files.get('photo');
  if (upload !== undefined) return upload;
  throw badRequest(
    given === '' ? 'there is no photo in the request' : 'photo must be uploaded as an InputFile',
  );
}

function checkMayChangePhoto(world: World, chat: ChatState): void {
  if (chat.chat.type === 'private') throw badRequest("can't change private chat photo");
  requireRight(world, chat, 'can_change_info', 'not enough rights to change chat photo');
}

/** The chat looks like this from now on. */
export function setPhoto(chat: ChatState, photo: readonly PhotoSize[] = []): void {
  const [small, big] = [photo[0], photo.at(-1)];
  if (small === undefined || big === undefined) return;
  bookOf(chat).photo = {
    small_file_id: small.file_id,
    small_file_unique_id: small.file_unique_id,
    big_file_id: big.file_id,
    big_file_unique_id: big.file_unique_id,
  };
}

/** The same again is no error and no event. */
function setPermissions(chat: ChatState, permissions: Permissions): void {
  bookOf(chat).permissions = permissions;
  if (chat.chat.type === 'group') chat.chat = { ...chat.chat, ...basicGroupFields(permissions) };
}

/** One line, without space around it and doubled inside. */
function cleanLine(text: string, longest: number): string {
  return firstCharacters(text.replace(/\s+/gu, ' ').trim(), longest).trim();
}

function firstCharacters(text: string, count: number): string {
  return [...text].slice(0, count).join('');
}
