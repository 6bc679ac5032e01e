import { describe, expect, it } from 'vitest';
import { brief, found, proof } from './brief.js';
import { menu, Play, text } from './history-builder.js';

/** Stories that real runs told and that were judged wrongly once. */

const welcome = text('Welcome');
const size = menu('Which size?', 'Small', 'Large');
const count = menu('How many?', '1', '2');
const city = text('Which city?');
const news = text('Breakfast is served');

const tooOld = {
  ok: false,
  applied: false,
  errorCode: 400,
  description: 'Bad Request: query is too old and response timeout expired or query ID is invalid',
};

/** The harness ends the bot, and it is ready again after a slow start. */
function away(play: Play, pid: number, { from, until }: { from: number; until: number }): void {
  play.botExits(from, pid);
  play.botStarts(from + 100);
  play.emit(until, { type: 'bot.ready', instance: 1, ms: until - from - 100 });
}

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

  it('a reminder that comes while the step after it waits, though the step that asked for it came twice', () => {
    const play = new Play();
    const ann = play.user('ann');
    const [noted, usage, oven] = [text('I will remind you.'), text('Send /start.'), text('The oven!')];
    const asks = ann.says(676, 2, 'the oven', [noted]);
    asks.delivered(676, 681);
    ann.gets(680, noted, { ms: 1 });
    asks.delivered(697, 702, { fault: 'twice' });
    ann.says(830, 3, 'hello', [usage, oven]).delivered(830, 834);
    ann.gets(833, usage, { ms: 1 });
    ann.gets(1579, oven, { ms: 1 });
    expect(brief(play.end(4000))).toEqual([]);
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

describe('innocent in real runs: the bot was away on purpose', () => {
  const refused = { outcome: 'undelivered', error: 'Connection refused' } as const;

  it.each([
    { run: {}, upAt: 23_000, cameAt: 34_500 },
    { run: { callbackAnswerableMs: 5000 }, upAt: 6500, cameAt: 7000 },
  ])('got a tap after $cameAt ms, when Telegram knew its query no longer', ({ run, upAt, cameAt }) => {
    const play = new Play(run);
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, '/start', [size]).delivered(11, 30);
    const tap = ann.taps(600, 2, 'Small', ann.gets(20, size), [count]);
    for (const at of [601, 650, 2700]) tap.delivered(at, at + 1, refused);
    away(play, pid, { from: 2500, until: upAt });
    tap.delivered(cameAt, cameAt + 20);
    ann.isAnswered(cameAt + 200, tap, { ended: tooOld });
    ann.gets(cameAt + 300, count);
    expect(brief(play.end(45_000))).toEqual([]);
  });

  it('got an input again beside its second send, and answered one of them', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, '/start', [city]).delivered(11, 30);
    ann.gets(20, city);
    const right = text('To Delft. Is that right?');
    const typed = ann.says(600, 2, 'Delft', [right]);
    typed.delivered(601, 860, { outcome: 'unknown', retryInMs: 0 });
    for (const at of [900, 2950, 7000, 20_600]) typed.delivered(at, at + 1, refused);
    away(play, pid, { from: 3000, until: 23_000 });
    const again = ann.says(25_600, 2, 'Delft', undefined, { send: 2 });
    typed.delivered(36_660, 36_668);
    again.delivered(36_669, 36_685);
    ann.gets(36_739, right);
    expect(brief(play.end(45_000))).toEqual([]);
  });

  it.each([
    { why: 'and answered the tap long after it had it', cameAt: 7000, answeredAt: 38_000, away: true },
    { why: 'not at all, and let a tap wait', cameAt: 34_500, answeredAt: 34_700, away: false },
  ])('but accuses one that was away $why', ({ cameAt, answeredAt, away: isAway }) => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, '/start', [size]).delivered(11, 30);
    const tap = ann.taps(600, 2, 'Small', ann.gets(20, size), [count]);
    tap.delivered(601, 602, refused);
    if (isAway) away(play, pid, { from: 2500, until: 6500 });
    tap.delivered(cameAt, answeredAt + 200);
    ann.isAnswered(answeredAt, tap, { ended: tooOld });
    ann.gets(answeredAt + 100, count);
    expect(brief(play.end(60_000))).toEqual(['unanswered-callback-1 step 2: expired-callback, marker']);
  });

  it('but accuses one whose first send was passed over beside the second', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, '/start', [city]).delivered(11, 30);
    ann.gets(20, city);
    const right = text('To Delft. Is that right?');
    const typed = ann.says(600, 2, 'Delft', [right]);
    typed.delivered(601, 602, refused);
    away(play, pid, { from: 700, until: 23_000 });
    typed.delivered(23_100, 23_110);
    const again = ann.says(25_600, 2, 'Delft', undefined, { send: 2 });
    again.delivered(25_601, 25_610);
    ann.gets(25_650, right, { replyTo: again.messageId });
    const kinds = found(play.end(45_000)).map(({ kind, step: number }) => `${kind} ${number}`);
    expect(kinds).toEqual(['resend-needed 2']);
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

  it('a tap that was answered in time, and again by the process that took it up after a restart', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, '/start', [size]).delivered(11, 30);
    const asked = ann.gets(20, size);
    const tap = ann.taps(500, 2, 'Small', asked, [count]);
    tap.delivered(501, 610);
    ann.isAnswered(611, tap);
    play.botExits(1700, pid);
    play.botStarts(1800);
    ann.isAnswered(3500, tap, { ended: tooOld });
    const again = ann.taps(15_500, 2, 'Small', asked, undefined, { send: 2 });
    again.delivered(15_501, 15_505);
    ann.isAnswered(15_505, again);
    ann.ends(30_500, 2, 'silent', 2);
    expect(brief(play.end(36_000))).toEqual(['lost-update-1 step 2: restart, exclusive']);
  });

  it('a tap that was delivered again while at work, answered by both handlings, and shown by none', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(10, 1, '/start', [size]).delivered(11, 30);
    const tap = ann.taps(500, 2, 'Small', ann.gets(20, size), [count]);
    tap.delivered(501, 701, { outcome: 'unknown', error: 'Read timeout expired', retryInMs: 0 });
    ann.isAnswered(600, tap);
    tap.delivered(702, 900);
    ann.isAnswered(800, tap, { ended: tooOld });
    expect(brief(play.end(20_000))).toEqual(['lost-update-1 step 2: redelivery-while-running, overlap']);
  });

  it('two instances that do not know what the other was told: what was sent again works, input by input', () => {
    const play = new Play();
    play.botStarts(0, 1);
    play.botStarts(0, 2);
    const ann = play.user('ann');
    const right = menu('Small it is. Right?', 'Yes');
    ann.says(100, 1, '/start', [size]).delivered(101, 110, {}, { instance: 1 });
    const asked = ann.gets(120, size);
    for (const { at, number, button, shown, next } of [
      { at: 500, number: 2, button: 'Small', shown: text('Size: small'), next: count },
      { at: 4000, number: 3, button: '2', shown: text('Quantity: 2'), next: right },
    ]) {
      const tap = ann.taps(at, number, button, asked, [shown, next]);
      tap.delivered(at + 1, at + 7, {}, { instance: 2 });
      ann.isAnswered(at + 5, tap);
      const again = ann.taps(at + 3000, number, button, asked, undefined, { send: 2 });
      again.delivered(at + 3001, at + 3008, {}, { instance: 1 });
      ann.isAnswered(at + 3005, again);
      ann.seesEdit(at + 3010, asked, shown);
      ann.gets(at + 3012, next);
    }
    expect(brief(play.end(20_000))).toEqual([
      'resend-needed-1 step 2: state-not-shared, overlap',
      'resend-needed-2 step 3: state-not-shared, overlap',
    ]);
  });

  it.each([
    { why: 'and complains of that', complains: true },
    { why: 'and says nothing of that', complains: false },
  ])(
    'a name that was delivered twice: its second handling asks as the next input comes, $why',
    ({ complains }) => {
      const play = new Play();
      const ann = play.user('ann');
      const [name, street] = [text('What is your name?'), text('Which street?')];
      const right = text('Name: Bebu Sol\nStreet: 14 Lime Lane\nCity: Springfield');
      ann.says(0, 1, '/start', [name]).delivered(1, 10);
      ann.gets(20, name);
      const typed = ann.says(1000, 2, 'Bebu Sol', [street]);
      typed.delivered(1001, 1090);
      typed.delivered(1160, 1430, {}, { fault: 'twice-at-once' });
      ann.gets(1190, street);
      ann.says(1432, 3, '14 Lime Lane', [city]).delivered(1432, 1510);
      ann.gets(1433, city);
      if (complains) ann.gets(1660, text('That is no city that we know. Which city?'));
      ann.says(2100, 4, 'Springfield', [text('Any wishes?')]).delivered(2101, 2170);
      ann.gets(2250, text('Any wishes?'));
      ann.says(3000, 5, 'none', [right]).delivered(3001, 3010);
      ann.gets(3050, text('Name: Bebu Sol\nStreet: Bebu Sol\nCity: Springfield'));
      const wrong = found(play.end(12_000)).filter(({ kind }) => kind === 'wrong-slot');
      expect(wrong).toMatchObject([{ step: 5, cause: 'delivered-twice' }]);
    },
  );

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

  it('a call that nobody heard of is repeated when the next input is at work already', () => {
    const play = new Play();
    const ann = play.user('ann');
    const [street, city] = [text('Which street do you live in?'), text('Which city is that in?')];
    ann.says(0, 1, 'Margherita', [street]).delivered(1, 341);
    ann.gets(25, street, { ended: { ok: false, applied: true, answered: false, fault: 'lost-answer' } });
    ann.says(329, 2, 'Elm Street 5', [city]).delivered(330, 342);
    ann.gets(331, street, { ms: 1 });
    ann.gets(340, city, { ms: 1 });
    expect(brief(play.end(9000))).toEqual(['duplicate-reply-1 step 1: repeated-call, exclusive']);
  });

  it('a call that nobody heard of is said again to the next input by a bot that has fallen behind', () => {
    const play = new Play();
    const ann = play.user('ann');
    const [age, done] = [text('How old are you?'), text('Thank you.')];
    ann.says(0, 1, 'Ann', [age]).delivered(1, 2);
    ann.gets(25, age, { ended: { ok: false, applied: true, answered: false, fault: 'lost-answer' } });
    ann.says(329, 2, '30', [done]).delivered(330, 331);
    ann.gets(340, age, { ms: 1 });
    ann.says(2000, 2, '30', [done], { send: 2, reason: 'resend' }).delivered(2001, 2002);
    ann.gets(2010, done, { ms: 1 });
    expect(brief(play.end(9000))).toEqual([
      'lost-state-1 step 2: unknown, overlap',
      'resend-needed-1 step 2: unknown, overlap',
    ]);
  });

  it('an input sent twice while the bot was away, of which a dead connection had taken the first', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    const [street, which] = [text('Which street?'), text('Which city is that in?')];
    const right = text('One Margherita to Elm Street 5, Lund. Is that right?');
    ann.says(10, 1, 'Margherita', [street]).delivered(11, 30);
    ann.gets(20, street);
    play.botExits(2592, pid);
    const typed = ann.says(2593, 2, 'Elm Street 5', [which]);
    typed.delivered(2594, 2595, { outcome: 'unknown', retryInMs: 0 });
    play.botStarts(4609);
    const again = ann.says(6593, 2, 'Elm Street 5', undefined, { send: 2, reason: 'resend' });
    typed.delivered(8642, 8741);
    ann.gets(8738, which, { ms: 1 });
    again.delivered(8741, 8750);
    ann.gets(8748, text('One Margherita to Elm Street 5, Elm Street 5. Is that right?'), { ms: 1 });
    ann.says(8939, 3, 'Lund', [right]).delivered(8940, 8959);
    ann.gets(8956, text('Send /start to order.'), { ms: 1 });
    expect(brief(play.end(20_000))).toEqual([
      'wrong-slot-1 step 3: impatient-resend, exclusive',
      'lost-state-2 step 3: impatient-resend, exclusive',
    ]);
  });

  it('a call that nobody heard of, and the same answer to the next input, are no repetition', () => {
    const play = new Play();
    const ann = play.user('ann');
    const hint = text('A number, please.');
    ann.says(0, 1, 'many', [hint]).delivered(1, 30);
    ann.gets(25, hint, { ended: { ok: false, applied: true, answered: false, fault: 'lost-answer' } });
    ann.says(329, 2, 'some', [hint]).delivered(330, 342);
    ann.gets(340, hint, { ms: 1 });
    expect(brief(play.end(9000))).toEqual([]);
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
