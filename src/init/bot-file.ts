import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { BotInput } from '../scenario/schema.js';

/** Which variable of a bot is which value of the harness, by the names that people give them. The first that fits. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/(webhook|secret)_?(secret|token)|secret_token/, '${webhook.secret}'],
  [/mongo|^(db|database)_?(url|uri)$/, '${mongo.uri}'],
  [/api_?(root|url|base|server|host)|telegram_?(base|server|url)|^base_?(api_?)?url$/, '${telegram.apiRoot}'],
  [/(bot|telegram|tg|api)_?(token|key)|^token$/, '${telegram.token}'],
  [/webhook_?(url|host|base)|public_?url|^(app|base)_url$/, '${webhook.url}'],
  [/^(webhook_?)?port$|^(server|http)_port$/, '${webhook.port}'],
];

/** What the variable of this name is for; nothing for one that the harness knows nothing about. */
export function meaningOf(variable: string): string | undefined {
  const name = variable.toLowerCase();
  return MEANINGS.find(([pattern]) => pattern.test(name))?.[1];
}

/** Names of variables in `.env.example` or `.env`, without their values: those may belong to the real bot. */
export function variablesIn(folder: string): string[] {
  const file = ['.env.example', '.env.sample', '.env.dist', '.env']
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (file === undefined) return [];
  const names = readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .flatMap((line) => /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/.exec(line)?.[1] ?? []);
  return [...new Set(names)];
}

/** Variables of a bot: those given, and those of its `.env` whose meaning the name tells. */
export function environmentFor(
  folder: string,
  given: Readonly<Record<string, string>>,
): { readonly env: Record<string, string>; readonly unknown: readonly string[] } {
  const env: Record<string, string> = {};
  const unknown: string[] = [];
  for (const name of variablesIn(folder)) {
    const meaning = meaningOf(name);
    if (name in given) continue;
    if (meaning === undefined) unknown.push(name);
    else env[name] = meaning;
  }
  return { env: { ...env, ...given }, unknown };
}

/** The text of `sendtwice.yaml`. */
export function botFileText(bot: BotInput): string {
  return `# How sendtwice starts this bot. All keys: README, "Your own bot".\n${stringify(bot)}`;
}
