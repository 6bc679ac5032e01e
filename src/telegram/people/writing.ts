import type { Chat, Message, User } from '@grammyjs/types';
import { privateChatOf } from '../chats/chat-book.js';
import { contentOf } from '../chats/message-order.js';
import type { Received } from '../contracts.js';
import type { MessageFields } from '../methods/send.js';
import { longId } from '../random-ids.js';
import type { World } from '../world.js';
import { type AlbumItem, canReplaceFile, checkAlbum, type EditedMedia, mediaOf } from './album.js';
import type { Eyes } from './eyes.js';
import {
  type AudioInput,
  type FileInput,
  fileFields,
  type MediaInputs,
  type PhotoInput,
  type StickerInput,
  type VideoInput,
  type VideoNoteInput,
  type VoiceInput,
} from './files.js';
import { type ForwardOptions, forwardMessage, forwardToDiscussion } from './forwards.js';
import { impossible } from './impossible.js';
import { unblockBot } from './membership.js';
import {
  type CaptionOptions,
  captionFields,
  deleteMessages,
  editMessage,
  findMessage,
  type MessageOptions,
  type MessageRef,
  sendMessage,
  textFields,
} from './messages.js';
import { type OwnPoll, ownPollFields } from './own-polls.js';
import {
  type ContactInput,
  contactFields,
  diceFields,
  type LivePlace,
  locationOf,
  ownContact,
  type Place,
  type VenueInput,
  venueFields,
} from './places.js';
import { nameOf, type Sender } from './sender.js';

/** Their captions can be changed. */
const CAPTIONED = ['photo', 'video', 'animation', 'audio', 'voice', 'document', 'paid_media'] as const;

export interface PersonInChatParts {
  readonly world: World;
  readonly eyes: Eyes;
  /** As they are now: people change their names, chats their titles. */
  readonly user: () => User;
  readonly phoneNumber: string;
  readonly chat: Chat;
  readonly as?: Sender['as'];
  readonly signature?: string;
}

/** What a person can write in one chat; the rest of their acts is in PersonInChat. */
export class Writing {
  protected readonly parts: PersonInChatParts;

  constructor(parts: PersonInChatParts) {
    this.parts = parts;
  }

  /** The chat as it is now. */
  get chat(): Chat {
    const { world, chat, user } = this.parts;
    if (chat.type === 'private') return privateChatOf(user());
    return world.chats.chat(chat.id)?.chat ?? chat;
  }

  /** Writes a text. Entities that Telegram finds by itself (commands, links, mentions …) are added. */
  say(text: string, options: MessageOptions = {}): Received {
    const fields = textFields(this.world, text, options.entities);
    return this.#send(() => fields, options);
  }

  /**
   * Writes `/name`, with arguments behind it.
   * @param options `mention`: in the long form `/name@the_bot`
   */
  command(
    name: string,
    args = '',
    options: Omit<MessageOptions, 'entities'> & { readonly mention?: boolean } = {},
  ): Received {
    const to = options.mention === true ? `@${this.world.user.username}` : '';
    return this.say(`/${name.replace(/^\//, '')}${to}${args === '' ? '' : ` ${args}`}`, options);
  }

  /**
   * Opens the bot by a link `https://t.me/bot?start=payload` and presses Start: `/start payload`. Who has
   * blocked the bot unblocks it so.
   */
  start(payload = ''): Received {
    if (!/^[A-Za-z0-9_-]{0,64}$/.test(payload)) {
      throw impossible(
        `“${payload}” cannot be in a link to a bot`,
        'A payload has up to 64 of A-Z, a-z, 0-9, _ and -.',
      );
    }
    const { world, chat, user } = this.parts;
    if (chat.type === 'private' && world.chats.chat(chat.id)?.access === 'blocked') unblockBot(world, user());
    return this.command('start', payload);
  }

  sendPhoto(photo: PhotoInput = {}, options: CaptionOptions = {}): Received {
    return this.#sendFile('photo', photo, options);
  }

