/**
 * Variables of the caller's environment that a bot gets without asking: what programs need to run at all.
 * Not the rest: a developer's shell may hold the token and database of the bot that serves real people.
 */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'NODE_PATH',
  'NODE_EXTRA_CA_CERTS',
  'VIRTUAL_ENV',
  'PYTHONPATH',
  'PYENV_ROOT',
  'GOPATH',
  'GOROOT',
  'JAVA_HOME',
  'SYSTEMROOT',
  'PATHEXT',
  'APPDATA',
  'LOCALAPPDATA',
];

/** The environment of a bot: the inherited few, those it asks for by name, and its own. */
export function botEnvironment(
  own: Readonly<Record<string, string>>,
  inherit: readonly string[],
  from: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const names = [...INHERITED, ...Object.keys(from).filter((name) => name.startsWith('LC_')), ...inherit];
  const inherited = names.flatMap((name) => {
    const value = from[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), ...own };
}
