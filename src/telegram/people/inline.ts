import type { InlineQuery, Location, Message, User } from '@grammyjs/types';
import type { ChatId } from '../../base/ids.js';
import type { InlineAnswer } from '../chats/inline-query-book.js';
import { asMessage } from '../chats/message-store.js';
import type { Received } from '../contracts.js';
import { type PostedInline, postInline } from '../methods/inline-messages.js';
import type { InlineResult } from '../methods/inline-results.js';
import { makeQueryId, randomText } from '../random-ids.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';

export interface InlineQueryOptions {
  /** As the bot gave it in `next_offset`; '' when left out. */
  readonly offset?: string;
  readonly chatType?: NonNullable<InlineQuery['chat_type']>;
  /** Only bots that ask for it get one. */
  readonly location?: Location;
}

export interface InlineQueryAsked {
  readonly queryId: string;
  /** Absent when an earlier answer still serves: then the bot is not asked. */
  readonly received?: Received;
}

/** A person types `@bot text` in some chat. */
export function inlineQuery(
  world: World,
  person: User,
  text: string,
  options: InlineQueryOptions = {},
): InlineQueryAsked {
  const question = { userId: person.id, query: text, offset: options.offset ?? '' };
  const cached = world.inlineQueries.cachedAnswer(question);
  if (cached !== undefined) return { queryId: cached.queryId };
  const id = makeQueryId(world.random, person.id);
  const received = receive(world, {
    kind: 'inline_query',
    payload: {
      id,
      from: person,
      ...(options.location === undefined ? {} : { location: options.location }),
      ...(options.chatType === undefined ? {} : { chat_type: options.chatType }),
      query: text,
      offset: question.offset,
    },
  });
  world.inlineQueries.open(id, question);
  return { queryId: id, received };
}

/** What the bot has answered, as people's apps get it; nothing while there is no answer. */
function inlineAnswer(world: World, queryId: string): InlineAnswer | undefined {
  return world.inlineQueries.answerTo(queryId);
}

export interface ChooseOptions {
  /** The chat that the message goes to. Left out: one that the bot does not know. */
  readonly chatId?: ChatId;
  /** The text of the query as the bot gets it again. The one that was asked is not kept with the answer. */
  readonly query?: string;
  /** Does the bot have inline feedback (set with @BotFather)? True when left out. */
  readonly feedback?: boolean;
}

export interface Chosen extends PostedInline {
  /** The `chosen_inline_result`. */
  readonly chosen?: Received;
}

/**
 * A person picks a result of an answer: the message is sent through the bot, and the bot gets
 * `chosen_inline_result`.
 * @throws SendtwiceError when there is no such result
 */
function chooseInlineResult(
  world: World,
  person: User,
  queryId: string,
  resultId: string,
  options: ChooseOptions = {},
): Chosen {
  const result = world.inlineQueries.answerTo(queryId)?.results.find(({ id }) => id === resultId);
  if (result === undefined) {
    throw impossible(
      `Query ${queryId} has no result ${resultId}`,
      'Choose after the bot has answered, one of the results that it gave.',
    );
  }
  world.chats.addUser(person);
  const posted = post(world, person, result, options.chatId);
  if (options.feedback === false) return posted;
  const chosen = receive(world, {
    kind: 'chosen_inline_result',
    payload: {
      from: person,
      ...(posted.inlineMessageId === undefined ? {} : { inline_message_id: posted.inlineMessageId }),
      query: options.query ?? '',
      result_id: resultId,
    },
  });
  return { ...posted, chosen };
}

/** A person taps a callback button of a message that was sent through the bot. */
function tapInline(world: World, person: User, inlineMessageId: string, data: string): Received {
  return receive(world, {
    kind: 'callback_query',
    payload: { from: person, inline_message_id: inlineMessageId, data },
  });
}

/** A person opens a Web App from which a message can be sent. Returns the `query_id` that the app gets. */
export function openWebApp(world: World, person: User): string {
  world.chats.addUser(person);
  const id = randomText(world.random, 24);
  world.inlineQueries.openWebApp(id, person.id);
  return id;
}

/**
 * A person shares what `savePreparedInlineMessage` prepared.
 * @throws SendtwiceError when there is none for this person, or it has expired
 */
function sharePrepared(
  world: World,
  person: User,
  preparedId: string,
  options: Pick<ChooseOptions, 'chatId'> = {},
): PostedInline {
  const prepared = world.inlineQueries.prepared(preparedId);
  if (prepared?.userId !== person.id) {
    throw impossible(
      `User ${person.id} has no prepared message ${preparedId}`,
      'Share what savePreparedInlineMessage prepared for this user, within a day.',
    );
  }
  return post(world, person, prepared.result, options.chatId);
}

function post(world: World, person: User, result: InlineResult, chatId: ChatId | undefined): PostedInline {
  const chat = chatId === undefined ? undefined : world.chats.lookUp(String(chatId));
  return postInline(world, person, result, chat);
}

/** What one person does with the bot in other chats. */
export interface InlineActs {
  /** @see inlineQuery */
  query(text: string, options?: InlineQueryOptions): InlineQueryAsked;
  /** @see inlineAnswer */
  answer(queryId: string): InlineAnswer | undefined;
  /** @see chooseInlineResult */
  choose(queryId: string, resultId: string, options?: ChooseOptions): Chosen;
  /** @see tapInline */
  tap(inlineMessageId: string, data: string): Received;
  /** @see openWebApp */
  openWebApp(): string;
  /** @see sharePrepared */
  share(preparedId: string, options?: Pick<ChooseOptions, 'chatId'>): PostedInline;
  /** The message as people see it now; nothing for an id that is unknown. */
  message(inlineMessageId: string): Message | undefined;
}

export function inlineActsOf(world: World, person: User): InlineActs {
  return {
    query: (text, options) => inlineQuery(world, person, text, options),
    answer: (queryId) => inlineAnswer(world, queryId),
    choose: (queryId, resultId, options) => chooseInlineResult(world, person, queryId, resultId, options),
    tap: (inlineMessageId, data) => tapInline(world, person, inlineMessageId, data),
    openWebApp: () => openWebApp(world, person),
    share: (preparedId, options) => sharePrepared(world, person, preparedId, options),
    message: (inlineMessageId) => {
      const stored = world.inlineQueries.stored(inlineMessageId);
      return stored === undefined ? undefined : asMessage(stored.message);
    },
  };
}
