import { describe, expect, it } from 'vitest';
import { attributionsOf } from '../../src/checkers/attribution.js';
import type { HistoryEvent } from '../../src/history/events.js';
import { viewOf } from '../../src/history/view.js';
import { menu, Play, text } from './history-builder.js';

const a = text('Alpha');
const b = text('Beta');

/** For each call: the text of the input that caused it, the attempt, how surely, and by which rule. */
function attributed(events: readonly HistoryEvent[]): string[] {
  const view = viewOf(events);
  const attributions = attributionsOf(view);
  return view.calls.map((call) => {
    const found = attributions.of(call);
    if (found === undefined) return 'nothing';
    const { action } = found.update;
    const cause = action?.text ?? action?.button?.text ?? '?';
    const send = action !== undefined && action.send > 1 ? ` send ${action.send}` : '';
    return `${cause}${send}, attempt ${found.delivery.started.attempt}: ${found.updateStrength}/${found.deliveryStrength} ${found.rule}`;
  });
}

describe('attribution', () => {
  it('is exact for the answer of a webhook and for a traceparent that came back', () => {
    const trace = `00-${'1'.repeat(32)}-${'a'.repeat(16)}-01`;
    const play = new Play();
    const ann = play.user('ann');
    const one = ann.says(0, 1, 'one', [a]).delivered(1, 50, {}, { traceparent: trace });
    ann.says(10, 2, 'two', [b]).delivered(11, 60);
    ann.gets(30, b, { traceparent: trace.replace('a'.repeat(16), 'b'.repeat(16)) });
    ann.gets(50, b, { answering: one });
    expect(attributed(play.end(1000))).toEqual([
      'one, attempt 1: exact/exact traceparent',
      'one, attempt 1: exact/exact webhook-answer',
    ]);
  });

  it('does not believe a trace id that two deliveries share', () => {
    const traceparent = `00-${'1'.repeat(32)}-${'a'.repeat(16)}-01`;
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'one', [a]).delivered(1, 50, {}, { traceparent });
    ann.says(500, 2, 'two', [b]).delivered(501, 560, {}, { traceparent });
    ann.gets(530, b, { traceparent });
    expect(attributed(play.end(1000))).toEqual(['two, attempt 1: exclusive/exclusive others-returned']);
  });

  it('takes the callback query id and a reply to the message as markers', () => {
    const play = new Play();
    const ann = play.user('ann');
    const line = ann.says(0, 1, 'one', [a]);
    const tap = ann.taps(10, 2, 'Red', line.messageId, [b]);
    line.delivered(1, 100);
    tap.delivered(11, 110);
    ann.gets(50, text('Whatever'), { replyTo: line.messageId });
    ann.isAnswered(60, tap);
    expect(attributed(play.end(1000))).toEqual([
      'one, attempt 1: marker/exclusive reply-to',
      'Red, attempt 1: marker/exclusive callback-query',
    ]);
  });

  it('does not follow a reply to a message that was done with long ago', () => {
    const play = new Play();
    const ann = play.user('ann');
    const one = ann.says(0, 1, 'one', [a]);
    one.delivered(1, 100);
    ann.gets(50, a);
    ann.says(60_000, 2, 'two', [b]).delivered(60_001, 60_100);
    ann.gets(60_050, b, { replyTo: one.messageId });
    ann.gets(120_000, text('Reminder'), { replyTo: one.messageId });
    expect(attributed(play.end(200_000)).slice(1)).toEqual([
      'two, attempt 1: exclusive/exclusive only-one-at-work',
      'nothing',
    ]);
  });

  it('knows a handling that has returned', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'one', [a]).delivered(1, 100);
    ann.gets(50, a);
    ann.says(600, 2, 'two', [b]).delivered(601, 700);
    ann.gets(650, a);
    expect(attributed(play.end(2000))[1]).toBe('two, attempt 1: exclusive/exclusive others-returned');
  });

  it('does not believe that a handling has returned which called after its acknowledgement', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'one', [a, b]).delivered(1, 60);
    ann.gets(40, a);
    ann.gets(100, b);
    ann.says(600, 2, 'two', [text('Gamma')]).delivered(601, 700);
    ann.gets(650, a);
    expect(attributed(play.end(2000))[2]).toBe('two, attempt 1: overlap/exclusive only-one-unanswered');
  });

  it('believes it of one that called before its acknowledgement, even of a bot that mostly acknowledges first', () => {
    const play = new Play();
    for (const name of ['bob', 'cyd', 'dan']) {
      const other = play.user(name);
      other.says(0, 1, 'hi', [b]).delivered(1, 3);
      other.gets(30, b);
    }
    const ann = play.user('ann');
    ann.says(0, 1, 'one', [a]).delivered(1, 60);
    ann.gets(40, a);
    ann.says(600, 2, 'two', [b]).delivered(601, 700);
    ann.gets(650, a);
    expect(attributed(play.end(2000))[4]).toBe('two, attempt 1: exclusive/exclusive others-returned');
  });

  it('counts an update as answered that two of its handlings have answered together', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'zero', [menu('Alpha', 'Small')]).delivered(1, 60);
    const asked = ann.gets(40, menu('Alpha', 'Small'));
    const tap = ann.taps(300, 2, 'Small', asked, [text('Small it is'), b]);
    tap.delivered(301, 1501, { outcome: 'unknown', error: 'Read timeout expired' });
    tap.delivered(1502, 1700);
    ann.seesEdit(1650, asked, text('Small it is'));
    ann.gets(1670, b);
    ann.says(1900, 3, 'three', [a]).delivered(1901, 2900);
    ann.gets(2800, text('Nobody expects this'));
    expect(attributed(play.end(20_000))).toEqual([
      'zero, attempt 1: exclusive/exclusive only-one-at-work',
      'Small, attempt 1: exclusive/overlap others-returned',
      'Small, attempt 2: exclusive/overlap others-returned',
      'three, attempt 1: overlap/exclusive only-one-unanswered',
    ]);
  });

  it('gives what is said again to the second handling at work, and not to one that was given up long ago', () => {
    const play = new Play();
    const ann = play.user('ann');
    const early = ann.says(0, 1, 'early', [a, b]);
    early.delivered(1, 1200, { outcome: 'unknown', error: 'Read timeout expired' });
    early.delivered(1201, 1500);
    ann.gets(1300, a);
    ann.gets(1480, b);
    const late = ann.says(2000, 2, 'late', [b]);
    late.delivered(2001, 3200, { outcome: 'unknown', error: 'Read timeout expired' });
    ann.gets(3300, b);
    late.delivered(3201, 4000);
    ann.gets(3980, b);
    expect(attributed(play.end(20_000)).at(-1)).toMatch(/^late, attempt 2/);
  });

  it('counts a handling as done that has shown all that was expected of it', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'one', [a]).delivered(1, 3);
    ann.gets(40, a);
    ann.says(600, 2, 'two', [b]).delivered(601, 603);
    ann.gets(650, b);
    ann.says(1200, 3, 'three', [text('Gamma')]).delivered(1201, 1203);
    ann.gets(1250, text('Something new'));
    expect(attributed(play.end(2000)).slice(1)).toEqual([
      'two, attempt 1: exclusive/exclusive others-returned',
      'three, attempt 1: exclusive/exclusive others-returned',
    ]);
  });

  it('gives the change of a tapped message to the text that lacks just this', () => {
    const play = new Play();
    const ann = play.user('ann');
    const colours = menu('Which colour?', 'Red');
    ann.says(0, 1, 'one', [colours]).delivered(1, 60);
    const message = ann.gets(40, colours);
    ann.taps(500, 2, 'Red', message, [a]).delivered(501, 900);
    ann.says(510, 3, 'note', [b]).delivered(511, 910);
    ann.seesEdit(600, message, b);
    ann.gets(700, a);
    expect(attributed(play.end(2000)).slice(1)).toEqual([
      'note, attempt 1: overlap/exclusive only-one-lacks-it',
      'Red, attempt 1: exclusive/exclusive others-returned',
    ]);
  });

  it('gives the second of two equal replies to the second of two inputs that want it', () => {
    const play = new Play();
    const ann = play.user('ann');
    const line = ann.says(0, 1, 'one', [a]);
    line.delivered(1, 900);
    ann.taps(10, 2, 'Red', line.messageId, [a]).delivered(11, 910);
    ann.gets(100, a);
    ann.gets(500, a);
    expect(attributed(play.end(2000)).map((found) => found.split(':')[0])).toEqual([
      'one, attempt 1',
      'Red, attempt 1',
    ]);
  });

  it('follows a handling beyond its acknowledgement, for a bounded time', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'one', [a]).delivered(1, 3);
    ann.gets(50_000, a);
    ann.gets(54_000, b);
    ann.gets(60_000, b);
    expect(attributed(play.end(70_000))).toEqual([
      'one, attempt 1: exclusive/exclusive only-one-at-work',
      'one, attempt 1: exclusive/exclusive only-one-at-work',
      'nothing',
    ]);
  });

  it('does not count time behind slow commands', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'one', [a, b]).delivered(1, 3);
    ann.gets(100, a);
    play.command(150, 9000);
    ann.gets(9200, b);
    expect(attributed(play.end(20_000))[1]).toBe('one, attempt 1: exclusive/exclusive only-one-at-work');
  });

  it('ends with the process', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(10, 1, 'one', [a]).delivered(11, 13);
    play.botExits(100, pid);
    play.botStarts(300);
    ann.gets(800, text('I am back'));
    expect(attributed(play.end(2000))).toEqual(['nothing']);
  });

  it('never blames an attempt that did not arrive', () => {
    const play = new Play();
    const ann = play.user('ann');
    const one = ann.says(0, 1, 'one', [a]);
    one.delivered(1, 2, { outcome: 'undelivered' });
    ann.gets(5, a);
    one.delivered(10, 100);
    ann.gets(50, a);
    expect(attributed(play.end(2000))).toEqual([
      'nothing',
      'one, attempt 2: exclusive/exclusive only-one-at-work',
    ]);
  });

  it('is sure of the update and not of the attempt when two attempts are at work', () => {
    const play = new Play();
    const ann = play.user('ann');
    const one = ann.says(0, 1, 'one', [a, b]);
    one.delivered(1, 5000, { outcome: 'unknown', error: 'Read timeout expired' });
    one.delivered(5001, 12_000);
    ann.gets(6000, a);
    ann.gets(7000, a);
    ann.gets(8000, b);
    ann.gets(9000, b);
    expect(attributed(play.end(20_000))).toEqual([
      'one, attempt 1: exclusive/overlap only-one-at-work',
      'one, attempt 2: exclusive/overlap only-one-at-work',
      'one, attempt 1: exclusive/overlap only-one-at-work',
      'one, attempt 2: exclusive/overlap only-one-at-work',
    ]);
  });

  it('gives the change of a tapped message to the tap', () => {
    const play = new Play();
    const ann = play.user('ann');
    const colours = menu('Which colour?', 'Red');
    ann.says(0, 1, 'one', [colours]).delivered(1, 60);
    const message = ann.gets(40, colours);
    const tap = ann.taps(500, 2, 'Red', message, [text('Red it is')]);
    tap.delivered(501, 900);
    ann.says(510, 3, 'note', [a]).delivered(511, 910);
    ann.seesEdit(600, message, text('Something'));
    expect(attributed(play.end(2000))[1]).toBe('Red, attempt 1: overlap/exclusive tapped-message');
  });

  it('gives the change of a message to the handling that sent it', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'one', [text('Working'), a]).delivered(1, 3);
    const message = ann.gets(40, text('Working'));
    ann.says(100, 2, 'two', [b]).delivered(101, 103);
    ann.seesEdit(200, message, text('Half of it'));
    expect(attributed(play.end(2000))[1]).toBe('one, attempt 1: overlap/exclusive own-message');
  });

  it('gives a reply to the input that lacks it', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'one', [a]).delivered(1, 3);
    ann.says(100, 2, 'two', [b]).delivered(101, 103);
    ann.gets(200, b);
    ann.gets(300, a);
    expect(attributed(play.end(2000))).toEqual([
      'two, attempt 1: overlap/exclusive only-one-lacks-it',
      'one, attempt 1: exclusive/exclusive others-returned',
    ]);
  });

  it('gives two replies to two sends in order, each with all its lines', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'one', [a, b]).delivered(1, 3);
    ann.says(5000, 1, 'one', undefined, { send: 2 }).delivered(5001, 5003);
    ann.gets(5500, a);
    ann.gets(5550, b);
    ann.gets(10_500, a);
    ann.gets(10_550, b);
    expect(attributed(play.end(20_000)).map((line) => line.split(',')[0])).toEqual([
      'one',
      'one',
      'one send 2',
      'one send 2',
    ]);
  });

  it('gives a single reply to the send whose delay is usual', () => {
    const usual = (delayMs: number): string | undefined => {
      const play = new Play();
      const bob = play.user('bob');
      bob.says(0, 1, 'one', [a]).delivered(1, 3);
      bob.gets(1 + delayMs, a);
      const ann = play.user('ann');
      ann.says(0, 1, 'one', [a]).delivered(1, 3);
      ann.says(5000, 1, 'one', undefined, { send: 2 }).delivered(5001, 5003);
      ann.gets(5500, a);
      return attributed(play.end(20_000)).find((line) => line.includes('overlap'));
    };
    expect(usual(400)).toBe('one send 2, attempt 1: overlap/exclusive most-usual-delay');
    expect(usual(5300)).toBe('one, attempt 1: overlap/exclusive most-usual-delay');
  });

  it('gives what is shown again later to the input whose user waits, not to a second tap that was passed over', () => {
    const play = new Play();
    const ann = play.user('ann');
    const message = ann.gets(0, menu('Hello', 'Back'));
    const first = ann.taps(100, 1, 'Back', message, [a]);
    first.delivered(100, 160);
    ann.isAnswered(120, first);
    const second = ann.taps(160, 1, 'Back', message, undefined, { send: 2, reason: 'double-tap' });
    second.delivered(160, 220);
    ann.gets(200, a);
    ann.isAnswered(240, second);
    // Two seconds on, something else is answered with the same; the bot acknowledges it in the middle of its work.
    const other = ann.taps(2200, 2, 'Order', message, [a]);
    other.delivered(2200, 2240);
    ann.isAnswered(2230, other);
    ann.gets(2260, a);
    expect(attributed(play.end(4000)).at(-1)).toMatch(/^Order, attempt 1: overlap/);
  });

  it('says nothing of calls that belong to no chat, and of chats that nobody wrote in', () => {
    const play = new Play();
    play.call(10, 'getMe');
    play.user('ann').gets(20, a);
    expect(attributed(play.end(1000))).toEqual(['nothing', 'nothing']);
  });
});
