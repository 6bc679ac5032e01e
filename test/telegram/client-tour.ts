import type { ChatInviteLink, File, ForumTopic, Message, MessageId } from '@grammyjs/types';
import { expect } from 'vitest';

/** What bots of any library do: one list of calls, and what each must come to. */

/** A library's own client, with one face for all. */
export interface Client {
  /** Runs a method of the Bot API; rejects with the library's own error. */
  readonly call: (method: string, params: Params) => Promise<unknown>;
  /** A file to upload, as this library wants it. */
  readonly file: (content: string, name: string) => unknown;
  /** What is in a file, fetched the way this library has for it. */
  readonly download: (fileId: string) => Promise<Uint8Array>;
  /** The code and the description of what `call` has rejected with. */
  readonly refusal: (error: unknown) => readonly [code: unknown, description: unknown];
}

type Params = Readonly<Record<string, unknown>>;

/** Where the tour goes. */
export interface Sights {
  /** The private chat of somebody who has started the bot. */
  readonly person: number;
  /** A forum in which the bot is an administrator. */
  readonly group: number;
  /** Somebody in the group. */
  readonly member: number;
  readonly callbackQuery: string;
  readonly inlineQuery: string;
}

export interface Step {
  /** The method, and behind a space what tells two calls of it apart. */
  readonly name: string;
  readonly params: (made: Made) => Params;
  /** What the result must hold, as in `toMatchObject`. */
  readonly gives: unknown;
}

/** What the steps before have given, by their names. */
export class Made {
  readonly #results = new Map<string, unknown>();

  keep(name: string, result: unknown): void {
    this.#results.set(name, result);
  }

  of<T>(name: string): T {
    return this.#results.get(name) as T;
  }

  /** The number of the message that a step has sent. */
  id(name: string): number | undefined {
    return this.of<MessageId | undefined>(name)?.message_id;
  }
}

const NUMBER: unknown = expect.any(Number);
const TEXT: unknown = expect.any(String);
const FILE = { file_id: TEXT, file_unique_id: TEXT, file_size: NUMBER };
const PICTURE = { ...FILE, width: NUMBER, height: NUMBER };
const KEYBOARD = { inline_keyboard: [[{ text: 'One', callback_data: 'one' }]] };

