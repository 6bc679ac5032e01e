import { describe, expect, it } from 'vitest';
import { viewOf } from '../../src/history/view.js';
import { countsOf, mongoCountsOf } from '../../src/metrics/counts.js';
import { Play, text } from '../checkers/history-builder.js';

const hi = text('Hi');

describe('counts', () => {
  it('counts what happened', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    const start = ann.says(10, 1, '/start', [hi]);
    start.delivered(11, 60, { outcome: 'refused', status: 500 });
    start.delivered(61, 90);
    ann.gets(70, hi, { ended: { ok: false, applied: false, errorCode: 429 } });
    ann.gets(80, hi);
    ann.says(500, 1, '/start', undefined, { send: 2 }).dropped(600, 'dropped-by-bot');
    play.hit(20, { fault: 'flood', on: 'call', effect: 'error' });
    play.hit(21, { fault: 'flood', on: 'call', effect: 'error' });
    play.botExits(700, pid);
    play.botStarts(800);
    expect(countsOf(viewOf(play.end(1000)))).toEqual({
      users: 1,
      steps: 1,
      actions: 2,
      resends: 1,
      updates: 2,
      droppedUpdates: 1,
      deliveries: 1,
      attempts: 2,
      redeliveries: 1,
      calls: 2,
      callsByMethod: { sendMessage: 2 },
      apiErrors: 1,
      apiErrorsByCode: { '429': 1 },
      faultHits: { flood: 2 },
      botRestarts: 1,
    });
  });

  it('counts commands by name, without the talk of the driver', () => {
    const play = new Play();
    play.user('ann').says(0, 1, '/start', [hi]).delivered(1, 60);
    play.user('bob').says(0, 1, '/start', [hi]).delivered(1, 60);
    play.command(2, 30, { addedMs: 25 });
    play.command(3, 40, { addedMs: 35 });
    play.command(4, 5, { outcome: 'unknown' }, 'update');
    play.command(5, 1, { outcome: 'error' }, 'update');
    play.command(5, 10_000, {}, 'hello');
    const { byName, ...figures } = mongoCountsOf(viewOf(play.end(20_000)));
    expect(figures).toEqual({
      commands: 4,
      commandsPerStep: 2,
      errors: 1,
      unknown: 1,
      addedMs: 60,
      retriedWrites: 0,
      unacknowledgedWrites: 0,
      recoveredWrites: 0,
    });
    expect(Object.keys(byName)).toEqual(['find', 'update']);
    expect(byName.find).toMatchObject({ n: 2, addedMs: 60, ms: { n: 2, missing: 0, max: 40 } });
    expect(byName.update).toMatchObject({ n: 2, addedMs: 0, ms: { n: 1, missing: 1, max: 1 } });
  });

  it('has nothing to say of an empty history', () => {
    expect(countsOf(viewOf([]))).toMatchObject({ users: 0, calls: 0, callsByMethod: {} });
    expect(mongoCountsOf(viewOf([]))).toMatchObject({ commands: 0, commandsPerStep: null });
  });
});