  sendVideo(video: VideoInput = {}, options: CaptionOptions = {}): Received {
    return this.#sendFile('video', video, options);
  }

  sendAnimation(animation: VideoInput = {}, options: CaptionOptions = {}): Received {
    return this.#sendFile('animation', animation, options);
  }

  sendAudio(audio: AudioInput = {}, options: CaptionOptions = {}): Received {
    return this.#sendFile('audio', audio, options);
  }

  sendVoice(voice: VoiceInput = {}, options: CaptionOptions = {}): Received {
    return this.#sendFile('voice', voice, options);
  }

  sendVideoNote(note: VideoNoteInput = {}, options: MessageOptions = {}): Received {
    return this.#sendFile('video_note', note, withoutEntities(options));
  }

  sendDocument(document: FileInput = {}, options: CaptionOptions = {}): Received {
    return this.#sendFile('document', document, options);
  }

  sendSticker(sticker: StickerInput = {}, options: MessageOptions = {}): Received {
    return this.#sendFile('sticker', sticker, withoutEntities(options));
  }

  /** Two to ten files that belong together: a message each, with one `media_group_id`. */
  album(items: readonly AlbumItem[], options: Omit<MessageOptions, 'entities'> = {}): readonly Received[] {
    checkAlbum(items);
    const group = { media_group_id: longId(this.world.random) };
    const captions = items.map((item) => captionFields(this.world, this.sender, item));
    return items.map((item, index) =>
      this.#send((world) => ({ ...group, ...mediaOf(world, item), ...captions[index] }), options),
    );
  }

  shareLocation(place: Place, options: MessageOptions = {}): Received {
    const location = locationOf(place);
    return this.#send(() => ({ location }), options);
  }

  /** Shares where the person is, for a while: {@link moveTo} and {@link stopLocation} are edits of it. */
  shareLiveLocation(place: LivePlace, options: MessageOptions = {}): Received {
    const location = locationOf(place);
    return this.#send(() => ({ location }), options);
  }