/** The calls in their order; each may use what the ones before have made. */
export function tour(
  { person, group, member, callbackQuery, inlineQuery }: Sights,
  { file }: Client,
): Step[] {
  const here = { chat_id: person };
  const there = { chat_id: group };
  const sent = {
    message_id: NUMBER,
    date: NUMBER,
    chat: { id: person, type: 'private' },
    from: { is_bot: true },
  };
  const step = (name: string, params: Params | ((made: Made) => Params), gives: unknown): Step => ({
    name,
    params: typeof params === 'function' ? params : () => params,
    gives,
  });
  return [
    step('getMe', {}, { id: NUMBER, is_bot: true, username: TEXT, can_join_groups: true }),

    step(
      'sendMessage',
      { ...here, text: 'A <b>bold</b> word & more', parse_mode: 'HTML', reply_markup: KEYBOARD },
      {
        ...sent,
        text: 'A bold word & more',
        entities: [{ type: 'bold', offset: 2, length: 4 }],
        reply_markup: KEYBOARD,
      },
    ),
    step(
      'sendMessage as a reply',
      (made) => ({ ...here, text: 'Indeed', reply_parameters: { message_id: made.id('sendMessage') } }),
      { ...sent, text: 'Indeed', reply_to_message: { text: 'A bold word & more' } },
    ),
    step(
      'sendPhoto',
      { ...here, photo: file('pixels', 'p.jpg'), caption: 'Look', show_caption_above_media: true },
      { ...sent, photo: [PICTURE, PICTURE, PICTURE], caption: 'Look', show_caption_above_media: true },
    ),
    step(
      'sendPhoto by file_id',
      (made) => ({ ...here, photo: made.of<Message.PhotoMessage>('sendPhoto').photo.at(-1)?.file_id }),
      { ...sent, photo: [PICTURE, PICTURE, PICTURE] },
    ),
    step(
      'sendAudio',
      { ...here, audio: file('sound', 's.mp3'), title: 'Song', performer: 'Choir', duration: 61 },
      { ...sent, audio: { ...FILE, duration: 61, title: 'Song', performer: 'Choir', file_name: 's.mp3' } },
    ),
    step(
      'sendDocument',
      { ...here, document: file('words', 'w.txt'), caption: 'Read' },
      { ...sent, document: { ...FILE, file_name: 'w.txt' }, caption: 'Read' },
    ),
    step(
      'sendVideo',
      { ...here, video: file('film', 'f.mp4'), width: 640, height: 480, duration: 7 },
      { ...sent, video: { ...FILE, width: NUMBER, height: NUMBER, duration: NUMBER } },
    ),
    step(
      'sendAnimation',
      { ...here, animation: file('cartoon', 'c.mp4') },
      { ...sent, animation: { ...FILE, width: NUMBER }, document: FILE },
    ),
    step(
      'sendVoice',
      { ...here, voice: file('hm', 'v.ogg'), duration: 3 },
      { ...sent, voice: { ...FILE, duration: 3 } },
    ),
    step(
      'sendVideoNote',
      { ...here, video_note: file('round', 'r.mp4'), length: 240 },
      { ...sent, video_note: { ...FILE, length: 240, duration: NUMBER } },
    ),
    step(
      'sendSticker',
      { ...here, sticker: file('glue', 's.webp') },
      {
        ...sent,
        sticker: { ...PICTURE, type: 'regular', is_animated: false, is_video: false },
      },
    ),
    step(
      'sendMediaGroup',
      {
        ...here,
        media: [
          { type: 'photo', media: file('first', '1.jpg'), caption: 'Both' },
          { type: 'video', media: file('second', '2.mp4') },
        ],
      },
      [
        { ...sent, media_group_id: TEXT, photo: [PICTURE, PICTURE, PICTURE], caption: 'Both' },
        { ...sent, media_group_id: TEXT, video: FILE },
      ],
    ),
    step(
      'sendLocation',
      { ...here, latitude: 52.5, longitude: 13.4, live_period: 600 },
      {
        ...sent,
        location: { latitude: 52.5, longitude: 13.4, live_period: 600 },
      },
    ),
    step(
      'sendVenue',
      { ...here, latitude: 1, longitude: 2, title: 'Café', address: 'Main Street' },
      { ...sent, venue: { title: 'Café', address: 'Main Street' }, location: { latitude: 1 } },
    ),
    step(
      'sendContact',
      { ...here, phone_number: '+999123', first_name: 'Eve' },
      {
        ...sent,
        contact: { phone_number: TEXT, first_name: 'Eve' },
      },
    ),
    step(
      'sendPoll',
      { ...here, question: 'Tea?', options: [{ text: 'Yes' }, { text: 'No' }], is_anonymous: false },
      {
        ...sent,
        poll: {
          id: TEXT,
          question: 'Tea?',
          options: [
            { text: 'Yes', voter_count: 0 },
            { text: 'No', voter_count: 0 },
          ],
          is_anonymous: false,
          is_closed: false,
          total_voter_count: 0,
          type: 'regular',
        },
      },
    ),
    step('sendDice', { ...here, emoji: '🎯' }, { ...sent, dice: { emoji: '🎯', value: NUMBER } }),
    step(
      'sendInvoice',
      {
        ...here,
        title: 'Mug',
        description: 'A large one',
        payload: 'mug-1',
        currency: 'XTR',
        prices: [{ label: 'Mug', amount: 20 }],
      },
      { ...sent, invoice: { title: 'Mug', currency: 'XTR', total_amount: 20 } },
    ),
    step(
      'createInvoiceLink',
      {
        title: 'Mug',
        description: 'A large one',
        payload: 'mug-2',
        currency: 'XTR',
        prices: [{ label: 'Mug', amount: 20 }],
      },
      expect.stringMatching(/^https:\/\/t\.me\/\$/),
    ),
    step('sendChatAction', { ...here, action: 'typing' }, true),

    step('editMessageText', (made) => ({ ...here, message_id: made.id('sendMessage'), text: 'Anew' }), {
      ...sent,
      text: 'Anew',
      edit_date: NUMBER,
    }),
    step(
      'editMessageReplyMarkup',
      (made) => ({ ...here, message_id: made.id('sendMessage'), reply_markup: KEYBOARD }),
      { ...sent, text: 'Anew', reply_markup: KEYBOARD },
    ),
    step(
      'editMessageCaption',
      (made) => ({ ...here, message_id: made.id('sendPhoto'), caption: 'Look again' }),
      { ...sent, caption: 'Look again', photo: [PICTURE, PICTURE, PICTURE] },
    ),
    step(
      'editMessageMedia',
      (made) => ({
        ...here,
        message_id: made.id('sendPhoto'),
        media: { type: 'document', media: file('better words', 'b.txt'), caption: 'Or read' },
      }),
      { ...sent, document: { ...FILE, file_name: 'b.txt' }, caption: 'Or read' },
    ),
    step(
      'editMessageLiveLocation',
      (made) => ({ ...here, message_id: made.id('sendLocation'), latitude: 53, longitude: 14 }),
      { ...sent, location: { latitude: 53, longitude: 14 } },
    ),
    step('stopMessageLiveLocation', (made) => ({ ...here, message_id: made.id('sendLocation') }), {
      ...sent,
      location: { latitude: 53 },
    }),
    step('stopPoll', (made) => ({ ...here, message_id: made.id('sendPoll') }), {
      question: 'Tea?',
      is_closed: true,
    }),
    step(
      'setMessageReaction',
      (made) => ({ ...here, message_id: made.id('sendDice'), reaction: [{ type: 'emoji', emoji: '👍' }] }),
      true,
    ),

    step(
      'forwardMessage',
      (made) => ({ ...there, from_chat_id: person, message_id: made.id('sendDocument') }),
      {
        chat: { id: group },
        document: FILE,
        forward_origin: { type: 'user', sender_user: { is_bot: true } },
      },
    ),
    step(
      'forwardMessages',
      (made) => ({
        ...there,
        from_chat_id: person,
        message_ids: [made.id('sendAudio'), made.id('sendVideo')],
      }),
      [{ message_id: NUMBER }, { message_id: NUMBER }],
    ),
    step(
      'copyMessage',
      (made) => ({ ...there, from_chat_id: person, message_id: made.id('sendDocument'), caption: 'A copy' }),
      { message_id: NUMBER },
    ),
    step(
      'copyMessages',
      (made) => ({ ...there, from_chat_id: person, message_ids: [made.id('sendAudio')] }),
      [{ message_id: NUMBER }],
    ),
    step('pinChatMessage', (made) => ({ ...there, message_id: made.id('forwardMessage') }), true),
    step('getChat', there, {
      id: group,
      type: 'supergroup',
      title: 'Garden',
      is_forum: true,
      accent_color_id: NUMBER,
      max_reaction_count: NUMBER,
      accepted_gift_types: { unlimited_gifts: expect.any(Boolean) },
      pinned_message: { document: FILE },
    }),
    step('unpinChatMessage', (made) => ({ ...there, message_id: made.id('forwardMessage') }), true),
    step('unpinAllChatMessages', there, true),
    step('deleteMessage', (made) => ({ ...there, message_id: made.id('copyMessage') }), true),
    step(
      'deleteMessages',
      (made) => ({
        ...there,
        message_ids: made.of<MessageId[]>('forwardMessages').map((it) => it.message_id),
      }),
      true,
    ),

    step('getChatMember', { ...there, user_id: member }, { status: 'member', user: { id: member } }),
    step('getChatMemberCount', there, NUMBER),
    step(
      'getChatAdministrators',
      { ...there, return_bots: true },
      expect.arrayContaining([expect.objectContaining({ status: 'administrator', can_pin_messages: true })]),
    ),
    step(
      'restrictChatMember',
      {
        ...there,
        user_id: member,
        permissions: { can_send_messages: false },
        use_independent_chat_permissions: true,
      },
      true,
    ),
    step(
      'getChatMember restricted',
      { ...there, user_id: member },
      {
        status: 'restricted',
        is_member: true,
        can_send_messages: false,
      },
    ),
    step('banChatMember', { ...there, user_id: member }, true),
    step('getChatMember banned', { ...there, user_id: member }, { status: 'kicked', until_date: 0 }),
    step('unbanChatMember', { ...there, user_id: member, only_if_banned: true }, true),
    step('setChatTitle', { ...there, title: 'Orchard' }, true),
    step('setChatDescription', { ...there, description: 'Apples and pears' }, true),
    step('setChatPermissions', { ...there, permissions: { can_send_messages: true } }, true),
    step('getChat after', there, {
      title: 'Orchard',
      description: 'Apples and pears',
      permissions: { can_send_messages: true },
    }),
    step(
      'createChatInviteLink',
      { ...there, name: 'For friends', member_limit: 5 },
      {
        invite_link: TEXT,
        name: 'For friends',
        member_limit: 5,
        creates_join_request: false,
        is_primary: false,
        is_revoked: false,
        creator: { is_bot: true },
      },
    ),
    step(
      'revokeChatInviteLink',
      (made) => ({ ...there, invite_link: made.of<ChatInviteLink>('createChatInviteLink').invite_link }),
      { name: 'For friends', is_revoked: true },
    ),
    step('exportChatInviteLink', there, expect.stringMatching(/^https:\/\/t\.me\/\+/)),

    step(
      'createForumTopic',
      { ...there, name: 'Harvest' },
      {
        message_thread_id: NUMBER,
        name: 'Harvest',
        icon_color: NUMBER,
      },
    ),
    step(
      'sendMessage to a topic',
      (made) => ({ ...there, message_thread_id: threadOf(made), text: 'Ten apples' }),
      { text: 'Ten apples', is_topic_message: true, message_thread_id: NUMBER },
    ),
    step('editForumTopic', (made) => ({ ...there, message_thread_id: threadOf(made), name: 'Yield' }), true),
    step('closeForumTopic', (made) => ({ ...there, message_thread_id: threadOf(made) }), true),
    step('reopenForumTopic', (made) => ({ ...there, message_thread_id: threadOf(made) }), true),
    step('deleteForumTopic', (made) => ({ ...there, message_thread_id: threadOf(made) }), true),
    step('getForumTopicIconStickers', {}, expect.any(Array)),

    step('setMyCommands', { commands: [{ command: 'start', description: 'Begin' }] }, true),
    step('getMyCommands', {}, [{ command: 'start', description: 'Begin' }]),
    step('deleteMyCommands', {}, true),
    step('setMyDescription', { description: 'Knows fruit' }, true),
    step('getMyDescription', {}, { description: 'Knows fruit' }),
    step('setChatMenuButton', { ...here, menu_button: { type: 'commands' } }, true),
    step('getChatMenuButton', here, { type: 'commands' }),

    step(
      'getFile',
      (made) => ({ file_id: made.of<Message.DocumentMessage>('sendDocument').document.file_id }),
      { ...FILE, file_path: TEXT },
    ),
    step('getUserProfilePhotos', { user_id: person }, { total_count: NUMBER, photos: expect.any(Array) }),
    step(
      'uploadStickerFile',
      { user_id: person, sticker: file('leaf', 'leaf.webp'), sticker_format: 'static' },
      { file_id: TEXT, file_unique_id: TEXT },
    ),
    step(
      'createNewStickerSet',
      (made) => ({
        user_id: person,
        name: 'leaves_by_tour_bot',
        title: 'Leaves',
        stickers: [
          { sticker: made.of<File>('uploadStickerFile').file_id, format: 'static', emoji_list: ['🍁'] },
        ],
      }),
      true,
    ),
    step(
      'getStickerSet',
      { name: 'leaves_by_tour_bot' },
      {
        name: 'leaves_by_tour_bot',
        title: 'Leaves',
        stickers: [{ emoji: '🍁', set_name: 'leaves_by_tour_bot' }],
      },
    ),
    step('deleteStickerSet', { name: 'leaves_by_tour_bot' }, true),

    step('answerCallbackQuery', { callback_query_id: callbackQuery, text: 'Done', show_alert: true }, true),
    step(
      'answerInlineQuery',
      {
        inline_query_id: inlineQuery,
        results: [
          { type: 'article', id: 'a', title: 'Apple', input_message_content: { message_text: 'An apple' } },
        ],
        cache_time: 0,
        is_personal: true,
      },
      true,
    ),
  ];
}

