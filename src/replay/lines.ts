import { SendtwiceError } from '../base/errors.js';
import type { Content } from '../history/content.js';
import type { StepEnded } from '../history/events.js';
import type { Act } from '../recording/act.js';
import { isObject, type JsonObject } from '../recording/format.js';
import type { RecordedReply } from '../recording/replies.js';
import type { Session, Step } from '../recording/sessions.js';
import type { Deed } from './deed.js';
import type { Identity } from './identity.js';
import { isOwn, type OwnAct } from './own-act.js';
import type { Recorded, Script, ScriptLine, WrittenAct } from './script.js';
import { factsOf, filledFor, textFor, type UserFacts } from './user-texts.js';

/** What one user does next. Acts and requests are steps and have numbers from 1; the rest has the number before it. */
export type Line = StepLine | DeedLine | WaitLine;

export interface StepLine {
  readonly what: 'step';
  readonly step: Step;
  /** The bot must show nothing. */
  readonly wantsNothing?: true;
}

export interface DeedLine {
  readonly what: 'deed';
  readonly deed: Deed;
  readonly step: number;
  /** Is it a step of its own, which begins and ends? */
  readonly isStep: boolean;
  readonly replies: readonly RecordedReply[];
  readonly wantsNothing?: true;
}

/** In place of thinking. */
export interface WaitLine {
  readonly what: 'wait';
  readonly ms: number;
}

/** Of whom a script without a recording is played. Names this short are found in no text. */
export const NOBODY: Session = { session: 's1', chatId: 1, userId: 1, steps: [] };

/** Numbers of messages that were written by hand, beyond all recorded ones. */
const OWN_MESSAGES = 1_000_000_000_000;

export const linesOfSession = ({ steps }: Session): readonly Line[] =>
  steps.map((step) => ({ what: 'step', step }));

/** What a line that ended so wants beside replies. */
export function wantsOf(line: Line, outcome: StepEnded['outcome']): StepEnded['wants'] {
  if (line.what === 'wait') return undefined;
  if (line.wantsNothing === true) return 'nothing';
  const action = line.what === 'step' ? line.step.action : undefined;
  if (outcome !== 'button-missing' || action === undefined || !isOwn(action)) return undefined;
  const { label, pattern, data } = action.button ?? {};
  return { button: label ?? data ?? (pattern === undefined ? '' : `/${pattern.source}/${pattern.flags}`) };
}

/** The script as one user plays it, with parts of a session where it says so. */
export function linesOfScript(script: Script, session: Session, identity: Identity): readonly Line[] {
  return new Lines(session, identity).all(script);
}

/** @throws SendtwiceError `file/bad-scenario`: a session does not have the steps that the script plays */
export function checkRecorded(script: Script, sessions: readonly Session[], recording: string): void {
  for (const line of script) {
    if (line.what !== 'recorded' || typeof line.which === 'string') continue;
    const { to } = line.which;
    const short = sessions.find(({ steps }) => steps.length < to);
    if (short === undefined) continue;
    throw new SendtwiceError(
      'file/bad-scenario',
      `\`recorded\` wants step ${to}, but the session ${short.session} of ${recording} has ${short.steps.length}`,
      { hint: '`sendtwice check` on the recording shows its sessions and steps.' },
    );
  }
}

class Lines {
  readonly #session: Session;
  readonly #facts: UserFacts;
  readonly #person: { readonly from: JsonObject; readonly chat: JsonObject };
  #step = 0;
  /** Steps of the session that were played, up to here. */
  #played = 0;
  /** The last message that the user wrote, by its number in the recording or here. */
  #written: number | undefined;

  constructor(session: Session, identity: Identity) {
    this.#session = session;
    this.#facts = factsOf(identity, session.session);
    this.#person = personIn(session, identity);
  }

