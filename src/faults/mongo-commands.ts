/**
 * Commands with which drivers keep their connections: no fault hits them, and they are not in the
 * history. A failing one would look like a server that is away, which is another fault than a slow query.
 */
const HOUSEKEEPING = new Set([
  'hello',
  'ismaster',
  'saslstart',
  'saslcontinue',
  'authenticate',
  'getnonce',
  'logout',
  'endsessions',
]);

/** What was found out before: it is asked for each command, and there are few. */
const KNOWN = new Map<string, boolean>();
const MAX_KNOWN = 1000;

/** Is this command left alone by faults? Ignores case. */
export function isHousekeeping(command: string): boolean {
  let is = KNOWN.get(command);
  if (is === undefined) {
    if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
    is = HOUSEKEEPING.has(command.toLowerCase());
    KNOWN.set(command, is);
  }
  return is;
}
