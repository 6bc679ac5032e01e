import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { SendtwiceError } from '../base/errors.js';
import { asYaml } from '../scenario/as-input.js';
import type { Scenario } from '../scenario/load.js';
import type { RunFacts } from '../scenario/run-file.js';
import { botSchema, scenarioSchema } from '../scenario/schema.js';
import type { Ran, Signature } from './runner.js';
import { placesOf, type Shrunk, scenarioOf, showsSame } from './shrink.js';

export interface Reproducer {
  readonly folder: string;
  readonly scenario: string;
  readonly bot: string;
  /** The command line that shows it again. */
  readonly command: string;
  /** Does a run of what was written show the finding? As the written test asks. */
  readonly shows: (ran: Ran) => boolean;
}

/** YAML of a scenario without what only the loaded one has. */
export function scenarioYaml({ path: _, ...scenario }: Scenario): string {
  return asYaml(scenario, scenarioSchema);
}

/** @throws SendtwiceError `usage/bad-argument` when the folder is there already */
export async function writeReproducer(
  folder: string,
  facts: RunFacts,
  shrunk: Shrunk,
  signature: Signature,
  options: {
    readonly session?: string;
    readonly isFixed?: boolean;
    readonly tries: number;
    readonly need: number;
  },
): Promise<Reproducer> {
  if (existsSync(folder)) {
    throw new SendtwiceError('usage/bad-argument', `${folder} is there already`, {
      hint: 'Name another folder with --to.',
    });
  }
  mkdirSync(folder, { recursive: true });
  const { material, best } = shrunk;
  const origins = await material.origins(best.acts);
  const played = material.play(best.acts, 'recording.jsonl');
  const scenario = scenarioOf(facts.scenario, best, played, origins, options.session);
  const recording = material.recording(best.acts);
  if (recording !== undefined) writeFileSync(join(folder, 'recording.jsonl'), recording);
  writeFileSync(join(folder, 'scenario.yaml'), scenarioYaml(scenario));
  const bot = botFileFor(folder, facts);
  writeFileSync(
    join(folder, 'repro.test.ts'),
    testText(bot, facts, signature, { ...options, places: placesOf(signature, origins) }),
  );
  const command = `sendtwice run ${join(folder, 'scenario.yaml')} --bot ${join(folder, bot)} --seed ${facts.seed}`;
  return {
    folder,
    scenario: join(folder, 'scenario.yaml'),
    bot: join(folder, bot),
    command,
    shows: (ran) => showsSame(ran, signature, origins),
  };
}

/** The user's own bot file, seen from the folder; one is written for a bot that has none. */
function botFileFor(folder: string, { bot }: RunFacts): string {
  if (existsSync(bot.path)) return relative(folder, bot.path);
  const { path: _, name: __, ...file } = bot;
  writeFileSync(join(folder, 'bot.yaml'), asYaml(file, botSchema));
  return 'bot.yaml';
}

function testText(
  bot: string,
  { seed, allowRemote }: RunFacts,
  { kind, cause }: Signature,
  {
    isFixed = false,
    tries,
    need,
    places,
  }: {
    readonly isFixed?: boolean;
    readonly tries: number;
    readonly need: number;
    readonly places: readonly string[] | undefined;
  },
): string {
  const title = `${isFixed ? 'no longer shows' : 'shows'} ${kind} by ${cause}`;
  const verdict = isFixed ? 'expect(shown).toBe(0)' : `expect(shown).toBeGreaterThanOrEqual(${need})`;
  const where =
    places === undefined
      ? ''
      : `// The finding at the recorded step: session and step in recording.jsonl.\nconst PLACES = ${JSON.stringify(places)};\n\n`;
  const isAt = places === undefined ? '' : ' && PLACES.includes(`${session}/${step}`)';
  const fields = places === undefined ? 'kind, cause' : 'kind, cause, session, step';
  return `import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBot, loadScenario, play } from 'sendtwice';
import { expect, it } from 'vitest';

${where}// Written by \`sendtwice shrink\`: in at least ${need} of ${tries} runs this finding shows.
it(${JSON.stringify(title)}, async () => {
  const scenario = loadScenario(join(import.meta.dirname, 'scenario.yaml'));
  const bot = loadBot(join(import.meta.dirname, ${JSON.stringify(bot)}));
  const out = mkdtempSync(join(tmpdir(), 'sendtwice-repro-'));
  let shown = 0;
  try {
    for (let run = 0; run < ${tries}; run += 1) {
      const seed = run === 0 ? ${JSON.stringify(seed)} : \`${seed.replaceAll(/[`\\$]/g, '\\$&')}-\${run}\`;
      const { summary, error } = await play({ scenario, bot, out, seed${allowRemote === true ? ', allowRemote: true' : ''} });
      if (error !== undefined) throw error;
      const isSame = ({ ${fields} }: (typeof summary.findings)[number]) =>
        kind === ${JSON.stringify(kind)} && cause === ${JSON.stringify(cause)}${isAt};
      if (summary.findings.some(isSame)) shown += 1;
    }
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  ${verdict};
}, 300_000);
`;
}
