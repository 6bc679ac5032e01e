import { describe, expect, it } from 'vitest';
import { brief, found, proof } from './brief.js';
import { menu, Play, text } from './history-builder.js';

const welcome = text('Welcome');
const colours = menu('Which colour?', 'Red', 'Blue');

describe('duplicates: guilty', () => {
  it('sees a redelivery while the first handling was held up by a slow command', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, 5001, { outcome: 'unknown', error: 'Read timeout expired', retryInMs: 0 });
    play.command(2, 6000, { addedMs: 5950, fault: 'slow-mongo' });
    start.delivered(5002, 11_100);
    ann.gets(6010, welcome);
    play.command(5003, 6000, { addedMs: 5950, fault: 'slow-mongo' });
    ann.gets(11_020, welcome);
    const events = play.end(15_000);

    expect(brief(events)).toEqual(['duplicate-reply-1 step 1: redelivery-while-running, exclusive']);
    expect(proof(events, found(events)[0])).toEqual([
      'action',
      'delivery.started',
      'command.started',
      'delivery.ended',
      'delivery.started',
      'command.ended',
      'call.started',
      'call.ended',
      'call.started',
      'call.ended',
    ]);
  });

  it('sees a handler that goes on after its framework answered 500', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, 10_001, { outcome: 'refused', status: 500, retryInMs: 0 });
    start.delivered(10_002, 21_000);
    ann.gets(10_500, welcome);
    ann.gets(20_500, welcome);
    expect(brief(play.end(30_000))).toEqual([
      'webhook-error-1: handler-threw, exact',
      'duplicate-reply-1 step 1: redelivery-while-running, exclusive',
    ]);
  });

  it('sees a redelivery after an error that followed the reply', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, 100, { outcome: 'refused', status: 500, retryInMs: 0 });
    ann.gets(40, welcome);
    start.delivered(101, 200);
    ann.gets(140, welcome);
    expect(brief(play.end(5000))).toEqual([
      'webhook-error-1: handler-threw, exact',
      'duplicate-reply-1 step 1: redelivery-after-error, exclusive',
    ]);
  });

  it('sees a lost acknowledgement', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    const first = start.delivered(1, 100, { outcome: 'unknown', fault: 'lost-ack' });
    play.hit(99, { fault: 'lost-ack', on: 'delivery', effect: 'lose-acknowledgement', delivery: first.id });
    ann.gets(40, welcome);
    start.delivered(101, 200);
    ann.gets(140, welcome);
    const events = play.end(5000);
    expect(brief(events)).toEqual(['duplicate-reply-1 step 1: lost-acknowledgement, exclusive']);
    // The end of the delivery names the fault; its hit would say the same again.
    expect(proof(events, found(events)[0])).not.toContain('fault.hit');
  });

  it('sees the same update handed over twice at once', () => {
    const play = new Play({ delivery: 'adversarial' });
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, 100);
    start.delivered(20, 120, {}, { fault: 'duplicate' });
    ann.gets(60, welcome);
    ann.gets(80, welcome);
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 1: delivered-twice, exclusive']);
  });

  it('sees an update that both a webhook and a poller took', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, 100);
    ann.gets(60, welcome);
    start.delivered(300, 400, {}, { via: 'polling' });
    ann.gets(350, welcome);
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 1: two-consumers, exclusive']);
  });

  it('sees two pollers by their conflict', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, undefined, {}, { via: 'polling' });
    play.call(50, 'getUpdates', { ok: false, errorCode: 409, applied: false });
    start.delivered(90, 500, {}, { via: 'polling' });
    ann.gets(60, welcome);
    ann.gets(150, welcome);
    const events = play.end(5000);
    expect(brief(events)).toEqual([
      'polling-conflict-1: two-consumers, exact',
      'duplicate-reply-1 step 1: two-consumers, exclusive',
    ]);
    expect(proof(events, found(events)[1]).filter((type) => type === 'call.ended')).toHaveLength(3);
  });

  it('sees a redelivery after the bot died between its reply and its acknowledgement', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    const start = ann.says(10, 1, '/start', [welcome]);
    start.delivered(11, 90, { outcome: 'unknown', error: 'Connection reset by peer' });
    ann.gets(40, welcome);
    play.botExits(90, pid);
    play.botStarts(200);
    start.delivered(1000, 1100);
    ann.gets(1050, welcome);
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 1: restart, exclusive']);
  });

  it.each([
    { why: 'its answer was cut off', ended: { answered: false } },
    { why: 'its answer was an error', ended: { ok: false, errorCode: 500 } },
  ])('sees a call that was repeated because $why', ({ ended }) => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 1200);
    ann.gets(40, welcome, { ended });
    ann.gets(1050, welcome);
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 1: repeated-call, exclusive']);
  });

  it('sees a double tap as one intention', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [colours]).delivered(1, 60);
    const message = ann.gets(40, colours);
    const sizes = menu('Which size?', 'S', 'L');
    const tap = ann.taps(1000, 2, 'Red', message, [sizes]);
    tap.delivered(1001, 1100);
    const again = ann.taps(1030, 2, 'Red', message, undefined, { send: 2, reason: 'double-tap' });
    ann.gets(1050, sizes);
    ann.isAnswered(1080, tap);
    again.delivered(1101, 1200);
    ann.gets(1150, sizes);
    ann.isAnswered(1180, again);
    expect(brief(play.end(5000))).toEqual(['duplicate-keyboard-1 step 2: double-tap, exclusive']);
  });

  it('sees a handler that sends twice by itself', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 100);
    ann.gets(40, welcome);
    ann.gets(60, welcome);
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 1: handler-sends-twice, exclusive']);
  });

  it('trusts a traceparent that came back, also between two attempts at once', () => {
    const trace = (n: number) => `00-${String(n).repeat(32)}-${'a'.repeat(16)}-01`;
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(
      1,
      5001,
      { outcome: 'unknown', error: 'Read timeout expired' },
      { traceparent: trace(1) },
    );
    start.delivered(5002, 12_000, {}, { traceparent: trace(2) });
    ann.gets(6000, welcome, { traceparent: trace(2).replace('a'.repeat(16), 'b'.repeat(16)) });
    ann.gets(7000, welcome, { traceparent: trace(1) });
    expect(brief(play.end(20_000))).toEqual(['duplicate-reply-1 step 1: redelivery-while-running, exact']);
  });

  it('sees a repetition while another input of the user is at work', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    const lost = start.delivered(1, 100, { outcome: 'unknown' });
    play.hit(99, { fault: 'lost-ack', on: 'delivery', effect: 'lose-acknowledgement', delivery: lost.id });
    ann.gets(40, welcome);
    const tap = ann.taps(150, 2, 'Red', start.messageId, [colours]);
    start.delivered(101, 400);
    tap.delivered(151, 600);
    ann.gets(300, welcome);
    ann.gets(500, colours);
    ann.isAnswered(550, tap);
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 1: lost-acknowledgement, overlap']);
  });

  it('tells a repeated call from a second handling when both happened', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, 5001, { outcome: 'unknown', error: 'Read timeout expired' });
    start.delivered(5002, 12_000);
    ann.gets(6000, welcome, { ended: { answered: false } });
    ann.gets(7000, welcome);
    ann.gets(11_000, welcome);
    expect(brief(play.end(20_000))).toEqual([
      'duplicate-reply-1 step 1: repeated-call, overlap',
      'duplicate-reply-2 step 1: redelivery-while-running, exclusive',
    ]);
  });

  it('counts each extra message once', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome, welcome]).delivered(1, 100);
    for (const at of [20, 40, 60, 80]) ann.gets(at, welcome);
    expect(brief(play.end(5000))).toEqual([
      'duplicate-reply-1 step 1: handler-sends-twice, exclusive',
      'duplicate-reply-2 step 1: handler-sends-twice, exclusive',
    ]);
  });

  it('does not take two different recorded lines for leave to send one of them twice', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/list', [text('Item 1'), text('Item 2')]).delivered(1, 100);
    ann.gets(20, text('Item 1'));
    ann.gets(40, text('Item 1'));
    ann.gets(60, text('Item 2'));
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 1: handler-sends-twice, exclusive']);
  });

  it('sees through invisible characters', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 100);
    ann.gets(40, welcome);
    ann.gets(60, text('Wel\u200bcome\u2060'));
    expect(brief(play.end(5000))).toHaveLength(1);
  });

  it('sees a second order that has a number of its own', () => {
    const play = new Play();
    const ann = play.user('ann');
    const order = ann.says(0, 1, '/order', [text('Order 7 is placed.')]);
    const lost = order.delivered(1, 100, { outcome: 'unknown' });
    play.hit(99, { fault: 'lost-ack', on: 'delivery', effect: 'lose-acknowledgement', delivery: lost.id });
    ann.gets(40, text('Order 41 is placed.'));
    order.delivered(101, 200);
    ann.gets(140, text('Order 42 is placed.'));
    const events = play.end(5000);
    expect(brief(events)).toEqual(['duplicate-reply-1 step 1: lost-acknowledgement, exclusive']);
    expect(found(events)[0]?.message).toBe(
      'Step 1: after the message "Order 41 is placed." came the message "Order 42 is placed." 100 ms later.',
    );
  });

  it('sees it between two taps that were meant as one', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [colours]).delivered(1, 60);
    const message = ann.gets(40, colours);
    const tap = ann.taps(1000, 2, 'Red', message, [text('Order 7 is placed.')]);
    tap.delivered(1001, 1100);
    const again = ann.taps(1030, 2, 'Red', message, undefined, { send: 2, reason: 'double-tap' });
    ann.gets(1050, text('Order 41 is placed.'));
    ann.isAnswered(1080, tap);
    again.delivered(1101, 1200);
    ann.gets(1150, text('Order 42 is placed.'));
    ann.isAnswered(1180, again);
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 2: double-tap, exclusive']);
  });

  it('sees a question whose buttons hold another id each time, also between two attempts at once', () => {
    const question = (id: number) => ({
      ...text('Pay now?'),
      keyboard: { type: 'inline', rows: [[{ text: 'Pay', data: `pay:${id}` }]] } as const,
    });
    const play = new Play({ delivery: 'adversarial' });
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/pay', [question(7)]);
    start.delivered(1, 100);
    start.delivered(20, 120, {}, { fault: 'duplicate' });
    ann.gets(60, question(41));
    ann.gets(80, question(42));
    expect(brief(play.end(5000))).toEqual(['duplicate-keyboard-1 step 1: delivered-twice, exclusive']);
  });

  it('sees what comes twice at once though nobody had asked for it', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    ann.gets(20, welcome);
    ann.gets(3000, text('Still there?'));
    ann.gets(3020, text('Still there?'));
    expect(brief(play.end(9000))).toEqual(['duplicate-reply-1 step 1: handler-sends-twice, exclusive']);
  });

  it('calls it a reply when the first keyboard was taken away', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [colours]).delivered(1, 100);
    const first = ann.gets(20, colours);
    ann.gets(40, colours);
    ann.seesEdit(60, first, text('Which colour?'));
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 1: handler-sends-twice, exclusive']);
  });

  it('sees that the first handling went on after its framework had answered with an error', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, 800, { outcome: 'refused', status: 500, retryInMs: 0 });
    start.delivered(801, 1300);
    ann.gets(1200, welcome);
    ann.gets(1250, welcome);
    expect(brief(play.end(5000))).toEqual([
      'webhook-error-1: handler-threw, exact',
      'duplicate-reply-1 step 1: redelivery-while-running, exclusive',
    ]);
  });

  it('sees a progress message that two attempts each sent and changed', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, 'make it', [text('Working'), text('Done')]);
    start.delivered(1, 100, { outcome: 'refused', status: 500 });
    const first = ann.gets(20, text('Working'));
    ann.seesEdit(40, first, text('Done'));
    start.delivered(101, 200);
    const second = ann.gets(120, text('Working'));
    ann.seesEdit(140, second, text('Done'));
    expect(brief(play.end(5000))).toEqual([
      'webhook-error-1: handler-threw, exact',
      'duplicate-reply-1 step 1: redelivery-after-error, exclusive',
    ]);
  });
});

