import { describe, expect, it } from 'vitest';
import { commandId } from '../../src/base/ids.js';
import { commandAttributionsOf } from '../../src/checkers/command-attribution.js';
import type { HistoryEvent } from '../../src/history/events.js';
import { viewOf } from '../../src/history/view.js';
import { brief } from './brief.js';
import { Play, text } from './history-builder.js';

const hello = text('Hello');
const TRACE = `00-${'1'.repeat(32)}-00000000000000aa-01`;

/** `find ann exact traceparent`, for each command. */
function told(events: readonly HistoryEvent[]): string[] {
  const view = viewOf(events);
  const attributions = commandAttributionsOf(view);
  return view.commands.map((command) => {
    const found = attributions.get(command);
    const whose =
      found === undefined ? 'nobody' : `${found.update.step?.user} ${found.strength} ${found.rule}`;
    return `${command.started.name} ${whose}`;
  });
}

describe('commands', () => {
  it('belong to the delivery whose traceparent they bring', () => {
    const play = new Play();
    const [ann, bob] = [play.user('ann'), play.user('bob')];
    ann.says(0, 1, '/start', [hello]).delivered(1, 100, {}, { traceparent: TRACE });
    bob.says(0, 1, '/start', [hello]).delivered(2, 100);
    play.command(10, 5, {}, 'find', { traceparent: TRACE });
    expect(told(play.end(5000))).toEqual(['find ann exact traceparent']);
  });

  it('belong to the only update at work, and to nobody when there are two', () => {
    const play = new Play();
    const [ann, bob] = [play.user('ann'), play.user('bob')];
    ann.says(0, 1, '/start', [hello]).delivered(1, 100);
    play.command(10, 5);
    ann.gets(50, hello);
    bob.says(60, 1, '/start', [hello]).delivered(61, 160);
    play.command(70, 5);
    bob.gets(130, hello);
    play.command(150, 5, { name: 'update' }, 'update');
    play.command(900, 5, { name: 'delete' }, 'delete');
    expect(told(play.end(5000))).toEqual([
      'find ann exclusive only-one-at-work',
      'find nobody',
      'update bob exclusive only-one-at-work',
      'delete nobody',
    ]);
  });

  it('go on with a cursor and a transaction, whoever else is at work then', () => {
    const play = new Play();
    const [ann, bob] = [play.user('ann'), play.user('bob')];
    ann.says(0, 1, '/start', [hello]).delivered(1, 100);
    const opened = play.command(10, 5);
    play.command(20, 5, { name: 'insert' }, 'insert', { lsid: 'aa', txnNumber: '7' });
    bob.says(30, 1, '/start', [hello]).delivered(31, 160);
    play.command(40, 5, { name: 'getMore' }, 'getMore', { cursorOf: commandId(opened) });
    play.command(50, 5, { name: 'commitTransaction' }, 'commitTransaction', { lsid: 'aa', txnNumber: '7' });
    play.command(60, 5, { name: 'insert' }, 'insert', { lsid: 'aa', txnNumber: '8' });
    expect(told(play.end(5000)).slice(2)).toEqual([
      'getMore ann exclusive continued',
      'commitTransaction ann exclusive continued',
      'insert nobody',
    ]);
  });

  it('of the driver itself, and of a process that is gone, belong to nobody', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [hello]).delivered(1, 3000, { outcome: 'unknown' });
    play.command(10, 5, { name: 'hello' }, 'hello');
    play.botExits(500, pid);
    play.botStarts(600);
    play.command(700, 5);
    expect(told(play.end(5000))).toEqual(['hello nobody', 'find nobody']);
  });
});

describe('causes that name a command', () => {
  it('do not name one that was surely made for somebody else', () => {
    const play = new Play();
    const [ann, bob] = [play.user('ann'), play.user('bob')];
    ann.says(0, 1, '/start', [hello]).delivered(1, 60, {}, { traceparent: TRACE });
    bob.says(0, 1, '/start', [hello]).delivered(1, 60);
    play.command(20, 5, { name: 'update', outcome: 'error', code: 91 }, 'update', { traceparent: TRACE });
    expect(brief(play.end(9000)).sort()).toEqual([
      'lost-update-1 step 1: state-write-lost, overlap',
      'lost-update-2 step 1: acknowledged-then-silent, exact',
    ]);
  });
});
