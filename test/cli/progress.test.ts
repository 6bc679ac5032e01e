import { describe, expect, it } from 'vitest';
import { ProgressLine } from '../../src/cli/progress.js';
import type { Progress } from '../../src/scenario/run-options.js';

const ERASE = '\r\u001b[2K';
const settling: Progress = { phase: 'settling' };
const playing = (done: number): Progress => ({ phase: 'playing', atMs: 2000, users: 5, done, steps: 9 });

/** A line on a terminal of this width, and everything that was written to it. */
function terminal(columns: number, planned: number, isTTY = true) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  return { line: new ProgressLine(planned, stream as unknown as NodeJS.WriteStream), written };
}

describe('the progress line', () => {
  it('tells one run in words', () => {
    const { line, written } = terminal(80, 1);
    line.of('smoke')(playing(3));
    line.clear();
    expect(written).toEqual([`${ERASE}smoke: 3 of 5 users done, 9 steps, 2 s`, ERASE]);
  });

  it('tells several in as much room as there is, each by its name, and forgets those that are over', () => {
    const { line, written } = terminal(80, 26);
    for (const name of ['applied-unacknowledged-standalone', 'repeated-delivery', 'smoke'])
      line.of(name)(playing(3));
    const shown = written.at(-1)?.replace(ERASE, '') ?? '';
    expect(shown).toBe('0 of 26 runs over  applied-unackn 3/5  repeated-deliv 3/5  smoke 3/5');
    expect(shown.length).toBeLessThan(80);
    line.ended('repeated-delivery');
    expect(written.at(-1)).toBe(ERASE);
    line.of('smoke')(settling);
    expect(written.at(-1)).toBe(`${ERASE}1 of 26 runs over  applied-unacknowledged-s 3/5  smoke settling`);
  });

  it('is nothing where nobody looks', () => {
    const { line, written } = terminal(80, 2, false);
    line.of('smoke')(settling);
    line.ended('smoke');
    expect(written).toEqual([]);
  });
});
