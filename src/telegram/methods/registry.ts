import { ALBUM_METHODS } from './albums.js';
import { ANSWER_METHODS } from './answers.js';
import { CHAT_METHODS } from './chats.js';
import { COMMAND_METHODS } from './commands.js';
import { DELETE_METHODS } from './deletes.js';
import { EDIT_METHODS } from './edits.js';
import { FILE_METHODS } from './files.js';
import { FORWARD_METHODS } from './forwards.js';
import { MEDIA_METHODS } from './media.js';
import type { Handler, Handlers } from './outcome.js';
import { shapeHandler } from './shape-result.js';
import { METHODS, type MethodName } from './table.generated.js';
import { TEXT_METHODS } from './texts.js';
import { UPDATE_METHODS } from './update-methods.js';

export interface Method {
  /** As in the documentation. */
  readonly name: string;
  /** `shape`: the result is typed and plausible, but nothing happens behind it. */
  readonly fidelity: 'modelled' | 'shape';
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
};

/** Names from before a renaming, which the official server still takes. */
const ALIASES: Readonly<Record<string, MethodName>> = {
  getchatmemberscount: 'getChatMemberCount',
  kickchatmember: 'banChatMember',
  setstickersetthumb: 'setStickerSetThumbnail',
};

const BY_LOWER_CASE: ReadonlyMap<string, Method> = new Map(allMethods());

function* allMethods(): Iterable<[string, Method]> {
  for (const name of Object.keys(METHODS) as MethodName[]) {
    const modelled = MODELLED[name];
    const method: Method =
      modelled === undefined
        ? { name, fidelity: 'shape', run: shapeHandler(METHODS[name]) }
        : { name, fidelity: 'modelled', run: modelled };
    yield [name.toLowerCase(), method];
    for (const [alias, target] of Object.entries(ALIASES)) if (target === name) yield [alias, method];
  }
}

/** By name in any case. */
export function findMethod(name: string): Method | undefined {
  return BY_LOWER_CASE.get(name.toLowerCase());
}
