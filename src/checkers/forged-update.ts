import { chatKey, type ForgedView, type HistoryView } from '../history/view.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';

/**
 * The bot acted on an update that was not Telegram's. Whatever it did in the chat of a person whom nobody else
 * knows, it did for that update; a request that it refused, or passed over, is none of its faults.
 */
export const forgedUpdate: Checker = {
  kinds: ['forged-update'],
  explain: 'The bot acted on an update that a stranger had posted to its webhook.',
  check(view) {
    return numbered(view.forged.flatMap((forged) => draftOf(view, forged) ?? []));
  },
};

function draftOf(view: HistoryView, { sent, answered }: ForgedView): Draft | undefined {
  const { bot, chatId, secret, secretWasSet } = sent;
  const [call] = (view.chats.get(chatKey(bot, chatId))?.calls ?? []).filter(
    ({ started }) => started.at >= sent.at,
  );
  const method = call?.started.method ?? answered?.method;
  if (method === undefined) return undefined;
  const without = secret === 'missing' ? 'without the secret token' : 'with a wrong secret token';
  return {
    kind: 'forged-update',
    cause: secretWasSet ? 'secret-not-checked' : 'no-secret-set',
    strength: 'exact',
    message: secretWasSet
      ? `An update that a stranger posted ${without} was taken for one of Telegram's, and led to ${method}.`
      : `An update that a stranger posted was taken for one of Telegram's, and led to ${method}; the webhook has no secret token.`,
    evidence: [sent, answered, ...bothEnds(call)],
  };
}
