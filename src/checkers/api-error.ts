import { printable } from '../base/untrusted.js';
import { textSkeleton } from '../history/match.js';
import { type CallView, chatKey, type HistoryView } from '../history/view.js';
import { type Attributions, attributionsOf } from './attribution.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import { isMeantToShow, isReply } from './replies.js';
import { weakest } from './strength.js';

/** Refusals that say: it is already so, or too late for something that nobody misses. Or somebody else's checker. */
const HARMLESS =
  /message is not modified|message to (?:delete|edit) not found|message can't be (?:deleted|edited)|query is too old|query_id_invalid|bot was (?:blocked|kicked)|user is deactivated|terminated by|webhook is active/i;
/** Another reply this soon after it takes the place of the one that was refused: a text without its markup. */
const INSTEAD_MS = 5_000;
/** Calls of each group that are shown. */
const SHOWN = 2;

/** The Bot API refused what the bot sent, so its user did not get it. */
export const apiError: Checker = {
  kinds: ['api-error'],
  explain: 'A call that was meant to show something was refused by the Bot API, and nothing took its place.',
  check(view) {
    const attributions = attributionsOf(view);
    const groups = new Map<string, CallView[]>();
    for (const call of view.calls) {
      if (!isRefused(call) || !isMissed(view, attributions, call)) continue;
      const key = `${call.started.method} ${textSkeleton(call.ended?.description ?? '')}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [call]);
      else group.push(call);
    }
    return numbered([...groups.values()].map((group) => draftOf(attributions, group)));
  },
};

function isRefused(call: CallView): boolean {
  const { ended } = call;
  if (ended === undefined || ended.ok || ended.applied || ended.fault !== undefined) return false;
  const code = ended.errorCode ?? 0;
  if (code < 400 || code >= 500 || code === 409 || code === 429) return false;
  return isMeantToShow(call) && !HARMLESS.test(ended.description ?? '');
}

/** No other reply in its chat came instead. */
function isMissed(view: HistoryView, attributions: Attributions, call: CallView): boolean {
  const { bot, chatId } = call.started;
  // A chat that does not exist is nobody's: a wrong id in the bot, and a message that somebody misses.
  if (chatId === undefined) return true;
  const update = attributions.of(call)?.update;
  const from = call.ended?.at ?? call.started.at;
  const others = view.chats.get(chatKey(bot, chatId))?.calls ?? [];
  return !others.some(
    (other) =>
      other.started.at >= from &&
      other.started.at - from <= INSTEAD_MS &&
      isReply(other) &&
      attributions.of(other)?.update === update,
  );
}

function draftOf(attributions: Attributions, group: readonly CallView[]): Draft {
  const [first] = group;
  const attribution = first === undefined ? undefined : attributions.of(first);
  const { step } = attribution?.update ?? {};
  const times = group.length === 1 ? '' : `, ${group.length} times`;
  return {
    kind: 'api-error',
    cause: 'call-refused',
    strength: attribution === undefined ? 'exact' : weakest(attribution.updateStrength, 'exact'),
    ...(step !== undefined && group.length === 1 && { step }),
    message: `${first?.started.method ?? 'A call'} was refused${times}: ${printable(first?.ended?.description ?? 'no reason', 160)}.`,
    evidence: [attribution?.update.action, ...group.slice(0, SHOWN).flatMap(bothEnds)],
  };
}
