import type { ChatId, UserId } from '../base/ids.js';
import type { Identity } from './identity.js';

/** What `${user.…}` and `${chat.id}` stand for, for one virtual user. */
export interface UserFacts {
  readonly user: string;
  readonly session: string;
  readonly userId: UserId;
  readonly chatId: ChatId;
  /** First name. */
  readonly name: string;
  readonly username: string;
  /** From 1. */
  readonly number: number;
}

type Placeholder = 'user.id' | 'user.name' | 'user.username' | 'user.phone' | 'user.number' | 'chat.id';

const VALUES: Readonly<Record<Placeholder, (facts: UserFacts) => string | number>> = {
  'user.id': ({ userId }) => userId,
  'user.name': ({ name }) => name,
  'user.username': ({ username }) => username,
  // Recognisable by the id, and nobody's.
  'user.phone': ({ userId }) => `+999${userId}`,
  'user.number': ({ number }) => number,
  'chat.id': ({ chatId }) => chatId,
};

export const USER_PLACEHOLDERS = Object.keys(VALUES) as readonly Placeholder[];

/** Names have a dot in them: those without one are parameters of the file. `$${user.id}` is the text itself. */
const ANY = /(\$?)\$\{\s*([^}\s]*\.[^}\s]*)\s*\}/g;
const WHOLE = /^\$\{\s*([^}\s]*\.[^}\s]*)\s*\}$/;

/**
 * The value with its placeholders filled in, however deep they stand. A text that is nothing but a number's
 * placeholder becomes the number: databases hold numbers.
 */
export function filledFor<T>(value: T, facts: UserFacts): T {
  return filled(value, facts) as T;
}

function filled(value: unknown, facts: UserFacts): unknown {
  if (typeof value === 'string') {
    const only = meaningOf(WHOLE.exec(value)?.[1], facts);
    return only ?? textFor(value, facts);
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, facts));
  if (typeof value !== 'object' || value === null) return value;
  // What is no plain object was made in a program (an ObjectId, a date) and holds no placeholders.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, facts)]));
}

/** A text with its placeholders filled in. */
export function textFor(text: string, facts: UserFacts): string {
  return text.replace(ANY, (written: string, dollar: string, name: string) => {
    if (dollar !== '') return written.slice(1);
    return String(meaningOf(name, facts) ?? written);
  });
}

const meaningOf = (name: string | undefined, facts: UserFacts): string | number | undefined =>
  name !== undefined && name in VALUES ? VALUES[name as Placeholder](facts) : undefined;

/** The names in a text that stand for nothing. */
export function unknownPlaceholders(text: string): string[] {
  return [...text.matchAll(ANY)]
    .filter(([, dollar, name = '']) => dollar === '' && !(name in VALUES))
    .map(([, , name = '']) => name);
}

/** Who a virtual user is, as texts call it. */
export function factsOf(identity: Identity, session: string): UserFacts {
  const { user, userId, chatId, number } = identity;
  const { first_name: name, username } = identity.renamed({
    id: identity.recordedUser,
    is_bot: false,
    first_name: '',
    username: '',
  });
  return { user, session, userId, chatId, name, username, number };
}