  /** The live location is somewhere else now: `edited_message`. */
  moveTo(message: MessageRef, place: Place & Pick<Partial<LivePlace>, 'heading'>): Received {
    return this.#editLive(message, (livePeriodS, alertRadiusM) =>
      locationOf({ ...place, livePeriodS, ...(alertRadiusM === undefined ? {} : { alertRadiusM }) }),
    );
  }

  /** Ends a live location before its time: `edited_message` without `live_period`. */
  stopLocation(message: MessageRef): Received {
    return this.#editLive(message, (_, __, { latitude, longitude, horizontal_accuracy: accuracyM }) =>
      locationOf({ latitude, longitude, ...(accuracyM === undefined ? {} : { accuracyM }) }),
    );
  }

  shareVenue(venue: VenueInput, options: MessageOptions = {}): Received {
    const fields = venueFields(venue);
    return this.#send(() => fields, options);
  }

  /** Shares a contact; without one, the person's own, with `user_id`. */
  shareContact(contact?: ContactInput, options: MessageOptions = {}): Received {
    const { user, phoneNumber } = this.parts;
    const fields = contactFields(contact ?? ownContact(user(), phoneNumber));
    return this.#send(() => fields, options);
  }

  /** Throws a die; Telegram decides the value unless it is given. */
  throwDice(emoji = '🎲', options: MessageOptions & { readonly value?: number } = {}): Received {
    const fields = diceFields(this.world, emoji, options.value);
    return this.#send(() => fields, options);
  }

  /** Sends a poll of the person's own; bots hear nothing of its votes. */
  sendPoll(poll: OwnPoll, options: MessageOptions = {}): Received {
    const fields = ownPollFields(this.world, poll);
    return this.#send(() => fields, options);
  }

  /**
   * Forwards a message of this chat, by its number, or a whole Message of any other chat. Who wrote it first
   * is kept, and hidden when they wish so (`hidden`).
   */
  forward(message: number | Message, options: ForwardOptions = {}): Received {
    return forwardMessage(this.world, this.sender, message, options);
  }

  /** In a channel: Telegram puts this post into the discussion group too (`is_automatic_forward`). */
  discuss(message: MessageRef, group: Chat.SupergroupChat): Received {
    return forwardToDiscussion(this.world, this.sender, message, group);
  }

  /** Changes the text of an own message: `edited_message`, unless nothing changes. */
  editText(message: MessageRef, text: string, options: Pick<MessageOptions, 'entities'> = {}): Received {
    const fields = textFields(this.world, text, options.entities);
    return editMessage(this.world, this.sender, message, ({ message: before }) => {
      if (before.text === undefined) {
        throw impossible(
          `message ${before.message_id} has no text to edit`,
          'Use `editCaption` or `editMedia`.',
        );
      }
      return () => fields;
    });
  }

  /** Changes the caption of an own message; '' takes it away. */
  editCaption(
    message: MessageRef,
    caption: string,
    options: Pick<MessageOptions, 'entities'> = {},
  ): Received {
    const fields = captionFields(this.world, this.sender, { caption, ...options });
    return editMessage(this.world, this.sender, message, ({ message: before }) => {
      if (!CAPTIONED.some((kind) => before[kind] !== undefined)) {
        throw impossible(`message ${before.message_id} can have no caption`, 'Use `editText` for a text.');
      }
      const { caption: _, caption_entities: __, ...content } = contentOf(before);
      return () => ({ ...content, ...fields }) as MessageFields;
    });
  }

  /** Puts another file, with its caption, in the place of that of an own message. */
  editMedia(message: MessageRef, media: EditedMedia): Received {
    const caption = captionFields(this.world, this.sender, media);
    return editMessage(this.world, this.sender, message, ({ message: before }) => {
      if (!canReplaceFile(before)) {
        throw impossible(`message ${before.message_id} has no file to replace`, 'Use `editText` for a text.');
      }
      return (world) => ({ ...mediaOf(world, media), ...caption });
    });
  }

  /** Takes messages away for everybody. Bots are not told. */
  delete(...messages: readonly MessageRef[]): void {
    deleteMessages(this.world, this.sender, messages);
  }

  /** @throws SendtwiceError for a message that is not in this chat */
  message(ref: MessageRef): Message {
    return findMessage(this.world, this.sender, ref, 'look at').message as unknown as Message;
  }

  protected get world(): World {
    return this.parts.world;
  }

  protected get sender(): Sender {
    const { user, as, signature } = this.parts;
    return {
      user: user(),
      chat: this.chat,
      ...(as === undefined ? {} : { as }),
      ...(signature === undefined ? {} : { signature }),
    };
  }

  #send(content: (world: World) => MessageFields, options: MessageOptions): Received {
    return sendMessage(this.world, this.sender, content, options);
  }

  #sendFile<K extends keyof MediaInputs>(kind: K, file: MediaInputs[K], options: CaptionOptions): Received {
    const caption = captionFields(this.world, this.sender, options);
    return this.#send((world) => ({ ...fileFields(world, kind, file), ...caption }), options);
  }

  #editLive(
    ref: MessageRef,
    placeFor: (
      livePeriodS: number,
      alertRadiusM: number | undefined,
      before: Message['location'] & object,
    ) => Message['location'],
  ): Received {
    const { world } = this.parts;
    return editMessage(world, this.sender, ref, ({ message }) => {
      const before = message.location as Message['location'];
      const { live_period: period, proximity_alert_radius: radius } = before ?? {};
      if (
        before === undefined ||
        period === undefined ||
        message.date + period <= world.clock.unixSeconds()
      ) {
        throw impossible(
          `message ${message.message_id} shows no live location of ${nameOf(this.parts.user())} (any more)`,
          'Share one with `shareLiveLocation`; it ends after its `livePeriodS`.',
        );
      }
      const location = placeFor(period, radius, before);
      return () => (location === undefined ? {} : { location });
    });
  }
}

function withoutEntities({ entities: _, ...options }: MessageOptions): MessageOptions {
  return options;
}
