import type { Message } from '@grammyjs/types';
import { type Clock, pause } from '../base/clock.js';
import { textSkeleton } from '../history/match.js';
import type { BotAccount } from '../telegram/bot-account.js';
import type { PersonInChat } from '../telegram/people/person-in-chat.js';

export interface CrawlOptions {
  readonly account: BotAccount;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What to type when the bot asks for something, in order; then guesses by the words of the question. */
  readonly answers?: readonly string[];
  /** The crawl ends after so many acts. Default 25. */
  readonly acts?: number;
  /** Nothing for this long means that the bot has said all. Default 700 ms. */
  readonly quietMs?: number;
  /** A first answer may take this long. Default 5 s. */
  readonly patienceMs?: number;
  readonly onAct?: (act: string) => void;
}

export interface Crawled {
  readonly acts: number;
  /** Acts that brought an answer. */
  readonly answered: number;
  /** Buttons that were seen and not tapped for want of acts. */
  readonly leftOut: number;
}

/** Of nobody: reserved for examples, so that no redaction takes them away. */
const PHONE = '12025550199';
const ADDRESS = 'ann@example.org';
/** A word that no bot says by itself: replay puts the names of other people in its place. */
const LAST_NAME = 'Quillfeather';

/** How often the crawl begins again with /start when it has come to an end. */
const RESTARTS = 3;
const ACTS = 25;
const QUIET_MS = 700;
const PATIENCE_MS = 5_000;
/** Ways out of a dialogue come last: the others lead further in. */
const WAY_OUT = /cancel|back|exit|quit|stop|abort|no\b|«|◀|⬅|❌|отмен|назад|выход|нет\b/iu;

/** Something that can be done on a screen. */
interface Choice {
  readonly label: string;
  readonly act: () => void;
}

/**
 * Talks to a bot that nobody has described: /start, then every button that it shows, the new ones first,
 * and an answer where it asks for one. Bounded; records nothing itself.
 */
export async function crawl(options: CrawlOptions): Promise<Crawled> {
  const { account, signal, acts: most = ACTS, onAct } = options;
  const person = account.person({ first_name: 'Ann', last_name: LAST_NAME, phone_number: PHONE });
  const chat = person.privateChat();
  const bot = new Listener(options, person.id);
  const answers = [...(options.answers ?? [])];
  const known = new Screens();
  let answered = 0;
  let acts = 0;
  let restarts = 0;
  const perform = async (screen: string, { label, act }: Choice): Promise<void> => {
    acts += 1;
    onAct?.(label);
    if (await bot.answers(act)) answered += 1;
    known.lead(screen, label, screenOf(chat));
  };
  const start: Choice = { label: '/start', act: () => chat.start() };
  try {
    await perform('', start);
    while (acts < most && !signal.aborted) {
      const screen = screenOf(chat);
      const choices = choicesIn(chat);
      if (choices.length === 0 && !known.has(screen)) {
        const text = answers.shift() ?? guess(screen);
        choices.push({ label: text, act: () => chat.say(text) });
      }
      known.add(screen, choices);
      const label = known.next(screen);
      const choice = choices.find((each) => each.label === label);
      if (choice !== undefined) await perform(screen, choice);
      else if (restarts < RESTARTS && known.left > 0) {
        restarts += 1;
        await perform(screen, start);
      } else break;
    }
  } finally {
    bot.close();
  }
  return { acts, answered, leftOut: known.left };
}

/** What was seen of a bot: on each screen its choices, and where they lead. */
class Screens {
  readonly #screens = new Map<string, Map<string, string | undefined>>();

  has(screen: string): boolean {
    return this.#screens.has(screen);
  }

  add(screen: string, choices: readonly Choice[]): void {
    const leads = this.#screens.get(screen) ?? new Map<string, string | undefined>();
    for (const { label } of choices) if (!leads.has(label)) leads.set(label, undefined);
    this.#screens.set(screen, leads);
  }

  lead(screen: string, label: string, to: string): void {
    this.#screens.get(screen)?.set(label, to);
  }

