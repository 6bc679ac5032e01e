import type { RunFacts } from '../scenario/run-file.js';
import { scenarioYaml } from './reproducer.js';
import type { Finding } from './runner.js';

/** The command that plays a finding again, and the faults that are named in its chain, as YAML. */
export function reproduceLines({ scenario, bot, seed }: RunFacts, finding: Finding): string[] {
  const named = scenario.faults.filter(({ name }) =>
    finding.chain.some((line) => line.includes(`fault ${name}`)),
  );
  const command = `sendtwice run ${scenario.path} --bot ${bot.path} --seed ${seed}`;
  if (named.length === 0) return [command];
  const yaml = scenarioYaml({ ...scenario, faults: named });
  const lines = yaml.slice(yaml.search(/^faults:/m)).split('\n');
  const end = lines.findIndex((line, index) => index > 0 && /^\S/.test(line));
  return [command, ...lines.slice(0, end === -1 ? undefined : end).filter((line) => line !== '')];
}
