import { type Checker, numbered } from './finding.js';

/** The bot ended because it was started wrongly, and left its operator to guess why. */
export const unexplainedExit: Checker = {
  kinds: ['unexplained-exit'],
  explain: 'The bot was started wrongly and ended without naming what is wrong.',
  check({ glued, log, processes }) {
    if (glued === undefined) return [];
    const exit = processes.find((event) => event.type === 'bot.exited' && !event.expected);
    if (exit === undefined) return [];
    const { first, second } = glued;
    const said = log.filter(({ at }) => at <= exit.at);
    if (said.some(({ line }) => names(line, first) || names(line, second))) return [];
    return numbered([
      {
        kind: 'unexplained-exit',
        cause: 'glued-environment',
        strength: 'exact',
        message: `The bot was started without ${second}, which stands at the end of ${first}, and ended without naming either.`,
        evidence: [glued, said.at(-1), exit],
      },
    ]);
  },
};

/** The name by itself, not as a part of another word. */
function names(line: string, variable: string): boolean {
  for (let at = line.indexOf(variable); at !== -1; at = line.indexOf(variable, at + 1)) {
    const [before, after] = [line.charAt(at - 1), line.charAt(at + variable.length)];
    if (!/\w/.test(before) && !/\w/.test(after)) return true;
  }
  return false;
}
