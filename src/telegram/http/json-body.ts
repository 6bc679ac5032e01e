/**
 * Reads a JSON object as the official server does: each value becomes an argument string. Strings are
 * decoded; everything else is its own JSON text (`true`, `null`, `{…}`). A syntax error ends the reading
 * and keeps what came before it. The first occurrence of a name wins, also over what is in `into`.
 */
export function readJsonBody(json: string, into: Map<string, string>): void {
  const at = { position: 0 };
  if (nextToken(json, at) !== '{') return;
  at.position += 1;
  while (nextToken(json, at) === '"') {
    const name = readString(json, at);
    if (name === undefined || nextToken(json, at) !== ':') return;
    at.position += 1;
    const value = nextToken(json, at) === '"' ? readString(json, at) : readRaw(json, at);
    if (value === undefined) return;
    if (!into.has(name)) into.set(name, value);
    if (nextToken(json, at) !== ',') return;
    at.position += 1;
  }
}

interface Cursor {
  position: number;
}

/** The next character that is no white space, without consuming it; '' at the end. */
function nextToken(json: string, at: Cursor): string {
  for (;;) {
    const character = json.charAt(at.position);
    if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t') return character;
    at.position += 1;
  }
}

/** The string that starts here, decoded; `undefined` when it does not end or is malformed. */
function readString(json: string, at: Cursor): string | undefined {
  const start = at.position;
  const end = endOfString(json, start);
  if (end === undefined) return undefined;
  at.position = end;
  const inner = json.slice(start + 1, end - 1);
  return inner.includes('\\') ? (parsed(json.slice(start, end)) as string | undefined) : inner;
}

/** The position after the closing quote. */
function endOfString(json: string, start: number): number | undefined {
  for (let from = start + 1; ; ) {
    const quote = json.indexOf('"', from);
    if (quote < 0) return undefined;
    let slashes = 0;
    while (json.charAt(quote - 1 - slashes) === '\\') slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

/** The JSON text of the number, literal, array or object that starts here. */
function readRaw(json: string, at: Cursor): string | undefined {
  const start = at.position;
  const first = json.charAt(start);
  const end = first === '{' || first === '[' ? endOfNested(json, start) : endOfScalar(json, start);
  if (end === undefined) return undefined;
  const raw = json.slice(start, end);
  if (parsed(raw) === undefined) return undefined;
  at.position = end;
  return raw;
}

function endOfNested(json: string, start: number): number | undefined {
  let depth = 0;
  for (let position = start; position < json.length; position += 1) {
    const character = json.charAt(position);
    if (character === '"') {
      const end = endOfString(json, position);
      if (end === undefined) return undefined;
      position = end - 1;
    } else if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return position + 1;
    }
  }
  return undefined;
}

function endOfScalar(json: string, start: number): number {
  let end = start;
  while (end < json.length && !',}] \n\r\t'.includes(json.charAt(end))) end += 1;
  return end;
}

/** `undefined` for text that is no JSON (which JSON itself cannot say). */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
