import type { Story } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import type { BusinessState } from '../chats/business-book.js';
import { privateChatOf } from '../chats/chat-book.js';
import { requiredParam, userIdParam } from '../coercion.js';
import type { Files, Params } from '../contracts.js';
import { attachedFile } from '../files/attached.js';
import { isObject, parseJsonParam, plainly, requiredStringField } from '../json-fields.js';
import { randomText } from '../random-ids.js';
import type { World } from '../world.js';
import { accountWith } from './business.js';
import { readInlineResult } from './inline-results.js';
import { DONE, type Handlers } from './outcome.js';
import { readCaption } from './texts.js';

const PERIODS = ['21600', '43200', '86400', '172800'];

/** Rare things whose arguments are checked; what they do is seen by nobody here. */
export const VALIDATED_RARE_METHODS: Handlers = {
  postStory: ({ world, params, files }) => {
    checkContent(params, files);
    readCaption(params);
    const account = storyAccount(world, params);
    if (!PERIODS.includes(params.get('active_period') ?? '')) throw badRequest('STORY_PERIOD_INVALID');
    return { result: storyOf(account) };
  },

  editStory: ({ world, params, files }) => {
    checkContent(params, files);
    readCaption(params);
    return { result: storyOf(storyAccount(world, params), Number(requiredParam(params, 'story_id'))) };
  },

  deleteStory: ({ world, params }) => {
    storyAccount(world, params);
    return DONE;
  },

  verifyUser: ({ world, params }) => {
    world.chats.knownUser(userIdParam(params));
    return DONE;
  },
  removeUserVerification: ({ params }) => {
    userIdParam(params);
    return DONE;
  },
  verifyChat: ({ world, params }) => {
    world.chats.findFor(params, 'read');
    return DONE;
  },
  removeChatVerification: ({ world, params }) => {
    world.chats.findFor(params, 'read');
    return DONE;
  },

  answerGuestQuery: ({ world, params }) => {
    const result = readInlineResult(world, params);
    return {
      result: result.markup === undefined ? {} : { inline_message_id: randomText(world.random, 32) },
    };
  },
};

function checkContent(params: Params, files: Files): void {
  const json = params.get('content') ?? '';
  if (json === '') throw badRequest("story content isn't specified");
  const content = parseJsonParam(json, 'story content');
  if (!isObject(content)) throw badRequest('object expected as story content');
  const type = plainly(() => requiredStringField(content, 'type'));
  if (type !== 'photo' && type !== 'video') throw badRequest('invalid story content type specified');
  const given = plainly(() => requiredStringField(content, type));
  if (attachedFile(given, files) === undefined) throw badRequest(`story ${type} must be uploaded as a file`);
}

export function storyAccount(world: World, params: Params): BusinessState {
  return accountWith(world, params, 'can_manage_stories');
}

/** Stories are numbered by account; none is kept. */
export function storyOf({ user, counter }: BusinessState, id?: number): Story {
  counter.last += id === undefined ? 1 : 0;
  return { chat: privateChatOf(user), id: id ?? counter.last };
}
