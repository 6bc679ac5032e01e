/** Scripts and pictures that take two columns each on a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NO_WIDTH = /\p{Mn}|\p{Me}|\u200d|\ufe0f/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
const COLOUR = /\u001b\[[\d;]*m/g;

/** Columns that a text takes on a terminal; colours take none. */
export function widthOfText(text: string): number {
  let width = 0;
  for (const character of text.replace(COLOUR, '')) {
    if (NO_WIDTH.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/**
 * Breaks one line at spaces so that no piece is wider than `columns`, as far as its words allow. What goes
 * on is indented by `indent` columns. Without `columns` the line stays whole.
 */
export function wrapped(line: string, indent: number, columns: number | undefined): string[] {
  if (columns === undefined || widthOfText(line) <= columns) return [line];
  const margin = ' '.repeat(indent);
  const lines: string[] = [];
  const start = /^\s*/.exec(line)?.[0] ?? '';
  let current = start;
  let isEmpty = true;
  for (const word of line.slice(start.length).split(/(?<=\S)(?= )/)) {
    if (!isEmpty && widthOfText(current) + widthOfText(word) > columns) {
      lines.push(current);
      current = margin + word.trimStart();
    } else {
      current += word;
    }
    isEmpty = false;
  }
  return [...lines, current];
}
