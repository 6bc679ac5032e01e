import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { DEMO_BUGS } from '../demo/bugs.js';
import { type Played, play } from '../play.js';
import { demoReport } from '../report/demo.js';
import { type Bot, defineBot, loadScenario } from '../scenario/load.js';
import { interruptible } from './interrupt.js';
import { ProgressLine } from './progress.js';
import { colours } from './style.js';

const SCENARIO = fileURLToPath(new URL('../../scenarios/demo.yaml', import.meta.url));
const BOT = fileURLToPath(new URL('../demo/bot.js', import.meta.url));

export function demoCommand(): Command {
  return new Command('demo')
    .description('Watch a real bot being caught: an order bot with five bugs, and the same bot repaired')
    .option('--seed <text>', 'the seed of everything random', 'demo')
    .option('--out <folder>', 'where runs are kept', 'runs')
    .action(demo);
}

/** Both bots play at the same time, each with its own servers, database and port: that halves the wait. */
async function demo(flags: { readonly seed: string; readonly out: string }): Promise<void> {
  const scenario = loadScenario(SCENARIO);
  const interrupt = interruptible();
  const progress = new ProgressLine();
  const perform = (name: string, bugs: readonly string[]): Promise<Played> =>
    play({
      scenario,
      bot: demoBot(`the ${name} bot`, bugs),
      out: resolve(flags.out),
      seed: flags.seed,
      signal: interrupt.signal,
      onProgress: progress.of(name),
    });
  try {
    const [faulty, repaired] = await Promise.all([
      perform('faulty', Object.keys(DEMO_BUGS)),
      perform('repaired', []),
    ]);
    progress.clear();
    const error = faulty.error ?? repaired.error;
    if (error !== undefined) throw error;
    const style = colours(process.stdout);
    const { text, asExpected } = demoReport({ faulty, repaired, bugs: DEMO_BUGS, style });
    process.stdout.write(text);
    process.exitCode = asExpected ? 0 : 1;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

/** The demo bot, started as a user's bot would be. */
function demoBot(name: string, bugs: readonly string[]): Bot {
  return defineBot({
    bot: name,
    command: [process.execPath, BOT],
    env: {
      BOT_TOKEN: '${telegram.token}',
      TELEGRAM_API_ROOT: '${telegram.apiRoot}',
      MONGO_URI: '${mongo.uri}',
      WEBHOOK_URL: '${webhook.url}',
      WEBHOOK_SECRET: '${webhook.secret}',
      PORT: '${webhook.port}',
      DEMO_BUGS: bugs.join(','),
    },
  });
}
