import { describe, expect, it } from 'vitest';
import { messageId } from '../../src/base/ids.js';
import { brief, found } from './brief.js';
import { menu, type Person, Play, type Sent, text } from './history-builder.js';

const name = text('Hello! What is your name?');
const street = text('Thank you. Which street?');
const size = menu('Which size?', 'Small', 'Large');
const city = text('Which city is that in?');
const phone = text('A phone number, please.');
const count = menu('How many?', '1', '2');

describe('out-of-order reply: guilty', () => {
  it('a bot that handles two inputs of one user at the same time', () => {
    const play = new Play({ pace: 'timeline' });
    const ann = play.user('ann');
    ann.says(0, 1, '/order', [name]).delivered(1, 3);
    ann.says(1000, 2, 'Ann', [street]).delivered(1001, 1003);
    ann.gets(1500, street);
    ann.gets(1900, name);
    const events = play.end(20_000);
    expect(brief(events)).toEqual(['out-of-order-reply-1 step 1: concurrent-updates, overlap']);
    expect(found(events)[0]?.message).toBe(
      'Step 1: the message "Hello! What is your name?" came 400 ms after the answer to step 2.',
    );
  });

  it('tells of the slow command that held the first answer up', () => {
    const play = new Play({ pace: 'timeline' });
    const ann = play.user('ann');
    ann.says(0, 1, '/order', [name]).delivered(1, 3);
    play.command(5, 1800, { addedMs: 1790 });
    ann.says(1000, 2, 'Ann', [street]).delivered(1001, 1003);
    ann.gets(1500, street);
    ann.gets(1900, name);
    const events = play.end(20_000);
    const [finding] = found(events);
    const types = finding?.evidence.map((seq) => events.find((event) => event.seq === seq)?.type);
    expect(types).toContain('command.ended');
  });

  it('a call that took effect only after the one to the next input', () => {
    const play = new Play({ pace: 'timeline' });
    const ann = play.user('ann');
    ann.says(0, 1, '/order', [name]).delivered(1, 3);
    ann.says(400, 2, 'Ann', [street]).delivered(401, 403);
    ann.gets(10, name, { ms: 1200 });
    ann.gets(430, street);
    expect(brief(play.end(20_000))).toEqual(['out-of-order-reply-1 step 1: concurrent-updates, exclusive']);
  });

  it('an update that was refused at first and came again behind a tap', () => {
    const play = new Play({ pace: 'timeline' });
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [size]).delivered(1, 30);
    const asked = ann.gets(20, size);
    const note = ann.says(500, 2, 'a note', [street]);
    note.delivered(501, 520, { outcome: 'refused', status: 500 });
    const tap = ann.taps(600, 3, 'Small', asked, [count]);
    tap.delivered(601, 630);
    ann.isAnswered(610, tap);
    ann.gets(620, count);
    note.delivered(2520, 2560);
    ann.gets(2550, street);
    expect(brief(play.end(20_000))).toContain(
      'out-of-order-reply-1 step 2: redelivery-after-error, exclusive',
    );
  });
});

/**
 * An order whose name comes twice, the second time as the street. Its user sees the question for the city, and goes on.
 */
function shiftedOrder(play: Play, ann: Person, from: number, first: number): Sent {
  const given = ann.says(from, first, 'Bebo', [street]);
  given.delivered(from + 1, from + 1200, { outcome: 'unknown', error: 'Read timeout expired' });
  ann.gets(from + 1500, street);
  ann.ends(from + 1510, first, 'answered');
  given.delivered(from + 1201, from + 2000);
  const mill = ann.says(from + 1700, first + 1, '22 Mill Street', [city]);
  ann.gets(from + 1980, city);
  ann.ends(from + 1990, first + 1, 'answered');
  const town = ann.says(from + 2500, first + 2, 'Oldtown', [phone]);
  mill.delivered(from + 2001, from + 3200);
  ann.gets(from + 3180, text('Nobody knows such a place.'));
  town.delivered(from + 3201, from + 4300);
  ann.gets(from + 4280, phone);
  ann.ends(from + 4290, first + 2, 'answered');
  // Something is slow all the time, so that nobody can say that what came long ago is over.
  play.command(from + 300, 19_000, { addedMs: 18_000 });
  return mill;
}

