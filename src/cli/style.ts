import { styleText } from 'node:util';
import type { Style } from '../report/terminal.js';

type Format = Parameters<typeof styleText>[0];

const paint = (format: Format) => (text: string) => styleText(format, text, { validateStream: false });
const plain = (text: string): string => text;

/** Colours for a terminal that shows them; none in a file, with NO_COLOR or on a dumb terminal. */
export function colours(stream: NodeJS.WriteStream): Style {
  const wanted = process.env.FORCE_COLOR !== undefined && process.env.FORCE_COLOR !== '0';
  const refused = process.env.NO_COLOR !== undefined || process.env.TERM === 'dumb';
  if (!wanted && (refused || !stream.isTTY))
    return { good: plain, bad: plain, warn: plain, strong: plain, faint: plain };
  return {
    good: paint('green'),
    bad: paint('red'),
    warn: paint('yellow'),
    strong: paint('bold'),
    faint: paint('dim'),
  };
}

/** How wide a report may be; in a file or a pipe lines are not broken, so that they can be searched. */
export function widthOf(stream: NodeJS.WriteStream): { readonly columns?: number } {
  return stream.isTTY ? { columns: Math.min(Math.max(stream.columns || 80, 60), 120) } : {};
}