  all(script: Script): Line[] {
    return script.flatMap((line) => this.#linesOf(line));
  }

  #linesOf(line: ScriptLine): Line[] {
    switch (line.what) {
      case 'wait':
        return [line];
      case 'recorded':
        return this.#recorded(line.which).map((step) => ({ what: 'step', step: this.#renumbered(step) }));
      case 'act': {
        const { wantsNothing } = line;
        const action = this.#actOf(line.act);
        const step = this.#renumbered({
          step: 0,
          action,
          at: 0,
          thinkMs: 0,
          replies: this.#replies(line.replies),
        });
        return [{ what: 'step', step, ...(wantsNothing && { wantsNothing }) }];
      }
      case 'deed': {
        const { wantsNothing } = line;
        const isStep = line.deed.do === 'request';
        if (isStep) this.#step += 1;
        const deed = filledFor(line.deed, this.#facts);
        const replies = this.#replies(line.replies);
        return [
          { what: 'deed', deed, step: this.#step, isStep, replies, ...(wantsNothing && { wantsNothing }) },
        ];
      }
    }
  }

  #recorded(which: Recorded): readonly Step[] {
    const { steps } = this.#session;
    const [from, to] =
      which === 'all'
        ? [0, steps.length]
        : which === 'rest'
          ? [this.#played, steps.length]
          : [which.from - 1, which.to];
    this.#played = to;
    return steps.slice(from, to);
  }

  #renumbered(step: Step): Step {
    this.#step += 1;
    const { kind, messageId } = step.action;
    if (messageId !== undefined && (kind === 'message' || kind === 'business_message'))
      this.#written = messageId;
    return { ...step, step: this.#step };
  }

  #actOf(act: WrittenAct): OwnAct {
    const { chatId, userId } = this.#session;
    const who = { chatId, ...(userId !== undefined && { userId }), isOwn: true } as const;
    if (act.do === 'tap') {
      return { ...who, kind: 'callback_query', payload: this.#person, button: this.#button(act.button) };
    }
    const payload = { ...this.#person, ...this.#fields(act.fields) };
    if (act.do === 'edit') {
      return {
        ...who,
        kind: 'edited_message',
        payload,
        ...(this.#written !== undefined && { messageId: this.#written }),
      };
    }
    return { ...who, kind: 'message', payload, messageId: OWN_MESSAGES + this.#step + 1 };
  }

  /** What a person writes is a text, even when it is nothing but a number. */
  #fields({ text, caption, ...fields }: JsonObject): JsonObject {
    const written = Object.entries({ text, caption }).filter(([, value]) => typeof value === 'string');
    return {
      ...filledFor(fields, this.#facts),
      ...Object.fromEntries(written.map(([key, value]) => [key, textFor(String(value), this.#facts)])),
    };
  }

  #button<T>(button: T): T {
    return inTexts(button, this.#facts);
  }

  #replies(replies: readonly RecordedReply[]): readonly RecordedReply[] {
    return replies.map((reply) => ({ ...reply, content: inTexts<Content>(reply.content, this.#facts) }));
  }
}

/** As `filledFor`, where everything must stay a text. */
function inTexts<T>(value: T, facts: UserFacts): T {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? textFor(inner, facts) : inner)),
  ) as T;
}

/** The user and the chat as the session shows them. */
function personIn(
  session: Session,
  identity: Identity,
): { readonly from: JsonObject; readonly chat: JsonObject } {
  const acts = session.steps.map(({ action }) => action);
  const from = acts.map(({ payload }) => payload.from).find(isObject) ?? {
    id: identity.recordedUser,
    is_bot: false,
    first_name: '',
    username: '',
    language_code: 'en',
  };
  const { id, first_name, username } = from;
  const chat = acts.map(chatIn).find((found) => found !== undefined) ?? {
    id,
    type: 'private',
    first_name,
    username,
  };
  type Recorded = Parameters<Identity['renamed']>[0];
  return {
    from: { ...identity.renamed(from as unknown as Recorded) },
    chat: { ...identity.moved(chat as unknown as Parameters<Identity['moved']>[0]) },
  };
}

function chatIn({ payload }: Act): JsonObject | undefined {
  const { chat } = isObject(payload.message) ? payload.message : payload;
  return isObject(chat) ? chat : undefined;
}
