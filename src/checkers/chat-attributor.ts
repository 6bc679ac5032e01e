import { groupBy } from '../base/groups.js';
import type { MessageId } from '../base/ids.js';
import type { Content } from '../history/content.js';
import type { CallView, ChatView, DeliveryView, StepView, UpdateView } from '../history/view.js';
import { attemptOf } from './attempts.js';
import { attributed } from './attributed.js';
import type { Attribution, Rule } from './attribution.js';
import { CallsInTime } from './calls-in-time.js';
import { FIRST_CALL_MS, type Handling, type Workings } from './handlings.js';
import {
  isCallbackAnswer,
  isEdit,
  isKnownToBot,
  isMeantToShow,
  isReply,
  isSend,
  isUnchanged,
  shownBy,
} from './replies.js';
import type { Strength } from './strength.js';
import {
  bestMatch,
  expectsOf,
  hasShown,
  isAnswered,
  isComplete,
  isInFlight,
  lacks,
  looksLike,
  repeatsUnanswered,
  resembles,
  tappedMessage,
  type Work,
  wants,
  workOf,
} from './work.js';

/** Two delays are told apart when one is this many times as far from the usual one as the other. */
const CLEARLY_LIKELIER = 2;
/** Differences below this are noise when delays are compared. */
const DELAY_NOISE_MS = 20;

/** How long this bot usually takes from a delivery to its first reply. */
export interface UsualDelay {
  readonly fromMs: number;
  readonly toMs: number;
}

const NONE: readonly never[] = [];

interface Choice {
  readonly work: Work;
  readonly rule: Rule;
}

/** Walks through the calls of one chat in order of time. */
export class ChatAttributor {
  /** By the time at which the bot got them. */
  readonly #works: readonly Work[];
  readonly #workOf: ReadonlyMap<UpdateView, Work>;
  readonly #worksOfStep: ReadonlyMap<StepView, readonly Work[]>;
  readonly #workings: Workings;
  readonly #usual: UsualDelay;
  readonly #calls: CallsInTime;
  #begun = 0;
  /** Of those that have begun, those that may lack something. */
  #lacking: Work[] = [];
  #current: Work[] = [];
  /** Of those that are over, those that have shown nothing. */
  #quiet: Work[] = [];
  #hasComparedDelays = false;
  #firstOfStep: ReadonlyMap<string, Work> | undefined;
  /** Whose handling sent a message. */
  readonly #senders = new Map<MessageId, Work>();
  /** Updates with a message that was sent, and of which the bot has not heard. */
  readonly #unheard = new Set<Work>();

  constructor(chat: ChatView, workings: Workings, usual: UsualDelay) {
    this.#workings = workings;
    this.#usual = usual;
    this.#calls = new CallsInTime(chat.calls.filter(isReply));
    this.#works = chat.updates.map(workOf).sort(inOrder);
    this.#workOf = new Map(this.#works.map((work) => [work.update, work]));
    this.#worksOfStep = groupBy(this.#works, ({ update: { step } }) => (step === undefined ? [] : [step]));
  }

  /** Has the usual delay been asked for, so that another one may have led to other guesses? */
  get hasComparedDelays(): boolean {
    return this.#hasComparedDelays;
  }

  exact(call: CallView, update: UpdateView, delivery: DeliveryView, rule: Rule): Attribution {
    const work = this.#workOf.get(update);
    const handling = work?.handlings.find((candidate) => candidate.delivery === delivery);
    const wasLacked = work !== undefined && lacks(work, shownBy(call));
    const wasAnswered = work !== undefined && isAnswered(work);
    if (work !== undefined && handling !== undefined) this.#record(call, work, handling);
    const how = { updateStrength: 'exact', deliveryStrength: 'exact', rule, wasLacked, wasAnswered } as const;
    return attributed(call, update, delivery, NONE, how);
  }

