/** A rich message that a person reads: the fields of any block that hold words, in the order in which they are seen. */
const FIELDS = [
  'label',
  'summary',
  'text',
  'expression',
  'alternative_text',
  'button',
  'buttons',
  'cells',
  'items',
  'blocks',
  'caption',
  'credit',
] as const;

/** Their parts stand on lines of their own. */
const LINES: ReadonlySet<string> = new Set(['items', 'blocks', 'cells']);
const MEDIA = ['animation', 'audio', 'document', 'photo', 'video', 'voice_note'] as const;

/** Nothing that can be sent is nested deeper; recordings may say what they like. */
const DEEPEST = 64;

/** The words of a rich message, a block on each line. */
export function textOfRich(rich: unknown): string {
  return lines(field(rich, 'blocks'), 0);
}

/** All media of a rich message, in order. */
export function mediaOfRich(rich: unknown): readonly unknown[] {
  const found: unknown[] = [];
  const look = (value: unknown, depth: number): void => {
    if (depth > DEEPEST || typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const part of value) look(part, depth + 1);
      return;
    }
    const kind = MEDIA.find((name) => field(value, 'type') === name);
    if (kind !== undefined) found.push(field(value, kind));
    for (const name of ['blocks', 'items']) look(field(value, name), depth + 1);
  };
  look(field(rich, 'blocks'), 0);
  return found;
}

function lines(value: unknown, depth: number): string {
  if (!Array.isArray(value)) return words(value, depth);
  return value
    .map((part) => words(part, depth + 1))
    .filter((line) => line !== '')
    .join('\n');
}

function words(value: unknown, depth: number): string {
  if (depth > DEEPEST) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((part) => words(part, depth + 1)).join('');
  if (typeof value !== 'object' || value === null) return '';
  let text = '';
  for (const name of FIELDS) {
    const inner = field(value, name);
    if (inner === undefined) continue;
    const shown =
      name === 'buttons'
        ? parts(inner, depth).join(' ')
        : name === 'cells'
          ? (Array.isArray(inner) ? inner : []).map((row) => parts(row, depth).join(' ')).join('\n')
          : LINES.has(name)
            ? lines(inner, depth + 1)
            : words(inner, depth + 1);
    if (shown !== '')
      text += text === '' ? shown : `${field(value, 'label') === undefined ? '\n' : ' '}${shown}`;
  }
  return text;
}

function parts(value: unknown, depth: number): string[] {
  return Array.isArray(value) ? value.map((part) => words(part, depth + 2)) : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
