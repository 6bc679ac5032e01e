import { type Content, visibleText } from './content.js';
import type { WrittenPattern } from './events.js';

/** Adds to a content how it is compared. */
export type Mask = (content: Content) => Content;

export const asItIs: Mask = (content) => content;

/** What stands for a part that is not compared. */
const MASKED = '…';

/** Masks what a scenario calls volatile, in texts and labels of buttons. Nothing where nothing is. */
export function maskOf(patterns: readonly WrittenPattern[] = []): Mask | undefined {
  if (patterns.length === 0) return undefined;
  const expressions = patterns.map(
    ({ source, flags }) => new RegExp(source, `${flags.replace(/[gy]/g, '')}g`),
  );
  const masked = (text: string): string =>
    expressions.reduce((rest, expression) => rest.replace(expression, MASKED), visibleText(text));
  const isHit = (text: string): boolean => masked(text) !== visibleText(text);
  /** A content is the same object whenever a view is asked for it, and so is what it is compared as. */
  const masks = new WeakMap<Content, Content>();
  const mask: Mask = (content) => {
    const known = masks.get(content);
    if (known !== undefined) return known;
    const fresh = maskedContent(content);
    masks.set(content, fresh);
    return fresh;
  };
  const maskedContent: Mask = (content) => {
    const { text, keyboard, wanted } = content;
    const anyOf = wanted?.anyOf?.map(mask);
    const own = anyOf === undefined ? content : { ...content, wanted: { ...wanted, anyOf } };
    const labels = keyboard?.rows.flat().map((button) => button.text) ?? [];
    if (!isHit(text ?? '') && !labels.some(isHit)) return own;
    const rows = keyboard?.rows.map((row) => row.map((button) => ({ ...button, text: masked(button.text) })));
    return {
      ...own,
      compared: {
        ...(text !== undefined && { text: masked(text) }),
        ...(keyboard !== undefined && { keyboard: { type: keyboard.type, rows: rows ?? [] } }),
      },
    };
  };
  return mask;
}