  attribute(call: CallView, callback: UpdateView | undefined): Attribution | undefined {
    const at = call.started.at;
    const alive = this.#withLate(call, this.#alive(at));
    const marked = this.#marked(call, callback, alive);
    if (marked !== undefined) return this.#settle(call, marked, 'marker', NONE);
    const repeated = this.#repeated(call, alive);
    if (repeated !== undefined) {
      return this.#settle(call, { work: repeated, rule: 'repeats-unheard-call' }, 'exclusive', NONE);
    }
    const resumed = this.#resumed(call, alive);
    if (resumed !== undefined) {
      const rivals = alive.map((work) => work.update);
      return this.#settle(call, { work: resumed, rule: 'resumed-after-restart' }, 'overlap', rivals);
    }
    const only = alive[0];
    if (only === undefined) return undefined;
    if (alive.length === 1)
      return this.#settle(call, { work: only, rule: 'only-one-at-work' }, 'exclusive', NONE);
    const choice = this.#choose(call, alive);
    const others = alive.filter((work) => work !== choice.work);
    const contents = shownBy(call);
    const isWanted = wants(choice.work, contents);
    const rivals = others.filter((work) => {
      if (wants(work, contents)) return this.#isUnreturned(work, at);
      // What one update wants is not said by another that has its answer and never wanted this.
      if (isWanted && isAnswered(work)) return false;
      if (this.#isOpen(work, at)) return true;
      return this.#isUnreturned(work, at) && work.handlings.some((h) => h.isGuessed);
    });
    return rivals.length === 0
      ? this.#settle(call, { work: choice.work, rule: 'others-returned' }, 'exclusive', NONE)
      : this.#settle(
          call,
          choice,
          'overlap',
          rivals.map((work) => work.update),
        );
  }

  /** Updates that may be at work. Calls come in order of time, so what is over for good is forgotten. */
  #alive(at: number): Work[] {
    for (let next = this.#works[this.#begun]; next !== undefined; next = this.#works[this.#begun]) {
      if (next.startedAt > at) break;
      this.#current.push(next);
      if (this.#workings.hasRestarted) this.#lacking.push(next);
      this.#begun += 1;
    }
    // This runs for each call: everybody is asked once.
    const current: Work[] = [];
    const alive: Work[] = [];
    for (const work of this.#current) {
      if (work.handlings.some((h) => this.#workings.isAlive(h, at))) {
        current.push(work);
        alive.push(work);
      } else if (work.handlings.some((h) => h.startedAt > at)) current.push(work);
      else if (!hasShownAnything(work)) this.#quiet.push(work);
    }
    this.#current = current;
    return alive;
  }

  /**
   * Also an update that has been quiet for longer and can be nobody else's cause: one whose message this call turns
   * into what it still lacks (“one moment” becomes the answer), or one that only stopped the spinner of a tap, or
   * said that it is typing, and whose user waits for what nothing at work wants.
   */
  #withLate(call: CallView, alive: Work[]): Work[] {
    const { messageId, at } = call.started;
    const contents = shownBy(call);
    const sender = messageId === undefined ? undefined : this.#senders.get(messageId);
    const isSender = sender !== undefined && !alive.includes(sender) && lacks(sender, contents);
    const late =
      isSender && mayFinish(sender, this.#workings, at) ? sender : this.#quietOne(contents, alive, at);
    return late === undefined ? alive : [...alive, late].sort(inOrder);
  }

  /** The oldest that has shown nothing yet and may still do. */
  #quietOne(contents: readonly Content[], alive: readonly Work[], at: number): Work | undefined {
    this.#quiet = this.#quiet.filter((work) => mayFinish(work, this.#workings, at));
    if (this.#quiet.length === 0 || alive.some((work) => wants(work, contents))) return undefined;
    return this.#quiet.find((work) => this.#isNeedy(work, contents));
  }

  /**
   * The update whose call took effect and was not heard of, when this is that call again: clients repeat such calls
   * some time later, when the next input may be there. A bot that has fallen behind its user says the same in answer
   * to the next input; then that input gets nothing else.
   */
  #repeated(call: CallView, alive: readonly Work[]): Work | undefined {
    if (this.#unheard.size === 0 || alive.some((work) => lacks(work, shownBy(call)))) return undefined;
    const repeated = [...this.#unheard].findLast((work) =>
      work.handlings.some((handling) => repeatsUnanswered(handling, call)),
    );
    if (repeated === undefined) return undefined;
    const unanswered = alive.filter((work) => work !== repeated && !isAnswered(work));
    return unanswered.every((work) => this.#willGet(work, call.started.at)) ? repeated : undefined;
  }

  /** What this update lacks is shown after that time and before the next input. */
  #willGet(work: Work, at: number): boolean {
    const nextAt = this.#works[this.#begun]?.startedAt ?? Number.POSITIVE_INFINITY;
    for (const call of this.#calls.begunWithin(at, nextAt)) {
      if (call.started.at > at && lacks(work, shownBy(call))) return true;
    }
    return false;
  }

  /** The oldest update of before a restart whose user still waits for what nothing at work wants. */
  #resumed(call: CallView, alive: readonly Work[]): Work | undefined {
    if (!this.#workings.hasRestarted) return undefined;
    const contents = shownBy(call);
    if (contents.length === 0 || alive.some((work) => wants(work, contents))) return undefined;
    // What has got all that it wants lacks nothing ever again.
    this.#lacking = this.#lacking.filter((work) => work.got.size < expectsOf(work).length);
    return this.#lacking.find(
      (work) =>
        this.#isNeedy(work, contents) &&
        work.handlings.some((h) => this.#workings.mayBeResumed(h, call.started.at)),
    );
  }

  #marked(call: CallView, callback: UpdateView | undefined, alive: readonly Work[]): Choice | undefined {
    if (callback !== undefined) {
      const work = this.#workOf.get(callback);
      const delivered = work?.handlings.some((h) => h.startedAt <= call.started.at) === true;
      return work !== undefined && delivered ? { work, rule: 'callback-query' } : undefined;
    }
    const { replyToMessageId } = call.started;
    if (replyToMessageId === undefined) return undefined;
    const work = alive.findLast(
      ({ update }) =>
        update.queued?.callbackQueryId === undefined &&
        (update.queued?.messageId ?? update.action?.messageId) === replyToMessageId,
    );
    return work === undefined ? undefined : { work, rule: 'reply-to' };
  }