const threadOf = (made: Made): number | undefined =>
  made.of<ForumTopic | undefined>('createForumTopic')?.message_thread_id;

/** What the official server refuses, and its words. */
export function refusals({
  person,
  group,
}: Sights): readonly [method: string, Params, code: number, text: string][] {
  return [
    ['sendMessage', { chat_id: person, text: ' ' }, 400, 'Bad Request: text must be non-empty'],
    ['sendMessage', { chat_id: 987654321, text: 'x' }, 400, 'Bad Request: chat not found'],
    [
      'sendMessage',
      { chat_id: person, text: '<i>x', parse_mode: 'HTML' },
      400,
      'Bad Request: can\'t parse entities: Can\'t find end tag corresponding to start tag "i"',
    ],
    [
      'editMessageText',
      { chat_id: person, message_id: 99999, text: 'x' },
      400,
      'Bad Request: message to edit not found',
    ],
    [
      'deleteMessage',
      { chat_id: person, message_id: 99999 },
      400,
      'Bad Request: message to delete not found',
    ],
    [
      'answerCallbackQuery',
      { callback_query_id: '1' },
      400,
      'Bad Request: query is too old and response timeout expired or query ID is invalid',
    ],
    ['getChatMember', { chat_id: group, user_id: 77 }, 400, 'Bad Request: member not found'],
  ];
}
