import { readFileSync } from 'node:fs';
import {
  type Document,
  isMap,
  isNode,
  isPair,
  LineCounter,
  parseDocument,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { withoutTokens } from '../base/untrusted.js';

/** A YAML file of this size is a mistake, not a scenario. */
const MAX_FILE_BYTES = 256 * 1024;

const MAX_ALIASES = 100;

/** Columns of a line that are shown of it, and how many of them stand before the caret at most. */
const SHOWN_COLUMNS = 100;
const SHOWN_BEFORE = 60;

export type Path = readonly PropertyKey[];

/** A place in a file, by the keys that lead there. */
export interface Spot {
  readonly path: Path;
  /** The key at the end of the path is meant, not its value. */
  readonly atKey?: boolean;
}

/** The text of a YAML file, what it says, and where it says it. */
export class YamlSource {
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  /** @throws SendtwiceError `file/bad-yaml` */
  constructor(
    readonly text: string,
    readonly path: string,
  ) {
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      logLevel: 'error',
    });
    // A warning is a tag that nobody knows: the value would not be what its author meant.
    const broken = this.#document.errors[0] ?? this.#document.warnings[0];
    if (broken !== undefined) {
      throw new SendtwiceError(
        'file/bad-yaml',
        this.#placedAt(broken.pos[0], `not valid YAML: ${flawOf(broken)}`),
        { hint: 'Check the indentation and the quotes around that place.' },
      );
    }
    this.value = this.#read() ?? {};
  }

  /** `file:line:column: message`, and below it the line itself with a caret under the place. */
  placed(spot: Spot, message: string): string {
    const { contents } = this.#document;
    const offset = offsetOf(contents, spot);
    // What is missing from the file as a whole has no line.
    const isSomewhere = isMap(contents) && contents.has(String(spot.path[0]));
    return this.#placedAt(offset, message, isSomewhere);
  }

  #placedAt(offset: number, message: string, withLine = true): string {
    const { line, col } = this.#lines.linePos(offset);
    return [`${this.path}:${line}:${col}: ${message}`, ...(withLine ? this.#excerpt(line, col) : [])].join(
      '\n',
    );
  }

  #excerpt(line: number, col: number): string[] {
    const whole = (this.text.split('\n')[line - 1] ?? '').trimEnd();
    if (whole.trim() === '') return [];
    const ahead = cleaned(whole.slice(0, col - 1)).trimStart();
    const before =
      [...ahead].length <= SHOWN_BEFORE ? ahead : `…${[...ahead].slice(1 - SHOWN_BEFORE).join('')}`;
    const rest = [...cleaned(whole.slice(col - 1))];
    const after = rest.slice(0, SHOWN_COLUMNS - [...before].length).join('');
    const cut = [...after].length < rest.length ? '…' : '';
    return [`    ${before}${after}${cut}`, `    ${' '.repeat([...before].length)}^`];
  }

  #read(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (error) {
      throw new SendtwiceError('file/bad-yaml', `${this.path}: the aliases (*name) cannot be followed`, {
        hint: `Write out what they stand for; at most ${MAX_ALIASES} values may come from aliases.`,
        cause: error,
      });
    }
  }
}

/** Reads a YAML file. @throws SendtwiceError `file/unreadable`, `file/bad-yaml` */
export function readSource(path: string): YamlSource {
  return new YamlSource(readText(path), path);
}

/** One space for each gap, so that the caret stays in its place on a terminal, and no secrets. */
function cleaned(text: string): string {
  return withoutTokens(text.replace(/\s+/g, ' ')).replace(/:\/\/[^\s/@]+@/g, '://…@');
}

/** What the parser found, where its own words are for programmers. */
function flawOf({ code, message }: YAMLParseError | YAMLWarning): string {
  if (code === 'MULTIPLE_DOCS') return 'there is a second document (---); one file holds one';
  if (/call stack/.test(message)) return 'it is nested too deeply';
  return message;
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_FILE_BYTES) {
      throw new SendtwiceError(
        'file/unreadable',
        `${path} has ${bytes.length} bytes; at most ${MAX_FILE_BYTES} are read`,
      );
    }
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof SendtwiceError) throw error;
    throw new SendtwiceError('file/unreadable', `Cannot read ${path}: ${messageOf(error)}`, {
      hint: 'Check the path; it is taken relative to the current folder.',
      cause: error,
    });
  }
}

/** Where in the text a problem is: the key for an unknown key, else the value, else what holds it. */
function offsetOf(root: unknown, problem: Spot): number {
  let node = root;
  let offset = isNode(root) ? (root.range?.[0] ?? 0) : 0;
  problem.path.forEach((key, index) => {
    const last = index === problem.path.length - 1;
    const pair = isMap(node) ? node.items.find((item) => keyText(item.key) === String(key)) : undefined;
    if (pair !== undefined) {
      const target = last && problem.atKey === true ? pair.key : (pair.value ?? pair.key);
      if (isNode(target) && target.range) offset = target.range[0];
      node = pair.value;
      return;
    }
    const items = (node as { items?: readonly unknown[] } | undefined)?.items;
    const item = items?.[Number(key)];
    if (item !== undefined && !isPair(item)) {
      if (isNode(item) && item.range) offset = item.range[0];
      node = item;
    } else {
      node = undefined;
    }
  });
  return offset;
}

function keyText(key: unknown): string {
  return isNode(key) ? String((key as { value?: unknown }).value) : String(key);
}