  /** The best guess among several updates that may be at work. */
  #choose(call: CallView, alive: readonly Work[]): Choice {
    const at = call.started.at;
    const open = alive.filter((work) => this.#isOpen(work, at));
    const contents = shownBy(call);
    // A bot may acknowledge in the middle of its work, so one that seems done may lack it still.
    const lacking = this.#neediest(open, alive, contents);
    const { messageId } = call.started;
    if (messageId !== undefined) {
      // Unless it is just what another update lacks: bots answer a text by changing their last message, too.
      const fits = (work: Work): boolean => lacking.length === 0 || lacking.includes(work);
      const taps = alive.filter((work) => tappedMessage(work.update) === messageId && fits(work));
      const waiting = taps.filter((work) => lacking.includes(work));
      const tapped = waiting[0] ?? taps.at(-1);
      if (tapped !== undefined) {
        // The same button tapped again: in turn, as with any input that was sent again.
        const work = waiting.length > 1 ? this.#inTurnFor(call, waiting, tapped).work : tapped;
        return { work, rule: 'tapped-message' };
      }
      // Whoever said that it is at work, and turns that into the answer, is not done, though it has shown something.
      const owner =
        alive.find((work) => work === this.#senders.get(messageId) && lacks(work, contents)) ??
        open.findLast((work) => work.sent.has(messageId) && fits(work));
      if (owner !== undefined) return { work: owner, rule: 'own-message' };
    }
    // A second handling may take the dialogue one step further, and says what the next step wants.
    const further = open.findLast((work) => this.#mayRepeat(work, call) && this.#isNextWanted(work, call));
    // What came before that and is done without having said it hardly says it now; what came after may remind.
    const isLate =
      further !== undefined &&
      !lacking.some((work) => open.includes(work) || work.startedAt > further.startedAt);
    const oneLacks = isLate ? undefined : lacking[0];
    if (oneLacks !== undefined) {
      return lacking.length === 1
        ? { work: oneLacks, rule: 'only-one-lacks-it' }
        : this.#inTurnFor(call, lacking, oneLacks);
    }
    // A second handling of an update repeats what the first one said.
    const repeating = open.filter((work) => this.#mayRepeat(work, call) && wants(work, contents));
    const again = repeating.find(({ handlings }) => handlings.some((h) => isInFlight(h, at))) ?? repeating[0];
    if (again !== undefined) return { work: again, rule: 'only-one-lacks-it' };
    if (further !== undefined) return { work: further, rule: 'one-step-further' };
    const waiting = open.filter((work) => !isAnswered(work));
    const oneWaits = waiting[0];
    if (oneWaits !== undefined) {
      return waiting.length === 1
        ? { work: oneWaits, rule: 'only-one-unanswered' }
        : this.#inTurn(
            call,
            waiting,
            oneWaits,
            () => true,
            () => true,
          );
    }
    const latest = open.at(-1) ?? alive.at(-1);
    return { work: latest ?? alive[0] ?? unreachable(), rule: 'latest-at-work' };
  }

  /** Several updates lack what this call shows. */
  #inTurnFor(call: CallView, lacking: readonly Work[], oldest: Work): Choice {
    const contents = shownBy(call);
    return this.#inTurn(
      call,
      lacking,
      oldest,
      (later) => resembles(contents, shownBy(later)),
      (next) => wants(next, contents),
    );
  }

