import type { MessageId } from '../base/ids.js';
import type { Content } from '../history/content.js';
import type { WrittenPattern } from '../history/events.js';
import { givenOf } from '../history/given.js';
import type { CallView, ChatView, HistoryView } from '../history/view.js';
import { patternOf, shownText } from '../history/wanted.js';
import type { Attributions } from './attribution.js';
import { intentionsOf } from './conversation.js';
import { bothEnds, type Draft } from './finding.js';
import { isDeleted } from './message-life.js';
import { type Explanation, explainRedelivery, explainRepetition } from './repetition.js';
import { nameOf, shownBy } from './replies.js';
import { stepOfCall } from './step-of-call.js';
import { weakest } from './strength.js';

/** One message, or one text of an answered tap, that matches a pattern for the first time. */
interface Sight {
  readonly call: CallView;
  readonly id?: MessageId;
}

/**
 * What a scenario wants each user to see at most once, and came again. `told`: calls of which it is said already
 * that something came twice.
 */
export function seenTwice(
  view: HistoryView,
  attributions: Attributions,
  told: ReadonlySet<CallView>,
): Draft[] {
  const patterns = view.run?.patterns?.once ?? [];
  if (patterns.length === 0) return [];
  const drafts = new Map<CallView, Draft>();
  for (const pattern of patterns) {
    for (const chat of view.chats.values()) {
      const sights = sightsIn(view, chat, pattern);
      for (const [index, { call }] of sights.entries()) {
        const first = sights[index - 1]?.call;
        if (first === undefined || told.has(call) || drafts.has(call)) continue;
        drafts.set(call, draftOf(view, attributions, first, call, pattern));
      }
    }
  }
  return [...drafts.values()];
}

/** A message counts once, however often it is edited, and no more when it was deleted before the next one came. */
function sightsIn(view: HistoryView, chat: ChatView, pattern: WrittenPattern): readonly Sight[] {
  const sights: Sight[] = [];
  const known = new Set<MessageId>();
  for (const call of [...chat.calls].sort((a, b) => a.effectAt - b.effectAt)) {
    const contents = shownBy(call);
    const index = contents.findIndex((content) => matches(content, pattern));
    if (index === -1) continue;
    const id = call.ended?.messageIds?.[index] ?? call.started.messageId;
    const isToast = contents[index]?.kind === 'toast';
    if (id !== undefined && !isToast) {
      if (known.has(id)) continue;
      known.add(id);
    }
    const last = sights.at(-1);
    if (last?.id !== undefined && isDeleted(view, last.call, last.id, call.effectAt)) sights.pop();
    sights.push({ call, ...(id !== undefined && !isToast && { id }) });
  }
  return sights;
}

export const matches = (content: Content, pattern: WrittenPattern): boolean =>
  patternOf(pattern).test(shownText(content));

function draftOf(
  view: HistoryView,
  attributions: Attributions,
  first: CallView,
  second: CallView,
  { source, flags }: WrittenPattern,
): Draft {
  const { cause, strength, evidence } = explain(view, attributions, first, second);
  const step = stepOfCall(view, attributions, second);
  const laterMs = Math.max(0, Math.round(second.effectAt - first.effectAt));
  const where = step === undefined ? '' : `Step ${step.step}: `;
  const message = `${where}the ${nameOf(second)} came ${laterMs} ms after another that matches /${source}/${flags}, which each user may see once.`;
  return { kind: 'duplicate-reply', cause, strength, message, evidence, ...(step !== undefined && { step }) };
}

function explain(
  view: HistoryView,
  attributions: Attributions,
  first: CallView,
  second: CallView,
): Explanation {
  const [one, other] = [attributions.of(first), attributions.of(second)];
  const calls = [...bothEnds(first), ...bothEnds(second)];
  if (one === undefined || other === undefined)
    return { cause: 'unknown', strength: 'exact', evidence: calls };
  const intention = (one.update.step === undefined ? [] : intentionsOf(one.update.step)).find(
    ({ updates }) => updates.includes(one.update) && updates.includes(other.update),
  );
  if (intention !== undefined) return explainRepetition(view, attributions, intention.updates, one, other);
  const strength = weakest(one.updateStrength, other.updateStrength);
  const evidence = [one.update.action, other.update.action, ...calls];
  const isResend = one.update.step === other.update.step && other.update.action?.reason === 'resend';
  if (isResend) return { cause: 'impatient-resend', strength, evidence };
  const before = givenOf(other.update).filter(({ started }) => started.at < other.delivery.started.at);
  const earlier = before.at(-1);
  if (earlier === undefined) return { cause: 'unknown', strength, evidence };
  const again = explainRedelivery(view, attributions, earlier, other.delivery);
  return { cause: again.cause, strength, evidence: [...evidence, ...again.evidence] };
}
