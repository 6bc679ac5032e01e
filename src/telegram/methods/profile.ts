import { badRequest } from '../api-error.js';
import type { MenuButton, ProfileText } from '../chats/profile-book.js';
import { leadingInteger } from '../coercion.js';
import type { Params } from '../contracts.js';
import {
  FieldError,
  isObject,
  objectField,
  parseJsonParam,
  parsing,
  requiredStringField,
} from '../json-fields.js';
import { isWellFormed } from '../text/entity.js';
import { codePoints } from '../text/formatted-text.js';
import { checkLink, LinkError } from '../text/links.js';
import type { World } from '../world.js';
import { readLanguage } from './commands.js';
import { DONE, type Handler, type Handlers } from './outcome.js';

/** What the bot tells about itself. */
export const PROFILE_METHODS: Handlers = {
  // The codes of texts that are too long are the backend's: best knowledge.
  setMyName: setText('name', 64, 'BOT_TITLE_INVALID'),
  setMyDescription: setText('description', 512, 'BOT_DESCRIPTION_TOO_LONG'),
  setMyShortDescription: setText('short_description', 120, 'BOT_SHORT_DESCRIPTION_TOO_LONG'),

  getMyName: ({ world, params }) => ({
    result: { name: world.profile.text('name', readLanguage(params)) ?? world.user.first_name },
  }),
  getMyDescription: ({ world, params }) => ({
    result: { description: world.profile.text('description', readLanguage(params)) ?? '' },
  }),
  getMyShortDescription: ({ world, params }) => ({
    result: { short_description: world.profile.text('short_description', readLanguage(params)) ?? '' },
  }),

  setChatMenuButton: ({ world, params }) => {
    const button = readMenuButton(params);
    world.profile.setButton(checkMenuButton(button), readPerson(world, params));
    return DONE;
  },
  getChatMenuButton: ({ world, params }) => ({ result: world.profile.button(readPerson(world, params)) }),
};

function setText(kind: ProfileText, longest: number, tooLong: string): Handler {
  return ({ world, params }) => {
    const text = (params.get(kind) ?? '').trim();
    if (!isWellFormed(text)) throw badRequest('strings must be encoded in UTF-8');
    const language = readLanguage(params);
    if (codePoints(text) > longest) throw badRequest(tooLong);
    world.profile.setText(kind, language, text);
    // The name for everybody is the one in messages.
    if (kind === 'name' && language === '' && text !== '') world.user = { ...world.user, first_name: text };
    return DONE;
  };
}

/** The person whose private chat is meant; none: all chats. */
function readPerson(world: World, params: Params): number | undefined {
  const text = params.get('chat_id');
  if (text === undefined) return undefined;
  const id = leadingInteger(text);
  if (id <= 0) throw badRequest('invalid chat_id specified');
  world.chats.knownUser(id);
  return id;
}

function readMenuButton(params: Params): MenuButton {
  const json = params.get('menu_button') ?? '';
  if (json === '') return { type: 'default' };
  const button = parseJsonParam(json, 'menu button');
  return parsing('menu button', () => {
    if (!isObject(button)) throw new FieldError('MenuButton must be an Object');
    const type = requiredStringField(button, 'type');
    if (type === 'default' || type === 'commands') return { type };
    if (type !== 'web_app') throw new FieldError('MenuButton has unsupported type');
    const text = requiredStringField(button, 'text');
    const app = objectField(button, 'web_app');
    if (app === undefined) throw new FieldError('Can\'t find field "web_app"');
    return { type, text, web_app: { url: requiredStringField(app, 'url') } };
  });
}

/** @throws ApiError for a Web App that cannot be opened */
function checkMenuButton(button: MenuButton): MenuButton {
  if (button.type !== 'web_app') return button;
  if (button.text === '') throw badRequest('menu button text must be non-empty');
  try {
    return { ...button, web_app: { url: checkLink(button.web_app.url, { httpsOnly: true }) } };
  } catch (error) {
    if (error instanceof LinkError) throw badRequest(`menu button Web App ${error.message}`);
    throw error;
  }
}