  /** Several updates wait for this: the oldest first, or the likeliest if there is not enough for all. */
  #inTurn(
    call: CallView,
    waiting: readonly Work[],
    oldest: Work,
    isAlike: (later: CallView) => boolean,
    wantsIt: (next: Work) => boolean,
  ): Choice {
    const at = call.started.at;
    // Beyond the next input that wants such a reply, one cannot tell for whom the replies are.
    let until = at + FIRST_CALL_MS;
    for (let next = this.#begun; (this.#works[next]?.startedAt ?? until) < until; next += 1) {
      const work = this.#works[next];
      if (work !== undefined && wantsIt(work)) until = work.startedAt;
    }
    let toCome = 0;
    for (const later of this.#calls.begunWithin(at, until)) {
      if (isAlike(later)) toCome += 1;
      if (toCome >= waiting.length) break;
    }
    if (toCome >= waiting.length || !isMeantToShow(call)) {
      return { work: oldest, rule: 'oldest-that-lacks-it' };
    }
    this.#hasComparedDelays = true;
    let best = oldest;
    for (const work of waiting) {
      if (this.#oddness(work, at) * CLEARLY_LIKELIER < this.#oddness(best, at)) best = work;
    }
    return { work: best, rule: 'most-usual-delay' };
  }

  /** How many times longer or shorter than usual this update would have taken to be answered now; 1 is usual. */
  #oddness(work: Work, at: number): number {
    const delayMs = this.#workings.idleMs(work.startedAt, at) + DELAY_NOISE_MS;
    const { fromMs, toMs } = this.#usual;
    return Math.max(1, delayMs / (toMs + DELAY_NOISE_MS), (fromMs + DELAY_NOISE_MS) / delayMs);
  }

  #settle(
    call: CallView,
    { work, rule }: Choice,
    updateStrength: Strength,
    others: readonly UpdateView[],
  ): Attribution | undefined {
    const { handling, strength } = attemptOf(call, work, this.#calls, this.#workings) ?? {};
    if (handling === undefined || strength === undefined) return undefined;
    const wasLacked = lacks(work, shownBy(call));
    const wasAnswered = isAnswered(work);
    this.#record(call, work, handling);
    if (updateStrength === 'overlap') handling.isGuessed = true;
    const how = { updateStrength, deliveryStrength: strength, rule, wasLacked, wasAnswered };
    return attributed(call, work.update, handling.delivery, others, how);
  }

  #record(call: CallView, work: Work, handling: Handling): void {
    handling.calls.push(call);
    if (isSend(call) && call.ended?.applied === true && !isKnownToBot(call)) this.#unheard.add(work);
    const { messageId } = call.started;
    const isProgress = isEdit(call) && messageId !== undefined && work.sent.has(messageId);
    for (const id of isEdit(call) ? [] : (call.ended?.messageIds ?? [])) {
      work.sent.add(id);
      this.#senders.set(id, work);
    }
    if (isUnchanged(call)) handling.replies += 1;
    if (isReply(call) && !isProgress) handling.replies += Math.max(1, shownBy(call).length);
    for (const content of shownBy(call)) {
      const index = bestMatch(work, content);
      if (index !== undefined) work.got.add(index);
    }
  }

  /** Something of this update is at work and has not said that it is done, nor done all that was expected. */
  #isOpen(work: Work, at: number): boolean {
    return work.handlings.some(
      (h) =>
        this.#workings.isAlive(h, at) &&
        !this.#workings.hasReturned(h, at) &&
        (isInFlight(h, at) || !isComplete(work, h)),
    );
  }

  #isUnreturned(work: Work, at: number): boolean {
    return work.handlings.some((h) => this.#workings.isAlive(h, at) && !this.#workings.hasReturned(h, at));
  }

  /** Those that lack it: first those whose users wait for it, then those that have not said that they are done. */
  #neediest(open: readonly Work[], alive: readonly Work[], contents: readonly Content[]): readonly Work[] {
    const lacking = alive.filter((work) => lacks(work, contents));
    if (lacking.length < 2) return lacking;
    const lackingOpen = lacking.filter((work) => open.includes(work));
    const isNeedy = (work: Work): boolean => this.#isNeedy(work, contents);
    // Of several taps on one button, the one whose spinner was stopped was not passed over.
    const isAnsweredTap = (work: Work): boolean =>
      isNeedy(work) && work.handlings.some(({ calls }) => calls.some(isCallbackAnswer));
    const { step } = lacking[0]?.update ?? {};
    const isOneStep = lacking.every(({ update }) => update.step === step);
    const answered = isOneStep ? lacking.filter(isAnsweredTap) : [];
    const choices = [answered, lackingOpen.filter(isNeedy), lacking.filter(isNeedy), lackingOpen];
    return choices.find((works) => works.length > 0) ?? lacking;
  }

  /** Its user still waits for it: nobody waits at a second tap whose first has had the answer. */
  #isNeedy(work: Work, contents: readonly Content[]): boolean {
    const { update } = work;
    if (!lacks(work, contents)) return false;
    const { step } = update;
    const same = (step === undefined ? undefined : this.#worksOfStep.get(step)) ?? [];
    return !same.some((other) => other.update !== update && hasShown(other, contents));
  }

  #isNextWanted({ update: { step } }: Work, call: CallView): boolean {
    if (step === undefined) return false;
    this.#firstOfStep ??= firstByStep(this.#works);
    const next = this.#firstOfStep.get(placeOf(step, step.step + 1));
    return next !== undefined && wants(next, shownBy(call));
  }

  /** One of several handlings is at work that has not yet said this. */
  #mayRepeat(work: Work, call: CallView): boolean {
    const at = call.started.at;
    const atWork = work.handlings.filter(
      (h) => this.#workings.isAlive(h, at) && !this.#workings.hasReturned(h, at),
    );
    return (
      work.handlings.length > 1 && atWork.some((h) => !h.calls.some((earlier) => looksLike(earlier, call)))
    );
  }
}

const hasShownAnything = ({ handlings }: Work): boolean => handlings.some(({ replies }) => replies > 0);

/** It has done something, and what it has yet to show may take longer than the time between two calls. */
const mayFinish = ({ handlings }: Work, workings: Workings, at: number): boolean =>
  handlings.some((h) => h.calls.length > 0 && workings.mayFinish(h, at));

/** In the order in which the bot got them. */
const inOrder = (a: Work, b: Work): number =>
  a.startedAt - b.startedAt || a.update.updateId - b.update.updateId;

const placeOf = ({ user, round }: StepView, step: number): string => `${round}.${step} ${user}`;

/** The first update of each step. */
function firstByStep(works: readonly Work[]): Map<string, Work> {
  const first = new Map<string, Work>();
  for (const work of works) {
    const { step } = work.update;
    const place = step === undefined ? undefined : placeOf(step, step.step);
    if (place !== undefined && !first.has(place)) first.set(place, work);
  }
  return first;
}

function unreachable(): never {
  throw new Error('an update must be at work here');
}
