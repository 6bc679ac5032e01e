import { printable, withoutPersonal } from '../base/untrusted.js';
import { crossingsOf } from './crossings.js';
import { bothEnds, type Checker, numbered } from './finding.js';
import { nameOf } from './replies.js';

/** One user was shown what belongs to another. */
export const crossTalk: Checker = {
  kinds: ['cross-talk'],
  explain:
    'A reply shows one user the name, the id or the input of another one in the place of their own, or an answer came to the wrong chat.',
  check(view) {
    return numbered(
      [...crossingsOf(view).values()].map(({ call, step, owner, seer, value, wanted, explanation }) => ({
        kind: 'cross-talk',
        ...explanation,
        step,
        message:
          wanted === undefined
            ? `Step ${step.step}: the ${nameOf(call)} for ${owner.user} came to the chat of ${seer.user}.`
            : `Step ${step.step}: “${shown(value)}” of ${owner.user} stands where “${shown(wanted)}” of ${seer.user} belongs.`,
        evidence: [...explanation.evidence, ...bothEnds(call)],
      })),
    );
  },
};

const shown = (text: string): string => printable(withoutPersonal(text), 60);
