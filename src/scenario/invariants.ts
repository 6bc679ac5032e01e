import type { ProbeDeed } from '../replay/deed.js';
import type { ReplayHooks } from '../replay/options.js';
import { filledFor, type UserFacts } from '../replay/user-texts.js';

/** Asks for each user what must hold when the play is over, one after the other: the bot is done by now. */
export async function askInvariants(
  invariants: readonly ProbeDeed[],
  users: readonly UserFacts[],
  perform: NonNullable<ReplayHooks['perform']>,
  signal: AbortSignal,
): Promise<void> {
  for (const facts of users) {
    const { user, session, chatId, userId } = facts;
    for (const invariant of invariants) {
      if (signal.aborted) return;
      await perform(filledFor(invariant, facts), { user, session, step: 0, chatId, userId, signal });
    }
  }
}
