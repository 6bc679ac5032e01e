/**
 * What comes from a bot, a recording or a database may hold anything: control sequences that repaint a
 * terminal, tokens, telephone numbers. These functions make it fit to be shown or logged.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const TOKEN = /(?<!\d)\d{1,16}:[A-Za-z0-9_-]{24,}/g;
const PHONE = /\+?\d[\d\s().-]{8,}\d/g;

/** One line of printable text, at most `limit` characters long. */
export function printable(text: string, limit = 200): string {
  const line = text.replace(/\s+/g, ' ').replace(CONTROL, '\u00b7').trim();
  const characters = [...line];
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`;
}

/** Bot tokens become `<token>`. */
export function withoutTokens(text: string): string {
  return text.replace(TOKEN, '<token>');
}

/** Tokens and whatever looks like a telephone number (ten digits or more) are masked. */
export function withoutPersonal(text: string): string {
  return withoutTokens(text).replace(PHONE, (found) =>
    found.replace(/\D/g, '').length >= 10 ? '<phone>' : found,
  );
}
