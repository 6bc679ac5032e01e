import { SendtwiceError } from '../base/errors.js';
import { nearest } from './allowed.js';

/** What `${…}` may stand for in a bot file. */
export interface Placeholders {
  readonly 'telegram.apiRoot': string;
  readonly 'telegram.token': string;
  readonly 'mongo.uri': string;
  readonly 'webhook.host': string;
  readonly 'webhook.port': string;
  readonly 'webhook.path': string;
  readonly 'webhook.url': string;
  readonly 'webhook.secret': string;
  readonly instance: string;
}

export const PLACEHOLDER_NAMES = [
  'telegram.apiRoot',
  'telegram.token',
  'mongo.uri',
  'webhook.host',
  'webhook.port',
  'webhook.path',
  'webhook.url',
  'webhook.secret',
  'instance',
] as const satisfies readonly (keyof Placeholders)[];

const PLACEHOLDER = /\$\{([^}]*)\}/g;

/** Fills in `${…}`. @throws SendtwiceError `file/bad-bot` for a name that does not exist. */
export function fillIn(text: string, values: Placeholders, where: string): string {
  return text.replace(PLACEHOLDER, (_, name: string) => {
    const value = (values as unknown as Readonly<Record<string, string | undefined>>)[name.trim()];
    if (value !== undefined) return value;
    throw unknownPlaceholder(name, where);
  });
}

/** Finds mistakes before anything runs. @throws SendtwiceError `file/bad-bot`. */
export function checkPlaceholders(text: string, where: string): void {
  for (const [, name = ''] of text.matchAll(PLACEHOLDER)) {
    if (!(PLACEHOLDER_NAMES as readonly string[]).includes(name.trim()))
      throw unknownPlaceholder(name, where);
  }
  const open = /\$\{[^}]*$/.exec(text)?.[0];
  if (open !== undefined) {
    throw new SendtwiceError('file/bad-bot', `${where}: the placeholder ${open} has no closing }`, {
      hint: 'Nothing was run.',
    });
  }
}

function unknownPlaceholder(name: string, where: string): SendtwiceError {
  const guess = nearest(name, PLACEHOLDER_NAMES);
  return new SendtwiceError(
    'file/bad-bot',
    `${where}: unknown placeholder \${${name}}.${guess === undefined ? '' : ` Did you mean \${${guess}}?`} Allowed: ${PLACEHOLDER_NAMES.map((known) => `\${${known}}`).join(', ')}.`,
    { hint: 'Nothing was run.' },
  );
}
