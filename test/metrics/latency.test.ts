import { describe, expect, it } from 'vitest';
import { attributionsOf } from '../../src/checkers/attribution.js';
import { viewOf } from '../../src/history/view.js';
import type { Distribution } from '../../src/metrics/histogram.js';
import { latenciesOf } from '../../src/metrics/latency.js';
import { Play, text } from '../checkers/history-builder.js';

const hi = text('Hi');

function measure(tell: (play: Play) => void) {
  const play = new Play();
  tell(play);
  const view = viewOf(play.end(30_000));
  const brief = ({ n, missing, max }: Distribution) => ({ n, missing, max });
  const latencies = latenciesOf(view, attributionsOf(view));
  return {
    lag: brief(latencies.lag),
    queueWait: brief(latencies.queueWait),
    ack: brief(latencies.ack),
    reply: brief(latencies.reply),
    settle: brief(latencies.settle),
  };
}

describe('latencies', () => {
  it('keeps five things apart', () => {
    const measured = measure((play) => {
      const ann = play.user('ann');
      ann.says(100, 1, '/start', [hi]).delivered(105, 165);
      ann.gets(140, text('Wait'));
      ann.gets(150, hi);
      ann.gets(400, text('Bye'));
    });
    expect(measured).toEqual({
      lag: { n: 1, missing: 0, max: 0 },
      queueWait: { n: 1, missing: 0, max: 5 },
      ack: { n: 1, missing: 0, max: 60 },
      reply: { n: 1, missing: 0, max: 60 },
      settle: { n: 1, missing: 0, max: 310 },
    });
  });

  it('measures a reply from the first send, whichever send was answered', () => {
    const measured = measure((play) => {
      const ann = play.user('ann');
      ann.says(0, 1, '/start', [hi]).delivered(1, 60);
      ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5060);
      ann.gets(5040, hi);
    });
    expect(measured.reply).toEqual({ n: 1, missing: 0, max: 5050 });
  });

  it('counts what never came', () => {
    const measured = measure((play) => {
      const ann = play.user('ann');
      ann.says(0, 1, '/start', [hi]).delivered(1, 60, { outcome: 'refused', status: 500 });
      play.user('bob').says(0, 1, '/start', [hi]).dropped(10, 'dropped-by-bot');
      play.user('cyd').says(0, 1, 'thanks', []).delivered(1, 20);
    });
    expect(measured.ack).toEqual({ n: 1, missing: 1, max: 19 });
    expect(measured.reply).toEqual({ n: 0, missing: 2, max: null });
    expect(measured.queueWait).toEqual({ n: 2, missing: 1, max: 1 });
  });

  it('does not count what the end of the run cut', () => {
    const measured = measure((play) => {
      const ann = play.user('ann');
      ann.says(0, 1, '/start', [hi]).delivered(1);
      ann.ends(20, 1, 'cut');
    });
    expect(measured.reply).toEqual({ n: 0, missing: 0, max: null });
  });

  it('does not take a typing indicator for an effect, nor a delayed answer for a late one', () => {
    const measured = measure((play) => {
      const ann = play.user('ann');
      ann.says(0, 1, '/start', [hi]).delivered(1, 800);
      ann.gets(40, hi);
      ann.gets(600, hi, { method: 'sendChatAction', contents: [] });
    });
    expect(measured.settle.max).toBe(50);
  });
});
