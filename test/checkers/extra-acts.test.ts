import { describe, expect, it } from 'vitest';
import { brief, found } from './brief.js';
import { menu, Play, text } from './history-builder.js';

const welcome = menu('Welcome', 'Order');
const street = text('Which street?');
const city = text('Which city?');
const usage = text('Please use the buttons');

const REFUSED = { outcome: 'refused', status: 500, error: 'Wrong response from the webhook: 500' } as const;

/** Ann has been welcomed; her odd update has been handed over at 1000. */
function oddPlay() {
  const play = new Play();
  const pid = play.botStarts(0);
  const ann = play.user('ann');
  ann.says(100, 1, '/start', [welcome]).delivered(101, 130);
  const menuId = ann.gets(110, welcome);
  ann.ends(120, 1, 'answered');
  const odd = ann.says(1000, 2, 'odd', undefined, { reason: 'unknown-fields' });
  return { play, ann, odd, pid, menuId };
}

describe('odd updates', () => {
  it('innocent: acknowledged, with or without a word', () => {
    for (const says of [true, false]) {
      const { play, ann, odd } = oddPlay();
      odd.delivered(1001, 1030);
      if (says) ann.gets(1010, text('I do not understand that.'));
      ann.says(2000, 2, 'Elm Street', [city]).delivered(2001, 2030);
      ann.gets(2010, city);
      ann.ends(2020, 2, 'answered');
      expect(brief(play.end(9000))).toEqual([]);
    }
  });

  it('innocent: the question is asked again for it', () => {
    const { play, ann, odd } = oddPlay();
    odd.delivered(1001, 1030);
    ann.gets(1010, welcome);
    ann.says(2000, 2, 'Elm Street', [city]).delivered(2001, 2030);
    ann.gets(2010, city);
    ann.ends(2020, 2, 'answered');
    expect(brief(play.end(9000))).toEqual([]);
  });

  it('taken for an answer: the bot is one step ahead from then on', () => {
    const { play, ann, odd } = oddPlay();
    odd.delivered(1001, 1030);
    ann.gets(1010, city);
    ann.says(2000, 2, 'Elm Street', [city]).delivered(2001, 2030);
    ann.gets(2010, text('To , Elm Street. Is that right?'));
    ann.ends(7000, 2, 'unexpected');
    expect(brief(play.end(9000))).toEqual(['lost-state-1 step 2: taken-for-an-answer, exclusive']);
  });

  it('another cause goes before: the bot was started again after an odd update that it passed over', () => {
    const { play, ann, odd, pid } = oddPlay();
    odd.delivered(1001, 1030);
    ann.gets(1010, text('I do not understand that.'));
    play.botExits(1200, pid);
    play.botStarts(1300);
    ann.says(2000, 2, 'Elm Street', [city]).delivered(2001, 2030);
    ann.gets(2010, usage);
    ann.ends(7000, 2, 'unexpected');
    expect(brief(play.end(9000))).toEqual(['lost-state-1 step 2: restart, exclusive']);
  });

  it('refused for ever: the error, and the text that waits behind it', () => {
    const { play, ann, odd } = oddPlay();
    odd.delivered(1001, 1010, { ...REFUSED, retryInMs: 0 });
    odd.delivered(1011, 1020, { ...REFUSED, retryInMs: 9000 });
    ann.says(2000, 2, 'Elm Street', [city]);
    ann.ends(7000, 2, 'silent');
    const events = play.end(12_000);
    expect(brief(events)).toEqual([
      'webhook-error-1: update-not-understood, exact',
      'lost-update-1 step 2: update-not-understood, exact',
    ]);
    expect(found(events)[0]?.message).toMatch(/the bot had not expected such an update\.$/);
  });

  it('ends the process: the update that did it is named', () => {
    const { play, odd, pid } = oddPlay();
    odd.delivered(1001, 1010, { outcome: 'unknown', error: 'Connection closed' });
    play.emit(1008, { type: 'bot.exited', instance: 1, pid, expected: false, code: 1 });
    const events = play.end(1100, 'failed');
    expect(brief(events)).toEqual(['dead-bot-1: update-not-understood, exclusive']);
    expect(found(events)[0]?.message).toBe(
      `The process ended with code 1 when it had been handed update ${odd.updateId} (message).`,
    );
  });
});

