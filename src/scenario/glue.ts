import { SendtwiceError } from '../base/errors.js';
import type { Bot, Scenario } from './load.js';

/** Two variables of a bot, by name. */
export interface Glued {
  readonly first: string;
  readonly second: string;
}

/** The variables that a scenario glues together. @throws SendtwiceError `file/bad-scenario` when the bot has them not */
export function gluedIn(scenario: Scenario, bot: Bot): Glued | undefined {
  const [one, other] = scenario.bot?.glue ?? [];
  if (one === undefined || other === undefined) return undefined;
  const first = variableFor(one, scenario, bot);
  const second = variableFor(other, scenario, bot);
  const refuse = (message: string, hint: string): SendtwiceError =>
    new SendtwiceError('file/bad-scenario', `${scenario.path}: \`bot.glue\` ${message}`, { hint });
  if (first === second)
    throw refuse(`names ${first} of ${bot.path} twice`, 'Two different variables are needed.');
  if (bot.env[second]?.includes('${telegram.apiRoot}') === true) {
    throw refuse(
      `would take ${second} away, and the bot might call the real Telegram`,
      'Let that one be the first of the two, or take another one.',
    );
  }
  return { first, second };
}

function variableFor(wanted: string, { path }: Scenario, bot: Bot): string {
  if (bot.env[wanted] !== undefined) return wanted;
  const holder = Object.entries(bot.env).find(([, value]) => value.includes(`\${${wanted}}`));
  if (holder !== undefined) return holder[0];
  const known = Object.keys(bot.env).join(', ') || 'none';
  throw new SendtwiceError(
    'file/bad-scenario',
    `${path}: \`bot.glue\`: ${bot.path} has no variable ${wanted}, and none that holds \${${wanted}}. There are: ${known}.`,
    { hint: 'Name a variable of the bot file, or what stands in it, such as telegram.token.' },
  );
}

/** The environment as it is when the line break between two variables is lost. */
export function glued(env: Bot['env'], { first, second }: Glued): Bot['env'] {
  const { [second]: lost, ...rest } = env;
  return { ...rest, [first]: `${rest[first]}${second}=${lost}` };
}

/** What stands by itself in a value: in lists of options, queries and other parts of a URL. */
const PART = /[^\s?&;,:|/-]+/g;
/** A name in capitals, and something behind it. */
const NAME = /([A-Z][A-Z0-9_]*)=(?=[^=])/;
const SHORTEST_NAME = 4;

/** Variables whose value looks as if another one had run into it, with what the name of that one may be. */
export function gluedLooking(env: Bot['env']): readonly Glued[] {
  return Object.entries(env).flatMap(([first, value]) => {
    const found = [...value.matchAll(PART)].map(([part]) => glueIn(part, Object.keys(env)));
    const second = found.find((name) => name !== undefined);
    return second === undefined ? [] : [{ first, second }];
  });
}

/** Letters of the value may stand right before the name: where a name is known, it is the one. */
function glueIn(part: string, known: readonly string[]): string | undefined {
  const found = NAME.exec(part);
  const capitals = found?.[1] ?? '';
  const start = found?.index ?? 0;
  const name = known.find((one) => capitals.endsWith(one) && start + capitals.length - one.length > 1);
  if (name !== undefined) return name;
  return start > 0 && capitals.length >= SHORTEST_NAME ? capitals : undefined;
}

/** The hint of an error that may come from an environment in which two variables have run into each other. */
export function withGlueHint(error: SendtwiceError, env: Bot['env']): SendtwiceError {
  const [found] = gluedLooking(env);
  if (found === undefined) return error;
  const { first, second } = found;
  return new SendtwiceError(error.code, error.message, {
    hint: `The value of ${first} looks as if ${second}=… had been glued to it: see whether a line break is missing there. ${error.hint ?? ''}`.trim(),
    cause: error,
  });
}
