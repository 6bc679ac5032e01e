import { ALBUM_METHODS } from './albums.js';
import { ANSWER_METHODS, VALIDATED_ANSWERS } from './answers.js';
import { CHAT_METHODS } from './chats.js';
import { COMMAND_METHODS } from './commands.js';
import { DELETE_METHODS } from './deletes.js';
import { DICE_METHODS } from './dice.js';
import { EDIT_METHODS } from './edits.js';
import { FILE_METHODS } from './files.js';
import { FORWARD_METHODS } from './forwards.js';
import { INLINE_ANSWER_METHODS } from './inline-answers.js';
import { INVOICE_METHODS } from './invoices.js';
import { MEDIA_METHODS } from './media.js';
import type { Handler, Handlers } from './outcome.js';
import { PIN_METHODS } from './pins.js';
import { PLACE_METHODS } from './places.js';
import { POLL_METHODS } from './polls.js';
import { PROFILE_METHODS } from './profile.js';
import { REACTION_METHODS } from './reactions.js';
import { shapeHandler } from './shape-result.js';
import { METHODS, type MethodName } from './table.generated.js';
import { TEXT_METHODS } from './texts.js';
import { UPDATE_METHODS } from './update-methods.js';

export interface Method {
  /** As in the documentation. */
  readonly name: string;
  /**
   * `validated`: its arguments are checked as the official server does, and the result is plausible, but
   * nothing happens behind it. `shape`: only missing arguments and chats are found.
   */
  readonly fidelity: 'modelled' | 'validated' | 'shape';
  readonly run: Handler;
}

/** Methods with real behaviour. All others of the table answer with a result of the right shape. */
const MODELLED: Handlers = {
  ...UPDATE_METHODS,
  ...TEXT_METHODS,
  ...MEDIA_METHODS,
  ...ALBUM_METHODS,
  ...EDIT_METHODS,
  ...DELETE_METHODS,
  ...FORWARD_METHODS,
  ...ANSWER_METHODS,
  ...COMMAND_METHODS,
  ...FILE_METHODS,
  ...CHAT_METHODS,
  ...PLACE_METHODS,
  ...DICE_METHODS,
  ...POLL_METHODS,
  ...INVOICE_METHODS,
  ...PIN_METHODS,
  ...PROFILE_METHODS,
};

const VALIDATED: Handlers = { ...VALIDATED_ANSWERS, ...INLINE_ANSWER_METHODS, ...REACTION_METHODS };

/** Names from before a renaming, which the official server still takes. */
const ALIASES: Readonly<Record<string, MethodName>> = {
  getchatmemberscount: 'getChatMemberCount',
  kickchatmember: 'banChatMember',
  setstickersetthumb: 'setStickerSetThumbnail',
};

const BY_LOWER_CASE: ReadonlyMap<string, Method> = new Map(allMethods());

function* allMethods(): Iterable<[string, Method]> {
  for (const name of Object.keys(METHODS) as MethodName[]) {
    const method = methodNamed(name);
    yield [name.toLowerCase(), method];
    for (const [alias, target] of Object.entries(ALIASES)) if (target === name) yield [alias, method];
  }
}

function methodNamed(name: MethodName): Method {
  const modelled = MODELLED[name];
  if (modelled !== undefined) return { name, fidelity: 'modelled', run: modelled };
  const validated = VALIDATED[name];
  if (validated !== undefined) return { name, fidelity: 'validated', run: validated };
  return { name, fidelity: 'shape', run: shapeHandler(METHODS[name]) };
}

/** Every method of the table, in its order. */
export function listMethods(): readonly Method[] {
  return (Object.keys(METHODS) as MethodName[]).map(methodNamed);
}

/** By name in any case. */
export function findMethod(name: string): Method | undefined {
  return BY_LOWER_CASE.get(name.toLowerCase());
}
