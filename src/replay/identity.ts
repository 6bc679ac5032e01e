import type { Chat, User } from '@grammyjs/types';
import { type BotId, type ChatId, chatId, type MessageId, type UserId, userId } from '../base/ids.js';
import type { Content } from '../history/content.js';
import { BoundedMap } from '../recording/bounded-map.js';
import { type EditedText, editText } from '../recording/text-edits.js';
import { type FreshIds, groupId } from './fresh-ids.js';
import { nameOf, namesOf } from './names.js';

/** People and groups around one virtual user that are remembered; forgotten ones would get new ids. */
const KNOWN_AROUND = 1_000;
/** Messages whose ids are remembered for replies, edits and taps, if the options say nothing else. */
const KNOWN_MESSAGES = 1_000;
/** Words of recorded people that are looked for in texts. */
const MOST_WORDS = 200;

export interface IdentityOptions {
  /** From 1; its names follow from it. */
  readonly number: number;
  readonly ids: FreshIds;
  /** The recorded person and chat that this user stands for. */
  readonly recordedUser: number | undefined;
  readonly recordedChat: number;
  readonly recordedBot: number | undefined;
  readonly bot: BotId;
  /** How many message ids are remembered. Default 1,000. */
  readonly messages?: number;
}

/**
 * Who a virtual user is: its own ids and names, and what each id and name of the recording is for it.
 * No two recorded ids get the same fresh one, and no two virtual users share any.
 */
