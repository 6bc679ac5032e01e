import { ACTION_METHODS } from './actions.js';
import { ALBUM_METHODS } from './albums.js';
import { ANSWER_METHODS } from './answers.js';
import { BUSINESS_METHODS, VALIDATED_BUSINESS_METHODS } from './business.js';
import { CHAT_SETTING_METHODS } from './chat-settings.js';
import { CHAT_METHODS } from './chats.js';
import { CHECKLIST_METHODS } from './checklists.js';
import { COMMAND_METHODS } from './commands.js';
import { DELETE_METHODS } from './deletes.js';
import { DICE_METHODS } from './dice.js';
import { EDIT_METHODS } from './edits.js';
import { VALIDATED_EPHEMERAL_METHODS } from './ephemeral.js';
import { FILE_METHODS } from './files.js';
import { FORWARD_METHODS } from './forwards.js';
import { GAME_METHODS } from './games.js';
import { genericChecks } from './generic-checks.js';
import { GIFT_METHODS } from './gifts.js';
import { INLINE_ANSWER_METHODS, VALIDATED_INLINE_METHODS } from './inline-answers.js';
import { INVITE_METHODS } from './invites.js';
import { INVOICE_METHODS } from './invoices.js';
import { JOIN_REQUEST_METHODS } from './join-requests.js';
import { LIVE_LOCATION_METHODS } from './live-locations.js';
import { LIVE_PHOTO_METHODS } from './live-photos.js';
import { MEDIA_METHODS } from './media.js';
import { MEMBER_METHODS } from './members.js';
import { MODERATION_METHODS } from './moderation.js';
import type { Handler, Handlers } from './outcome.js';
import { PAID_MEDIA_METHODS } from './paid-media.js';
import { PAYMENT_METHODS } from './payments.js';
import { PIN_METHODS } from './pins.js';
import { PLACE_METHODS } from './places.js';
import { POLL_METHODS } from './polls.js';
import { PROFILE_METHODS } from './profile.js';
import { PROFILE_MEDIA_METHODS, VALIDATED_PROFILE_METHODS } from './profile-media.js';
import { VALIDATED_MORE_METHODS } from './rare.js';
import { REACTION_METHODS } from './reactions.js';
import { VALIDATED_RICH_METHODS } from './rich.js';
import { SENDER_CHAT_METHODS } from './sender-chats.js';
import { SESSION_METHODS } from './session.js';
import { shapeHandler } from './shape-result.js';
import { STICKER_METHODS } from './stickers.js';
import { VALIDATED_RARE_METHODS } from './stories.js';
import { VALIDATED_SUGGESTIONS } from './suggestions.js';
import { METHODS, type MethodName } from './table.generated.js';
import { TEXT_METHODS } from './texts.js';
import { TOPIC_ICON_METHODS } from './topic-icons.js';
import { TOPIC_METHODS } from './topics.js';
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
  ...CHAT_SETTING_METHODS,
  ...MEMBER_METHODS,
  ...MODERATION_METHODS,
  ...SENDER_CHAT_METHODS,
  ...INVITE_METHODS,
  ...JOIN_REQUEST_METHODS,
  ...PLACE_METHODS,
  ...DICE_METHODS,
  ...POLL_METHODS,
  ...INVOICE_METHODS,
  ...PAYMENT_METHODS,
  ...INLINE_ANSWER_METHODS,
  ...STICKER_METHODS,
  ...GIFT_METHODS,
  ...BUSINESS_METHODS,
  ...PROFILE_MEDIA_METHODS,
  ...SESSION_METHODS,
  ...PIN_METHODS,
  ...TOPIC_METHODS,
  ...TOPIC_ICON_METHODS,
  ...REACTION_METHODS,
  ...ACTION_METHODS,
  ...CHECKLIST_METHODS,
  ...GAME_METHODS,
  ...LIVE_LOCATION_METHODS,
  ...LIVE_PHOTO_METHODS,
  ...PAID_MEDIA_METHODS,
  ...PROFILE_METHODS,
};

const VALIDATED: Handlers = {
  ...VALIDATED_SUGGESTIONS,
  ...VALIDATED_BUSINESS_METHODS,
  ...VALIDATED_PROFILE_METHODS,
  ...VALIDATED_RARE_METHODS,
  ...VALIDATED_INLINE_METHODS,
  ...VALIDATED_RICH_METHODS,
  ...VALIDATED_MORE_METHODS,
  ...VALIDATED_EPHEMERAL_METHODS,
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
  const checks = genericChecks(METHODS[name]);
  return {
    name,
    fidelity: checks.complete ? 'validated' : 'shape',
    run: shapeHandler(METHODS[name], checks),
  };
}

/** Every method of the table, in its order. */
export function listMethods(): readonly Method[] {
  return (Object.keys(METHODS) as MethodName[]).map(methodNamed);
}

/** By name in any case. */
export function findMethod(name: string): Method | undefined {
  return BY_LOWER_CASE.get(name.toLowerCase());
}
