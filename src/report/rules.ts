import type { Summary } from './summary.js';

type Finding = Pick<Summary['findings'][number], 'kind' | 'cause' | 'chain'>;

interface Rule {
  /** The rule in one sentence. */
  readonly text: string;
  /** Where it comes from. */
  readonly source: string;
  readonly applies: (finding: Finding) => boolean;
}

const says =
  (pattern: RegExp) =>
  ({ chain }: Finding): boolean =>
    chain.some((line) => pattern.test(line));

const causedBy =
  (...causes: readonly string[]) =>
  ({ cause }: Finding): boolean =>
    causes.includes(cause);

/** Of two updates at work at once: a tap beside something else, or inputs that the bot acknowledged early? */
const isBesideTap = says(/ taps “/);

const WEBHOOKS = 'the source of the official Bot API server (WebhookActor)';
const QUEUES = 'the source of the official Bot API server (Client, queue ids of updates)';
const POLLING = 'the source of the official Bot API server (getUpdates)';

/** Rules of Telegram that findings rest on. The fake server keeps them: docs/fidelity.md. */
const RULES: readonly Rule[] = [
  {
    text: 'Telegram waits for the complete answer of a webhook (60 s, unless a fault says otherwise); without one it sends the update again, the first time at once.',
    source: WEBHOOKS,
    applies: says(/no answer to update \d+ arrives/),
  },
  {
    text: 'Only an answer from 200 to 299 acknowledges an update. After any other one Telegram sends it again: at once, then after 2 s, 4 s, 8 s and so on, until the update expires.',
    source: WEBHOOKS,
    applies: says(/the bot answers update \d+ with/),
  },
  {
    text: 'A text and a tap of one user wait in different queues and can be delivered at the same time.',
    source: QUEUES,
    applies: (finding) => finding.cause === 'concurrent-updates' && isBesideTap(finding),
  },
  {
    text: 'Telegram delivers the next update of a queue as soon as the one before it is acknowledged, whether or not the bot is done with that.',
    source: WEBHOOKS,
    applies: (finding) => finding.cause === 'concurrent-updates' && !isBesideTap(finding),
  },
  {
    text: 'Updates of different chats are delivered at the same time, over as many connections as setWebhook allows (max_connections, 40 by default).',
    source: WEBHOOKS,
    applies: causedBy('shared-variable'),
  },
  {
    text: 'Two taps are two updates with ids of their own: remembering update_ids does not help. Telegram delivers them one after the other, the second as soon as the first is acknowledged.',
    source: QUEUES,
    applies: causedBy('double-tap'),
  },
  {
    text: 'Acknowledged updates are gone for Telegram: after a restart of the bot it does not send them again.',
    source: WEBHOOKS,
    applies: causedBy('restart', 'acknowledged-then-silent'),
  },
  {
    text: 'With getUpdates, an update counts as taken only when a later call has a higher offset.',
    source: POLLING,
    applies: says(/through getUpdates/),
  },
  {
    text: 'A tap is delivered for 150 s at most, a message for a day.',
    source: QUEUES,
    applies: causedBy('expired-update'),
  },
  {
    text: 'Only one consumer can wait with getUpdates: the older one gets 409, and while a webhook is set every one does.',
    source: POLLING,
    applies: causedBy('two-consumers'),
  },
];

/** The rules of Telegram that took part in a finding, a sentence each. */
export function rulesOf(finding: Finding): string[] {
  return RULES.filter(({ applies }) => applies(finding)).map(({ text }) => text);
}

/** Every rule with the place it is taken from, for the documentation. */
export const allRules: readonly Pick<Rule, 'text' | 'source'>[] = RULES;
