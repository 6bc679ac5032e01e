import { describe, expect, it } from 'vitest';
import { brief, found, proof } from './brief.js';
import { menu, type Person, Play, text, toast } from './history-builder.js';

/** An order dialogue: the bot asks for name, street and city, and confirms. */
const ask = {
  name: text('Hello! What is your name?'),
  street: text('Thank you. Which street?'),
  city: text('Noted. And the city?'),
  done: text('Your order is complete.'),
};

/** Says something; the bot takes it at once and is done in 60 ms with the reply `gives`. */
function step(
  person: Person,
  at: number,
  number: number,
  line: string,
  expects: typeof ask.name,
  gives = expects,
) {
  const sent = person.says(at, number, line, [expects]);
  sent.delivered(at + 1, at + 61);
  person.gets(at + 40, gives);
  return sent;
}

describe('lost state: guilty', () => {
  it('sees a restart between two steps', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    step(ann, 100, 1, '/order', ask.name);
    play.botExits(500, pid);
    play.botStarts(700);
    step(ann, 1000, 2, 'Ann', ask.street, ask.name);
    const events = play.end(6000);
    expect(brief(events)).toEqual(['lost-state-1 step 2: restart, exclusive']);
    expect(found(events)[0]?.message).toBe(
      'Step 2 was answered with the reply to step 1: "Hello! What is your name?".',
    );
    expect(proof(events, found(events)[0])).toEqual([
      'call.started',
      'call.ended',
      'bot.exited',
      'bot.started',
      'action',
      'call.started',
      'call.ended',
    ]);
  });

  it('gives what comes too much to the second handling, though the first one is acknowledged after it', () => {
    const play = new Play();
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/order', [ask.name]);
    start.delivered(1, 272);
    ann.gets(15, ask.name);
    start.delivered(201, 290, {}, { fault: 'duplicate' });
    ann.gets(230, ask.street);
    ann.says(508, 2, 'Ann', [ask.street]).delivered(509, 530);
    ann.gets(515, text('A street needs a number.'));
    expect(brief(play.end(8000))).toEqual([
      'lost-state-1 step 1: delivered-twice, exclusive',
      'lost-state-2 step 2: delivered-twice, exclusive',
    ]);
  });

  it('knows what a later step expects from other users of the session', () => {
    const play = new Play();
    const bob = play.user('bob');
    step(bob, 0, 1, '/order', ask.name);
    step(bob, 1000, 2, 'Bob', ask.street);
    step(bob, 2000, 3, 'Main Street', ask.city);
    const ann = play.user('ann');
    step(ann, 10, 1, '/order', ask.name);
    step(ann, 1010, 2, 'Ann', ask.street, ask.city);
    const events = play.end(6000);
    expect(brief(events)).toEqual(['lost-state-1 step 2: unknown, exclusive']);
  });

  it('blames the redelivery that consumed the next step, not the step where it shows', () => {
    const play = new Play();
    const ann = play.user('ann');
    step(ann, 0, 1, '/order', ask.name);
    const name = ann.says(1000, 2, 'Ann', [ask.street]);
    name.delivered(1001, 6001, { outcome: 'unknown', error: 'Read timeout expired' });
    name.delivered(6002, 6100);
    ann.gets(6050, ask.street); // the first handling, late
    ann.gets(6090, ask.city); // the second one takes "Ann" for the street
    step(ann, 7000, 3, 'Main Street', ask.city, ask.done);
    ann.ends(12_000, 3, 'unexpected');
    // Step 4 is what makes the confirmation an answer of another step.
    step(ann, 13_000, 4, 'Berlin', ask.done, ask.name);
    const events = play.end(20_000);
    const causes = found(events).map(({ kind, step: number, cause }) => `${kind} ${number} ${cause}`);
    expect(causes).toEqual([
      'lost-state 2 redelivery-while-running',
      'lost-state 3 redelivery-while-running',
      'lost-state 4 redelivery-while-running',
    ]);
    expect(proof(events, found(events)[1]).filter((type) => type === 'delivery.started')).toHaveLength(2);
  });

  it('sees a double tap that consumed the next step', () => {
    const play = new Play();
    const ann = play.user('ann');
    const colour = menu('Which colour?', 'Red', 'Blue');
    ann.says(0, 1, '/order', [colour]).delivered(1, 61);
    const message = ann.gets(40, colour);
    const tap = ann.taps(1000, 2, 'Red', message, [ask.street]);
    const again = ann.taps(1020, 2, 'Red', message, undefined, { reason: 'double-tap' });
    tap.delivered(1001, 1061);
    ann.gets(1040, ask.street);
    ann.isAnswered(1050, tap);
    again.delivered(1062, 1150);
    ann.gets(1100, ask.city);
    ann.isAnswered(1120, again);
    step(ann, 2000, 3, 'Main Street', ask.city);
    expect(brief(play.end(8000))).toEqual(['lost-state-1 step 2: double-tap, exclusive']);
  });

  it('sees an impatient second send that was taken for the next answer', () => {
    const play = new Play();
    const ann = play.user('ann');
    step(ann, 0, 1, '/order', ask.name);
    ann.says(1000, 2, 'Ann', [ask.street]).delivered(1001, 6500);
    const again = ann.says(6000, 2, 'Ann', undefined, { send: 2 });
    ann.gets(6400, ask.street);
    again.delivered(6501, 6600);
    ann.gets(6550, ask.city);
    step(ann, 8000, 3, 'Main Street', ask.city);
    expect(brief(play.end(15_000))).toEqual(['lost-state-1 step 2: impatient-resend, exclusive']);
  });

  it('blames the slow database when that made the user send again', () => {
    const play = new Play();
    const ann = play.user('ann');
    step(ann, 0, 1, '/order', ask.name);
    ann.says(1000, 2, 'Ann', [ask.street]).delivered(1001, 6500);
    play.command(1010, 5300, { addedMs: 5250 });
    const again = ann.says(6000, 2, 'Ann', undefined, { send: 2 });
    ann.gets(6400, ask.street);
    again.delivered(6501, 6600);
    ann.gets(6550, ask.city);
    step(ann, 8000, 3, 'Main Street', ask.city);
    expect(brief(play.end(15_000))).toEqual(['lost-state-1 step 2: slow-database, exclusive']);
  });

  it('sees that a slow tap undid what a silent command beside it had stored', () => {
    const play = new Play();
    const ann = play.user('ann');
    const colour = menu('Which colour?', 'Red', 'Blue');
    ann.says(0, 1, '/order', [colour]).delivered(1, 61);
    const message = ann.gets(40, colour);
    const tap = ann.taps(1000, 2, 'Red', message, [text('Which street?')]);
    ann.says(1060, 3, '/note no onions').delivered(1061, 1090);
    tap.delivered(1001, 1800);
    ann.isAnswered(1700, tap);
    ann.gets(1750, text('Which street?'));
    step(ann, 3000, 4, '/mynote', text('For the kitchen: no onions'), text('You have left no note.'));
    expect(brief(play.end(8000))).toEqual(['lost-state-1 step 4: concurrent-updates, overlap']);
  });

  it('sees a text and a tap that were handled at once', () => {
    const play = new Play();
    const ann = play.user('ann');
    const colour = menu('Which colour?', 'Red', 'Blue');
    ann.says(0, 1, '/order', [colour]).delivered(1, 61);
    const message = ann.gets(40, colour);
    const tap = ann.taps(1000, 2, 'Red', message, [text('Red it is.')]);
    const line = ann.says(1010, 3, 'gift wrap', [text('It will be wrapped.')]);
    tap.delivered(1001, 1200);
    line.delivered(1011, 1210);
    ann.gets(1100, text('Red it is.'));
    ann.isAnswered(1110, tap);
    ann.gets(1120, text('It will be wrapped.'));
    step(ann, 2000, 4, 'done', ask.done, colour);
    expect(brief(play.end(8000))).toEqual(['lost-state-1 step 4: concurrent-updates, overlap']);
  });

  it('sees that an input was at work beside the next one only because it had come again', () => {
    const play = new Play();
    const ann = play.user('ann');
    const two = ann.says(0, 1, 'Two', [ask.name]);
    two.delivered(1, 1200, { outcome: 'unknown', error: 'Read timeout expired' });
    ann.gets(1250, ask.name);
    ann.says(1600, 2, 'Ann', [ask.street]).delivered(1601, 2400);
    two.delivered(1201, 2600);
    ann.gets(2380, ask.street);
    step(ann, 2700, 3, 'Main Street', ask.city, text('That is no name.'));
    expect(brief(play.end(9000))).toEqual(['lost-state-1 step 3: redelivery-while-running, overlap']);
  });

  it('sees several instances that do not share what they know', () => {
    const play = new Play();
    play.botStarts(0, 1);
    play.botStarts(0, 2);
    const ann = play.user('ann');
    step(ann, 100, 1, '/order', ask.name);
    step(ann, 1000, 2, 'Ann', ask.street, ask.name);
    expect(brief(play.end(6000))).toEqual(['lost-state-1 step 2: state-not-shared, overlap']);
  });

  it('sees two pollers by their conflict', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/order', [ask.name]).delivered(1, 61, {}, { via: 'polling' });
    ann.gets(40, ask.name);
    play.call(500, 'getUpdates', { ok: false, applied: false, errorCode: 409 });
    ann.says(1000, 2, 'Ann', [ask.street]).delivered(1001, 1061, {}, { via: 'polling' });
    ann.gets(1040, ask.name);
    expect(brief(play.end(6000))).toEqual([
      'polling-conflict-1: two-consumers, exact',
      'lost-state-1 step 2: two-consumers, overlap',
    ]);
  });

  it('sees a failed call that ended the dialogue', () => {
    const play = new Play();
    const ann = play.user('ann');
    step(ann, 0, 1, '/order', ask.name);
    const name = ann.says(1000, 2, 'Ann', [ask.street]);
    name.delivered(1001, 1061);
    ann.gets(1040, ask.street, { ended: { ok: false, applied: false, errorCode: 429 } });
    ann.says(6000, 2, 'Ann', undefined, { send: 2 }).delivered(6001, 6061);
    ann.gets(6040, ask.name);
    ann.ends(11_000, 2, 'unexpected', 2);
    expect(brief(play.end(13_000))).toEqual(['lost-state-1 step 2: api-error-unhandled, exclusive']);
  });

  it('sees a write that failed', () => {
    const play = new Play();
    const ann = play.user('ann');
    step(ann, 0, 1, '/order', ask.name);
    play.command(55, 5, { outcome: 'error', code: 91 }, 'update');
    step(ann, 1000, 2, 'Ann', ask.street, ask.name);
    expect(brief(play.end(6000))).toEqual(['lost-state-1 step 2: state-write-lost, overlap']);
  });

  it('sees a write that was still under way', () => {
    const play = new Play();
    const ann = play.user('ann');
    step(ann, 0, 1, '/order', ask.name);
    play.command(55, 1900, { addedMs: 1850 }, 'update');
    step(ann, 1000, 2, 'Ann', ask.street, ask.name);
    expect(brief(play.end(6000))).toEqual(['lost-state-1 step 2: slow-database, overlap']);
  });

  it('sees an answer that the recording does not have', () => {
    const play = new Play();
    const ann = play.user('ann');
    step(ann, 0, 1, '/order', ask.name);
    step(ann, 1000, 2, 'Ann', ask.street, text('Something went wrong, please begin again'));
    ann.ends(6000, 2, 'unexpected');
    expect(brief(play.end(8000))).toEqual(['lost-state-1 step 2: unknown, exclusive']);
  });

  it('sees a tap that brought nothing but the text of its answer, and not the one that is wanted', () => {
    const play = new Play();
    const ann = play.user('ann');
    const colour = menu('Which colour?', 'Red', 'Blue');
    ann.says(0, 1, '/order', [colour]).delivered(1, 61);
    const tap = ann.taps(1000, 2, 'Red', ann.gets(40, colour), [ask.street]);
    tap.delivered(1001, 1061);
    ann.isAnswered(1040, tap, { contents: [toast('Something went wrong')] });
    ann.ends(6000, 2, 'unexpected');
    const events = play.end(8000);
    expect(brief(events)).toEqual(['lost-state-1 step 2: unknown, marker']);
    expect(found(events)[0]?.message).toContain('toast "Something went wrong"');
  });

  it('sees a wrong question beside the right text of the answered tap', () => {
    const play = new Play();
    const ann = play.user('ann');
    const colour = menu('Which colour?', 'Red', 'Blue');
    ann.says(0, 1, '/order', [colour]).delivered(1, 61);
    const tap = ann.taps(1000, 2, 'Red', ann.gets(40, colour), [toast('Red it is'), ask.street]);
    tap.delivered(1001, 1061);
    ann.isAnswered(1020, tap, { contents: [toast('Red it is')] });
    ann.gets(1040, ask.city);
    step(ann, 2000, 3, 'Main Street', ask.city);
    expect(brief(play.end(8000))).toEqual(['lost-state-1 step 2: unknown, exclusive']);
  });

  it('sees it also in a bot that acknowledges first', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/order', [ask.name]).delivered(1, 3);
    ann.gets(40, ask.name);
    ann.says(600, 2, 'Ann', [ask.street]).delivered(601, 603);
    ann.gets(640, ask.name);
    expect(brief(play.end(6000))).toEqual(['lost-state-1 step 2: unknown, overlap']);
  });
});

