import { withoutTokens } from '../base/untrusted.js';
import { isObject, type JsonObject } from './format.js';
import { editText, entitiesField, shiftEntities } from './text-edits.js';

/**
 * `none`: everything but secrets is kept. `contacts`: phone numbers and e-mail addresses go, also out of texts, and
 * so does what people gave for an order. `names`: so do names and user names.
 */
export type Redaction = 'none' | 'contacts' | 'names';

/** More different names than this get one placeholder for all. */
export const MOST_NAMES = 100_000;
/** Deeper JSON is no update and no call. */
const DEEPEST = 64;

const SECRETS = new Set(['secret_token', 'provider_token', 'token', 'certificate']);
const NAMES = new Set(['first_name', 'last_name', 'username']);
/** Whole objects of personal data that no dialogue depends on word by word. */
const PERSONAL = new Set(['order_info', 'shipping_address', 'shipping_info', 'vcard', 'email']);
const UNTOUCHED = new Set(['type', 'file_id', 'file_unique_id', 'mime_type', 'language_code', 'parse_mode']);
/** Bots send ids as texts, too. */
const ID = /(?:^|_)ids?$/;
/** Here long numbers are ids, not phone numbers. */
const OPAQUE = new Set(['callback_data', 'data', 'url', 'payload', 'start_parameter', 'invoice_payload']);

const WORD = /[\p{L}\p{N}_]+/gu;
/**
 * An e-mail address, something like +44 20 7946 0958 or 0171 2345678, or a word. What stands behind a slash is a
 * command.
 */
const WORD_OR_CONTACT =
  /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+|\+\d[\d\s()-]{5,}\d|(?<![\p{L}\p{N}_])\d(?:[\s()-]?\d){9,}|(?<![\p{L}\p{N}_/])[\p{L}\p{N}_]+/gu;

/** Nobody has these: they are reserved for examples (RFC 2606; 555-0100 to 555-0199). */
const NOBODYS_ADDRESS = /@(?:.*\.)?(?:example\.(?:com|net|org)|example|test|invalid)$/i;
const NOBODYS_NUMBER = /^1?\d{3}55501\d\d$/;

