import { type HtmlElement, type HtmlNode, parseRichHtml } from '../text/rich-html.js';

/** A value as the field `blocks` would have it. */
type Json = Record<string, unknown>;

const INLINE: Readonly<Record<string, string>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  code: 'code',
  mark: 'marked',
  sub: 'subscript',
  sup: 'superscript',
  'tg-spoiler': 'spoiler',
};

const BLOCKS: ReadonlySet<string> = new Set([
  ...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'pre', 'footer', 'hr', 'ul', 'ol', 'blockquote', 'aside'],
  ...['img', 'video', 'audio', 'tg-document', 'figure', 'tg-map', 'tg-collage', 'tg-slideshow', 'table'],
  ...['details', 'tg-math-block', 'tg-button-row', 'tg-thinking'],
]);

/** The blocks that a rich HTML text means, as the field `blocks` would have them. */
export function blocksOfHtml(html: string): Json[] {
  return blocksOf(parseRichHtml(html));
}

function blocksOf(nodes: readonly HtmlNode[]): Json[] {
  const blocks: Json[] = [];
  let loose: HtmlNode[] = [];
  const flush = (): void => {
    if (loose.some((node) => typeof node !== 'string' || node.trim() !== '')) {
      const anchor = loose.length === 1 ? anchorOf(loose[0]) : undefined;
      blocks.push(
        anchor === undefined
          ? { type: 'paragraph', text: richText(loose, true) }
          : { type: 'anchor', name: anchor },
      );
    }
    loose = [];
  };
  for (const node of nodes) {
    const block = typeof node === 'string' || isEmoji(node) ? undefined : blockOf(node);
    if (block === undefined) loose.push(node);
    else {
      flush();
      blocks.push(...block);
    }
  }
  flush();
  return blocks;
}

function isEmoji({ tag, attributes }: HtmlElement): boolean {
  return tag === 'img' && attributes.get('src')?.startsWith('tg://emoji') === true;
}

function anchorOf(node: HtmlNode | undefined): string | undefined {
  if (node === undefined || typeof node === 'string' || node.tag !== 'a' || node.children.length > 0)
    return undefined;
  return node.attributes.get('name');
}

function blockOf(element: HtmlElement): Json[] | undefined {
  const { tag, attributes, children } = element;
  if (!BLOCKS.has(tag)) return undefined;
  const heading = /^h([1-6])$/.exec(tag)?.[1];
  if (heading !== undefined)
    return [{ type: 'heading', text: richText(children, true), size: Number(heading) }];
  const { body, credit } = withCredit(children);
  switch (tag) {
    case 'p':
      return children.length === 0 ? [] : [{ type: 'paragraph', text: richText(children, true) }];
    case 'pre': {
      const only = children.length === 1 ? children[0] : undefined;
      const code = typeof only === 'object' && only.tag === 'code' ? only : undefined;
      const language = /^language-(.+)$/.exec(code?.attributes.get('class') ?? '')?.[1];
      const text = richText(code?.children ?? children, false);
      return [{ type: 'pre', text, ...(language === undefined ? {} : { language }) }];
    }
    case 'footer':
      return [{ type: 'footer', text: richText(children, true) }];
    case 'hr':
      return [{ type: 'divider' }];
    case 'tg-math-block':
      return [{ type: 'mathematical_expression', expression: plain(children) }];
    case 'tg-thinking':
      return [{ type: 'thinking', text: richText(children, true) }];
    case 'ul':
    case 'ol':
      return [{ type: 'list', items: itemsOf(element) }];
    case 'blockquote':
      return attributes.has('expandable')
        ? [{ type: 'expandable_blockquote', text: richText(body, true), ...credit }]
        : [{ type: 'blockquote', blocks: blocksOf(body), ...credit }];
    case 'aside':
      return [{ type: 'pullquote', text: richText(body, true), ...credit }];
    case 'details': {
      const summary = children.find((node): node is HtmlElement => isTag(node, 'summary'));
      return [
        {
          type: 'details',
          summary: richText(summary?.children ?? [], true),
          blocks: blocksOf(children.filter((node) => node !== summary)),
          ...(attributes.has('open') ? { is_open: true } : {}),
        },
      ];
    }
    case 'table':
      return [tableOf(element)];
    case 'tg-button-row': {
      const align = attributes.get('align');
      const buttons = children.flatMap((node) => (isTag(node, 'tg-button') ? [buttonOf(node)] : []));
      return [{ type: 'buttons', buttons, ...(align === undefined ? {} : { align }) }];
    }
    case 'figure': {
      const inner = children.find((node) => typeof node !== 'string' && node.tag !== 'figcaption');
      const made = typeof inner === 'object' ? blockOf(inner) : undefined;
      return (made ?? []).map((block) => ({ ...block, ...captionOf(children) }));
    }
    case 'tg-collage':
    case 'tg-slideshow': {
      const media = children.filter((node) => !isTag(node, 'figcaption'));
      return [{ type: tag.slice('tg-'.length), blocks: blocksOf(media), ...captionOf(children) }];
    }
    case 'tg-map':
      return [
        {
          type: 'map',
          location: { latitude: Number(attributes.get('lat')), longitude: Number(attributes.get('long')) },
          zoom: Number(attributes.get('zoom') ?? 15),
          width: 600,
          height: 400,
        },
      ];
    default:
      return [mediaOf(element)];
  }
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  img: 'photo',
  video: 'video',
  audio: 'audio',
  'tg-document': 'document',
};

