import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventOf, EventType, HistoryEvent } from '../../src/history/events.js';
import { sentenceOf } from '../../src/report/sentences.js';
import type { Summary } from '../../src/report/summary.js';
import { ROOT, Workplace } from './cli.js';
import { HELLO } from './recordings.js';

interface Played {
  readonly summary: Summary;
  /** What the terminal shows. */
  readonly report: string;
  readonly history: readonly HistoryEvent[];
}

describe('a write that was applied and never acknowledged', () => {
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
    place.write('hello.jsonl', `${HELLO.join('\n')}\n`);
    place.write(
      'bot.yaml',
      `command: node ${ROOT}/test/bots/small/visits.mjs
env: { BOT_TOKEN: "\${telegram.token}", TELEGRAM_API_ROOT: "\${telegram.apiRoot}", MONGO_URI: "\${mongo.uri}" }
`,
    );
  });
  afterEach(() => place.remove());

  /** Plays a shipped scenario with another recording. */
  async function played(scenario: string): Promise<Played> {
    const shipped = readFileSync(join(ROOT, 'scenarios', `${scenario}.yaml`), 'utf8');
    place.write('scenario.yaml', shipped.replace(/recording: .*/, 'recording: hello.jsonl'));
    const { stdout: report } = await place.sendtwice('run', 'scenario.yaml', '--bot', 'bot.yaml');
    const summary = readFileSync(join(place.runs().at(-1) ?? '', 'summary.json'), 'utf8');
    return { summary: JSON.parse(summary), report, history: await place.history() };
  }

  const all = <T extends EventType>(history: readonly HistoryEvent[], type: T): EventOf<T>[] =>
    history.filter((event): event is EventOf<T> => event.type === type);

  /** The writes whose acknowledgement was lost: what became of them, and how often each was sent. */
  function lostWrites({
    history,
  }: Played): { readonly sent: number; readonly applied: boolean | undefined }[] {
    const started = all(history, 'command.started').filter(({ name }) => name === 'update');
    return all(history, 'command.ended')
      .filter(({ outcome }) => outcome === 'unknown')
      .map(({ command, appliedUpstream }) => {
        const write = started.find((one) => one.command === command);
        const same = started.filter((one) =>
          write?.txnNumber === undefined
            ? one === write
            : one.lsid === write.lsid && one.txnNumber === write.txnNumber,
        );
        return { sent: same.length, applied: appliedUpstream };
      });
  }

  it('is sent again by the driver on a replica set, and the bot notices nothing', async () => {
    const run = await played('applied-unacknowledged');
    expect(lostWrites(run)).toEqual([
      { sent: 2, applied: true },
      { sent: 2, applied: true },
    ]);
    expect(run.summary).toMatchObject({ verdict: 'pass', findings: [] });
    expect(run.summary.counts.faultHits).toEqual({ 'lost-write': 1, 'another-lost-write': 1 });
    expect(run.summary.mongo).toMatchObject({
      retriedWrites: 2,
      unacknowledgedWrites: 2,
      recoveredWrites: 2,
    });
    expect(run.report).toContain(
      'MongoDB: 2 writes applied, but the acknowledgement was lost; the driver sent again under the same number: applied once, and no error for the bot',
    );
    const told = run.history.map(sentenceOf).filter((sentence) => sentence.includes('though it was applied'));
    expect(told[0]).toMatch(/^MongoDB: update never gets its answer after .*\[fault lost-write\]$/);
  }, 60_000);

  it('reaches the bot as an error on a standalone server, and is reported as that', async () => {
    const run = await played('applied-unacknowledged-standalone');
    expect(lostWrites(run)).toEqual([
      { sent: 1, applied: true },
      { sent: 1, applied: true },
    ]);
    const lines = all(run.history, 'bot.log').map(({ line }) => line);
    expect(lines).toEqual(['not stored: MongoNetworkError', 'not stored: MongoNetworkError']);
    expect(run.summary.mongo).toMatchObject({
      retriedWrites: 0,
      unacknowledgedWrites: 2,
      recoveredWrites: 0,
    });
    expect(run.report).toContain(
      'MongoDB: 2 writes applied, but the acknowledgement was lost: an error for the bot, and doing it again may apply it twice',
    );
    expect(run.summary.verdict).toBe('fail');
    expect(run.summary.findings.map(({ kind, cause }) => [kind, cause])).toEqual([
      ['resend-needed', 'write-acknowledgement-lost'],
      ['resend-needed', 'write-acknowledgement-lost'],
    ]);
  }, 60_000);
});
