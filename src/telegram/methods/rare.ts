import { badRequest } from '../api-error.js';
import { checkAccess } from '../chats/chat-book.js';
import { booleanParam, requiredParam, userIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import {
  arrayField,
  FieldError,
  isObject,
  type JsonObject,
  parseJsonParam,
  parsing,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import type { World } from '../world.js';
import { DONE, type Handlers } from './outcome.js';
import { storyAccount, storyOf } from './stories.js';

const JOIN_RESULTS: readonly string[] = ['approve', 'decline', 'queue'];
const MOST_ADDED_USERS = 10;
const STORY_PERIODS = ['21600', '43200', '86400', '172800'];

/** Methods whose arguments are checked; nobody here sees what they do. */
export const VALIDATED_MORE_METHODS: Handlers = {
  /** No join request comes with a query here, so none can be answered (the bot would be a guard bot). */
  answerChatJoinRequestQuery: ({ params }) => {
    requiredParam(params, 'chat_join_request_query_id');
    const result = requiredParam(params, 'result');
    if (!JOIN_RESULTS.includes(result)) throw badRequest('invalid result specified');
    throw badRequest('QUERY_ID_INVALID');
  },

  sendChatJoinRequestWebApp: ({ params }) => {
    requiredParam(params, 'chat_join_request_query_id');
    const url = requiredParam(params, 'web_app_url');
    if (!URL.canParse(url) || !/^https:/i.test(url)) throw badRequest('web App URL is invalid');
    throw badRequest('QUERY_ID_INVALID');
  },

  /** Client.cpp:14094 */
  setManagedBotAccessSettings: ({ world, params }) => {
    const id = userIdParam(params);
    if (booleanParam(params, 'is_access_restricted')) readUserIds(params);
    requireUser(world, id);
    return DONE;
  },

  /** Client.cpp:15672 */
  setPassportDataErrors: ({ world, params }) => {
    const id = userIdParam(params);
    readPassportErrors(params);
    requireUser(world, id);
    return DONE;
  },

  /** Client.cpp:13908 */
  repostStory: ({ world, params }) => {
    requiredParam(params, 'from_chat_id');
    const account = storyAccount(world, params);
    checkAccess(world.chats.find(params, 'from_chat_id'), 'read');
    if (!STORY_PERIODS.includes(params.get('active_period') ?? '')) throw badRequest('STORY_PERIOD_INVALID');
    return { result: storyOf(account) };
  },
};

function requireUser(world: World, id: number): void {
  if (world.chats.user(id) === undefined) throw badRequest('user not found');
}

/** Client.cpp: get_user_ids */
function readUserIds(params: Params): void {
  const text = params.get('added_user_ids') ?? '';
  if (text === '') return;
  const ids = parseJsonParam(text, 'added_user_ids');
  if (!Array.isArray(ids)) throw badRequest('expected an Array of user identifiers');
  if (ids.length > MOST_ADDED_USERS) throw badRequest('too many user identifiers specified');
  for (const id of ids) {
    if (!Number.isSafeInteger(Number(id)) || Number(id) <= 0) {
      throw badRequest('invalid user identifier specified');
    }
  }
}

const PASSPORT_TYPES: ReadonlySet<string> = new Set([
  ...['personal_details', 'passport', 'driver_license', 'identity_card', 'internal_passport', 'address'],
  ...['utility_bill', 'bank_statement', 'rental_agreement', 'passport_registration'],
  ...['temporary_registration', 'phone_number', 'email'],
]);
const ONE_FILE: ReadonlySet<string> = new Set([
  ...['file', 'selfie', 'translation_file', 'front_side', 'reverse_side'],
]);

/** Client.cpp:11124 */
function readPassportErrors(params: Params): void {
  const errors = parseJsonParam(params.get('errors') ?? '', 'errors');
  if (!Array.isArray(errors)) throw badRequest('expected an Array of PassportElementError');
  for (const error of errors) {
    parsing('PassportElementError', () => {
      if (!isObject(error)) throw new FieldError('expected an Object');
      if (!PASSPORT_TYPES.has(requiredStringField(error, 'type'))) {
        throw new FieldError('wrong Telegram Passport element type specified');
      }
      requiredStringField(error, 'message');
      readSource(error);
    });
  }
}

/** Client.cpp:11064 */
function readSource(error: JsonObject): void {
  const source = stringField(error, 'source') ?? '';
  if (source === '' || source === 'unspecified') {
    checkHash(requiredStringField(error, 'element_hash'));
  } else if (source === 'data') {
    checkHash(requiredStringField(error, 'data_hash'));
    requiredStringField(error, 'field_name');
  } else if (ONE_FILE.has(source)) {
    checkHash(requiredStringField(error, 'file_hash'));
  } else if (source === 'files' || source === 'translation_files') {
    const hashes = arrayField(error, 'file_hashes');
    if (hashes === undefined) throw new FieldError('Can\'t find field "file_hashes"');
    for (const hash of hashes) {
      if (typeof hash !== 'string') throw new FieldError('hash must be a string');
      checkHash(hash);
    }
  } else {
    throw new FieldError('wrong source specified');
  }
}

function checkHash(hash: string): void {
  if (hash.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(hash)) {
    throw new FieldError("hash isn't a valid base64-encoded string");
  }
}
