import { ALL_BUGS, type DemoBug } from './bugs.js';

/** Everything the demo bot is told. It is told by its environment only. */
export interface Settings {
  readonly token: string;
  readonly apiRoot: string;
  readonly mongoUri: string;
  /** Absent: long polling. */
  readonly webhook?: { readonly url: string; readonly secret: string; readonly port: number };
  readonly bugs: ReadonlySet<DemoBug>;
}

/** @throws Error that names the variable */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const url = env.WEBHOOK_URL ?? '';
  return {
    token: required(env, 'BOT_TOKEN'),
    apiRoot: env.TELEGRAM_API_ROOT ?? 'https://api.telegram.org',
    mongoUri: required(env, 'MONGO_URI'),
    ...(url !== '' && {
      webhook: { url, secret: required(env, 'WEBHOOK_SECRET'), port: portOf(required(env, 'PORT')) },
    }),
    bugs: bugsOf(env.DEMO_BUGS ?? ''),
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name] ?? '';
  if (value === '') throw new Error(`The environment variable ${name} is not set`);
  return value;
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`PORT is no port: ${text}`);
}

/** Also where the rest of the environment cannot be read. */
export function isSwitchedOn(bug: DemoBug, env: NodeJS.ProcessEnv): boolean {
  return (env.DEMO_BUGS ?? '').split(',').some((name) => name.trim() === bug);
}

function bugsOf(list: string): ReadonlySet<DemoBug> {
  const names = list.split(',').map((name) => name.trim());
  return new Set(
    names
      .filter((name) => name !== '')
      .map((name) => {
        if (Object.hasOwn(ALL_BUGS, name)) return name as DemoBug;
        throw new Error(`DEMO_BUGS has no bug ${name}. There are: ${Object.keys(ALL_BUGS).join(', ')}`);
      }),
  );
}
