import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.js';
import { BotLogFile, InstanceLog } from '../../src/bot/bot-log.js';
import { LineSplitter } from '../../src/bot/line-splitter.js';
import type { EventBody } from '../../src/history/events.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bot-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('LineSplitter', () => {
  it('joins chunks, cuts endless lines and keeps half characters', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    const bytes = Buffer.from('one\ntwö\n\nlast');
    for (const byte of bytes) splitter.push(Buffer.from([byte]));
    splitter.end();
    splitter.push(Buffer.from(`${'x'.repeat(100_000)}\nnext\n`));
    expect(lines.map((line) => line.slice(0, 5))).toEqual(['one', 'twö', 'last', 'xxxxx', 'next']);
    expect(lines[3]).toHaveLength(16 * 1024);
  });
});

describe('InstanceLog', () => {
  it('masks tokens and telephone numbers, and bounds what the history gets', async () => {
    const clock = new ManualClock();
    const events: EventBody[] = [];
    const path = join(folder, 'bot.log');
    const file = new BotLogFile(path);
    const log = new InstanceLog({ instance: 2, file, emit: (event) => events.push(event), clock });
    log.write('stderr', `calling 123456:${'A'.repeat(35)} for +1 000 555 0123`);
    for (let number = 0; number < 80; number += 1) log.write('stdout', `line ${number}`);
    await clock.advance(1000);
    log.write('stdout', 'a second later');
    file.close();
    const lines = events.map((event) => (event.type === 'bot.log' ? event.line : ''));
    expect(lines[0]).toBe('calling <token> for <phone>');
    expect(lines.slice(49)).toEqual([
      'line 48',
      'sendtwice: 31 more lines stand only in bot.log',
      'a second later',
    ]);
    const written = readFileSync(path, 'utf8').split('\n');
    expect(written).toHaveLength(83);
    expect(written[0]).toBe('[2] calling <token> for +1 000 555 0123');
  });

  it('stops writing when the file is full, and says so', () => {
    const path = join(folder, 'bot.log');
    const file = new BotLogFile(path, 20);
    for (const line of ['first line', 'second line', 'third line']) file.write(1, line);
    file.close();
    expect(readFileSync(path, 'utf8')).toBe(
      '[1] first line\nsendtwice: the log is full, what follows is left out\n',
    );
  });
});
