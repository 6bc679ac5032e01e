import { escapeHtml } from './rich-html.js';

/**
 * Rich Markdown as rich HTML, which it may contain. Knows what the documentation of rich messages shows:
 * headings, rules, code, lists, tasks, quotations, tables, media, footnotes, formulas and inline formatting.
 */
export function markdownToHtml(markdown: string): string {
  const lines = markdown.replace(/\r\n?/g, '\n').split('\n');
  const notes = new Map<string, string>();
  const kept = lines.filter((line) => {
    const note = /^\[\^([\w-]+)\]:\s*(.*)$/.exec(line);
    if (note !== null) notes.set(note[1] ?? '', note[2] ?? '');
    return note === null;
  });
  const body = blocks(kept);
  const footnotes = [...notes].map(
    ([name, text]) => `<p><tg-reference name="${name}">${inline(text)}</tg-reference></p>`,
  );
  return body + footnotes.join('');
}

/** What is nested deeper cannot be sent. */
const DEEPEST = 20;

const FENCE = /^(```+|~~~+)\s*([\w+#-]*)\s*$/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^ {0,3}(?:-\s*){3,}$|^ {0,3}(?:\*\s*){3,}$|^ {0,3}(?:_\s*){3,}$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const MEDIA = /^!\[[^\]]*\]\((\S+?)(?:\s+"([^"]*)")?\)$/;
const TABLE_LINE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

function blocks(lines: readonly string[], nesting = 0): string {
  if (nesting > DEEPEST) return `<p>${inline(lines.join('\n'))}</p>`;
  let html = '';
  let paragraph: string[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) html += `<p>${inline(paragraph.join('\n'))}</p>`;
    paragraph = [];
  };
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    const fence = FENCE.exec(line);
    if (fence !== null) {
      flush();
      const end = lines.findIndex((other, at) => at > i && other.trim() === fence[1]);
      const code = lines.slice(i + 1, end === -1 ? lines.length : end).join('\n');
      html += fenced(code, fence[2] ?? '');
      i = end === -1 ? lines.length : end;
      continue;
    }
    if (line.trim() === '') {
      flush();
      continue;
    }
    const formula = /^\$\$(.+)\$\$$/.exec(line.trim());
    const heading = HEADING.exec(line);
    const media = MEDIA.exec(line.trim());
    if (formula !== null) {
      flush();
      html += `<tg-math-block>${formula[1]}</tg-math-block>`;
    } else if (heading !== null) {
      flush();
      const size = (heading[1] ?? '#').length;
      html += `<h${size}>${inline(heading[2] ?? '')}</h${size}>`;
    } else if (RULE.test(line)) {
      flush();
      html += '<hr/>';
    } else if (media !== null && !(media[1] ?? '').startsWith('tg://emoji') && !isTime(media[1])) {
      flush();
      html += mediaBlock(media[1] ?? '', media[2]);
    } else if (line.startsWith('>')) {
      flush();
      const end = endOf(lines, i, (other) => other.startsWith('>'));
      html += `<blockquote>${blocks(
        lines.slice(i, end).map((quoted) => quoted.replace(/^> ?/, '')),
        nesting + 1,
      )}</blockquote>`;
      i = end - 1;
    } else if (ITEM.test(line)) {
      flush();
      const end = endOf(lines, i, (other) => ITEM.test(other) || /^\s{2,}\S/.test(other));
      html += list(lines.slice(i, end), nesting);
      i = end - 1;
    } else if (
      line.includes('|') &&
      TABLE_LINE.test(lines[i + 1] ?? '') &&
      (lines[i + 1] ?? '').includes('-')
    ) {
      flush();
      const end = endOf(lines, i, (other) => other.includes('|'));
      html += table(lines.slice(i, end));
      i = end - 1;
    } else if (
      /^<\/?(?:details|summary|tg-collage|tg-slideshow|aside|table|tg-button-row|footer|figure|ul|ol|blockquote|tg-map|pre|hr|p|h[1-6])\b/i.test(
        line.trim(),
      )
    ) {
      flush();
      html += htmlLine(line);
    } else {
      paragraph.push(line.trim());
    }
  }
  flush();
  return html;
}

function endOf(lines: readonly string[], from: number, goesOn: (line: string) => boolean): number {
  let end = from + 1;
  while (end < lines.length && goesOn(lines[end] ?? '')) end += 1;
  return end;
}

function fenced(code: string, language: string): string {
  if (language === 'math') return `<tg-math-block>${code}</tg-math-block>`;
  const text = escapeHtml(code);
  return language === ''
    ? `<pre>${text}</pre>`
    : `<pre><code class="language-${language}">${text}</code></pre>`;
}

function isTime(link: string | undefined): boolean {
  return link?.startsWith('tg://time') === true;
}

/** A line of HTML: the texts between its tags are Markdown. */
function htmlLine(line: string): string {
  return inline(line);
}

const EXTENSIONS: readonly (readonly [RegExp, string])[] = [
  [/\.(?:mp4|mov|gif|webm)$/i, 'video'],
  [/\.(?:mp3|ogg|m4a|oga|wav)$/i, 'audio'],
  [/\.(?:zip|pdf|txt|docx?)$/i, 'tg-document'],
];

function mediaBlock(link: string, caption: string | undefined): string {
  const given = /^tg:\/\/(photo|video|audio|document)\?id=/.exec(link)?.[1];
  const byLink = EXTENSIONS.find(([pattern]) => pattern.test(link.split('?')[0] ?? ''))?.[1] ?? 'img';
  const tag =
    given === undefined ? byLink : given === 'photo' ? 'img' : given === 'document' ? 'tg-document' : given;
  const element = `<${tag} src="${escapeHtml(link)}"/>`;
  return caption === undefined
    ? element
    : `<figure>${element}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

function list(lines: readonly string[], nesting: number): string {
  const first = ITEM.exec(lines[0] ?? '');
  const depth = (first?.[1] ?? '').length;
  const isOrdered = /\d/.test(first?.[2] ?? '');
  const items: { head: string; value: number; rest: string[] }[] = [];
  for (const line of lines) {
    const item = ITEM.exec(line);
    const last = items[items.length - 1];
    if (item !== null && (item[1] ?? '').length <= depth) {
      items.push({ head: item[3] ?? '', value: Number.parseInt(item[2] ?? '', 10), rest: [] });
    } else {
      last?.rest.push(line);
    }
  }
  const shown = items.map(({ head, value, rest }) => {
    const task = /^\[([ xX])\]\s+(.*)$/.exec(head);
    const box = task === null ? '' : `<input type="checkbox"${task[1] === ' ' ? '' : ' checked'}>`;
    const nested = rest.length === 0 ? '' : blocks(outdented(rest), nesting + 1);
    const number = isOrdered && !Number.isNaN(value) ? ` value="${value}"` : '';
    return `<li${number}>${box}${inline(task?.[2] ?? head)}${nested}</li>`;
  });
  return isOrdered ? `<ol>${shown.join('')}</ol>` : `<ul>${shown.join('')}</ul>`;
}

function outdented(lines: readonly string[]): string[] {
  const least = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(least));
}

