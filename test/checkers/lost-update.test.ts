import { describe, expect, it } from 'vitest';
import { brief, found } from './brief.js';
import { menu, Play, text } from './history-builder.js';

const welcome = text('Welcome');
const street = text('Which street?');

const OF_THE_BOT: Readonly<Record<string, readonly string[]>> = {
  'handler-error': ['webhook-error-1: handler-threw, exact'],
  'dropped-by-bot': ['dropped-updates-1: dropped-by-bot, exact'],
  'two-consumers': ['polling-conflict-1: two-consumers, exact'],
};

describe('lost update: guilty', () => {
  it.each<{ cause: string; tell: (play: Play) => void }>([
    {
      cause: 'acknowledged-then-silent, exact',
      tell(play) {
        play.user('ann').says(0, 1, '/start', [welcome]).delivered(1, 60);
      },
    },
    {
      cause: 'expired-update, exact',
      tell(play) {
        const start = play.user('ann').says(0, 1, '/start', [welcome]);
        start.delivered(1, 60, { outcome: 'undelivered' });
        start.dropped(9000, 'expired');
      },
    },
    {
      cause: 'handler-error, exact',
      tell(play) {
        const start = play.user('ann').says(0, 1, '/start', [welcome]);
        start.delivered(1, 60, { outcome: 'refused', status: 500 });
        start.delivered(61, 90, { outcome: 'refused', status: 500 });
        start.dropped(9000, 'expired');
      },
    },
    {
      cause: 'handler-error, exact',
      tell(play) {
        const start = play.user('ann').says(0, 1, '/start', [welcome]);
        start.delivered(1, 60, { outcome: 'refused', status: 500 });
        start.delivered(61, 90, { outcome: 'refused', status: 500 });
      },
    },
    {
      cause: 'dropped-by-bot, exact',
      tell(play) {
        play.user('ann').says(0, 1, '/start', [welcome]).dropped(500, 'dropped-by-bot');
      },
    },
    {
      cause: 'queue-full, exact',
      tell(play) {
        play.user('ann').says(0, 1, '/start', [welcome]).dropped(0, 'queue-full');
      },
    },
    {
      cause: 'never-delivered, exact',
      tell(play) {
        play.user('ann').says(0, 1, '/start', [welcome]);
      },
    },
    {
      cause: 'restart, exclusive',
      tell(play) {
        const pid = play.botStarts(0);
        play.user('ann').says(10, 1, '/start', [welcome]).delivered(11, 15);
        play.botExits(100, pid);
        play.botStarts(300);
      },
    },
    {
      cause: 'restart, exact',
      tell(play) {
        const pid = play.botStarts(0);
        const start = play.user('ann').says(10, 1, '/start', [welcome]);
        play.botExits(11, pid);
        start.delivered(12, 13, { outcome: 'undelivered', error: 'Connection refused' });
      },
    },
    {
      cause: 'api-error-unhandled, exclusive',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
        ann.gets(30, welcome, { ended: { ok: false, applied: false, errorCode: 429 } });
      },
    },
    {
      cause: 'state-write-lost, overlap',
      tell(play) {
        play.user('ann').says(0, 1, '/start', [welcome]).delivered(1, 60);
        play.command(20, 5, { outcome: 'unknown' });
      },
    },
    {
      cause: 'two-consumers, overlap',
      tell(play) {
        play.user('ann').says(0, 1, '/start', [welcome]).delivered(1, 60, {}, { via: 'polling' });
        play.call(200, 'getUpdates', { ok: false, applied: false, errorCode: 409 });
      },
    },
    {
      cause: 'slow-database, overlap',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1);
        play.command(20, 9000, { addedMs: 8950 });
        ann.ends(9000, 1, 'silent');
      },
    },
    {
      cause: 'kind-switched-off, exact',
      tell(play) {
        play.user('ann').says(0, 1, '/start', [welcome], { unseen: true });
      },
    },
    {
      cause: 'never-acknowledged, overlap',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1);
        ann.ends(9000, 1, 'silent');
      },
    },
    {
      // A slow command that came when the last attempt was long over.
      cause: 'never-acknowledged, overlap',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 3000, { outcome: 'unknown' });
        play.command(6000, 900);
        ann.ends(9000, 1, 'silent');
      },
    },
  ])('names the cause: $cause', ({ cause, tell }) => {
    const play = new Play();
    tell(play);
    const told = brief(play.end(10_000));
    expect(told.filter((line) => line.startsWith('lost-'))).toEqual([`lost-update-1 step 1: ${cause}`]);
    // What befell the whole bot has a finding of its own.
    expect(told.filter((line) => !line.startsWith('lost-'))).toEqual(
      OF_THE_BOT[cause.split(',')[0] ?? ''] ?? [],
    );
  });

  it('sees an input that came while the bot was busy with the one before', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 3);
    ann.says(100, 2, 'Ann', [street]).delivered(101, 103);
    ann.gets(400, welcome);
    expect(brief(play.end(10_000))).toEqual(['lost-update-1 step 2: busy-dialogue, overlap']);
  });

  it('takes no poll that the old process left behind for a second consumer: nobody heard of that conflict', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, '/start', [welcome]).delivered(11, 60, {}, { via: 'polling' });
    ann.gets(30, welcome);
    play.botExits(100, pid);
    play.botStarts(300);
    play.call(400, 'getUpdates', { ok: false, applied: false, errorCode: 409, answered: false });
    ann.says(500, 2, 'Ann', [street]).delivered(501, 560, {}, { via: 'polling' });
    expect(brief(play.end(10_000))).toEqual(['lost-update-1 step 2: restart, overlap']);
  });

  it('is one finding, however often the input was sent', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    ann.says(5000, 1, '/start', undefined, { send: 2 }).delivered(5001, 5060);
    ann.ends(10_000, 1, 'silent', 2);
    const findings = found(play.end(12_000));
    expect(findings.map(({ id, message }) => `${id}: ${message}`)).toEqual([
      'lost-update-1: Step 1 was sent 2 times and nothing came back.',
    ]);
  });

  it.each([
    { cause: 'acknowledged-then-silent, exact', tells: 'nothing', fails: false },
    { cause: 'api-error-unhandled, exclusive', tells: 'what failed', fails: true },
  ])('takes no lost buttons of an old message for an answer: $tells came after that', ({ cause, fails }) => {
    const play = new Play();
    const ann = play.user('ann');
    const colour = menu('Which colour?', 'Red', 'Blue');
    ann.says(0, 1, '/order', [colour]).delivered(1, 60);
    const on = ann.gets(40, colour);
    const tap = ann.taps(1000, 2, 'Red', on, [street]);
    tap.delivered(1001, 1060);
    ann.isAnswered(1010, tap);
    ann.seesEdit(1020, on, text('Which colour?'), { method: 'editMessageReplyMarkup' });
    if (fails) ann.gets(1040, street, { ended: { ok: false, applied: false, errorCode: 500 } });
    ann.ends(6000, 2, 'unexpected');
    expect(brief(play.end(9000))).toEqual([`lost-update-1 step 2: ${cause}`]);
  });

  it('does not blame an edit that changed nothing for the silence', () => {
    const play = new Play();
    const ann = play.user('ann');
    const colour = menu('Which colour?', 'Red', 'Blue');
    ann.says(0, 1, '/order', [colour]).delivered(1, 60);
    const on = ann.gets(40, colour);
    const tap = ann.taps(1000, 2, 'Red', on, [street]);
    tap.delivered(1001, 1060);
    ann.isAnswered(1010, tap);
    const refused = { ok: false, applied: false, errorCode: 400 };
    const description = 'Bad Request: message is not modified';
    ann.seesEdit(1020, on, colour, { ended: { ...refused, description } });
    expect(brief(play.end(9000))).toEqual(['lost-update-1 step 2: acknowledged-then-silent, exact']);
  });

  it.each([
    { half: 'first', fails: [true, false] },
    { half: 'second', fails: [false, true] },
  ])('sees that the $half half of an answer failed, and was not sent again', ({ fails }) => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/order', [welcome, street]).delivered(1, 60);
    for (const [index, content] of [welcome, street].entries()) {
      const ended = fails[index] === true ? { ok: false, applied: false, errorCode: 502 } : {};
      ann.gets(20 + 20 * index, content, { ended });
    }
    ann.ends(6000, 1, 'unexpected');
    const events = play.end(9000);
    expect(brief(events)).toEqual(['lost-update-1 step 1: api-error-unhandled, exclusive']);
    expect(found(events)[0]?.message).toBe(
      'Step 1: a part of the answer never came: sendMessage failed and was not made again.',
    );
  });

  it('counts how often a half of the answer was tried', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/order', [welcome, street]).delivered(1, 4060);
    ann.gets(20, welcome);
    for (const at of [40, 1050, 2060, 3070]) {
      ann.gets(at, street, { ended: { ok: false, applied: false, errorCode: 429 } });
    }
    ann.ends(9000, 1, 'unexpected');
    const events = play.end(20_000);
    expect(brief(events)).toEqual(['lost-update-1 step 1: api-error-unhandled, exclusive']);
    expect(found(events)[0]?.message).toBe(
      'Step 1: a part of the answer never came: sendMessage failed 4 times.',
    );
  });

  it('sees that the process ended between two halves of an answer', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, '/order', [welcome, street]).delivered(11, 13);
    ann.gets(40, welcome);
    play.botExits(60, pid);
    play.botStarts(300);
    ann.ends(6000, 1, 'unexpected');
    expect(brief(play.end(9000))).toEqual(['lost-update-1 step 1: restart, overlap']);
  });

  it('is not taken in by a reminder long afterwards', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    ann.gets(90_000, text('Still there?'));
    expect(brief(play.end(100_000))).toEqual(['lost-update-1 step 1: acknowledged-then-silent, exact']);
  });
});

