import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.js';
import { WebhookGap } from '../../src/scenario/webhook-gap.js';

function rig() {
  const clock = new ManualClock();
  const listeners: ((method: string) => void)[] = [];
  const gap = new WebhookGap(
    {
      onCall: (listener) => {
        listeners.push(listener);
        return () => undefined;
      },
    },
    clock,
  );
  const call = (method: string): void => {
    for (const listener of listeners) listener(method);
  };
  /** When a restart that is wanted now may happen; ms. */
  const overAt = async (signal = new AbortController().signal): Promise<number> => {
    let at = Number.NaN;
    void gap.over(signal).then(() => {
      at = clock.now();
    });
    await clock.advance(0);
    while (Number.isNaN(at) && clock.pending > 0) await clock.advance(100);
    return at;
  };
  return { clock, call, overAt, gap };
}

describe('WebhookGap', () => {
  it('holds a restart back until a second after the last setWebhook', async () => {
    const { clock, call, overAt } = rig();
    await clock.advance(5000);
    call('setWebhook');
    await clock.advance(300);
    expect(await overAt()).toBe(6000);
    expect(await overAt()).toBe(6000);
  });

  it('counts from a setWebhook that comes while it waits', async () => {
    const { clock, call, gap } = rig();
    call('setWebhook');
    let isOver = false;
    const over = gap.over(new AbortController().signal).then(() => {
      isOver = true;
    });
    await clock.advance(900);
    call('setwebhook');
    await clock.advance(900);
    expect(isOver).toBe(false);
    await clock.advance(100);
    expect(isOver).toBe(true);
    await over;
  });

  it('never holds back a bot that polls', async () => {
    const { call, overAt } = rig();
    call('getUpdates');
    call('deleteWebhook');
    expect(await overAt()).toBe(0);
  });

  it('ends with the run', async () => {
    const { clock, call, gap } = rig();
    call('setWebhook');
    const run = new AbortController();
    const over = gap.over(run.signal);
    run.abort();
    await over;
    expect(clock.pending).toBe(0);
  });
});
