import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.js';
import { everyRight } from '../../src/telegram/chats/member-status.js';
import { TelegramServer } from '../../src/telegram/server.js';
import { ANNA } from './api-harness.js';
import { CLARA } from './group-harness.js';

/**
 * Libraries of other languages call some 30 to 90 methods each, and read the answers into their own types. A
 * program prints a line for each call that fails, and in the end how many it made.
 */

const ROOT = resolve(import.meta.dirname, '../..');
const BOTS = join(ROOT, 'test/bots');
const PYTHON = join(ROOT, '.venv/bin/python');

const PRIVATE = { id: ANNA.id, first_name: ANNA.first_name, type: 'private' };

const LIBRARIES = [
  { name: 'python-telegram-bot', command: [PYTHON, 'python-telegram-bot/breadth.py'] },
  { name: 'aiogram', command: [PYTHON, 'aiogram/breadth.py'] },
  { name: 'pyTelegramBotAPI', command: [PYTHON, 'pytelegrambotapi/breadth.py'] },
  { name: 'go-telegram/bot', command: [join(BOTS, 'go-telegram-bot/build/breadth')] },
].map(({ name, command: [program = '', ...args] }) => ({ name, program, args }));

async function run(program: string, args: readonly string[]): Promise<{ lines: unknown[]; stderr: string }> {
  // Time stands still: a slow start of the program must not make the inline query too old to answer.
  const server = await TelegramServer.start({
    clock: new ManualClock(),
    emit: () => undefined,
    seed: 'breadth',
  });
  try {
    const bot = server.addBot({ username: 'breadth_bot' });
    const anna = bot.person(ANNA);
    bot.receive({ kind: 'message', payload: { from: ANNA, chat: PRIVATE, text: 'hello' } });
    const { chat } = anna.chats.create({
      title: 'Forum',
      type: 'supergroup',
      isForum: true,
      members: [CLARA],
      botRights: everyRight('supergroup'),
    });
    const { queryId } = anna.inline.query('one');
    const child = spawn(program, args, {
      cwd: BOTS,
      env: {
        PATH: process.env.PATH ?? '',
        BOT_TOKEN: bot.token,
        TELEGRAM_API_ROOT: bot.apiRoot,
        PERSON_ID: String(ANNA.id),
        MEMBER_ID: String(CLARA.id),
        GROUP_ID: String(chat.id),
        INLINE_QUERY_ID: queryId,
        WEBHOOK_URL: 'http://127.0.0.1:9/hook',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 90_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    await new Promise((done) => child.on('close', done));
    return {
      lines: stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
      stderr,
    };
  } finally {
    await server.close();
  }
}

describe.each(LIBRARIES)('$name', ({ program, args }) => {
  const absent = !existsSync(program);
  const note = absent ? ` (skipped: there is no ${program.slice(ROOT.length + 1)})` : '';

  it.skipIf(absent)(`reads the answers to all that it asks${note}`, { timeout: 120_000 }, async () => {
    const { lines, stderr } = await run(program, args);
    expect(lines.slice(0, -1), stderr).toEqual([]);
    expect(lines.at(-1), stderr).toEqual({ calls: expect.any(Number) });
  });
});