describe('lost update: innocent', () => {
  it.each<{ why: string; tell: (play: Play) => void; endAt?: number }>([
    {
      why: 'nothing was expected',
      tell(play) {
        play.user('ann').says(0, 1, 'thanks', []).delivered(1, 60);
      },
    },
    {
      why: 'the run ended first',
      endAt: 1000,
      tell(play) {
        play.user('ann').says(0, 1, '/start', [welcome]).delivered(1, 60);
      },
    },
    {
      why: 'the user was cut',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
        ann.ends(9999, 1, 'cut');
      },
    },
    {
      why: 'its handling was still under way',
      tell(play) {
        play.user('ann').says(0, 1, '/start', [welcome]).delivered(1);
      },
    },
    {
      why: 'the answer was only late',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 8000);
        ann.ends(5000, 1, 'silent');
        ann.gets(7900, welcome);
      },
    },
    {
      why: 'the answer came after the acknowledgement, behind slow commands',
      endAt: 200_000,
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/start', [welcome]).delivered(1, 3);
        for (let at = 10; at < 90_000; at += 9000) play.command(at, 8990, { addedMs: 8950 });
        ann.gets(90_100, welcome);
      },
    },
    {
      why: 'the answer was an edit',
      tell(play) {
        const ann = play.user('ann');
        const colours = menu('Which colour?', 'Red');
        ann.says(0, 1, '/start', [colours]).delivered(1, 60);
        const message = ann.gets(40, colours);
        const tap = ann.taps(500, 2, 'Red', message, [text('Red it is')]);
        tap.delivered(501, 600);
        ann.seesEdit(520, message, text('Red it is'));
        ann.isAnswered(540, tap);
      },
    },
    {
      why: 'that the buttons are gone is all that the recording has',
      tell(play) {
        const ann = play.user('ann');
        const news = menu('Here is the news.', 'Close');
        ann.says(0, 1, '/news', [news]).delivered(1, 60);
        const on = ann.gets(40, news);
        const tap = ann.taps(1000, 2, 'Close', on, [text('Here is the news.')]);
        tap.delivered(1001, 1060);
        ann.isAnswered(1010, tap);
        ann.seesEdit(1020, on, text('Here is the news.'), { method: 'editMessageReplyMarkup' });
      },
    },
    {
      why: 'the bot greets people in other words each time, and makes up for a call that failed',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/order', [text('Hello there!'), street]).delivered(1, 90);
        ann.gets(20, text('Good to see you'), { ended: { ok: false, applied: false, errorCode: 502 } });
        ann.gets(40, text('Good to see you'));
        ann.gets(60, street);
        ann.ends(6000, 1, 'unexpected');
      },
    },
    {
      why: 'a line that comes only now and then did not come, and another one failed and was made again',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, '/order', [street, text('A tip: we are open on Sundays.')]).delivered(1, 2090);
        ann.gets(20, street, { ended: { ok: false, applied: false, errorCode: 429 } });
        ann.gets(2060, street);
        ann.ends(6000, 1, 'unexpected');
      },
    },
    {
      why: 'one of many progress edits failed',
      tell(play) {
        const ann = play.user('ann');
        const parts = ['Working', 'Half of it is done', 'Done'].map(text);
        ann.says(0, 1, 'make it', parts).delivered(1, 90);
        const on = ann.gets(20, text('Working'));
        const tooMany = { ok: false, applied: false, errorCode: 429 };
        ann.seesEdit(40, on, text('Half of it is done'), { ended: tooMany });
        ann.seesEdit(60, on, text('Done'));
        ann.ends(6000, 1, 'unexpected');
      },
    },
    {
      why: 'the bot stopped the spinner of the tap at once, and answered when the user had given up',
      tell(play) {
        const ann = play.user('ann');
        const colour = menu('Which colour?', 'Red', 'Blue');
        ann.says(0, 1, '/order', [colour]).delivered(1, 3);
        const tap = ann.taps(1000, 2, 'Red', ann.gets(40, colour), [street]);
        tap.delivered(1001, 1003);
        ann.isAnswered(1010, tap);
        ann.ends(6000, 2, 'silent');
        ann.gets(13_000, street);
      },
      endAt: 20_000,
    },
    {
      why: 'the bot said that it is typing, and answered half a minute later',
      tell(play) {
        const ann = play.user('ann');
        ann.says(0, 1, 'draw me', [{ kind: 'photo' }]).delivered(1, 3);
        ann.gets(100, text(''), { method: 'sendChatAction', contents: [] });
        ann.gets(30_000, { kind: 'photo', media: 'x' }, { method: 'sendPhoto' });
        ann.ends(5000, 1, 'silent');
      },
      endAt: 50_000,
    },
    {
      why: 'the bot had fewer lines to say than recorded, and was restarted when it was done',
      tell(play) {
        const pid = play.botStarts(0);
        const ann = play.user('ann');
        ann.says(10, 1, '/order', [street, text('A tip: we are open on Sundays.')]).delivered(11, 60);
        ann.gets(40, street);
        play.botExits(90, pid);
        play.botStarts(300);
        ann.ends(6000, 1, 'unexpected');
      },
    },
    {
      why: 'what is wanted stood there already',
      tell(play) {
        const ann = play.user('ann');
        const price = (sum: number) => menu(`The price is ${sum}`, 'Refresh');
        ann.says(0, 1, '/price', [price(100)]).delivered(1, 60);
        const on = ann.gets(40, price(230));
        const tap = ann.taps(1000, 2, 'Refresh', on, [price(101)]);
        tap.delivered(1001, 1060);
        const refused = { ok: false, applied: false, errorCode: 400 };
        const description = 'Bad Request: message is not modified';
        ann.seesEdit(1020, on, price(230), { ended: { ...refused, description } });
        ann.isAnswered(1040, tap);
        ann.ends(6000, 2, 'silent');
      },
    },
    {
      why: 'the second tap of a double tap needs no answer of its own',
      tell(play) {
        const ann = play.user('ann');
        const colours = menu('Which colour?', 'Red');
        ann.says(0, 1, '/start', [colours]).delivered(1, 60);
        const message = ann.gets(40, colours);
        const tap = ann.taps(500, 2, 'Red', message, [text('Red it is')]);
        const again = ann.taps(520, 2, 'Red', message, undefined, { reason: 'double-tap' });
        tap.delivered(501, 600);
        ann.gets(540, text('Red it is'));
        ann.isAnswered(560, tap);
        again.delivered(601, 650);
        ann.isAnswered(620, again);
      },
    },
    {
      why: 'the button to tap never came: the step before is at fault',
      tell(play) {
        play.user('ann').ends(5000, 2, 'button-missing');
      },
    },
  ])('$why', ({ tell, endAt = 10_000 }) => {
    const play = new Play();
    tell(play);
    expect(brief(play.end(endAt))).toEqual([]);
  });

  it('does not blame the harness for stopping the bot after the play', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, '/start', [text('Welcome')]).delivered(11, 20);
    play.emit(9000, { type: 'play.ended' });
    play.botExits(9100, pid);
    expect(brief(play.end(9200))).toEqual(['lost-update-1 step 1: acknowledged-then-silent, exact']);
  });
});