describe('out-of-order reply: not what a second handling says', () => {
  it('when it asks the next question in the second round, and the first round was answered so', () => {
    const play = new Play();
    const ann = play.user('ann');
    shiftedOrder(play, ann, 0, 1);
    shiftedOrder(play, ann, 20_000, 4);
    const events = play.end(45_000);
    expect(brief(events)).toEqual([
      'lost-state-1 step 1: redelivery-while-running, exclusive',
      'lost-state-2 step 4: redelivery-while-running, exclusive',
    ]);
    expect(found(events)[1]?.message).toBe(
      'Step 4 was answered with the reply to step 5: "Which city is that in?".',
    );
  });

  it('when it asks again what its user has been asked and has answered', () => {
    const play = new Play();
    const ann = play.user('ann');
    const mill = shiftedOrder(play, ann, 0, 1);
    mill.delivered(4400, 5600);
    ann.gets(5580, city);
    const lines = brief(play.end(20_000));
    expect(lines).toContain('lost-state-1 step 1: redelivery-while-running, exclusive');
    expect(lines.filter((line) => line.startsWith('out-of-order'))).toEqual([]);
  });
});

describe('out-of-order reply: innocent', () => {
  it.each<{ why: string; tell: (play: Play) => void }>([
    {
      why: 'answers in the order of the inputs, though late',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/order', [name]).delivered(1, 3);
        ann.says(1000, 2, 'Ann', [street]).delivered(1001, 1003);
        ann.gets(1500, name);
        ann.gets(1900, street);
      },
    },
    {
      why: 'the two messages of one answer, in another order than recorded',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/order', [name, street]).delivered(1, 60);
        ann.gets(20, street);
        ann.gets(40, name);
      },
    },
    {
      why: 'an answer that quotes what it answers',
      tell(play) {
        const ann = play.user('ann');
        const order = ann.says(0, 1, '/order', [name]);
        order.delivered(1, 3);
        ann.says(1000, 2, 'Ann', [street]).delivered(1001, 1003);
        ann.gets(1500, street);
        ann.gets(1900, name, { replyTo: order.messageId });
      },
    },
    {
      why: 'a message that was changed late: it stands where it stood',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/report', [text('Your report is ready.')]).delivered(1, 3);
        const wait = ann.gets(20, text('A moment, please …'));
        ann.says(1000, 2, 'Ann', [street]).delivered(1001, 1003);
        ann.gets(1100, street);
        ann.seesEdit(1900, wait, text('Your report is ready.'));
      },
    },
    {
      why: 'two answers that look alike',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/jump', [text('A fine jump, number 1!')]).delivered(1, 3);
        ann.says(100, 2, '/jump', [text('A fine jump, number 2!')]).delivered(101, 103);
        ann.gets(300, text('A fine jump, number 2!'));
        ann.gets(310, text('A fine jump, number 1!'));
      },
    },
    {
      why: 'the toast of a tap',
      tell(play) {
        const ann = play.user('ann');
        const tap = ann.taps(0, 1, 'Like', messageId(7), [{ kind: 'toast', text: 'Liked' }]);
        tap.delivered(1, 3);
        ann.says(100, 2, 'Ann', [street]).delivered(101, 103);
        ann.gets(300, street);
        ann.isAnswered(400, tap, { contents: [{ kind: 'toast', text: 'Liked' }] });
      },
    },
  ])('$why', ({ tell }) => {
    const play = new Play({ pace: 'timeline' });
    tell(play);
    expect(brief(play.end(20_000)).filter((line) => line.startsWith('out-of-order'))).toEqual([]);
  });
});
