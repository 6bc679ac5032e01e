import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../src/history/events.js';
import { viewOf } from '../../src/history/view.js';
import { writeFatesOf } from '../../src/metrics/write-fates.js';
import { Play } from '../checkers/history-builder.js';

const LOST = { outcome: 'unknown', appliedUpstream: true } as const;
const REFUSED = { outcome: 'error', code: 91, appliedUpstream: false } as const;

const numbered = (txnNumber: string, collection = 'sessions'): Partial<EventOf<'command.started'>> => ({
  lsid: 'a1b2c3d4',
  txnNumber,
  database: 'bot',
  collection,
});

function fates(tell: (play: Play) => void): number[] {
  const play = new Play();
  tell(play);
  const { retriedWrites, unacknowledgedWrites, recoveredWrites } = writeFatesOf(viewOf(play.end(1000)));
  return [retriedWrites, unacknowledgedWrites, recoveredWrites];
}

describe('fates of writes: retried, unacknowledged, recovered', () => {
  it('a write whose acknowledgement was lost and that the driver sent again', () => {
    expect(
      fates((play) => {
        play.command(1, 5, LOST, 'update', numbered('1'));
        play.command(2, 5, {}, 'update', numbered('2'));
        play.command(500, 5, {}, 'update', numbered('1'));
      }),
    ).toEqual([1, 1, 1]);
  });

  it('one that was lost again, and one that nobody sent again', () => {
    expect(
      fates((play) => {
        play.command(1, 5, LOST, 'insert', numbered('1'));
        play.command(500, 5, LOST, 'insert', numbered('1'));
        play.command(600, 5, LOST, 'delete');
      }),
    ).toEqual([1, 2, 0]);
  });

  it('one that was refused, and came through at the second attempt', () => {
    expect(
      fates((play) => {
        play.command(1, 5, REFUSED, 'update', numbered('1'));
        play.command(50, 5, {}, 'update', numbered('1'));
      }),
    ).toEqual([1, 0, 0]);
  });

  it('not: what failed for good, what the application sends anew, what wants no answer, and reads', () => {
    expect(
      fates((play) => {
        play.command(1, 5, { outcome: 'error', code: 11000, appliedUpstream: true }, 'insert', numbered('1'));
        play.command(20, 5, {}, 'insert', numbered('2'));
        play.command(30, 1, { outcome: 'unknown' }, 'insert');
        play.command(40, 5, LOST, 'find');
        play.command(50, 5, {}, 'find');
      }),
    ).toEqual([0, 0, 0]);
  });

  it('not: the commands of a transaction, which share a number; but its commit', () => {
    expect(
      fates((play) => {
        play.command(1, 5, LOST, 'update', numbered('1'));
        play.command(10, 5, {}, 'update', numbered('1'));
        play.command(20, 5, {}, 'abortTransaction', numbered('1'));
        play.command(30, 5, {}, 'update', numbered('2'));
        play.command(40, 5, LOST, 'commitTransaction', numbered('2'));
        play.command(540, 5, {}, 'commitTransaction', numbered('2'));
      }),
    ).toEqual([1, 1, 1]);
  });
});
