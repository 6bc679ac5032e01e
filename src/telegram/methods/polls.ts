import type { Message, Poll, PollOption } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import { LONGEST_OPTION, MOST_OPTIONS, withoutDescription } from '../chats/poll-book.js';
import { booleanParam, INT32_MAX, integerParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import { FieldError, isObject, parseJsonParam, requiredStringField, stringField } from '../json-fields.js';
import { longId } from '../random-ids.js';
import { readReplyMarkup } from '../reply-markup.js';
import type { Entity, FormattedText } from '../text/entity.js';
import { asEntities } from '../text/entity.js';
import { codePoints, finishText, isBlank, readText, type TextFields } from '../text/formatted-text.js';
import type { World } from '../world.js';
import { applyEdit, isEditable, messageNamed } from './edits.js';
import type { Handlers } from './outcome.js';
import { closePoll, openPoll } from './poll-ends.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';

const LONGEST_QUESTION = 300;
const LONGEST_OPEN_S = 2_628_000;

const fieldsOf = (name: string): TextFields => ({
  text: name,
  mode: `${name}_parse_mode`,
  entities: `${name}_entities`,
});

export const POLL_METHODS: Handlers = {
  sendPoll: (context) => {
    const { params, world } = context;
    const given = readPoll(params);
    const to = findDestination(context, readSendOptions(params));
    const content = pollContent(world, params, given, to.chat);
    const outcome = sendContent(context, to, content);
    const canAddOptions = given.type === 'regular' && booleanParam(params, 'allow_adding_options');
    const [id] = outcome.messageIds ?? [];
    openPoll(world, content.poll, canAddOptions, id === undefined ? [] : [{ chat: to.chat, messageId: id }]);
    return outcome;
  },

  stopPoll: (context) => {
    const { params, world } = context;
    const markup = readReplyMarkup(params);
    const [chat, stored] = messageNamed(context, 'message with poll to stop', 'edit');
    const poll = stored.message.poll as Poll | undefined;
    if (poll === undefined) throw badRequest('message is not a poll');
    if (!isEditable(stored)) throw badRequest("poll can't be stopped");
    if (poll.is_closed) throw badRequest('poll has already been closed');
    const outcome = applyEdit(
      context,
      chat,
      stored,
      { poll: { ...poll, is_closed: true } },
      ['poll'],
      markup,
    );
    // Bots hear of polls that were stopped, by themselves too.
    return { ...outcome, result: withoutDescription(closePoll(world, poll)) };
  },
};

/** A poll as it was given; lengths are checked when the chat is known. */
interface GivenPoll {
  readonly question: FormattedText;
  readonly options: readonly FormattedText[];
  readonly description: FormattedText;
  readonly type: 'regular' | 'quiz';
  readonly explanation: FormattedText;
  readonly correct: readonly number[];
  readonly countries: readonly string[];
}

function readPoll(params: Params): GivenPoll {
  const question = readText(params, fieldsOf('question'));
  const options = readOptions(params.get('options') ?? '');
  const description = readText(params, fieldsOf('description'));
  const type = params.get('type') || 'regular';
  if (type !== 'regular' && type !== 'quiz') throw badRequest('unsupported poll type specified');
  const isQuiz = type === 'quiz';
  const explanation = isQuiz ? readText(params, fieldsOf('explanation')) : NO_TEXT;
  const correct = isQuiz ? readCorrect(params) : [];
  return { question, options, description, type, explanation, correct, countries: readCountries(params) };
}

/** @throws ApiError for more than twelve, or what are no texts (Client.cpp, get_strings) */
function readCountries(params: Params): string[] {
  const json = params.get('country_codes') ?? '';
  if (json === '') return [];
  const list = parseJsonParam(json, 'country_codes');
  if (!Array.isArray(list) || list.some((code: unknown) => typeof code !== 'string')) {
    throw badRequest('expected an Array of strings');
  }
  if (list.length > MOST_COUNTRIES) throw badRequest('too many strings specified');
  return list as string[];
}

const MOST_COUNTRIES = 12;

/** What polls in channels cannot be, and what only they can be. @throws ApiError */
function checkPlace(params: Params, { countries }: GivenPoll, chat: ChatState): void {
  const isChannel = chat.chat.type === 'channel';
  if (countries.some((code) => !/^[A-Z]{2}$/.test(code))) throw badRequest('invalid country code specified');
  if (!isChannel && (countries.length > 0 || booleanParam(params, 'members_only'))) {
    throw badRequest('poll voters can be restricted only in channel chats');
  }
  if (isChannel && params.has('is_anonymous') && !booleanParam(params, 'is_anonymous')) {
    throw badRequest("non-anonymous polls can't be sent to channel chats");
  }
}

const NO_TEXT: FormattedText = { text: '', entities: [] };

function readOptions(json: string): FormattedText[] {
  const list = parseJsonParam(json, 'options');
  if (!Array.isArray(list)) throw badRequest('expected an Array of String as options');
  return list.map((option: unknown) => {
    if (typeof option === 'string') return { text: option, entities: [] };
    if (!isObject(option)) throw badRequest('expected an option to be of type String');
    try {
      const fields = new Map([['text', requiredStringField(option, 'text')]]);
      const mode = stringField(option, 'text_parse_mode');
      if (mode !== undefined) fields.set('text_parse_mode', mode);
      if (option.text_entities !== undefined)
        fields.set('text_entities', JSON.stringify(option.text_entities));
      return readText(fields, fieldsOf('text'));
    } catch (error) {
      if (error instanceof FieldError)
        throw badRequest(error.message.replace(/^[CF]/, (c) => c.toLowerCase()));
      throw error;
    }
  });
}

function readCorrect(params: Params): number[] {
  const json = params.get('correct_option_ids');
  if (json === undefined) {
    const range = { fallback: -1, min: -INT32_MAX, max: INT32_MAX };
    return params.has('correct_option_id') ? [integerParam(params, 'correct_option_id', range)] : [];
  }
  const list = parseJsonParam(json, 'correct option identifiers');
  if (!Array.isArray(list)) throw badRequest('expected an Array of correct option identifiers');
  return list.map((id: unknown) => {
    if (typeof id !== 'number') throw badRequest('correct option identifier must be of type Number');
    if (!Number.isInteger(id) || Math.abs(id) > INT32_MAX) {
      throw badRequest('invalid correct option identifier specified');
    }
    return id;
  });
}

/** The message of a poll, keys in the official order. @throws ApiError */
function pollContent(
  world: World,
  params: Params,
  given: GivenPoll,
  chat: ChatState,
): Pick<Message.PollMessage, 'poll'> {
  const question = finished(world, given.question);
  if (codePoints(question.text) > LONGEST_QUESTION) {
    throw badRequest(`poll question length must not exceed ${LONGEST_QUESTION}`);
  }
  const { length } = given.options;
  if (length === 0) throw badRequest('poll must have at least one answer option');
  if (length > MOST_OPTIONS) throw badRequest(`poll can't have more than ${MOST_OPTIONS} options`);
  const options = given.options.map((option, index): PollOption => {
    const { text, entities } = finished(world, option);
    if (codePoints(text) > LONGEST_OPTION)
      throw badRequest(`poll options length must not exceed ${LONGEST_OPTION}`);
    return {
      persistent_id: String(index),
      text,
      ...(entities.length === 0 ? {} : { text_entities: asEntities(entities) }),
      voter_count: 0,
    };
  });
  if (given.type === 'quiz') checkCorrect(given.correct, length);
  checkPlace(params, given, chat);
  const openS = integerParam(params, 'open_period', { fallback: 0, min: 0, max: LONGEST_OPEN_S });
  const closeDate = integerParam(params, 'close_date', { fallback: 0, min: -INT32_MAX, max: INT32_MAX });
  const description = finishText(given.description, (id) => world.chats.user(id));
  return {
    poll: {
      id: longId(world.random),
      question: question.text,
      ...(question.entities.length === 0 ? {} : { question_entities: asEntities(question.entities) }),
      options,
      total_voter_count: 0,
      ...closing(openS, closeDate, world.clock.unixSeconds()),
      is_closed: booleanParam(params, 'is_closed'),
      is_anonymous: !params.has('is_anonymous') || booleanParam(params, 'is_anonymous'),
      allows_multiple_answers: booleanParam(params, 'allows_multiple_answers'),
      allows_revoting: params.has('allows_revoting')
        ? booleanParam(params, 'allows_revoting')
        : given.type !== 'quiz',
      members_only: booleanParam(params, 'members_only'),
      ...(given.countries.length === 0 ? {} : { country_codes: [...given.countries] }),
      type: given.type,
      ...(given.type === 'quiz' ? quizFields(world, given) : {}),
      ...(description.text === '' ? {} : { description: description.text }),
      ...(description.entities.length === 0
        ? {}
        : { description_entities: asEntities(description.entities) }),
    },
  };
}

/** Only custom emoji stay in questions and options. */
function finished(world: World, given: FormattedText): FormattedText {
  const { text, entities } = finishText(given, (id) => world.chats.user(id));
  if (isBlank(text)) throw badRequest('text must be non-empty');
  return { text, entities: entities.filter(({ type }: Entity) => type === 'custom_emoji') };
}

function checkCorrect(correct: readonly number[], options: number): void {
  if (correct.length === 0) throw badRequest('correct quiz option list must be non-empty');
  if (correct.some((id, index) => index > 0 && id <= (correct[index - 1] ?? 0))) {
    throw badRequest('correct quiz option list must be increasing');
  }
  if (correct.some((id) => id < 0 || id >= options)) throw badRequest('wrong quiz correct_option_id');
}

/** Both are shown when one is given. */
function closing(openS: number, closeDate: number, nowS: number): Pick<Poll, 'open_period' | 'close_date'> {
  if (openS > 0) return { open_period: openS, close_date: nowS + openS };
  return closeDate > nowS ? { open_period: closeDate - nowS, close_date: closeDate } : {};
}

function quizFields(
  world: World,
  { correct, explanation }: GivenPoll,
): Pick<Poll, 'correct_option_ids' | 'explanation' | 'explanation_entities'> & {
  correct_option_id?: number;
} {
  const { text, entities } = finishText(explanation, (id) => world.chats.user(id));
  const [first] = correct;
  return {
    // The older name is kept for quizzes with one answer.
    ...(correct.length === 1 && first !== undefined ? { correct_option_id: first } : {}),
    correct_option_ids: [...correct],
    ...(text === '' ? {} : { explanation: text, explanation_entities: asEntities(entities) }),
  };
}
