import type { Content } from '../history/content.js';
import { type Act, actOf, isEdit } from './act.js';
import { isCall, isUpdate, type RecordedEvent } from './format.js';
import { type RecordedReply, repliesOf } from './replies.js';
import { ReplyRouter } from './reply-router.js';

/** One act of a person and what the bot answered to it. */
export interface Step {
  /** From 1. */
  readonly step: number;
  readonly action: Act;
  /** Milliseconds since the recording started. */
  readonly at: number;
  /** From the last answer before it (without one: the last act) to this act; 0 for the first. */
  readonly thinkMs: number;
  /**
   * What was shown between this act and the session's next one, in order. An edit counts, a deletion does
   * not, nor does a call that failed.
   */
  readonly replies: readonly RecordedReply[];
}

/** One person's conversation in one chat. */
export interface Session {
  /** `s1`, `s2`, … in order of their first act. */
  readonly session: string;
  readonly chatId: number;
  readonly userId?: number;
  readonly steps: readonly Step[];
}

/** How much of a recording is kept in memory. What is beyond is left out and counted. */
export interface SessionLimits {
  /** The first so many sessions are kept. Default 10,000. */
  readonly sessions: number;
  /** Of each session the first so many steps. Default 1,000. */
  readonly stepsPerSession: number;
  /** Steps of all sessions together. Default 200,000. */
  readonly steps: number;
  /** Default 100. */
  readonly repliesPerStep: number;
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  sessions: 10_000,
  stepsPerSession: 1_000,
  steps: 200_000,
  repliesPerStep: 100,
};

export interface Sessions {
  readonly sessions: readonly Session[];
  /** Acts that were left out because of the limits. */
  readonly leftOut: number;
}

export interface SessionOptions {
  readonly limits?: Partial<SessionLimits>;
  /** The recorded bot (header), whose own doings are no acts of people. */
  readonly bot?: number;
}

type OpenStep = Omit<Step, 'replies'> & { readonly replies: RecordedReply[]; lastReplyAt: number };
type OpenSession = Omit<Session, 'steps'> & { readonly steps: OpenStep[]; readonly written: Set<number> };

/**
 * Gathers the sessions of a recording. Reads it once; memory is bounded by the limits and not by the
 * length of the recording.
 */
export async function sessionsOf(
  events: AsyncIterable<RecordedEvent> | Iterable<RecordedEvent>,
  options: SessionOptions = {},
): Promise<Sessions> {
  const gathering = new Gathering({ ...DEFAULT_SESSION_LIMITS, ...options.limits });
  for await (const event of events) {
    if (isUpdate(event)) {
      const act = actOf(event.update, options.bot);
      if (act !== undefined) gathering.act(act, event.at);
    } else if (isCall(event)) {
      const step = gathering.router.targetOf(event);
      if (step !== undefined) gathering.reply(step, repliesOf(event), event.at);
    }
  }
  return { sessions: [...gathering.sessions.values()].map(closed), leftOut: gathering.leftOut };
}

/** What a step expects, as the history wants it. */
export const expectsOf = (step: Step): readonly Content[] => step.replies.map(({ content }) => content);

class Gathering {
  readonly sessions = new Map<string, OpenSession>();
  readonly router = new ReplyRouter<OpenStep>();
  leftOut = 0;
  #steps = 0;
  readonly #limits: SessionLimits;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  act(act: Act, at: number): void {
    const session = this.#sessionOf(act);
    const step = session === undefined ? undefined : this.#stepOf(session, act, at);
    this.router.acted(act, step);
    if (session === undefined || step === undefined) return;
    session.steps.push(step);
    this.#steps += 1;
    if (act.messageId !== undefined && act.kind !== 'callback_query') session.written.add(act.messageId);
  }

  reply(step: OpenStep, replies: readonly RecordedReply[], at: number): void {
    for (const reply of replies) {
      if (step.replies.length < this.#limits.repliesPerStep) step.replies.push(reply);
      step.lastReplyAt = Math.max(step.lastReplyAt, at);
    }
  }

  #sessionOf(act: Act): OpenSession | undefined {
    const key = `${act.chatId}/${act.userId ?? ''}`;
    const known = this.sessions.get(key);
    if (known !== undefined) return known;
    if (this.sessions.size >= this.#limits.sessions || this.#steps >= this.#limits.steps) {
      this.leftOut += 1;
      return undefined;
    }
    const fresh: OpenSession = {
      session: `s${this.sessions.size + 1}`,
      chatId: act.chatId,
      ...(act.userId !== undefined && { userId: act.userId }),
      steps: [],
      written: new Set(),
    };
    // An edit of something older than the recording begins no session.
    if (!isEdit(act)) this.sessions.set(key, fresh);
    return fresh;
  }

  #stepOf(session: OpenSession, act: Act, at: number): OpenStep | undefined {
    if (session.steps.length >= this.#limits.stepsPerSession || this.#steps >= this.#limits.steps) {
      this.leftOut += 1;
      return undefined;
    }
    // What was written before the recording began cannot be edited in a replay.
    if (isEdit(act) && (act.messageId === undefined || !session.written.has(act.messageId))) return undefined;
    const last = session.steps.at(-1);
    const thinkMs = last === undefined ? 0 : Math.max(0, at - last.lastReplyAt);
    return { step: session.steps.length + 1, action: act, at, thinkMs, replies: [], lastReplyAt: at };
  }
}

function closed({ written: _, steps, ...session }: OpenSession): Session {
  return { ...session, steps: steps.map(({ lastReplyAt: __, ...step }) => step) };
}
