/** Commands that a MongoDB driver sends by itself, whatever the bot does. */
export const DRIVER_TALK: ReadonlySet<string> = new Set([
  'hello',
  'ismaster',
  'isMaster',
  'ping',
  'saslStart',
  'saslContinue',
  'endSessions',
  'buildInfo',
]);
