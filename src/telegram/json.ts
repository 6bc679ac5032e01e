// biome-ignore lint/suspicious/noControlCharactersInRegex: everything outside ASCII (and DEL) is escaped
const BEYOND_ASCII = /[^\u0000-\u007f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const EACH_BEYOND_ASCII = /[^\u0000-\u007f]/g;

/**
 * JSON text as the official server writes it: compact, and every UTF-16 unit outside ASCII as a
 * lower-case `\uXXXX`. The result is pure ASCII, so its length is its size in bytes.
 */
export function stringifyEscaped(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null';
  return BEYOND_ASCII.test(json) ? json.replace(EACH_BEYOND_ASCII, escapeUnit) : json;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