export class Identity {
  /** `u3` */
  readonly user: string;
  readonly userId: UserId;
  readonly chatId: ChatId;
  readonly #options: IdentityOptions;
  readonly #around = new BoundedMap<string, number>(KNOWN_AROUND);
  readonly #messages: BoundedMap<number, MessageId>;
  readonly #words = new Map<string, string>();
  #pattern: RegExp | undefined;
  #nextIndex = 1;

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#messages = new BoundedMap(options.messages ?? KNOWN_MESSAGES);
    this.user = `u${options.number}`;
    this.userId = userId(options.ids.id(options.number, 0));
    this.chatId = chatId(this.chat(options.recordedChat));
    if (options.recordedUser !== undefined) this.person(options.recordedUser);
  }

  /** From 1, in order of arrival. */
  get number(): number {
    return this.#options.number;
  }

  /** What no other virtual user has: its names and its id. */
  get marks(): readonly string[] {
    const { first, last, username } = this.#names(this.userId);
    return [first, last, username, String(this.userId)];
  }

  /** The recorded person that this user stands for. */
  get recordedUser(): number {
    return this.#options.recordedUser ?? this.#options.recordedChat;
  }

  /** The fresh id of a recorded person. */
  person(recorded: number): number {
    if (recorded === this.#options.recordedBot) return this.#options.bot;
    if (recorded === this.recordedUser) {
      this.#learn(String(recorded), String(this.userId));
      return this.userId;
    }
    return this.#fresh(`p${recorded}`, recorded, (id) => id);
  }

  /** The fresh id of a recorded chat. A private chat has the id of its person. */
  chat(recorded: number): number {
    if (recorded > 0) return this.person(recorded);
    return this.#fresh(`c${recorded}`, recorded, (id) => groupId(id, recorded));
  }

  /** A recorded User as this run knows it: fresh id, marked names. */
  renamed<T extends Pick<User, 'id' | 'is_bot'> & Partial<User>>(recorded: T): T {
    const id = this.person(recorded.id);
    if (recorded.id === this.#options.recordedBot) return { ...recorded, id };
    const names = this.#names(id);
    const named = { ...recorded, id, first_name: this.#learn(recorded.first_name, names.first) };
    if (recorded.last_name !== undefined) named.last_name = this.#learn(recorded.last_name, names.last);
    if (recorded.username !== undefined) named.username = this.#learn(recorded.username, names.username);
    return named;
  }

  /** A recorded Chat as this run knows it. */
  moved(recorded: Chat): Chat {
    const id = this.chat(recorded.id);
    if (recorded.type === 'private') {
      const { is_bot: _, ...rest } = this.renamed({ ...recorded, is_bot: false });
      return { ...rest, type: 'private' };
    }
    return {
      ...recorded,
      id,
      title: `${recorded.title} ${this.user}`,
      ...(recorded.username !== undefined && { username: `group_${this.user}_${Math.abs(id) % 1_000_000}` }),
    } as Chat;
  }

  /** A fresh telephone number, recognisable by the user's number at its end. */
  phone(recorded: string): string {
    const digits = recorded.replace(/\D/g, '');
    const fresh = `999${this.#fresh(`t${digits}`, undefined, (id) => id)}`;
    this.#learn(digits, fresh);
    return recorded.startsWith('+') ? `+${fresh}` : fresh;
  }

  /** The id of an album: 64-bit numbers as text, one for each user. */
  album(recorded: string): string {
    return String(this.#fresh(`a${recorded}`, undefined, (id) => id));
  }

  /** Replaces the names and ids of recorded people; what stands behind a slash is a command and stays. */
  rewritten(text: string): EditedText {
    let isHit = false;
    for (const word of this.#words.keys()) {
      if (text.includes(word)) {
        isHit = true;
        break;
      }
    }
    if (!isHit) return { text, shift: (offset) => offset };
    this.#pattern ??= patternOf([...this.#words.keys()]);
    return editText(text, this.#pattern, (found) => this.#words.get(found) ?? found);
  }

  /** A recorded reply as it should look to this user. */
  expected(content: Content): Content {
    return inOtherWords(content, (text) => this.rewritten(text).text);
  }

  /** What this user was shown, as the recorded person would have been shown it. */
  asRecorded(content: Content): Content {
    const recorded = new Map([...this.#words].map(([word, fresh]) => [fresh, word]));
    if (recorded.size === 0) return content;
    const pattern = patternOf([...recorded.keys()]);
    return inOtherWords(content, (text) => text.replace(pattern, (found) => recorded.get(found) ?? found));
  }

  /** The recorded message is this one in this run. The last word counts. */
  noteMessage(recorded: number, now: MessageId): void {
    this.#messages.set(recorded, now);
  }

  message(recorded: number): MessageId | undefined {
    return this.#messages.get(recorded);
  }

  #names(id: number): { readonly first: string; readonly last: string; readonly username: string } {
    const { number, ids } = this.#options;
    const offset = id === this.userId ? 0 : Math.abs(id - ids.id(number, 0));
    if (offset === 0) return namesOf(number);
    // No name has an x, so a person around a user is never taken for another user.
    const first = `${nameOf(number)}x${nameOf(offset).toLowerCase()}`;
    return {
      first,
      last: `Mc${first}`,
      username: `${first.toLowerCase()}_${this.user}`,
    };
  }

  #fresh(key: string, recorded: number | undefined, shape: (id: number) => number): number {
    const known = this.#around.get(key);
    if (known !== undefined) return known;
    const id = shape(this.#options.ids.id(this.#options.number, this.#nextIndex));
    this.#nextIndex += 1;
    this.#around.set(key, id);
    if (recorded !== undefined) this.#learn(String(recorded), String(id));
    return id;
  }

  /** Very short names would be found everywhere. */
  #learn(recorded: string | undefined, fresh: string): string {
    if (recorded === undefined || recorded.length < 2 || this.#words.has(recorded)) return fresh;
    if (this.#words.size >= MOST_WORDS) return fresh;
    this.#words.set(recorded, fresh);
    this.#pattern = undefined;
    return fresh;
  }
}

function inOtherWords(content: Content, written: (text: string) => string): Content {
  const { text, keyboard, wanted } = content;
  return {
    ...content,
    ...(text !== undefined && { text: written(text) }),
    ...(wanted?.learned === true && {
      wanted: { ...wanted, ...(wanted.contains && { contains: wanted.contains.map(written) }) },
    }),
    ...(keyboard !== undefined && {
      keyboard: {
        type: keyboard.type,
        rows: keyboard.rows.map((row) =>
          row.map(({ text: label, data, url }) => ({
            text: written(label),
            ...(data !== undefined && { data: written(data) }),
            ...(url !== undefined && { url: written(url) }),
          })),
        ),
      },
    }),
  };
}

/** Whole words only, the longest first. */
function patternOf(words: readonly string[]): RegExp {
  const escaped = [...words]
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`(?<![\\p{L}\\p{N}_/])(?:${escaped.join('|')})(?![\\p{L}\\p{N}_])`, 'gu');
}
