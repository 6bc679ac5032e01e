import type { BSONRegExp } from 'bson';
import { ServerError } from '../errors.js';

/** Letters that mean the same behind a backslash in PCRE and in JavaScript. */
const SAME_ESCAPES = new Set('bBdDwWtnrfv');

/** What JavaScript's unicode mode lets a backslash precede. */
const SYNTAX_CHARACTERS = new Set('^$\\.*+?()[]{}|/');

const QUANTIFIER = /^\{\d+(,\d*)?\}/;
const SAFE_GROUP = /^\?(?::|=|!|<=|<!|<[A-Za-z_]\w*>)/;
const POSSESSIVE = /^(?:[*+?]|\{\d+(?:,\d*)?\})\+/;

/**
 * Translates a PCRE pattern to JavaScript. What the two understand differently is rewritten (`.`, `$`,
 * `\s`) or refused, never passed on to match something else.
 *
 * @throws ServerError for a pattern that is invalid or has no translation.
 */
export function compileRegex(pattern: string, options: string): RegExp {
  for (const option of options) {
    if (!'imsxu'.includes(option)) throw new ServerError(51108, `invalid flag in regex options: ${option}`);
  }
  const source = new Translator(pattern, options).run();
  try {
    return new RegExp(source, `u${options.includes('i') ? 'i' : ''}${options.includes('m') ? 'm' : ''}`);
  } catch (error) {
    throw new ServerError(
      51091,
      `Regular expression is invalid: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

export function compileBsonRegex(regex: BSONRegExp): RegExp {
  return compileRegex(regex.pattern, regex.options);
}

class Translator {
  #at = 0;
  readonly #extended: boolean;
  readonly #dot: string;
  readonly #dollar: string;

  constructor(
    readonly pattern: string,
    options: string,
  ) {
    this.#extended = options.includes('x');
    this.#dot = options.includes('s') ? '[^]' : '[^\\n]';
    // Without the m option, PCRE's $ also matches before a newline at the very end.
    this.#dollar = options.includes('m') ? '(?=\\n|(?![^]))' : '(?=\\n?(?![^]))';
  }

  run(): string {
    let source = '';
    while (this.#at < this.pattern.length) source += this.#next();
    return source;
  }

  #next(): string {
    const rest = this.pattern.slice(this.#at);
    const character = String.fromCodePoint(this.pattern.codePointAt(this.#at) ?? 0);
    if (POSSESSIVE.test(rest)) throw this.#unsupported('a possessive quantifier');
    this.#at += character.length;
    switch (character) {
      case '\\':
        return this.#escape(false);
      case '[':
        return this.#characterClass();
      case '.':
        return this.#dot;
      case '$':
        return this.#dollar;
      case '^':
        return this.#dollar.includes('?(?!') ? '^' : '(?<=\\n|(?<![^]))';
      case '(':
        if (rest[1] === '?' && !SAFE_GROUP.test(rest.slice(1))) throw this.#unsupported(rest.slice(0, 4));
        if (rest[1] === '*') throw this.#unsupported(rest.slice(0, 4));
        return '(';
      case '{': {
        const quantifier = QUANTIFIER.exec(rest)?.[0];
        if (quantifier === undefined) return '\\{';
        this.#at += quantifier.length - 1;
        return quantifier;
      }
      case '}':
      case ']':
        return `\\${character}`;
    }
    if (this.#extended && character === '#') {
      const end = this.pattern.indexOf('\n', this.#at);
      this.#at = end === -1 ? this.pattern.length : end + 1;
      return '';
    }
    return this.#extended && /[ \t-\r]/.test(character) ? '' : character;
  }

  #characterClass(): string {
    let source = '[';
    if (this.pattern[this.#at] === '^') {
      source += '^';
      this.#at += 1;
    }
    if (this.pattern[this.#at] === ']') {
      source += '\\]';
      this.#at += 1;
    }
    for (;;) {
      const code = this.pattern.codePointAt(this.#at);
      if (code === undefined)
        throw new ServerError(51091, 'Regular expression is invalid: missing terminating ]');
      const character = String.fromCodePoint(code);
      this.#at += character.length;
      if (character === ']') return `${source}]`;
      if (character === '[' && /^[:.=]/.test(this.pattern.slice(this.#at)))
        throw this.#unsupported('a POSIX class');
      source += character === '\\' ? this.#escape(true) : character === '[' ? '\\[' : character;
    }
  }

  #escape(inClass: boolean): string {
    const code = this.pattern.codePointAt(this.#at);
    if (code === undefined)
      throw new ServerError(51091, 'Regular expression is invalid: \\ at end of pattern');
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    if (inClass && character === 'B') throw this.#unsupported('\\B in a class');
    if (character === 's') return inClass ? ' \\t-\\r' : '[ \\t-\\r]';
    if (character === 'S')
      return inClass
        ? '\\S\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'
        : '[^ \\t-\\r]';
    if (character === 'v' || character === 'w' || character === 'W' || SAME_ESCAPES.has(character)) {
      if (character === 'v') throw this.#unsupported('\\v');
      return `\\${character}`;
    }
    if (character === 'x' && /^[0-9a-fA-F]{2}/.test(this.pattern.slice(this.#at))) {
      this.#at += 2;
      return `\\x${this.pattern.slice(this.#at - 2, this.#at)}`;
    }
    if (!inClass && /[1-9]/.test(character)) return `\\${character}`;
    if (/[A-Za-z0-9]/.test(character)) throw this.#unsupported(`\\${character}`);
    if (SYNTAX_CHARACTERS.has(character) || (inClass && character === '-')) return `\\${character}`;
    return character;
  }

  #unsupported(what: string): ServerError {
    return new ServerError(
      238,
      `The embedded server of sendtwice does not support ${what} in a regular expression`,
    );
  }
}
