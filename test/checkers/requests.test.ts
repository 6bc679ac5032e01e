import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../src/checkers/all.js';
import type { HistoryEvent } from '../../src/history/events.js';
import { viewOf } from '../../src/history/view.js';
import { Play, text } from './history-builder.js';

const found = (events: HistoryEvent[]): string[] =>
  findingsOf(viewOf(events)).map(({ kind, cause, strength }) => `${kind}: ${cause} (${strength})`);

const SENT = text('Your order is on its way!');
const CREDIT = text('Thank you! Your balance is now 10 coins.');

/** Ann writes /start, is answered, and her order is then sent by somebody in the admin's panel. */
function ordered(): { play: Play; ann: ReturnType<Play['user']> } {
  const play = new Play();
  const ann = play.user('ann');
  ann.says(0, 1, '/start', [text('Welcome')]).delivered(5, 60);
  ann.gets(30, text('Welcome'));
  ann.ends(40, 1, 'answered');
  return { play, ann };
}

describe('notifications that an HTTP request should bring', () => {
  it('finds a route that accepts and sends nothing (P4)', () => {
    const { play, ann } = ordered();
    ann.asks(1000, 2, '/admin/notify', [SENT]);
    ann.ends(6000, 2, 'silent');
    expect(found(play.end(8000))).toEqual(['missing-notification: request-without-effect (exclusive)']);
  });

  it('finds a route that answers with an error (P4)', () => {
    const { play, ann } = ordered();
    ann.asks(1000, 2, '/admin/notify', [SENT], { status: 500, ok: false });
    ann.ends(6000, 2, 'silent');
    const [finding] = findingsOf(viewOf(play.end(8000)));
    expect(finding).toMatchObject({
      kind: 'missing-notification',
      cause: 'request-refused',
      message: 'Step 2: POST /admin/notify was answered 500.',
    });
  });

  it('finds a failed request that should bring no message', () => {
    const { play, ann } = ordered();
    ann.asks(1000, 2, '/hook', [], { outcome: 'undelivered', ok: false });
    expect(found(play.end(8000))).toEqual(['missing-notification: server-unreachable (exact)']);
  });

  it('names a send that the Bot API refused', () => {
    const { play, ann } = ordered();
    ann.asks(1000, 2, '/admin/notify', [SENT]);
    ann.gets(1010, SENT, {
      ended: {
        ok: false,
        applied: false,
        errorCode: 403,
        description: 'Forbidden: bot was blocked by the user',
      },
    });
    ann.ends(6000, 2, 'silent');
    expect(found(play.end(8000))).toEqual(['missing-notification: call-refused (overlap)']);
  });

  it('finds a route whose error ends the process, and does not blame what the bot did before', () => {
    const crash = (outcome: 'unknown' | 'answered') => {
      const play = new Play();
      const pid = play.botStarts(0);
      const ann = play.user('ann');
      ann.says(100, 1, '/start', [text('Welcome')]).delivered(105, 160);
      ann.gets(130, text('Welcome'));
      ann.ends(140, 1, 'answered');
      ann.asks(500, 2, '/admin/notify', [SENT], { outcome, ok: outcome === 'answered' });
      play.botCrashes(525, pid);
      ann.ends(6000, 2, 'silent');
      return found(play.end(8000));
    };
    expect(crash('unknown')).toEqual([
      'dead-bot: crashed-on-request (exclusive)',
      'missing-notification: crashed-on-request (overlap)',
    ]);
    expect(crash('answered')).toEqual([
      'dead-bot: crashed-on-update (exclusive)',
      'missing-notification: restart (overlap)',
    ]);
  });

  it('is content with a message that comes, however late', () => {
    const { play, ann } = ordered();
    ann.asks(1000, 2, '/admin/notify', [SENT]);
    ann.ends(6000, 2, 'silent');
    ann.gets(6500, SENT);
    expect(found(play.end(9000))).toEqual([]);
  });

  it('says nothing of a request that the end of the run cut short', () => {
    const { play, ann } = ordered();
    ann.asks(1000, 2, '/admin/notify', [SENT]);
    ann.ends(1010, 2, 'cut');
    expect(found(play.end(1010, 'interrupted'))).toEqual([]);
  });
});

