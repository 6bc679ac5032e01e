import { describe, expect, it } from 'vitest';
import { brief, found, proof } from './brief.js';
import { menu, Play, text } from './history-builder.js';

/** Stories that real runs told and that were judged wrongly once. */

const welcome = text('Welcome');
const size = menu('Which size?', 'Small', 'Large');
const count = menu('How many?', '1', '2');
const city = text('Which city?');
const news = text('Breakfast is served');

describe('innocent in real runs', () => {
  it('a bot that polls, stores first, and confirms in the middle of its work', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [size]);
    start.delivered(1, 6, {}, { via: 'polling' });
    const asked = ann.gets(8, size);
    start.delivered(27, 38, {}, { via: 'polling', fault: 'twice' });
    const tap = ann.taps(250, 2, 'Small', asked, [count]);
    tap.delivered(251, 262, {}, { via: 'polling' });
    ann.isAnswered(255, tap, { ms: 1 });
    ann.gets(265, count);
    expect(brief(play.end(5000))).toEqual([]);
  });

  it('a second tap that was passed over, and the same question much later', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [size]).delivered(1, 3);
    const first = ann.gets(20, size);
    const tap = ann.taps(500, 2, 'Small', first, [count]);
    tap.delivered(501, 503);
    ann.isAnswered(510, tap, { ms: 1 });
    const again = ann.taps(560, 2, 'Small', first, undefined, { send: 2, reason: 'double-tap' });
    again.delivered(561, 563);
    ann.gets(700, count);
    ann.isAnswered(710, again, { ms: 1 });
    ann.says(1500, 3, 'anew', [count]).delivered(1501, 1503);
    ann.gets(4200, count);
    expect(brief(play.end(9000))).toEqual([]);
  });

  it('news that one person asked for and all got, twice in a moment', () => {
    const play = new Play();
    const people = ['ann', 'bob', 'cid', 'dan'].map((name) => play.user(name));
    for (const person of people) {
      person.says(0, 1, '/start', [welcome]).delivered(1, 60);
      person.gets(30, welcome);
    }
    for (const [index, asker] of people.slice(0, 2).entries()) {
      const at = 500 + 200 * index;
      asker.says(at, 2, '/news', [news]).delivered(at + 1, at + 60);
      for (const person of people) person.gets(at + 20, news);
    }
    expect(brief(play.end(9000))).toEqual([]);
  });
});