/** The type is told by the tag and the link: nothing is fetched. */
function mediaOf({ tag, attributes }: HtmlElement): Json {
  const source = attributes.get('src') ?? '';
  const type = /\.gif(?:$|\?)/i.test(source)
    ? 'animation'
    : tag === 'audio' && /\.og[ag](?:$|\?)/i.test(source)
      ? 'voice_note'
      : (MEDIA_TYPES[tag] ?? 'document');
  const spoiler = attributes.has('tg-spoiler') ? { has_spoiler: true } : {};
  return { type, [type]: { type, media: source, ...spoiler } };
}

function isTag(node: HtmlNode, tag: string): node is HtmlElement {
  return typeof node !== 'string' && node.tag === tag;
}

function withCredit(children: readonly HtmlNode[]): { body: readonly HtmlNode[]; credit: Json } {
  const cite = children.find((node): node is HtmlElement => isTag(node, 'cite'));
  if (cite === undefined) return { body: children, credit: {} };
  return {
    body: children.filter((node) => node !== cite),
    credit: { credit: richText(cite.children, true) },
  };
}

function captionOf(children: readonly HtmlNode[]): Json {
  const element = children.find((node): node is HtmlElement => isTag(node, 'figcaption'));
  if (element === undefined) return {};
  const { body, credit } = withCredit(element.children);
  return { caption: { text: richText(body, true), ...credit } };
}

function itemsOf({ tag, attributes, children }: HtmlElement): Json[] {
  const items = children.filter((node): node is HtmlElement => isTag(node, 'li'));
  const isReversed = attributes.has('reversed');
  let number = Number(attributes.get('start') ?? (isReversed ? items.length : 1));
  return items.map((item) => {
    const box = item.children.find(
      (node): node is HtmlElement => isTag(node, 'input') && node.attributes.get('type') === 'checkbox',
    );
    const own = item.attributes.get('value');
    if (own !== undefined) number = Number(own);
    const ordered =
      tag === 'ol'
        ? { value: number, type: item.attributes.get('type') ?? attributes.get('type') ?? '1' }
        : {};
    number += isReversed ? -1 : 1;
    return {
      blocks: blocksOf(item.children.filter((node) => node !== box)),
      ...(box === undefined ? {} : { has_checkbox: true }),
      ...(box?.attributes.has('checked') === true ? { is_checked: true } : {}),
      ...ordered,
    };
  });
}

function tableOf({ attributes, children }: HtmlElement): Json {
  const caption = children.find((node): node is HtmlElement => isTag(node, 'caption'));
  const rows = children.flatMap((node) =>
    typeof node === 'string' ? [] : node.tag === 'tr' ? [node] : node.children.filter((n) => isTag(n, 'tr')),
  ) as HtmlElement[];
  const flags = ['bordered', 'striped', 'compact'].filter((flag) => attributes.has(flag));
  return {
    type: 'table',
    cells: rows.map((row) =>
      row.children.flatMap((cell) => (isTag(cell, 'td') || isTag(cell, 'th') ? [cellOf(cell)] : [])),
    ),
    ...Object.fromEntries(flags.map((flag) => [`is_${flag}`, true])),
    ...(caption === undefined ? {} : { caption: richText(caption.children, true) }),
  };
}

function cellOf({ tag, attributes, children }: HtmlElement): Json {
  const [colspan, rowspan] = [Number(attributes.get('colspan')), Number(attributes.get('rowspan'))];
  return {
    ...(children.length === 0 ? {} : { text: richText(children, true) }),
    ...(tag === 'th' ? { is_header: true } : {}),
    ...(colspan > 1 ? { colspan } : {}),
    ...(rowspan > 1 ? { rowspan } : {}),
    align: attributes.get('align') ?? 'left',
    valign: attributes.get('valign') ?? 'top',
  };
}

/** @param trims white space is one space, as between words of HTML */
function richText(nodes: readonly HtmlNode[], trims: boolean): unknown {
  const parts = nodes.flatMap((node): unknown[] => {
    if (typeof node === 'string') {
      const text = trims ? node.replace(/\s+/g, ' ') : node;
      return text === '' ? [] : [text];
    }
    return inlineOf(node, trims);
  });
  if (trims) trimEnds(parts);
  return parts.length === 1 ? parts[0] : parts.length === 0 ? '' : parts;
}

