import { badRequest } from '../api-error.js';
import { checkAccess } from '../chats/chat-book.js';
import { messageIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import { FieldError, isObject, parseJsonParam, parsing, requiredStringField } from '../json-fields.js';
import { DONE, type Handlers } from './outcome.js';

/** What anybody may react with, from the documentation of ReactionTypeEmoji. */
const EMOJI: ReadonlySet<string> = new Set(
  (
    '👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 ' +
    '👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡'
  ).split(' '),
);

/** A bot is no premium user: one reaction a message. */
const MOST_REACTIONS = 1;

/** A reaction of the bot shows nowhere in the Bot API, so nothing is kept of it. */
export const REACTION_METHODS: Handlers = {
  setMessageReaction: ({ world, params }) => {
    const reactions = readReactions(params);
    const chat = world.chats.find(params);
    checkAccess(chat, 'read');
    if (chat.messages.get(messageIdParam(params)) === undefined)
      throw badRequest('message to react not found');
    if (reactions.length > MOST_REACTIONS) throw badRequest('REACTIONS_TOO_MANY');
    const usable = reactions.every(({ type, value }) => type === 'custom_emoji' || EMOJI.has(plain(value)));
    if (!usable) throw badRequest('REACTION_INVALID');
    return DONE;
  },
};

interface Reaction {
  readonly type: 'emoji' | 'custom_emoji';
  readonly value: string;
}

function plain(emoji: string): string {
  return emoji.replace(/\ufe0f/g, '');
}

function readReactions(params: Params): Reaction[] {
  const json = params.get('reaction') ?? '';
  if (json === '') return [];
  const list = parseJsonParam(json, 'reaction types');
  if (!Array.isArray(list)) throw badRequest('expected an Array of ReactionType');
  return list.map((item: unknown) => parsing('ReactionType', () => readReaction(item)));
}

function readReaction(item: unknown): Reaction {
  if (!isObject(item)) throw new FieldError('expected an Object');
  const type = requiredStringField(item, 'type');
  if (type === 'emoji') return { type, value: requiredStringField(item, 'emoji') };
  if (type !== 'custom_emoji') throw new FieldError('invalid reaction type specified');
  const id = requiredStringField(item, 'custom_emoji_id');
  if (!/^-?\d{1,19}$/.test(id)) throw new FieldError('Field "custom_emoji_id" must be a valid Number');
  return { type, value: id };
}
