import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { drawDelay } from '../../src/faults/delay.js';
import { withTrace, withTraces } from '../../src/faults/trace.js';

function folderWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sendtwice-trace-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'delays.txt'), text);
  return folder;
}

const trace = { distribution: 'trace', file: 'delays.txt' } as const;

it('gives the delays of a file in their order, again and again', () => {
  const folder = folderWith('# measured on Friday\n12.5\n\n300 # a slow one\r\n0\n');
  const [slow] = withTraces([{ on: 'mongo', delay: trace }, { on: 'bot' }], folder);
  const delay = slow?.delay ?? 0;
  const random = randomStream('s', 'trace');
  expect([0, 1, 2, 3].map((turn) => drawDelay(delay, random, turn))).toEqual([12.5, 300, 0, 12.5]);
  const drawn = Array.from({ length: 100 }, () => drawDelay(delay, random));
  expect(new Set(drawn)).toEqual(new Set([12.5, 300, 0]));
});

it.each([
  ['12\nsoon\n', ':2: "soon" is no time'],
  ['-1\n', ':1: "-1" is no time'],
  ['# nothing\n', ':1: there are no values'],
])('refuses %j', (text, message) => {
  const folder = folderWith(text);
  expect(() => withTrace(trace, folder)).toThrow(
    expect.objectContaining({ code: 'file/bad-scenario', message: join(folder, 'delays.txt') + message }),
  );
});

it('names the file that is not there', () => {
  expect(() => withTrace({ ...trace, file: 'none.txt' }, '/nowhere')).toThrow(
    expect.objectContaining({ code: 'file/unreadable' }),
  );
});
