import { readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { fileKind } from '../scenario/file-kind.js';
import { loadBot, loadScenario } from '../scenario/load.js';
import { botPlan, recordingPlan, scenarioPlan } from '../scenario/plan-text.js';
import { checkSteps, recordedSessions } from '../scenario/preflight.js';
import { complaintOf } from './complaint.js';
import { colours } from './style.js';

interface CheckFlags {
  readonly set: readonly string[];
  readonly recording?: string;
  readonly bot?: string;
}

export function checkCommand(): Command {
  return new Command('check')
    .description('Check scenarios, bot files and recordings without running anything, and show their plan')
    .argument('<file...>', 'scenarios, bot files and recordings, or folders of them')
    .option(
      '--set <name=value>',
      'a parameter of the scenarios, or anything in them: play.users=50 (repeatable)',
      (setting: string, before: readonly string[]) => [...before, setting],
      [],
    )
    .option('--recording <file>', 'play this recording instead of the one that the scenarios name')
    .option('--bot <file>', 'a bot file whose `parameters` the scenarios get')
    .action(check);
}

/** Goes on after a file that is wrong: everything is said at once. */
async function check(paths: readonly string[], flags: CheckFlags): Promise<void> {
  const style = colours(process.stdout);
  let exitCode = 0;
  for (const path of paths.flatMap(filesAt)) {
    try {
      const { title, lines } = await planOf(path, flags);
      process.stdout.write(`${style.good('OK')}  ${relative('.', path)}  ${title}\n${lines.join('\n')}\n\n`);
    } catch (error) {
      if (error instanceof SendtwiceError && error.code === 'usage/missing-value') {
        // A file that leaves it to its bot is not wrong; what it comes to nobody knows.
        process.stdout.write(`${style.faint('--')}  ${error.message}\n\n`);
        continue;
      }
      const complaint = complaintOf(error);
      process.stderr.write(complaint.text);
      exitCode = Math.max(exitCode, complaint.exitCode);
    }
  }
  process.exitCode = exitCode;
}

async function planOf(path: string, flags: CheckFlags): Promise<{ title: string; lines: readonly string[] }> {
  switch (fileKind(path)) {
    case 'scenario': {
      const { set, recording, bot } = flags;
      const scenario = loadScenario(path, {
        set,
        ...(recording !== undefined && { recording }),
        ...(bot !== undefined && { botFile: bot }),
      });
      const { recording: played } = scenario.play;
      const sessions = played === undefined ? undefined : await recordedSessions(played);
      checkSteps(scenario.play, sessions);
      return { title: `scenario ${scenario.scenario}`, lines: scenarioPlan(scenario, sessions) };
    }
    case 'bot': {
      const bot = loadBot(path);
      return { title: `bot ${bot.name}`, lines: botPlan(bot) };
    }
    case 'recording':
      return { title: 'recording', lines: recordingPlan(await recordedSessions(path)) };
    case undefined:
      throw new SendtwiceError('usage/bad-argument', `${path} is no scenario, bot file or recording`, {
        hint: 'A scenario has `scenario` and `play`, a bot file `command` or `webhook`, a recording its header.',
      });
  }
}

/** A file as it is; a folder stands for what could be checked in it, in order of the names. */
function filesAt(path: string): string[] {
  const full = resolve(path);
  const files = namesIn(full, path);
  if (files === undefined) return [full];
  if (files.length > 0) return files.map((name) => join(full, name));
  throw new SendtwiceError(
    'usage/bad-argument',
    `The folder ${path} holds nothing to check (*.yaml, *.yml, *.jsonl, *.jsonl.gz)`,
  );
}

function namesIn(full: string, path: string): string[] | undefined {
  try {
    if (!statSync(full).isDirectory()) return undefined;
    return readdirSync(full)
      .filter((name) => /\.(ya?ml|jsonl|jsonl\.gz)$/.test(name))
      .sort();
  } catch (error) {
    throw new SendtwiceError('usage/bad-argument', `Cannot read ${path}: ${messageOf(error)}`, {
      hint: 'Name files or folders of them.',
      cause: error,
    });
  }
}
