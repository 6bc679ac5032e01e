import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { SendtwiceError } from '../base/errors.js';
import { printable } from '../base/untrusted.js';
import { botFileText, environmentFor } from '../init/bot-file.js';
import { type FirstRecording, recordFirst } from '../init/first-recording.js';
import { loadBot } from '../scenario/load.js';
import type { BotInput } from '../scenario/schema.js';
import { interruptible } from './interrupt.js';

interface Flags {
  readonly command?: string;
  readonly cwd: string;
  readonly env: readonly string[];
  readonly say: readonly string[];
  readonly setWebhook?: boolean;
  readonly acts: string;
  readonly to: string;
  readonly force?: boolean;
}

const BOT_FILE = 'sendtwice.yaml';
const RECORDING = 'recording.jsonl';

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function initCommand(): Command {
  return new Command('init')
    .description('Write a bot file and a first recording: starts your bot and talks to it by its own buttons')
    .option('--command <words>', 'how your bot starts, such as "node bot.js"; asked for when left out')
    .option('--cwd <folder>', 'where it starts', '.')
    .option(
      '--env <name=value>',
      'a variable of the bot; ${telegram.token} and the like are filled in',
      collected,
      [],
    )
    .option('--say <text>', 'what to type when the bot asks, in order (default: guesses)', collected, [])
    .option('--set-webhook', 'sendtwice sets the webhook, for bots that leave that to their operator')
    .option('--acts <n>', 'how many inputs at most', '25')
    .option('--to <folder>', `where ${BOT_FILE} and ${RECORDING} go`, '.')
    .option('--force', 'replace files that are there')
    .action(init);
}

async function init(flags: Flags): Promise<void> {
  const folder = resolve(flags.to);
  const paths = { bot: join(folder, BOT_FILE), recording: join(folder, RECORDING) };
  const acts = Number(flags.acts);
  if (!Number.isInteger(acts) || acts < 1 || acts > 500) {
    throw new SendtwiceError('usage/bad-argument', `--acts is no number from 1 to 500: ${flags.acts}`);
  }
  for (const path of Object.values(paths)) {
    if (flags.force === true || !existsSync(path)) continue;
    throw new SendtwiceError('usage/bad-argument', `${path} is there already`, {
      hint: 'Use --force to replace it, or --to for another folder.',
    });
  }
  const cwd = resolve(flags.cwd);
  const command = flags.command ?? (await ask('How does your bot start (such as: node bot.js)? '));
  const { env, unknown } = environmentFor(cwd, pairsOf(flags.env));
  const bot: BotInput = {
    command,
    ...(cwd !== folder && { cwd: relative(folder, cwd) }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(flags.setWebhook === true && { set_webhook: true }),
  };
  mkdirSync(folder, { recursive: true });
  for (const path of Object.values(paths)) rmSync(path, { force: true });
  writeFileSync(paths.bot, botFileText(bot));
  for (const name of unknown) say(`not set: ${name}. If the bot needs it, add --env ${name}=VALUE`);

  const interrupt = interruptible();
  try {
    const {
      acts: done,
      answered,
      leftOut,
      replaced,
    } = await recordFirst({
      bot: loadBot(paths.bot),
      path: paths.recording,
      answers: flags.say,
      acts,
      signal: interrupt.signal,
      onAct: (act) => say(`  ${printable(act, 80)}`),
    });
    writeFileSync(paths.bot, botFileText({ ...bot, recording: RECORDING }));
    process.stdout.write(
      `Recorded ${done} inputs, ${answered} of them answered${leftOut === 0 ? '' : `; ${leftOut} buttons were left out (--acts)`}.\n` +
        `${redactionText(replaced)}\n` +
        `Wrote ${paths.bot} and ${paths.recording}.\n` +
        `Next: sendtwice run SCENARIO… --bot ${relative('.', paths.bot)}\n`,
    );
  } finally {
    interrupt.release();
  }
}

function redactionText({ phones, addresses }: FirstRecording['replaced']): string {
  const what = `${phones} telephone number(s) and ${addresses} e-mail address(es)`;
  return `Redacted: ${what} that the bot named, and its token. All other texts are as the bot says them: look through them before you share the recording.`;
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new SendtwiceError('usage/bad-argument', 'How the bot starts is missing', {
      hint: 'Give it with --command "node bot.js".',
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = (await lines.question(question)).trim();
    if (answer !== '') return answer;
    throw new SendtwiceError('usage/bad-argument', 'How the bot starts is missing');
  } finally {
    lines.close();
  }
}

function pairsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw new SendtwiceError('usage/bad-argument', `--env is no NAME=VALUE: ${pair}`);
    }),
  );
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
