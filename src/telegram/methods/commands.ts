import { badRequest } from '../api-error.js';
import type { BotCommandEntry } from '../chats/command-book.js';
import type { Params } from '../contracts.js';
import {
  FieldError,
  isObject,
  parseJsonParam,
  parsing,
  requiredIntegerField,
  requiredStringField,
} from '../json-fields.js';
import type { World } from '../world.js';
import { DONE, type Handlers } from './outcome.js';

const LONGEST_COMMAND = 32;
const LONGEST_DESCRIPTION = 256;
const MOST_COMMANDS = 100;

export const COMMAND_METHODS: Handlers = {
  setMyCommands: ({ world, params }) => {
    const commands = readCommands(params);
    const scope = readScope(world, params);
    const language = readLanguage(params);
    for (const { command } of commands) {
      if (!/^[a-z0-9_]+$/.test(command)) throw badRequest('BOT_COMMAND_INVALID');
    }
    if (commands.length > MOST_COMMANDS) throw badRequest('BOT_COMMANDS_TOO_MUCH');
    world.commands.set(scope, language, commands);
    return DONE;
  },

  getMyCommands: ({ world, params }) => ({
    result: world.commands.get(readScope(world, params), readLanguage(params)),
  }),

  deleteMyCommands: ({ world, params }) => {
    world.commands.set(readScope(world, params), readLanguage(params), []);
    return DONE;
  },
};

function readCommands(params: Params): BotCommandEntry[] {
  const text = params.get('commands');
  if (text === undefined || text === '') return [];
  const list = parseJsonParam(text, 'commands');
  if (!Array.isArray(list)) throw badRequest('expected an Array of BotCommand');
  return list.map((item) => {
    const entry = parsing('BotCommand', () => {
      if (!isObject(item)) throw new FieldError('expected an Object');
      return {
        command: requiredStringField(item, 'command').replace(/^\//, ''),
        description: requiredStringField(item, 'description').trim(),
      };
    });
    checkLength('command', entry.command, LONGEST_COMMAND);
    checkLength('command description', entry.description, LONGEST_DESCRIPTION);
    return entry;
  });
}

function checkLength(what: string, text: string, longest: number): void {
  if (text === '') throw badRequest(`${what} must be non-empty`);
  if ([...text].length > longest) throw badRequest(`${what} length must not exceed ${longest}`);
}

/** Scopes that need a chat, and whether they need a user too. */
const CHAT_SCOPES: ReadonlyMap<string, boolean> = new Map([
  ['chat', false],
  ['chat_administrators', false],
  ['chat_member', true],
]);
const PLAIN_SCOPES = ['default', 'all_private_chats', 'all_group_chats', 'all_chat_administrators'];

/** The scope as one text, the same for the same scope. */
function readScope(world: World, params: Params): string {
  const text = params.get('scope');
  if (text === undefined || text === '') return 'default';
  const scope = parseJsonParam(text, 'BotCommandScope');
  return parsing('BotCommandScope', () => {
    if (!isObject(scope)) throw new FieldError('Expected an Object');
    const type = requiredStringField(scope, 'type');
    if (PLAIN_SCOPES.includes(type)) return type;
    const needsUser = CHAT_SCOPES.get(type);
    if (needsUser === undefined) throw new FieldError('Unsupported type specified');
    const chat = world.chats.lookUp(requiredStringField(scope, 'chat_id'))?.id;
    if (chat === undefined) throw badRequest('chat not found');
    if (!needsUser) return `${type} ${chat}`;
    const user = requiredIntegerField(scope, 'user_id');
    if (user <= 0) throw new FieldError('Invalid user_id specified');
    return `${type} ${chat} ${user}`;
  });
}

export function readLanguage(params: Params): string {
  const code = params.get('language_code') ?? '';
  if (!/^(?:[a-z]{2})?$/.test(code)) throw badRequest('invalid language code specified');
  return code;
}