describe('a request that comes twice', () => {
  const twice = (path: string) => {
    const { play, ann } = ordered();
    ann.asks(1000, 2, path, [CREDIT]);
    ann.asks(1001, 2, path);
    return { play, ann };
  };

  it('finds a balance that is credited twice, though the texts differ', () => {
    const { play, ann } = twice('/payments');
    ann.gets(1030, CREDIT);
    ann.gets(1040, text('Thank you! Your balance is now 20 coins.'));
    ann.ends(1050, 2, 'answered');
    expect(found(play.end(4000))).toEqual(['double-effect: request-repeated (exclusive)']);
  });

  it('is one finding where the scenario wants the text once, and a later one is another', () => {
    const play = new Play({ patterns: { once: [{ source: 'Thank you', flags: 'i' }] } });
    const ann = play.user('ann');
    ann.asks(1000, 2, '/payments', [CREDIT]);
    ann.asks(1001, 2, '/payments');
    ann.gets(1030, CREDIT);
    ann.gets(1040, text('Thank you! Your balance is now 20 coins.'));
    ann.ends(1050, 2, 'answered');
    expect(found(play.end(4000))).toEqual(['double-effect: request-repeated (exclusive)']);
    const late = new Play({ patterns: { once: [{ source: 'Thank you', flags: 'i' }] } });
    const bob = late.user('bob');
    bob.asks(1000, 2, '/payments', [CREDIT]);
    bob.asks(1001, 2, '/payments');
    bob.gets(1030, CREDIT);
    bob.ends(1050, 2, 'answered');
    bob.asks(1100, 3, '/payments', [SENT]);
    bob.gets(1130, SENT);
    bob.gets(1140, CREDIT);
    bob.ends(1150, 3, 'answered');
    expect(found(late.end(4000))).toEqual(['duplicate-reply: unknown (exact)']);
  });

  it('is content when the second is only acknowledged, or refused as known', () => {
    for (const second of [{}, { status: 409, ok: false }]) {
      const { play, ann } = ordered();
      ann.asks(1000, 2, '/payments', [CREDIT]);
      ann.asks(1001, 2, '/payments', [], second);
      ann.gets(1030, CREDIT);
      ann.ends(1050, 2, 'answered');
      expect(found(play.end(4000))).toEqual([]);
    }
  });

  it('lets one request bring two messages that are alike', () => {
    const { play, ann } = ordered();
    ann.asks(1000, 2, '/ship', [text('Parcel 1 is on its way')]);
    ann.gets(1030, text('Parcel 1 is on its way'));
    ann.gets(1040, text('Parcel 2 is on its way'));
    ann.ends(1050, 2, 'answered');
    expect(found(play.end(4000))).toEqual([]);
  });

  it('finds one request that brings the same message twice', () => {
    const { play, ann } = ordered();
    ann.asks(1000, 2, '/ship', [SENT]);
    ann.gets(1030, SENT);
    ann.gets(1040, SENT);
    ann.ends(1050, 2, 'answered');
    expect(found(play.end(4000))).toEqual(['double-effect: handler-sends-twice (exclusive)']);
  });

  it('gives what comes after the next input of the user to that input', () => {
    const { play, ann } = twice('/payments');
    ann.gets(1030, CREDIT);
    ann.ends(1050, 2, 'answered');
    ann.says(2000, 3, '/balance', [CREDIT]).delivered(2005, 2060);
    ann.gets(2030, CREDIT);
    ann.ends(2040, 3, 'answered');
    expect(found(play.end(4000))).toEqual([]);
  });
});

describe('what the database must hold', () => {
  const tooMany = { found: '2 documents', tooMany: true } as const;

  it('finds an order that was stored twice by a double tap', () => {
    const { play, ann } = ordered();
    const menu = ann.gets(50, text('Confirm?'));
    ann.taps(1000, 2, 'Yes', menu, [text('Ordered')]).delivered(1005, 1050);
    ann.taps(1060, 2, 'Yes', menu, undefined, { send: 2, reason: 'double-tap' }).delivered(1065, 1100);
    ann.gets(1030, text('Ordered'));
    ann.ends(1100, 2, 'answered');
    ann.isProbed(4000, tooMany);
    const [finding] = findingsOf(viewOf(play.end(4100))).filter(({ kind }) => kind === 'double-effect');
    expect(finding).toMatchObject({
      cause: 'double-tap',
      strength: 'exclusive',
      message: 'At the end: one order: the database has 2 documents, wanted: 1 document.',
    });
  });

  it('names a delivery that came again, and a request', () => {
    const { play, ann } = ordered();
    const sent = ann.says(1000, 2, 'pay', [text('Paid')]);
    sent.delivered(1005, 1050, { outcome: 'unknown', error: 'Read timeout expired' });
    sent.delivered(1050, 1090);
    ann.gets(1030, text('Paid'));
    ann.ends(1100, 2, 'answered');
    ann.isProbed(4000, tooMany);
    expect(found(play.end(4100))).toEqual(['double-effect: redelivery-while-running (exclusive)']);

    const other = ordered();
    other.ann.asks(1000, 2, '/pay');
    other.ann.asks(1001, 2, '/pay');
    other.ann.isProbed(4000, tooMany);
    expect(found(other.play.end(4100))).toEqual(['double-effect: request-repeated (exclusive)']);
  });

  it('does not invent a reason for an order that is there twice', () => {
    const { play, ann } = ordered();
    ann.isProbed(4000, tooMany);
    expect(found(play.end(4100))).toEqual(['double-effect: unknown (overlap)']);
  });

  it('finds a state that is not there, after a restart', () => {
    const { play, ann } = ordered();
    const pid = play.botStarts(0);
    play.botExits(500, pid);
    play.botStarts(600);
    ann.isProbed(1000, { what: 'state', step: 1, name: 'step stored', wanted: 'step = "name"' });
    expect(found(play.end(4100))).toEqual(['lost-state: restart (overlap)']);
  });

  it('finds an input that was stored in the field of another one', () => {
    const { play, ann } = ordered();
    ann.says(1000, 2, 'Main Street 5', [text('And the city?')]).delivered(1005, 1050);
    ann.gets(1030, text('And the city?'));
    ann.ends(1040, 2, 'answered');
    ann.isProbed(4000, { found: 'city = "Main Street 5"', foundText: 'main  street 5' });
    expect(found(play.end(4100))).toEqual(['wrong-slot: unknown (overlap)']);
  });

  it('has nothing to say of what holds', () => {
    const { play, ann } = ordered();
    ann.isProbed(4000, { outcome: 'held', found: '1 document' });
    ann.isProbed(4000, { outcome: 'unknown', found: 'no answer' });
    expect(found(play.end(4100))).toEqual([]);
  });
});
