import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { HistoryEvent } from '../../src/history/events.js';
import { loadHistory } from '../../src/history/reader.js';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');
export const ROOT = resolve(import.meta.dirname, '../..');

/** A bot file for the demo bot; more of its environment may follow. */
export const DEMO_BOT = `bot: demo
command: node ${join(ROOT, 'dist/demo/bot.js')}
env:
  BOT_TOKEN: \${telegram.token}
  TELEGRAM_API_ROOT: \${telegram.apiRoot}
  MONGO_URI: \${mongo.uri}
  WEBHOOK_URL: \${webhook.url}
  WEBHOOK_SECRET: \${webhook.secret}
  PORT: \${webhook.port}
`;

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Begun {
  readonly outcome: Promise<Outcome>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Everything that it has said on stderr so far. */
  readonly stderr: () => string;
}

/** A folder of its own in which the command line is used as a person would, from the built package. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'sendtwice-e2e-'));

  /** Writes a file and returns its path. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs `sendtwice …` to its end. */
  sendtwice(...args: readonly string[]): Promise<Outcome> {
    return this.begin(...args).outcome;
  }

  /** Starts `sendtwice …`. */
  begin(...args: readonly string[]): Begun {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      env: { PATH: process.env.PATH ?? '', HOME: this.folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const outcome = new Promise<Outcome>((done) => {
      child.on('close', (code) => done({ code, stdout, stderr }));
    });
    return { outcome, kill: (signal) => child.kill(signal), stderr: () => stderr };
  }

  /** Folders of the runs that were made, oldest first. */
  runs(): string[] {
    const runs = join(this.folder, 'runs');
    if (!existsSync(runs)) return [];
    return readdirSync(runs)
      .filter((name) => !name.startsWith('latest'))
      .sort()
      .map((name) => join(runs, name));
  }

  /** The history of the newest run. */
  history(): Promise<HistoryEvent[]> {
    return loadHistory(join(this.runs().at(-1) ?? 'no run', 'history.jsonl'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
