/** An element of rich HTML, or a text between tags. */
export type HtmlNode = string | HtmlElement;

export interface HtmlElement {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: HtmlNode[];
}

/** These have no content and need no end tag. */
const VOID: ReadonlySet<string> = new Set(['br', 'hr', 'img', 'input', 'tg-map']);

/** Deeper elements are not nested any more; nothing that can be sent is so deep. */
const DEEPEST = 64;

/** Their content is not looked into. */
const RAW: ReadonlySet<string> = new Set(['tg-math', 'tg-math-block']);

/** The named entities that rich messages know. */
const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
};

const TAG = /<(\/?)([a-z][a-z0-9-]*)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>/giy;
const ATTRIBUTE = /([a-z][a-z0-9-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi;

/** The tree of a rich HTML text. What is no tag is text, and what was left open ends with the text. */
export function parseRichHtml(html: string): HtmlNode[] {
  const root: HtmlElement = { tag: '', attributes: new Map(), children: [] };
  const open: HtmlElement[] = [root];
  let position = 0;
  while (position < html.length) {
    const parent = open[open.length - 1] ?? root;
    const next = html.indexOf('<', position);
    if (next === -1) {
      addText(parent, html.slice(position));
      break;
    }
    if (next > position) addText(parent, html.slice(position, next));
    TAG.lastIndex = next;
    const match = TAG.exec(html);
    if (match === null) {
      addText(parent, '<');
      position = next + 1;
      continue;
    }
    position = next + match[0].length;
    const tag = (match[2] ?? '').toLowerCase();
    if (match[1] === '/') {
      const at = open.findLastIndex((element) => element.tag === tag);
      if (at > 0) open.length = at;
      continue;
    }
    const element: HtmlElement = { tag, attributes: attributesOf(match[3] ?? ''), children: [] };
    parent.children.push(element);
    if (match[4] === '/' || VOID.has(tag)) continue;
    if (RAW.has(tag)) {
      const end = html.indexOf(`</${tag}>`, position);
      const stop = end === -1 ? html.length : end;
      addText(element, html.slice(position, stop));
      position = end === -1 ? stop : stop + tag.length + 3;
      continue;
    }
    if (open.length < DEEPEST) open.push(element);
  }
  return root.children;
}

function addText({ children }: HtmlElement, source: string): void {
  const text = decoded(source);
  const last = children[children.length - 1];
  if (typeof last === 'string') children[children.length - 1] = last + text;
  else children.push(text);
}

function attributesOf(source: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single, bare] of source.matchAll(ATTRIBUTE)) {
    attributes.set(name.toLowerCase(), decoded(double ?? single ?? bare ?? ''));
  }
  return attributes;
}

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : whole;
  });
}

/** Text as HTML that means exactly that text. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