function trimEnds(parts: unknown[]): void {
  if (typeof parts[0] === 'string') parts[0] = parts[0].trimStart();
  const last = parts[parts.length - 1];
  if (typeof last === 'string') parts[parts.length - 1] = last.trimEnd();
  if (parts[parts.length - 1] === '') parts.pop();
  if (parts[0] === '') parts.shift();
}

function inlineOf(element: HtmlElement, trims: boolean): unknown[] {
  const { tag, attributes, children } = element;
  const kind = INLINE[tag];
  const text = inner(children, trims);
  if (kind !== undefined) return [{ type: kind, text }];
  switch (tag) {
    case 'br':
      return ['\n'];
    case 'a':
      return [linkOf(attributes, text)];
    case 'tg-reference':
      return [{ type: 'reference', text, name: attributes.get('name') ?? '' }];
    case 'tg-emoji':
    case 'img': {
      const id = attributes.get('emoji-id') ?? /id=(\d+)/.exec(attributes.get('src') ?? '')?.[1] ?? '';
      const alternative = tag === 'img' ? (attributes.get('alt') ?? '') : plain(children);
      return [{ type: 'custom_emoji', custom_emoji_id: id, alternative_text: alternative }];
    }
    case 'tg-time': {
      const [unix, format] = [Number(attributes.get('unix')), attributes.get('format') ?? ''];
      return [{ type: 'date_time', text, unix_time: unix, date_time_format: format }];
    }
    case 'tg-math':
      return [{ type: 'mathematical_expression', expression: plain(children) }];
    case 'tg-button':
      return [{ type: 'button', button: buttonOf(element) }];
    default:
      return Array.isArray(text) ? text : text === '' ? [] : [text];
  }
}

/** Inside a tag, spaces at the ends stand between words. */
function inner(children: readonly HtmlNode[], trims: boolean): unknown {
  const parts = children.flatMap((node): unknown[] =>
    typeof node === 'string' ? [trims ? node.replace(/\s+/g, ' ') : node] : inlineOf(node, trims),
  );
  return parts.length === 1 ? parts[0] : parts.length === 0 ? '' : parts;
}

function linkOf(attributes: HtmlElement['attributes'], text: unknown): Json {
  const name = attributes.get('name');
  if (name !== undefined && text === '') return { type: 'anchor', name };
  const link = attributes.get('href') ?? '';
  if (link.startsWith('#')) return { type: 'anchor_link', text, anchor_name: link.slice(1) };
  if (link.startsWith('mailto:')) return { type: 'email_address', text, email_address: link.slice(7) };
  if (link.startsWith('tel:')) return { type: 'phone_number', text, phone_number: link.slice(4) };
  const user = /^tg:\/\/user\?id=(\d+)$/.exec(link)?.[1];
  if (user !== undefined) return { type: 'text_mention', text, user: { id: Number(user) } };
  return { type: 'url', text, url: link };
}

const BUTTON_VALUES: Readonly<Record<string, (attributes: HtmlElement['attributes']) => unknown>> = {
  url: (a) => a.get('url') ?? '',
  callback_data: (a) => a.get('data') ?? '',
  web_app: (a) => ({ url: a.get('url') ?? '' }),
  login_url: (a) => ({
    url: a.get('url') ?? '',
    ...(a.has('forward-text') ? { forward_text: a.get('forward-text') } : {}),
    ...(a.has('request-write-access') ? { request_write_access: true } : {}),
  }),
  switch_inline_query: (a) => a.get('query') ?? '',
  switch_inline_query_current_chat: (a) => a.get('query') ?? '',
  switch_inline_query_chosen_chat: (a) => ({
    query: a.get('query') ?? '',
    ...Object.fromEntries(
      ['user', 'bot', 'group', 'channel']
        .filter((kind) => a.has(`allow-${kind}-chats`))
        .map((kind) => [`allow_${kind}_chats`, true]),
    ),
  }),
  copy_text: (a) => ({ text: a.get('text') ?? '' }),
  disabled: () => ({}),
};

function buttonOf({ attributes, children }: HtmlElement): Json {
  const type = attributes.get('type') ?? '';
  const style = attributes.get('style');
  const value = BUTTON_VALUES[type];
  return {
    text: richText(children, true),
    ...(style === undefined ? {} : { style }),
    ...(value === undefined ? {} : { [type]: value(attributes) }),
  };
}

function plain(nodes: readonly HtmlNode[]): string {
  return nodes.map((node) => (typeof node === 'string' ? node : plain(node.children))).join('');
}
