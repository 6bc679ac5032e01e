import type { Game } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import { isDirectMessages } from '../chats/chat-flags.js';
import type { StoredMessage } from '../chats/message-store.js';
import { booleanParam, leadingInteger, requiredParam, userIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import type { ReplyMarkup } from '../reply-markup.js';
import type { World } from '../world.js';
import { applyEdit, isEditable, isInline, messageNamed } from './edits.js';
import { mediaContent } from './media.js';
import { DONE, type Handlers, type MethodContext, type Outcome } from './outcome.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';

/** As BotFather takes them. */
const SHORT_NAME = /^[A-Za-z0-9_]{3,30}$/;

/** A game is known by its short name, which BotFather would know: any is taken for one that exists. */
export const GAME_METHODS: Handlers = {
  sendGame: (context) => {
    const { world, params } = context;
    const name = requiredParam(params, 'game_short_name');
    const to = findDestination(context, readSendOptions(params));
    if (!SHORT_NAME.test(name)) throw badRequest('wrong game short name specified');
    if (isDirectMessages(to.chat.chat)) {
      throw badRequest("games can't be sent to channel direct messages chats");
    }
    const markup = withGameButton(name, to.markup);
    const outcome = sendContent(context, { ...to, markup }, { game: gameNamed(world, name) });
    const [id] = outcome.messageIds ?? [];
    const stored = id === undefined ? undefined : to.chat.messages.get(id);
    if (stored !== undefined) to.chat.messages.put({ ...stored, game: name });
    return outcome;
  },

  setGameScore: (context) => {
    const { world, params } = context;
    const user = userIdParam(params);
    const score = leadingInteger(params.get('score') ?? '');
    const force = booleanParam(params, 'force');
    const editsMessage = doesEdit(params);
    if (isInline(context)) {
      checkUser(world, user);
      return DONE;
    }
    const [chat, stored] = messageNamed(context, 'message to set game score', 'edit');
    checkUser(world, user);
    const game = gameOf(stored);
    if (game === undefined || !isEditable(stored) || stored.message.reply_markup === undefined) {
      throw badRequest("game score can't be set");
    }
    if (score < 0) throw badRequest('SCORE_INVALID');
    const before = world.games.score(chat.id, game, user) ?? 0;
    if (!force && score <= before) throw badRequest('BOT_SCORE_NOT_MODIFIED');
    world.games.setScore(chat.id, game, user, score);
    if (!editsMessage) return { result: stored.message };
    return showScores(context, chat, stored, game);
  },

  getGameHighScores: (context) => {
    const { world, params } = context;
    const user = userIdParam(params);
    if (isInline(context)) {
      checkUser(world, user);
      return { result: [] };
    }
    const [chat, stored] = messageNamed(context, 'message to get game high scores', 'read');
    checkUser(world, user);
    const game = gameOf(stored);
    if (game === undefined) throw badRequest('MESSAGE_ID_INVALID');
    return { result: world.games.around(chat.id, game, user, (id) => world.chats.user(id)) };
  },
};

/** The older name says the opposite (Client.cpp:14161). */
function doesEdit(params: Params): boolean {
  if (params.has('disable_edit_message')) return !booleanParam(params, 'disable_edit_message');
  return params.has('edit_message') ? booleanParam(params, 'edit_message') : true;
}

function gameOf(stored: StoredMessage): string | undefined {
  const shown = stored.message.game as Game | undefined;
  return stored.game ?? shown?.title;
}

function checkUser(world: World, user: number): void {
  if (user !== world.user.id) world.chats.knownUser(user);
}

/** A game of this name, as BotFather could have made it. Text and animation are left out when there are none. */
export function gameNamed(world: World, name: string): Game {
  const file = world.files.add('photo', { identity: `game ${name}` });
  const { photo = [] } = mediaContent(world, 'photo', file);
  const game: Omit<Game, 'text' | 'text_entities' | 'animation'> = { title: name, description: name, photo };
  return game as Game;
}

/** The first button starts the game; without any keyboard there is one that does. */
function withGameButton(title: string, given: ReplyMarkup | undefined): ReplyMarkup {
  const rows = given?.inline === true ? given.markup.inline_keyboard : undefined;
  if (given !== undefined && rows === undefined) return given;
  if (rows === undefined) {
    const button = { text: `Play ${title}`, callback_game: {} };
    return { inline: true, markup: { inline_keyboard: [[button]] } };
  }
  const buttons = rows.flat();
  const starts = (button: object | undefined): boolean => button !== undefined && 'callback_game' in button;
  if (!buttons.some(starts)) throw badRequest('REPLY_MARKUP_GAME_EMPTY');
  if (!starts(buttons[0])) throw badRequest('BUTTON_POS_INVALID');
  return { inline: true, markup: { inline_keyboard: rows } };
}

/** The message shows the best players, as long as there is room. Its keyboard stays. */
function showScores(context: MethodContext, chat: ChatState, stored: StoredMessage, game: string): Outcome {
  const { world } = context;
  const lines = world.games
    .ranking(chat.id, game)
    .slice(0, 10)
    .map(({ user, score }, index) => `${index + 1}. ${world.chats.user(user)?.first_name ?? ''} – ${score}`);
  const shown = stored.message.game as Game;
  const { title, description, photo } = shown;
  const content = { game: { title, text: lines.join('\n'), description, photo } as Game };
  const markup = stored.message.reply_markup;
  return applyEdit(context, chat, stored, content, ['game'], markup && { inline: true, markup });
}