describe('duplicates: innocent', () => {
  it.each<{ why: string; tell: (play: Play) => void }>([
    {
      why: 'two identical lines that the recording has as well',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, 'ping', [text('...'), text('...')]).delivered(1, 100);
        ann.gets(20, text('...'));
        ann.gets(40, text('...'));
      },
    },
    {
      why: 'a menu that the user asked for again',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/menu', [colours]).delivered(1, 100);
        ann.gets(20, colours);
        ann.says(800, 2, '/menu', [colours]).delivered(801, 900);
        ann.gets(820, colours);
      },
    },
    {
      why: 'a reply to each of two sends',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 5500);
        const again = ann.says(5000, 1, '/start', undefined, { send: 2 });
        ann.gets(5400, welcome);
        again.delivered(5501, 5600);
        ann.gets(5550, welcome);
      },
    },
    {
      why: 'a reply to each of two sends by a bot that acknowledges first and is slow',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 3);
        ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5003);
        ann.gets(5500, welcome);
        ann.gets(10_500, welcome);
      },
    },
    {
      why: 'a reply to each of two sends, the second after the user had gone on',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 3);
        ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5003);
        ann.gets(5500, welcome);
        ann.says(6000, 2, 'order', [colours]).delivered(6001, 6003);
        ann.gets(10_500, welcome);
        ann.gets(11_500, colours);
      },
    },
    {
      why: 'signs of life with a number in them, from one of two taps that may both be at work',
      tell(play) {
        const ann = play.user('ann');
        const since = (seconds: number) => text(`Still at it, since ${seconds} s.`);
        ann.says(0, 1, '/start', [colours]).delivered(1, 3);
        const message = ann.gets(40, colours);
        const tap = ann.taps(1000, 2, 'Red', message, [since(10), text('Done')]);
        tap.delivered(1001, 1003);
        const again = ann.taps(1030, 2, 'Red', message, undefined, { send: 2, reason: 'double-tap' });
        again.delivered(1031, 1033);
        ann.isAnswered(1020, tap);
        ann.isAnswered(1050, again);
        ann.gets(2000, since(1));
        ann.gets(3000, since(2));
        ann.gets(4000, text('Done'));
      },
    },
    {
      why: 'a list of which each attempt had sent a part',
      tell(play) {
        const pid = play.botStarts(0);
        const ann = play.user('ann');
        const list = ann.says(10, 1, '/list', [text('Item 1'), text('Item 2')]);
        list.delivered(11, 60, { outcome: 'unknown', error: 'Connection reset by peer' });
        ann.gets(30, text('Item 1'));
        play.botExits(60, pid);
        play.botStarts(200);
        list.delivered(1000, 1100);
        ann.gets(1040, text('Item 2'));
      },
    },
    {
      why: 'two reminders by themselves, long after the bot was done with the input before them',
      tell(play) {
        const ann = play.user('ann');
        for (let step = 1; step <= 8; step += 1) {
          const at = 1000 * step;
          ann.says(at, step, '/start', [welcome]).delivered(at + 1, at + 60);
          ann.gets(at + 20, welcome);
        }
        ann.says(9000, 9, 'thanks', []).delivered(9001, 9060);
        ann.gets(15_000, text('Still there?'));
        ann.gets(19_000, text('Still there?'));
      },
    },
    {
      why: 'a message that was deleted and sent again',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [colours]).delivered(1, 100);
        const first = ann.gets(20, colours);
        ann.seesDeletion(40, first);
        ann.gets(60, colours);
      },
    },
    {
      why: 'a message whose duplicate the bot deleted at once',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [colours]).delivered(1, 100);
        ann.gets(20, colours);
        ann.seesDeletion(60, ann.gets(40, colours));
      },
    },
    {
      why: 'progress edits',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, 'make it', [text('Working'), text('Done')]).delivered(1, 900);
        const message = ann.gets(20, text('Working'));
        for (const at of [100, 200, 300, 400]) ann.seesEdit(at, message, text('Working'));
        ann.seesEdit(500, message, text('Done'));
      },
    },
    {
      why: 'a progress message that its own handling sends anew after it became another one',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, 'make it', [text('Working'), text('Half'), text('Done')]).delivered(1, 900);
        const first = ann.gets(20, text('Working'));
        ann.seesEdit(40, first, text('Half'));
        const second = ann.gets(60, text('Working'));
        ann.seesEdit(80, second, text('Done'));
      },
    },
    {
      why: 'an album of equal pictures',
      tell(play) {
        const ann = play.user('ann');
        const picture = { kind: 'photo', media: 'aa' } as const;
        ann.says(0, 1, 'pictures', [picture, picture]).delivered(1, 100);
        ann.gets(20, picture, { method: 'sendMediaGroup', contents: [picture, picture] });
      },
    },
    {
      why: 'reminders, long after the answer',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 100);
        ann.gets(20, welcome);
        for (const at of [8000, 16_000, 24_000]) ann.gets(at, text('Still there?'));
      },
    },
    {
      why: 'a broadcast to everybody',
      tell(play) {
        for (const [index, name] of ['ann', 'bob', 'cyd'].entries()) {
          const person = play.user(name);
          person.says(index * 10, 1, '/start', [welcome]).delivered(index * 10 + 1, index * 10 + 60);
          person.gets(index * 10 + 20, welcome);
          person.gets(9000 + index, text('News for all'));
        }
      },
    },
    {
      why: 'two equal toasts',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [colours]).delivered(1, 100);
        const message = ann.gets(20, colours);
        const tap = ann.taps(500, 2, 'Red', message, [text('Red it is')]);
        tap.delivered(501, 600);
        const saved = { contents: [{ kind: 'toast', text: 'Saved' }] } as const;
        ann.isAnswered(520, tap, saved);
        ann.isAnswered(540, tap, saved);
        ann.gets(560, text('Red it is'));
      },
    },
    {
      why: 'a call that took no effect and was sent again',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 2000);
        ann.gets(20, welcome, { ended: { ok: false, applied: false, errorCode: 429 } });
        ann.gets(1100, welcome);
      },
    },
    {
      why: 'a second delivery that the bot recognised',
      tell(play) {
        const ann = play.user('ann');
        const start = ann.says(0, 1, '/start', [welcome]);
        start.delivered(1, 5001, { outcome: 'unknown', error: 'Read timeout expired' });
        start.delivered(5002, 5010);
        ann.gets(6000, welcome);
      },
    },
    {
      why: 'two attempts, the first of which never reached the bot',
      tell(play) {
        const ann = play.user('ann');
        const start = ann.says(0, 1, '/start', [welcome]);
        start.delivered(1, 2, { outcome: 'undelivered', error: 'Connection refused' });
        start.delivered(3, 100);
        ann.gets(50, welcome);
      },
    },
    {
      why: 'a double tap that was answered once',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [colours]).delivered(1, 100);
        const message = ann.gets(20, colours);
        const tap = ann.taps(500, 2, 'Red', message, [text('Red it is')]);
        tap.delivered(501, 600);
        const again = ann.taps(530, 2, 'Red', message, undefined, { reason: 'double-tap' });
        ann.gets(560, text('Red it is'));
        ann.isAnswered(570, tap);
        again.delivered(601, 650);
        ann.isAnswered(620, again);
      },
    },
    {
      why: 'the same line to two users',
      tell(play) {
        for (const name of ['ann', 'bob']) {
          const person = play.user(name);
          person.says(0, 1, '/start', [welcome]).delivered(1, 60);
          person.gets(20, welcome);
        }
      },
    },
  ])('$why', ({ tell }) => {
    const play = new Play();
    tell(play);
    expect(brief(play.end(30_000))).toEqual([]);
  });
});