  /** Choices that were never made. */
  get left(): number {
    let count = 0;
    for (const leads of this.#screens.values()) count += untried(leads).length;
    return count;
  }

  /** What to do on a screen to come to something new soonest. Nothing: no known way leads there. */
  next(screen: string): string | undefined {
    const seen = new Set([screen]);
    let front: { readonly at: string; readonly first: string | undefined }[] = [
      { at: screen, first: undefined },
    ];
    while (front.length > 0) {
      const further: typeof front = [];
      for (const { at, first } of front) {
        const leads = this.#screens.get(at) ?? new Map<string, string | undefined>();
        const fresh = untried(leads);
        const best = fresh.find((label) => !WAY_OUT.test(label)) ?? fresh[0];
        if (best !== undefined) return first ?? best;
        for (const [label, to] of leads) {
          if (to === undefined || seen.has(to)) continue;
          seen.add(to);
          further.push({ at: to, first: first ?? label });
        }
      }
      front = further;
    }
    return undefined;
  }
}

const untried = (leads: ReadonlyMap<string, string | undefined>): string[] =>
  [...leads].flatMap(([label, to]) => (to === undefined ? [label] : []));

/** The buttons under the newest message of the bot, and the keyboard below the input field. */
function choicesIn(chat: PersonInChat): Choice[] {
  const { keyboard, fromBot } = chat.sees();
  const choices: Choice[] = [];
  for (const button of fromBot === undefined ? [] : inlineRows(fromBot).flat()) {
    if (fromBot === undefined || !('callback_data' in button)) continue;
    const { text } = button;
    choices.push({ label: `[${text}]`, act: () => chat.tap(fromBot.message_id, { text }) });
  }
  for (const { text, ...asks } of keyboard?.rows.flat() ?? []) {
    // What asks for a contact or a place is tapped as people do; apps and polls are not for a crawl.
    if ('web_app' in asks || 'request_poll' in asks || 'request_users' in asks || 'request_chat' in asks)
      continue;
    choices.push({ label: `[${text}]`, act: () => chat.tapReply(text) });
  }
  return choices;
}

const inlineRows = (message: Message) => message.reply_markup?.inline_keyboard ?? [];

const textOf = (message: Message): string => message.text ?? message.caption ?? '';

/** The same for two messages that differ in numbers only, with the same buttons. */
function screenOf(chat: PersonInChat): string {
  const { fromBot } = chat.sees();
  if (fromBot === undefined) return '';
  const labels = inlineRows(fromBot)
    .flat()
    .map(({ text }) => textSkeleton(text));
  return [textSkeleton(textOf(fromBot)), ...labels].join('\n');
}

/** What people answer to such questions. The first that fits; what fits nothing gets a word. */
const GUESSES: readonly (readonly [RegExp, string])[] = [
  [/e-?mail/u, ADDRESS],
  [/phone|telephone|mobile|телефон/u, `+${PHONE}`],
  [/zip|postal|postcode|индекс/u, '12345'],
  [/how many|quantity|number of|how much|amount|weight|сколько|количество|вес/u, '2'],
  [/\bage\b|how old|возраст/u, '34'],
  [/date|when|day|дат|когда/u, '2030-05-17'],
  [/time|hour|врем/u, '12:30'],
  [/state|province|region|штат/u, 'California'],
  [/city|town|город/u, 'Springfield'],
  [/country|стран/u, 'Norway'],
  [/street|address|улиц|адрес/u, '12 Mill Street'],
  [/last name|surname|family name|фамил/u, LAST_NAME],
  [/name|who are you|имя|зовут/u, `Ann ${LAST_NAME}`],
];

export const guess = (question: string): string =>
  GUESSES.find(([pattern]) => pattern.test(question.toLowerCase()))?.[1] ?? 'hello';

/** Waits until a bot has said what it has to say. */
class Listener {
  readonly #options: CrawlOptions;
  readonly #stop: () => void;
  #heard = 0;
  #lastAt = 0;

  constructor(options: CrawlOptions, chatId: number) {
    this.#options = options;
    this.#stop = options.account.onSeen((seen) => {
      if (seen.chatId !== chatId) return;
      this.#heard += 1;
      this.#lastAt = options.clock.now();
    });
  }

  /** Does something; true when the bot answered it. */
  async answers(act: () => void): Promise<boolean> {
    const { clock, signal, quietMs = QUIET_MS, patienceMs = PATIENCE_MS } = this.#options;
    const before = this.#heard;
    const startedAt = clock.now();
    act();
    for (;;) {
      const isHeard = this.#heard > before;
      const untilMs = isHeard ? this.#lastAt + quietMs : startedAt + patienceMs;
      if (clock.now() >= untilMs || signal.aborted) return isHeard;
      await pause(Math.min(50, untilMs - clock.now()), clock, signal);
    }
  }

  close(): void {
    this.#stop();
  }
}
