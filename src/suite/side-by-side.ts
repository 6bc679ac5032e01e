import { ConnectionString } from 'mongodb-connection-string-url';
import { SendtwiceError } from '../base/errors.js';
import type { Bot } from '../scenario/load.js';

/** On a machine of its own a run has what it needs; more at once than this only make each other late. */
export const MOST_JOBS = 8;

/**
 * Several runs at once need ports, a token and a database each.
 * @throws SendtwiceError `usage/bad-argument` that names what is fixed
 */
export function checkSideBySide(bot: Bot, mongoUri: string | undefined, jobs: number): void {
  if (jobs === 1) return;
  const fixed = fixedIn(bot, mongoUri);
  if (fixed.length === 0) return;
  const [places, instead] = [fixed.map(([place]) => place), fixed.map(([, other]) => other)];
  throw new SendtwiceError(
    'usage/bad-argument',
    `--jobs ${jobs} needs ports, a token and a database for each run, but fixed is: ${places.join(', ')}`,
    { hint: `${[...new Set(instead)].join('; ')}. Or leave --jobs out.` },
  );
}

/** What only one run at a time can have, and what to do instead. */
function fixedIn(bot: Bot, mongoUri: string | undefined): (readonly [place: string, instead: string])[] {
  const { telegram, webhook, mongo, ready, path } = bot;
  const key = (name: string, value: unknown, placeholder: string): (readonly [string, string])[] =>
    value === undefined
      ? []
      : [[`\`${name}\` in ${path}`, `Leave out \`${name}\` and hand ${placeholder} to the bot`]];
  const isOwnDatabase = mongoUri === undefined || !mongoUri.includes('://');
  const inUri = isOwnDatabase ? '' : new ConnectionString(mongoUri).pathname.slice(1);
  return [
    ...key('telegram.port', telegram.port, '${telegram.apiRoot}'),
    ...key('telegram.token', telegram.token, '${telegram.token}'),
    ...key('webhook.port', webhook.port, '${webhook.port}'),
    ...key('mongo.port', mongo.port, '${mongo.uri}'),
    ...(isOwnDatabase ? [] : key('mongo.database', mongo.database, '${mongo.uri}')),
    ...(webhook.url === undefined
      ? []
      : [
          [
            `\`webhook.url\` in ${path}`,
            'Let sendtwice start the bot (`command`): one that runs already takes one run at a time',
          ] as const,
        ]),
    ...(ready !== undefined && 'http' in ready && !ready.http.includes('${')
      ? key('ready.http', ready.http, '${webhook.port}')
      : []),
    ...(inUri === ''
      ? []
      : [[`the database ${inUri} in --mongo`, 'Leave the database out of --mongo'] as const]),
  ];
}