function table(lines: readonly string[]): string {
  const aligns = cellsOf(lines[1] ?? '').map((cell) =>
    cell.endsWith(':') ? (cell.startsWith(':') ? 'center' : 'right') : 'left',
  );
  const row = (line: string, tag: string): string =>
    `<tr>${cellsOf(line)
      .map((cell, i) => `<${tag} align="${aligns[i] ?? 'left'}">${inline(cell)}</${tag}>`)
      .join('')}</tr>`;
  const body = lines.slice(2).map((line) => row(line, 'td'));
  return `<table bordered>${row(lines[0] ?? '', 'th')}${body.join('')}</table>`;
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a mark is something that no text has
const MARK = /\u0000(\d+)\u0000/g;
const MOST_ROUNDS = 8;

/** Inline formatting. What was recognised already is kept aside, behind marks that no text has. */
function inline(source: string): string {
  const aside: string[] = [];
  const keep = (html: string): string => {
    aside.push(html);
    return `\u0000${aside.length - 1}\u0000`;
  };
  let text = source.split('\u0000').join('');
  text = text.replace(/`([^`\n]+)`/g, (_, code: string) => keep(`<code>${escapeHtml(code)}</code>`));
  text = text.replace(/\\([!-/:-@[-`{-~])/g, (_, character: string) => keep(escapeHtml(character)));
  text = text.replace(/\$(?=\S)([^$\n]*\S)\$(?!\d)/g, (_, math: string) =>
    keep(`<tg-math>${math}</tg-math>`),
  );
  text = text.replace(/!\[([^[\]]*)\]\(tg:\/\/emoji\?id=(\d+)\)/g, (_, alt: string, id: string) =>
    keep(`<tg-emoji emoji-id="${id}">${escapeHtml(alt)}</tg-emoji>`),
  );
  text = text.replace(
    /!\[([^[\]]*)\]\(tg:\/\/time\?unix=(\d+)(?:&format=([a-zA-Z]*))?\)/g,
    (_, shown: string, unix: string, format = '') =>
      keep(`<tg-time unix="${unix}" format="${format}">${escapeHtml(shown)}</tg-time>`),
  );
  text = text.replace(/\[\^([\w-]+)\]/g, (_, name: string) => keep(`<a href="#${name}">[${name}]</a>`));
  text = text.replace(
    /\[([^[\]]+)\]\(([^\s()]+)\)/g,
    (_, shown: string, link: string) => `${keep(`<a href="${escapeHtml(link)}">`)}${shown}${keep('</a>')}`,
  );
  text = text.replace(/<\/?[a-z][a-z0-9-]*(?:[^<>"]|"[^"]*")*>/gi, (tag) => keep(tag));
  text = text
    .replace(/(\*\*|__)(?=\S)(.{1,4096}?)(?<=\S)\1/gs, '<b>$2</b>')
    .replace(/(?<![\w*])\*(?=[^\s*])(.{1,4096}?)(?<=[^\s*])\*(?![\w*])/gs, '<i>$1</i>')
    .replace(/(?<![\w_])_(?=[^\s_])(.{1,4096}?)(?<=[^\s_])_(?![\w_])/gs, '<i>$1</i>')
    .replace(/~~(?=\S)(.{1,4096}?)(?<=\S)~~/gs, '<s>$1</s>')
    .replace(/==(?=\S)(.{1,4096}?)(?<=\S)==/gs, '<mark>$1</mark>')
    .replace(/\|\|(?=\S)(.{1,4096}?)(?<=\S)\|\|/gs, '<tg-spoiler>$1</tg-spoiler>');
  // What was kept may hold marks of what was kept before it.
  for (let round = 0; round < MOST_ROUNDS && text.includes('\u0000'); round += 1) {
    text = text.replace(MARK, (_, index: string) => aside[Number(index)] ?? '');
  }
  return text;
}
