import { describe, expect, it } from 'vitest';
import { brief, found } from './brief.js';
import { Play, text } from './history-builder.js';

const welcome = text('Welcome to the pizza place');
const sorry = text('Something went wrong, please try again later.');
const next = text('Send /start to order a pizza.');

describe('double effect: guilty', () => {
  it('sees an error text beside the welcome of a first contact that was delivered twice at once', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, 60);
    start.delivered(20, 90, {}, { fault: 'twice' });
    ann.gets(40, welcome);
    ann.gets(70, sorry);
    const [finding, ...others] = found(play.end(9000));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ kind: 'double-effect', cause: 'delivered-twice', step: 1 });
    expect(finding?.message).toBe(
      'Step 1: its update was handled again, and brought the message "Something went wrong, please try again later." as well.',
    );
  });

  it('sees that a redelivery took the dialogue elsewhere', () => {
    const play = new Play();
    const ann = play.user('ann');
    play.hit(30, { fault: 'broken', on: 'mongo', effect: 'error' });
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, 60, { outcome: 'refused', status: 500, retryInMs: 0 });
    ann.gets(40, welcome);
    start.delivered(61, 120);
    ann.gets(90, next);
    expect(brief(play.end(9000))).toEqual(['double-effect-1 step 1: redelivery-after-error, exclusive']);
  });
});

describe('double effect: innocent', () => {
  it.each([
    {
      why: 'a reminder comes long after a redelivery that was passed over',
      tell(play: Play) {
        const ann = play.user('ann');
        const start = ann.says(0, 1, '/start', [welcome]);
        start.delivered(1, 60);
        start.delivered(70, 75, {}, { fault: 'twice' });
        ann.gets(40, welcome);
        ann.gets(2500, text('Are you still there?'));
      },
    },
    {
      why: 'a reminder falls due just then, as it does with everybody',
      tell(play: Play) {
        const ann = play.user('ann');
        const bob = play.user('bob');
        const start = ann.says(0, 1, '/start', [welcome]);
        start.delivered(1, 60);
        ann.gets(40, welcome);
        bob.says(0, 1, '/start', [welcome]).delivered(1, 60);
        bob.gets(40, welcome);
        start.delivered(2450, 2460, {}, { fault: 'twice' });
        ann.gets(2500, text('Are you still there?'));
        bob.gets(2600, text('Are you still there?'));
      },
    },
    {
      why: 'the next input was answered meanwhile',
      tell(play: Play) {
        const ann = play.user('ann');
        const start = ann.says(0, 1, '/start', [welcome]);
        start.delivered(1, 60);
        ann.gets(40, welcome);
        ann.says(100, 2, 'Menu', [next]).delivered(101, 160);
        start.delivered(110, 150, {}, { fault: 'twice' });
        ann.gets(140, next);
      },
    },
    {
      why: 'the first handling was cut short and the second one said all',
      tell(play: Play) {
        const ann = play.user('ann');
        const start = ann.says(0, 1, '/start', [welcome, next]);
        start.delivered(1, 60);
        start.delivered(61, 200, {}, { fault: 'twice' });
        ann.gets(40, welcome);
        ann.gets(100, next);
      },
    },
  ])('$why', ({ tell }) => {
    const play = new Play();
    tell(play);
    expect(brief(play.end(9000)).filter((line) => line.startsWith('double-effect'))).toEqual([]);
  });
});