/** Makes what a bot and its users say fit to be shared. The same name always gets the same placeholder. */
export class Redactor {
  readonly #redaction: Redaction;
  readonly #names = new Map<string, string>();
  readonly #phones = new Map<string, string>();
  readonly #addresses = new Map<string, string>();

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
  }

  /** How many different ones were replaced until now. */
  get replaced(): { readonly phones: number; readonly addresses: number } {
    return { phones: this.#phones.size, addresses: this.#addresses.size };
  }

  /** A copy without secrets and, if wanted, without personal data. Ids of users and chats are kept. */
  redact<T>(value: T): T {
    if (this.#redaction !== 'none') this.#learn(value, 0);
    return this.#copy(value, '', 0) as T;
  }

  /** Names are learned first, so that they are also found in the texts of the same line. */
  #learn(value: unknown, depth: number): void {
    if (depth > DEEPEST) return;
    if (Array.isArray(value)) for (const item of value) this.#learn(item, depth + 1);
    if (!isObject(value)) return;
    for (const [key, field] of Object.entries(value)) {
      if (typeof field === 'object') this.#learn(field, depth + 1);
      else if (NAMES.has(key) && typeof field === 'string' && value.is_bot !== true)
        this.#learnName(key, field);
      else if (key === 'phone_number' && typeof field === 'string') this.#phone(field);
    }
  }

  #learnName(key: string, name: string): void {
    if (this.#redaction !== 'names') return;
    for (const [word] of name.matchAll(WORD)) {
      if (word.length < 2 || this.#names.has(word) || isPlaceholder(word)) continue;
      const number = this.#names.size < MOST_NAMES ? this.#names.size + 1 : 0;
      if (number > 0) this.#names.set(word, key === 'username' ? `user_name${number}` : `Name${number}`);
    }
  }

  #copy(value: unknown, key: string, depth: number): unknown {
    if (depth > DEEPEST) return null;
    if (typeof value === 'string') return this.#copyText(value, key);
    if (Array.isArray(value)) return value.map((item) => this.#copy(item, key, depth + 1));
    return isObject(value) ? this.#copyObject(value, depth) : value;
  }

  #copyText(text: string, key: string): string {
    if (SECRETS.has(key)) return '<token>';
    const safe = withoutTokens(text);
    if (this.#redaction === 'none' || UNTOUCHED.has(key) || ID.test(key)) return safe;
    if (PERSONAL.has(key)) return 'redacted';
    if (key === 'phone_number') return this.#phone(safe);
    // Bots send keyboards and entities as JSON text, whose escapes would hide words.
    const json = /^[[{]/.test(safe) ? parsed(safe) : undefined;
    if (json !== undefined) return JSON.stringify(this.#copy(json, key, 0));
    return editText(safe, WORD_OR_CONTACT, (found) => this.#replacement(found, key)).text;
  }

  #copyObject(object: JsonObject, depth: number): JsonObject {
    const copy: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(object)) {
      if (this.#redaction !== 'none' && PERSONAL.has(key)) copy[key] = redactedStrings(value);
      else if (NAMES.has(key) && object.is_bot === true) copy[key] = value;
      else copy[key] = this.#copy(value, key, depth + 1);
    }
    if (this.#redaction !== 'none') this.#moveEntities(object, copy);
    return copy;
  }

  #moveEntities(object: JsonObject, copy: Record<string, unknown>): void {
    for (const [key, text] of Object.entries(object)) {
      const field = entitiesField(key);
      if (field === undefined || typeof text !== 'string' || copy[field] === undefined) continue;
      const { shift } = editText(withoutTokens(text), WORD_OR_CONTACT, (found) =>
        this.#replacement(found, key),
      );
      copy[field] = shiftEntities(copy[field], shift);
    }
  }

  #replacement(found: string, key: string): string {
    if (found.includes('@')) return this.#address(found, key);
    if (/^[+\d]/.test(found) && found.replace(/\D/g, '').length >= 7) {
      const isKnown = this.#phones.has(digitsOf(found));
      return isKnown || (!OPAQUE.has(key) && /^\+|[\d\s()-]{10}/.test(found)) ? this.#phone(found) : found;
    }
    return this.#names.get(found) ?? found;
  }

  #address(found: string, key: string): string {
    const address = found.toLowerCase();
    const known = this.#addresses.get(address);
    if (known !== undefined) return known;
    if (NOBODYS_ADDRESS.test(address) || OPAQUE.has(key)) return found;
    const number = this.#addresses.size < MOST_NAMES ? this.#addresses.size + 1 : 0;
    const fresh = `address${number}@example.org`;
    if (number > 0) this.#addresses.set(address, fresh);
    return fresh;
  }

  #phone(text: string): string {
    const digits = digitsOf(text);
    // One of ours, or of nobody.
    if (digits.startsWith('99900') || NOBODYS_NUMBER.test(digits)) return text;
    let fresh = this.#phones.get(digits);
    if (fresh === undefined) {
      const number = this.#phones.size < MOST_NAMES ? this.#phones.size + 1 : 0;
      fresh = `99900${String(number).padStart(7, '0')}`;
      if (number > 0) this.#phones.set(digits, fresh);
    }
    return text.startsWith('+') ? `+${fresh}` : fresh;
  }
}

function parsed(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined; // a text that only begins like JSON
  }
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');

const isPlaceholder = (word: string): boolean => /^(?:Name|user_name)\d+$/.test(word);

function redactedStrings(value: unknown): unknown {
  if (typeof value === 'string') return 'redacted';
  if (Array.isArray(value)) return value.map(redactedStrings);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.keys(value).map((key) => [key, redactedStrings(value[key])]));
}
