import { describe, expect, it } from 'vitest';
import { brief, found } from './brief.js';
import { menu, Play, text } from './history-builder.js';

const welcome = text('Welcome');

/** Users who each send /start and get nothing. */
function silence(play: Play, users: number, via: 'webhook' | 'polling' = 'webhook'): void {
  for (let index = 0; index < users; index += 1) {
    const at = 100 + index * 100;
    play
      .user(`user${index}`)
      .says(at, 1, '/start', [welcome])
      .delivered(at + 1, at + 20, {}, { via });
  }
}

describe('dead bot', () => {
  it('takes updates and never does anything: one finding, the lost updates folded into it', () => {
    const play = new Play();
    play.botStarts(0);
    silence(play, 4);
    const events = play.end(10_000);
    expect(brief(events)).toEqual(['dead-bot-1: start-up-failed, exact']);
    expect(found(events)[0]?.message).toBe(
      'The bot accepted 4 updates of 4 steps and never showed anybody anything.',
    );
  });

  it('may have started well and poll', () => {
    const play = new Play();
    play.botStarts(0);
    play.call(50, 'getMe');
    silence(play, 3, 'polling');
    expect(brief(play.end(10_000))).toEqual(['dead-bot-1: unknown, exact']);
  });

  it('folds taps as well', () => {
    const play = new Play();
    silence(play, 2);
    const ann = play.user('ann');
    const old = ann.says(0, 1, 'hi', []).messageId;
    ann.taps(500, 2, 'Red', old, [menu('Which size?', 'S')]).delivered(501, 520);
    expect(brief(play.end(10_000))).toEqual(['dead-bot-1: unknown, exact']);
  });

  it('is not dead after one input', () => {
    const play = new Play();
    silence(play, 1);
    expect(brief(play.end(10_000))).toEqual(['lost-update-1 step 1: acknowledged-then-silent, exact']);
  });

  it('is not dead when it answered once', () => {
    const play = new Play();
    silence(play, 3);
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    ann.gets(40, welcome);
    expect(found(play.end(10_000)).map(({ kind }) => kind)).toEqual(Array(3).fill('lost-update'));
  });

  it('is not dead when it tried and failed', () => {
    const play = new Play();
    silence(play, 3);
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    ann.gets(40, welcome, { ended: { ok: false, applied: false, errorCode: 500 } });
    expect(found(play.end(10_000)).map(({ kind }) => kind)).toEqual(Array(4).fill('lost-update'));
  });

  it('is not dead when nothing was expected of it', () => {
    const play = new Play();
    for (const [index, name] of ['ann', 'bob', 'cyd'].entries()) {
      play
        .user(name)
        .says(index * 100, 1, 'hi', [])
        .delivered(index * 100 + 1, index * 100 + 20);
    }
    expect(brief(play.end(10_000))).toEqual([]);
  });

  it('is not dead when the run ended first, or when it refused everything', () => {
    const short = new Play();
    silence(short, 4);
    expect(brief(short.end(600))).toEqual([]);
    const refusing = new Play();
    for (const [index, name] of ['ann', 'bob', 'cyd'].entries()) {
      const sent = refusing.user(name).says(index * 100, 1, '/start', [welcome]);
      sent.delivered(index * 100 + 1, index * 100 + 20, { outcome: 'refused', status: 401 });
    }
    expect(found(refusing.end(10_000)).map(({ kind, cause }) => `${kind} ${cause}`)).toEqual([
      ...Array(3).fill('lost-update handler-error'),
      'webhook-error webhook-misconfigured',
    ]);
  });
});
