import { randomInteger, randomStream } from '../base/random.js';
import type { FaultPlan } from '../faults/plan.js';
import type { Emit } from '../history/events.js';
import { readRecording } from '../recording/reader.js';
import { sessionsOf } from '../recording/sessions.js';
import type { BotAccount } from '../telegram/bot-account.js';
import type { Scenario } from './load.js';
import { decide } from './update-faults.js';

/** No virtual user has an id in this range (`replay/fresh-ids.ts`). */
const LOWEST_ID = 6_900_000_000;
const HIGHEST_ID = 6_999_000_000;
/** A part of a path that is as long as this and no word is nothing that one can guess. */
const SECRET_PART = /^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_:.~-]{24,}$/;

/**
 * Somebody who has found out where the bot's webhook is and posts to it. Whoever does that can be anybody, so each
 * time it is another person, in a chat that the bot could answer in, and that nobody else is in.
 */
export class Stranger {
  readonly #account: BotAccount;
  readonly #emit: Emit;
  readonly #seed: string;
  readonly #firstText: string;
  readonly #faults: readonly string[];
  readonly #leaving = new AbortController();
  readonly #posting = new Set<Promise<void>>();
  #people = 0;
  #hasGivenUp = false;

  private constructor(
    account: BotAccount,
    emit: Emit,
    seed: string,
    firstText: string,
    faults: readonly string[],
  ) {
    this.#account = account;
    this.#emit = emit;
    this.#seed = seed;
    this.#firstText = firstText;
    this.#faults = faults;
  }

  static async of(scenario: Scenario, account: BotAccount, emit: Emit, seed: string): Promise<Stranger> {
    const faults = scenario.faults.filter(({ on, effect }) => on === 'update' && effect === 'forged');
    const { recording, steps } = scenario.play;
    const written = steps?.find(({ say }) => say !== undefined)?.say;
    const text = faults.length === 0 || recording === undefined ? written : await firstText(recording);
    return new Stranger(
      account,
      emit,
      seed,
      text ?? '/start',
      faults.map(({ name }) => name),
    );
  }

  /** Posts what the plan wants posted at this step. Users do not wait for it. */
  strike(plan: FaultPlan, { user, step }: { readonly user: string; readonly step: number }): void {
    if (this.#faults.length === 0) return;
    const obstacle = obstacleFor(this.#account);
    if (obstacle !== undefined) {
      this.#giveUp(obstacle);
      return;
    }
    for (const { fault, settings } of decide(plan, { user, step, round: 1 }, undefined, 'forged')) {
      this.#people += 1;
      const { secret = 'missing', text = this.#firstText } = settings;
      const id = randomInteger(randomStream(this.#seed, `stranger/${this.#people}`), LOWEST_ID, HIGHEST_ID);
      const posting = this.#account
        .forge({ forged: `g${this.#people}`, fault, userId: id, text, secret, signal: this.#leaving.signal })
        .finally(() => this.#posting.delete(posting));
      this.#posting.add(posting);
    }
  }

  /** Hangs up. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    await Promise.all(this.#posting);
  }

  #giveUp(obstacle: string): void {
    if (this.#hasGivenUp) return;
    this.#hasGivenUp = true;
    for (const fault of this.#faults) {
      this.#emit({ type: 'warning', code: 'fault-not-applicable', message: obstacle, fault });
    }
  }
}

/** Why a stranger cannot post anything to this bot. */
function obstacleFor(account: BotAccount): string | undefined {
  const { url } = account.updates.webhookInfo();
  if (url === undefined || url === '')
    return 'a stranger has nowhere to post to: the bot polls, and no webhook is set';
  const { pathname, search } = new URL(url);
  const parts = decodeURIComponent(pathname + search).split(/[/?&=]/);
  const hasSecret = parts.some((part) => part.includes(account.token) || SECRET_PART.test(part));
  return hasSecret ? 'a stranger cannot know the address of the webhook: there is a secret in it' : undefined;
}

/** The text with which the recording begins. */
async function firstText(recording: string): Promise<string | undefined> {
  const { sessions } = await sessionsOf(readRecording(recording), { limits: { sessions: 1, steps: 1 } });
  const text = sessions[0]?.steps[0]?.action.payload.text;
  return typeof text === 'string' ? text : undefined;
}
