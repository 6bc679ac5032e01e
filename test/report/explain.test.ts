import { describe, expect, it } from 'vitest';
import { chosenFindings, explained, explanation, type WrittenFinding } from '../../src/report/explain.js';
import { judgeHistory } from '../../src/report/judge.js';
import { allRules, rulesOf } from '../../src/report/rules.js';
import { menu, Play, text } from '../checkers/history-builder.js';

/** A start that is delivered again while its first handler is at work, and a tap that is never answered. */
function story(): ReturnType<typeof judgeHistory>['summary'] {
  const play = new Play();
  const ann = play.user('ann');
  const start = ann.says(0, 1, '/start', [text('Welcome')]);
  start.delivered(1, 300, { outcome: 'unknown', error: 'Read timeout expired', retryInMs: 0 });
  start.delivered(301, 700);
  ann.gets(400, text('Welcome'));
  ann.gets(600, text('Welcome'));
  return judgeHistory(play.end(9_000)).summary;
}

describe('explain', () => {
  it('tells the chain, the rule, the cause, how sure it is, and what to do', () => {
    const [finding] = chosenFindings(story());
    const lines = explanation(explained(finding as WrittenFinding, ['sendtwice run a.yaml --seed 1'])).split(
      '\n',
    );
    expect(lines[0]).toMatch(/^duplicate-reply-1 {2}Step 1: the message "Welcome" came again/);
    expect(lines.filter((line) => line.startsWith('    +')).length).toBeGreaterThan(4);
    expect(lines.find((line) => line.startsWith('  rule'))).toMatch(/60 s.*sends the update again/);
    expect(lines.find((line) => line.startsWith('  why'))).toMatch(
      /redelivery-while-running: Telegram did not/,
    );
    expect(lines.find((line) => line.startsWith('  sure'))).toMatch(/exclusive|overlap/);
    expect(lines.find((line) => line.startsWith('  do'))).toMatch(/Acknowledge at once/);
    expect(lines.find((line) => line.startsWith('  again'))).toContain('sendtwice run a.yaml --seed 1');
    expect(lines.length).toBeLessThan(20);
  });

  it('keeps to one of each kind and cause, and finds one by its id or kind', () => {
    const summary = story();
    const [finding] = summary.findings;
    const twice = {
      ...summary,
      findings: [finding, { ...finding, id: 'duplicate-reply-2' }] as WrittenFinding[],
    };
    expect(chosenFindings(twice).map(({ id }) => id)).toEqual(['duplicate-reply-1']);
    expect(chosenFindings(twice, 'duplicate-reply-2').map(({ id }) => id)).toEqual(['duplicate-reply-2']);
    expect(chosenFindings(twice, 'duplicate-reply').map(({ id }) => id)).toEqual(['duplicate-reply-1']);
    expect(() => chosenFindings(twice, 'lost-state-9')).toThrow('The run has no finding lost-state-9');
  });

  it('lets nothing of a bot control a terminal, and cuts long chains in the middle', () => {
    const [finding] = chosenFindings(story()) as [WrittenFinding];
    const chain = Array.from({ length: 40 }, (_, index) => `+ ${index} \u001b[31mred`);
    const said = explanation(explained({ ...finding, message: 'came \u001b]0;x\u0007 again', chain }));
    expect(said).not.toContain('\u001b');
    expect(said).toContain('… 26 more events …');
  });

  it('tells a text beside a tap from inputs that were acknowledged early', () => {
    const play = new Play({ pace: 'timeline' });
    const ann = play.user('ann');
    ann.says(0, 1, 'river', [text('älv')]).delivered(1, 3);
    ann.says(100, 2, 'stone', [text('sten')]).delivered(101, 103);
    ann.gets(200, text('sten'));
    ann.gets(900, text('älv'));
    const [finding] = chosenFindings(judgeHistory(play.end(9_000)).summary) as [WrittenFinding];
    expect(finding.cause).toBe('concurrent-updates');
    expect(rulesOf(finding)).toEqual([
      expect.stringContaining('as soon as the one before it is acknowledged'),
    ]);
    const tapped = { ...finding, chain: [...finding.chain, '+  0.100 s  ann taps “Small” (update 2)'] };
    expect(rulesOf(tapped)).toEqual([expect.stringContaining('wait in different queues')]);
  });

  it('says where each rule of Telegram comes from', () => {
    for (const { text: rule, source } of allRules) {
      expect(rule).toMatch(/\.$/);
      expect(source).not.toBe('');
    }
  });
});

describe('a menu that came once', () => {
  it('has nothing to explain', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [menu('Hello', 'Order')]).delivered(1, 60);
    ann.gets(40, menu('Hello', 'Order'));
    expect(chosenFindings(judgeHistory(play.end(9_000)).summary)).toEqual([]);
  });
});