describe('a process that ends by itself', () => {
  const crash = (tell: (play: Play, pid: number) => void = () => {}, expected = false) => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(100, 1, '/start', [welcome]).delivered(101, 130, { outcome: 'unknown' });
    tell(play, pid);
    play.emit(120, { type: 'bot.exited', instance: 1, pid, expected, signal: 'SIGSEGV' });
    return brief(play.end(200, 'failed'));
  };

  it('ended at an update', () => {
    expect(crash()).toEqual(['dead-bot-1 step 1: crashed-on-update, exclusive']);
  });

  it('innocent: the harness ended it, or something was broken just then', () => {
    expect(crash(undefined, true)).toEqual([]);
    expect(crash((play) => play.hit(110, { fault: 'away', on: 'mongo', effect: 'reset' }))).toEqual([]);
  });

  it('innocent: no update had been handed over', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    play.emit(120, { type: 'bot.exited', instance: 1, pid, expected: false, code: 1 });
    expect(brief(play.end(200, 'failed'))).toEqual([]);
  });
});

describe('a text beside a tap', () => {
  /** Ann taps, and writes at the same moment; both are at work from 1001 to 1050. */
  const besidePlay = () => {
    const { play, ann, menuId } = { ...oddFreePlay() };
    const tap = ann.taps(1000, 2, 'Order', menuId, [street]);
    tap.delivered(1001, 1050);
    ann.isAnswered(1002, tap);
    const beside = ann.says(1000, 2, '?', undefined, { reason: 'text-beside-tap' });
    beside.delivered(1001, 1050);
    return { play, ann };
  };
  const oddFreePlay = () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(100, 1, '/start', [welcome]).delivered(101, 130);
    const menuId = ann.gets(110, welcome);
    ann.ends(120, 1, 'answered');
    return { play, ann, menuId };
  };

  it('innocent: both are answered, in either order, or only the tap', () => {
    for (const replies of [[street, usage], [usage, street], [street], [street, street], [welcome, street]]) {
      const { play, ann } = besidePlay();
      for (const [index, reply] of replies.entries()) ann.gets(1010 + index * 15, reply);
      ann.ends(1060, 2, 'answered');
      ann.says(2000, 3, 'Elm Street', [city]).delivered(2001, 2030);
      ann.gets(2010, city);
      ann.ends(2020, 3, 'answered');
      expect(brief(play.end(9000)), JSON.stringify(replies)).toEqual([]);
    }
  });

  it('the text undid what the tap had done', () => {
    const { play, ann } = besidePlay();
    ann.gets(1010, street);
    ann.gets(1030, usage);
    ann.ends(1060, 2, 'answered');
    ann.says(2000, 3, 'Elm Street', [city]).delivered(2001, 2030);
    ann.gets(2010, usage);
    ann.ends(5000, 3, 'unexpected');
    expect(brief(play.end(9000))).toEqual(['lost-state-1 step 3: concurrent-updates, overlap']);
  });

  it('the text undid what the tap had done, and nothing comes any more', () => {
    const { play, ann } = besidePlay();
    ann.gets(1010, street);
    ann.ends(1060, 2, 'answered');
    ann.says(2000, 3, 'Elm Street', [city]).delivered(2001, 2030);
    ann.ends(5000, 3, 'silent');
    expect(brief(play.end(9000))).toEqual(['lost-update-1 step 3: concurrent-updates, overlap']);
  });
});

describe('a session that is begun anew', () => {
  const rounds = () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(100, 1, '/start', [street]).delivered(101, 130);
    ann.gets(110, street);
    ann.ends(120, 1, 'answered');
    ann.says(1000, 2, 'Elm Street', [city]).delivered(1001, 1030);
    ann.gets(1010, city);
    ann.ends(1020, 2, 'answered');
    return { play, ann };
  };

  it('innocent: everything comes again as before', () => {
    const { play, ann } = rounds();
    ann.says(2000, 1, '/start', [street], { round: 2 }).delivered(2001, 2030);
    ann.gets(2010, street);
    ann.ends(2020, 1, 'answered', 1, 2);
    ann.says(3000, 2, 'Elm Street', [city], { round: 2 }).delivered(3001, 3030);
    ann.gets(3010, city);
    ann.ends(3020, 2, 'answered', 1, 2);
    expect(brief(play.end(9000))).toEqual([]);
  });

  it('the second /start is taken for an answer', () => {
    const { play, ann } = rounds();
    ann.says(2000, 1, '/start', [street], { round: 2 }).delivered(2001, 2030);
    ann.gets(2010, city);
    ann.ends(5000, 1, 'unexpected', 1, 2);
    expect(brief(play.end(9000))).toEqual(['lost-state-1 step 1: unknown, exclusive']);
  });

  it('the second /start brings nothing', () => {
    const { play, ann } = rounds();
    ann.says(2000, 1, '/start', [street], { round: 2 }).delivered(2001, 2030);
    ann.ends(5000, 1, 'silent', 1, 2);
    expect(brief(play.end(9000))).toEqual(['lost-update-1 step 1: acknowledged-then-silent, exact']);
  });
});
