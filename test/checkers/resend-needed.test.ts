import { describe, expect, it } from 'vitest';
import { brief, found, proof } from './brief.js';
import { type Person, Play, text } from './history-builder.js';

const welcome = text('Welcome');
const street = text('Which street?');

function quick(person: Person, at: number, step: number, line: string, expects: typeof welcome): void {
  person.says(at, step, line, [expects]).delivered(at + 1, at + 61);
  person.gets(at + 40, expects);
}

describe('resend needed: guilty', () => {
  it('sees a first send that was lost and a second that worked', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5060);
    ann.gets(5040, welcome);
    ann.ends(5050, 1, 'answered', 2);
    const events = play.end(10_000);
    expect(brief(events)).toEqual(['resend-needed-1 step 1: acknowledged-then-silent, exclusive']);
    expect(proof(events, found(events)[0])).toEqual([
      'action',
      'delivery.started',
      'delivery.ended',
      'action',
      'call.started',
      'call.ended',
    ]);
  });

  it('sees it in a bot that acknowledges first, by its usual delay', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 3);
    ann.gets(240, welcome);
    ann.says(1000, 2, 'Ann', [street]).delivered(1001, 1003);
    ann.says(6000, 2, 'Ann', undefined, { send: 2 }).delivered(6001, 6003);
    ann.gets(6250, street);
    expect(brief(play.end(15_000))).toEqual(['resend-needed-1 step 2: acknowledged-then-silent, overlap']);
  });

  it('sees the restart behind it, with the wrong answer as a finding of its own', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    quick(ann, 100, 1, '/start', welcome);
    play.botExits(500, pid);
    play.botStarts(700);
    ann.says(1000, 2, 'Ann', [street]).delivered(1001, 1061);
    ann.gets(1040, welcome);
    ann.says(6000, 2, 'Ann', undefined, { send: 2 }).delivered(6001, 6061);
    ann.gets(6040, street);
    expect(brief(play.end(15_000))).toEqual([
      'lost-state-1 step 2: restart, exclusive',
      'resend-needed-1 step 2: restart, exclusive',
    ]);
  });

  it('sees a failed call behind it', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    ann.gets(30, welcome, { ended: { ok: false, applied: false, errorCode: 500 } });
    ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5060);
    ann.gets(5040, welcome);
    expect(brief(play.end(10_000))).toEqual(['resend-needed-1 step 1: api-error-unhandled, exclusive']);
  });

  it('sees that the first send brought a part of the answer, and the second all of it', () => {
    const play = new Play();
    const ann = play.user('ann');
    const street = text('Which street?');
    ann.says(0, 1, '/start', [welcome, street]).delivered(1, 60);
    ann.gets(20, welcome);
    ann.gets(40, street, { ended: { ok: false, applied: false, errorCode: 502 } });
    ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5060);
    ann.gets(5020, welcome);
    ann.gets(5040, street);
    expect(brief(play.end(9000))).toEqual(['resend-needed-1 step 1: api-error-unhandled, exclusive']);
  });

  it('sees that the process ended while it had to wait before it could call again', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, '/start', [welcome]).delivered(11, 13);
    const description = 'Too Many Requests: retry after 3';
    ann.gets(20, welcome, { ended: { ok: false, applied: false, errorCode: 429, description } });
    play.botExits(1000, pid);
    play.botStarts(1400);
    ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5003);
    ann.gets(5040, welcome);
    expect(brief(play.end(19_000))).toEqual(['resend-needed-1 step 1: restart, exclusive']);
  });

  it('sees pending updates that the bot threw away', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).dropped(100, 'dropped-by-bot');
    ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5060);
    ann.gets(5040, welcome);
    expect(brief(play.end(10_000))).toEqual([
      'dropped-updates-1: dropped-by-bot, exact',
      'resend-needed-1 step 1: dropped-by-bot, exclusive',
    ]);
  });
});

describe('resend needed: innocent', () => {
  it.each<{ why: string; tell: (play: Play) => void }>([
    {
      why: 'the answer to the first send came late, and the second was answered too',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 5600);
        const again = ann.says(5000, 1, '/start', undefined, { send: 2 });
        ann.gets(5500, welcome);
        again.delivered(5601, 5700);
        ann.gets(5650, welcome);
      },
    },
    {
      why: 'the answer to the first send came late, and the second was passed over',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 5600);
        const again = ann.says(5000, 1, '/start', undefined, { send: 2 });
        ann.gets(5500, welcome);
        again.delivered(5601, 5700);
      },
    },
    {
      why: 'late, by a bot that acknowledges first and is always that slow',
      tell(play) {
        const ann = play.user('ann');
        const bob = play.user('bob');
        bob.says(0, 1, '/start', [welcome]).delivered(1, 3);
        bob.gets(5500, welcome);
        ann.says(0, 1, '/start', [welcome]).delivered(1, 3);
        ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5003);
        ann.gets(5500, welcome);
      },
    },
    {
      why: 'late behind a slow command, by a bot that acknowledges first',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 3);
        play.command(5, 5400, { addedMs: 5350 });
        ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5003);
        ann.gets(5450, welcome);
      },
    },
    {
      why: 'the first send brought a sign of life, which became the answer after the second send',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 3);
        const wait = ann.gets(50, text('One moment, please'));
        ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5003);
        ann.gets(5050, text('I am on it'));
        ann.seesEdit(6000, wait, welcome);
      },
    },
    {
      why: 'the second send was answered first, the first one last',
      tell(play) {
        const ann = play.user('ann');
        const first = ann.says(0, 1, '/start', [welcome]);
        first.delivered(1, 3);
        const second = ann.says(5000, 1, '/start', undefined, { send: 2 });
        second.delivered(5001, 5003);
        ann.gets(5200, welcome, { replyTo: second.messageId });
        ann.gets(5900, welcome, { replyTo: first.messageId });
      },
    },
    {
      why: 'the first send got its answer in a reworded form',
      tell(play) {
        const ann = play.user('ann');
        const long = text('Thank you, your order number 17 is on its way');
        ann.says(0, 1, 'order', [long]).delivered(1, 60);
        ann.gets(40, text('Thank you, your order number 230 is on its road'));
        ann.says(5000, 1, 'order', undefined, { send: 2 }).delivered(5001, 5060);
        ann.gets(5040, long);
      },
    },
  ])('$why', ({ tell }) => {
    const play = new Play();
    tell(play);
    expect(brief(play.end(20_000))).toEqual([]);
  });

  it('knows a late answer from an answer to the second send by how long this bot takes otherwise', () => {
    const play = new Play();
    const ann = play.user('ann');
    const answers = ['Which street?', 'Which city?', 'Which country?'].map(text);
    const [first = text(''), second = text(''), third = text('')] = answers;
    ann.says(0, 1, '/start', [first]).delivered(1, 3);
    ann.gets(320, first);
    ann.says(1000, 2, 'Main Street', [second]).delivered(1001, 1003);
    ann.gets(1025, second);
    ann.says(2000, 3, 'Vienna', [third]).delivered(2001, 2003);
    ann.says(7000, 3, 'Vienna', undefined, { send: 2 }).delivered(7001, 7003);
    ann.gets(7025, third);
    expect(brief(play.end(12_000))).toEqual([expect.stringMatching(/^resend-needed-1 step 3: /)]);
  });
});