describe('lost state: innocent', () => {
  it.each<{ why: string; tell: (play: Play) => void }>([
    {
      why: 'a late but right answer, after the user had gone on',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/order', [ask.name]).delivered(1, 3);
        ann.says(1000, 2, 'Ann', [ask.street]).delivered(1001, 1003);
        ann.gets(1500, ask.name);
        ann.gets(1900, ask.street);
      },
    },
    {
      why: 'a line that the recording has one step later',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/order', [ask.name]).delivered(1, 61);
        ann.gets(20, ask.name);
        ann.gets(40, text('By the way, we deliver on Sundays.'));
        const second = [text('By the way, we deliver on Sundays.'), ask.street];
        ann.says(1000, 2, 'Ann', second).delivered(1001, 1061);
        ann.gets(1040, ask.street);
      },
    },
    {
      why: 'the same answer to two steps, as recorded',
      tell(play) {
        const ann = play.user('ann');
        step(ann, 0, 1, '/help', text('I take orders.'));
        step(ann, 1000, 2, '/help', text('I take orders.'));
      },
    },
    {
      why: 'an answer whose numbers differ from the recording',
      tell(play) {
        const ann = play.user('ann');
        step(ann, 0, 1, '/order', text('Order 17 of 12:30'), text('Order 4321 of 08:05'));
      },
    },
    {
      why: 'something beside the right answer',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/order', [ask.name]).delivered(1, 61);
        ann.gets(20, text('Merry Christmas'));
        ann.gets(40, ask.name);
      },
    },
    {
      why: 'an unexpected answer to an input that expects none',
      tell(play) {
        const ann = play.user('ann');
        step(ann, 0, 1, '/order', ask.name);
        ann.says(1000, 2, 'thanks', []).delivered(1001, 1061);
        ann.gets(1040, ask.name);
      },
    },
    {
      why: 'a restart that lost nothing',
      tell(play) {
        const pid = play.botStarts(0);
        const ann = play.user('ann');
        step(ann, 10, 1, '/order', ask.name);
        play.botExits(500, pid);
        play.botStarts(700);
        step(ann, 1000, 2, 'Ann', ask.street);
      },
    },
    {
      why: 'an input that was stored before a restart and is answered after it, while an older tap comes again',
      tell(play) {
        const pid = play.botStarts(0);
        const ann = play.user('ann');
        const size = menu('Which size?', 'Small', 'Large');
        ann.says(10, 1, '/order', [size]).delivered(11, 31);
        const on = ann.gets(40, size);
        const tap = ann.taps(200, 2, 'Small', on, [ask.name]);
        tap.delivered(201, 221);
        ann.isAnswered(240, tap);
        const again = ann.taps(260, 2, 'Small', on, [ask.name], { send: 2, reason: 'double-tap' });
        again.delivered(261, 461, { outcome: 'unknown', error: 'Read timeout expired' });
        ann.gets(300, ask.name);
        ann.isAnswered(320, again);
        ann.says(500, 3, 'Ann', [ask.street]).delivered(501, 521);
        play.botExits(530, pid);
        play.botStarts(700);
        again.delivered(2465, 2700);
        ann.gets(2681, ask.street);
      },
    },
    {
      why: 'a way back that was stored before a restart, and leads to a question that had been tapped twice',
      tell(play) {
        const pid = play.botStarts(0);
        const ann = play.user('ann');
        const what = menu('What would you like?', 'Mug', 'Poster');
        const size = menu('Which size?', 'Small', 'Back');
        ann.says(10, 1, '/order', [what]).delivered(11, 31);
        const menuId = ann.gets(40, what);
        const mug = ann.taps(200, 2, 'Mug', menuId, [size]);
        mug.delivered(201, 221);
        ann.isAnswered(240, mug);
        const sizes = ann.gets(300, size);
        const back = ann.taps(400, 3, 'Back', sizes, [what]);
        back.delivered(401, 421);
        const again = ann.taps(460, 3, 'Back', sizes, [what], { send: 2, reason: 'double-tap' });
        again.delivered(461, 481);
        ann.isAnswered(470, back);
        const menuAgain = ann.gets(500, what);
        ann.isAnswered(520, again);
        const poster = ann.taps(600, 4, 'Poster', menuAgain, [size]);
        poster.delivered(601, 621);
        ann.isAnswered(640, poster);
        const sizesAgain = ann.gets(700, size);
        const backAgain = ann.taps(800, 5, 'Back', sizesAgain, [what]);
        backAgain.delivered(801, 821);
        play.botExits(830, pid);
        play.botStarts(1000);
        ann.isAnswered(1500, backAgain);
        ann.gets(1520, what);
      },
    },
    {
      why: 'buttons of an old message that the second of two taps takes away, and no more',
      tell(play) {
        const ann = play.user('ann');
        const colour = menu('Which colour?', 'Red', 'Blue');
        ann.says(0, 1, '/order', [colour]).delivered(1, 61);
        const on = ann.gets(40, colour);
        const tap = ann.taps(1000, 2, 'Red', on, [ask.street]);
        const again = ann.taps(1050, 2, 'Red', on, undefined, { send: 2, reason: 'double-tap' });
        tap.delivered(1001, 1061);
        ann.gets(1020, ask.street);
        ann.isAnswered(1040, tap);
        again.delivered(1062, 1140);
        ann.seesEdit(1080, on, text('Which colour?'), { method: 'editMessageReplyMarkup' });
        ann.isAnswered(1100, again, { contents: [toast('You have chosen already')] });
      },
    },
    {
      why: 'a handling that was killed when it had taken the buttons away, and the right answer of the next one',
      tell(play) {
        const pid = play.botStarts(0);
        const ann = play.user('ann');
        const colour = menu('Which colour?', 'Red', 'Blue');
        ann.says(10, 1, '/order', [colour]).delivered(11, 61);
        const on = ann.gets(40, colour);
        const tap = ann.taps(1000, 2, 'Red', on, [ask.street]);
        tap.delivered(1001, 1060, { outcome: 'unknown', error: 'Connection reset by peer' });
        ann.isAnswered(1010, tap);
        ann.seesEdit(1030, on, text('Which colour?'), { method: 'editMessageReplyMarkup' });
        play.botExits(1060, pid);
        play.botStarts(1200);
        tap.delivered(2001, 2100);
        ann.gets(2060, ask.street);
      },
    },
    {
      why: 'a message that shows new numbers now, beside the text of the tap that is all the recording has',
      tell(play) {
        const ann = play.user('ann');
        const board = (time: string) => menu(`It is ${time}`, 'Refresh');
        ann.says(0, 1, '/time', [board('9:30')]).delivered(1, 61);
        const on = ann.gets(40, board('14:01'));
        const tap = ann.taps(1000, 2, 'Refresh', on, [toast('Up to date')]);
        tap.delivered(1001, 1061);
        ann.seesEdit(1020, on, board('14:02'));
        ann.isAnswered(1040, tap, { contents: [toast('Up to date')] });
      },
    },
    {
      why: 'an answer of unknown content',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/pay', [{ kind: 'invoice', media: 'aa' }]).delivered(1, 61);
        ann.gets(40, text(''), { method: 'sendInvoice', ended: { contents: [], fidelity: 'shape' } });
      },
    },
  ])('$why', ({ tell }) => {
    const play = new Play();
    tell(play);
    expect(brief(play.end(20_000))).toEqual([]);
  });

  it('waits for the right answer of a handling that is still under way when the run ends', () => {
    const play = new Play();
    const ann = play.user('ann');
    step(ann, 0, 1, '/order', ask.name);
    ann.says(1000, 2, 'Ann', [ask.street]).delivered(1001);
    ann.gets(1040, ask.name);
    expect(brief(play.end(1100, 'interrupted'))).toEqual([]);
  });

  it('does not judge what the end of the run cut', () => {
    const play = new Play();
    const ann = play.user('ann');
    step(ann, 0, 1, '/order', ask.name);
    ann.says(1000, 2, 'Ann', [ask.street]).delivered(1001);
    ann.gets(1040, text('One moment'));
    expect(brief(play.end(1100, 'interrupted'))).toEqual([]);
  });
});