describe('guilty in real runs', () => {
  it('the same answer to many at once is no news for those who got it as their answer', () => {
    const play = new Play();
    for (const name of ['ann', 'bob', 'cid', 'dan']) {
      const person = play.user(name);
      const start = person.says(0, 1, '/start', [welcome]);
      start.delivered(1, 3);
      person.gets(10, welcome);
      start.delivered(200, 203, {}, { fault: 'twice' });
      person.gets(210, welcome);
    }
    expect(brief(play.end(9000))).toEqual(
      [1, 2, 3, 4].map((n) => `duplicate-reply-${n} step 1: delivered-twice, exclusive`),
    );
  });

  it('a bot that has forgotten the user and stays silent: the restart is the cause', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, '/start', [size]).delivered(11, 30);
    const asked = ann.gets(20, size);
    play.botExits(500, pid);
    play.botStarts(510);
    const tap = ann.taps(1000, 2, 'Small', asked, [count]);
    tap.delivered(1001, 1010);
    ann.isAnswered(1005, tap);
    const events = play.end(9000);
    expect(brief(events)).toEqual(['lost-update-1 step 2: restart, overlap']);
    expect(proof(events, found(events)[0])).toEqual([
      'call.started',
      'call.ended',
      'bot.exited',
      'bot.started',
      'action',
      'delivery.started',
      'delivery.ended',
    ]);
  });

  it('a repeated /start that throws the dialogue back: the silence after it has the same cause', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [size]);
    start.delivered(1, 2001, { outcome: 'unknown', error: 'Read timeout expired', retryInMs: 0 });
    const asked = ann.gets(2100, size);
    const tap = ann.taps(2400, 2, 'Small', asked, [count]);
    tap.delivered(2401, 2500);
    ann.isAnswered(2410, tap);
    ann.gets(2450, count);
    start.delivered(4000, 6000);
    ann.gets(4800, size);
    ann.says(5000, 3, '3', [city]).delivered(5001, 5100);
    expect(brief(play.end(20_000))).toEqual([
      'duplicate-keyboard-1 step 1: redelivery-while-running, exclusive',
      'lost-update-1 step 3: redelivery-while-running, exclusive',
    ]);
  });

  it('a second attempt that goes one step too far beside another input at work', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [size]).delivered(1, 60);
    ann.gets(30, size);
    ann.says(100, 2, 'Small', [count]).delivered(101, 103);
    ann.gets(110, count);
    const late = ann.says(110, 2, 'Small', undefined, { send: 2 });
    late.delivered(111, 4000);
    const three = ann.says(500, 3, '3', [city]);
    three.delivered(501, 2501, { outcome: 'unknown', error: 'Read timeout expired', retryInMs: 0 });
    three.delivered(2502, 4600);
    ann.gets(2600, city);
    ann.gets(4400, text('What is your telephone number?'));
    ann.says(5000, 4, 'Rome', [text('What is your telephone number?')]).delivered(5001, 5100);
    ann.gets(5050, text('That is no number'));
    const [first] = found(play.end(20_000));
    expect(first).toMatchObject({ kind: 'lost-state', cause: 'redelivery-while-running', step: 3 });
  });

  it('a double tap whose first tap is delivered twice: three handlings, none of which sends twice', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    const message = ann.gets(40, welcome);
    const tap = ann.taps(1000, 2, 'Order', message, [size]);
    tap.delivered(1001, 1201, { outcome: 'unknown', error: 'Read timeout expired', retryInMs: 0 });
    const second = ann.taps(1063, 2, 'Order', message, undefined, { send: 2, reason: 'double-tap' });
    ann.isAnswered(1003, tap);
    tap.delivered(1202, 1289);
    ann.gets(1270, size); // by the second attempt, which acknowledges at once after it
    second.delivered(1290, 1418);
    ann.isAnswered(1291, second);
    ann.gets(1350, size); // by the first attempt, which nobody waits for any more
    ann.gets(1405, size); // by the second tap
    const findings = found(play.end(20_000));
    expect(findings.map(({ kind }) => kind)).toEqual(['duplicate-keyboard', 'duplicate-keyboard']);
    // Which of the two is the second tap's and which the old attempt's, nobody can tell.
    for (const { cause } of findings) expect(['double-tap', 'redelivery-while-running']).toContain(cause);
  });

  it('two attempts whose acknowledgements were to be lost, the first of them too late for that', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    const first = start.delivered(1, 251, { outcome: 'unknown', error: 'Read timeout expired' });
    const effects = { on: 'delivery', delivery: first.id } as const;
    play.hit(1, { fault: 'impatient', effect: 'timeout', ...effects });
    play.hit(1, { fault: 'lost', effect: 'lose-acknowledgement', ...effects });
    start.delivered(252, 600);
    ann.gets(300, welcome);
    ann.gets(500, welcome);
    expect(brief(play.end(9000))).toEqual(['duplicate-reply-1 step 1: redelivery-while-running, exclusive']);
  });

  it('findings of a kind are numbered in the order in which they showed', () => {
    const play = new Play();
    const [ann, bob] = [play.user('ann'), play.user('bob')];
    const early = ann.says(0, 1, '/start', [welcome]);
    early.delivered(1, 3);
    ann.gets(10, welcome);
    const quick = bob.says(100, 1, '/start', [welcome]);
    quick.delivered(101, 103);
    bob.gets(110, welcome);
    quick.delivered(120, 123, {}, { fault: 'twice' });
    bob.gets(130, welcome);
    early.delivered(900, 903, {}, { fault: 'twice' });
    ann.gets(950, welcome);
    expect(found(play.end(9000)).map(({ id, user }) => `${id} ${user}`)).toEqual([
      'duplicate-reply-1 bob',
      'duplicate-reply-2 ann',
    ]);
  });
});

it('findings call what was shown by its name, with or without a text', () => {
  const play = new Play();
  const ann = play.user('ann');
  const photo = { kind: 'photo', media: 'pool' } as const;
  const captioned = { kind: 'photo', media: 'bar', text: 'Our bar' } as const;
  const start = ann.says(0, 1, '/photos', [photo, captioned]);
  start.delivered(1, 300);
  for (const at of [20, 100]) {
    ann.gets(at, photo, { method: 'sendPhoto' });
    ann.gets(at + 20, captioned, { method: 'sendPhoto' });
    ann.gets(at + 40, photo, { method: 'sendMediaGroup', contents: [photo, photo, captioned] });
  }
  expect(found(play.end(9000)).map(({ message }) => message)).toEqual([
    'Step 1: the photo came again 80 ms later.',
    'Step 1: the photo "Our bar" came again 80 ms later.',
    'Step 1: the album of 3 came again 80 ms later.',
  ]);
});
