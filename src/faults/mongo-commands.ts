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

/** Is this command left alone by faults? Ignores case. */
export function isHousekeeping(command: string): boolean {
  return HOUSEKEEPING.has(command.toLowerCase());
}
