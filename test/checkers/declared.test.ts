import { describe, expect, it } from 'vitest';
import type { Content, Wanted } from '../../src/history/content.js';
import { inOrder } from '../../src/history/reader.js';
import { viewOf } from '../../src/history/view.js';
import { brief, found, proof } from './brief.js';
import { BOT, menu, Play, text, toast } from './history-builder.js';

const wants = (wanted: Wanted): Content => ({ kind: 'other', wanted });
const welcome = text('Welcome');
const never = { never: [{ source: 'error|exception', flags: 'i' }] };
const once = { once: [{ source: 'order #\\d+ placed', flags: 'i' }] };

describe('texts that no user may see', () => {
  it('are found wherever they stand, once for a message', () => {
    const play = new Play({ patterns: never });
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    ann.gets(20, welcome);
    ann.ends(30, 1, 'answered');
    ann.says(500, 2, 'hi', []).delivered(501, 600);
    const id = ann.gets(550, text('An ERROR occurred'));
    ann.seesEdit(580, id, text('An error occurred, sorry'));
    const tap = ann.taps(1000, 3, 'Go', id, []);
    tap.delivered(1001, 1100);
    ann.isAnswered(1050, tap, { contents: [toast('Exception: x')] });
    const events = play.end(5000);
    expect(brief(events)).toEqual([
      'forbidden-reply-1 step 2: unknown, exclusive',
      'forbidden-reply-2 step 3: unknown, marker',
    ]);
    expect(found(events)[0]?.message).toBe(
      'Step 2: the message "An ERROR occurred" matches /error|exception/i, which no user may see.',
    );
    expect(proof(events, found(events)[0])).toContain('call.ended');
  });

  it('have the cause of what led to them', () => {
    const play = new Play({ patterns: never });
    const ann = play.user('ann');
    const start = ann.says(0, 1, '/start', [welcome]);
    start.delivered(1, 50, { outcome: 'unknown', error: 'reset', retryInMs: 0 }, {});
    ann.gets(20, welcome);
    start.delivered(60, 120);
    ann.gets(100, text('Error: you are registered already'));
    expect(brief(play.end(5000))).toContain('forbidden-reply-1 step 1: lost-acknowledgement, exclusive');
  });

  it('are told with the step at which the user stood, when nothing brought them', () => {
    const play = new Play({ patterns: never });
    const ann = play.user('ann');
    const bob = play.user('bob');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    ann.gets(20, welcome);
    bob.says(10, 1, '/start', [welcome]).delivered(11, 60);
    bob.gets(30, welcome);
    ann.gets(200_000, text('Nightly error report'));
    expect(found(play.end(210_000))).toMatchObject([
      { kind: 'forbidden-reply', user: 'ann', step: 1, cause: 'unknown' },
    ]);
  });

  it('are not what took no effect, nor anything in a run without patterns', () => {
    for (const [patterns, ended] of [
      [never, { ok: false, applied: false, errorCode: 400 }],
      [undefined, {}],
    ] as const) {
      const play = new Play(patterns === undefined ? {} : { patterns });
      const ann = play.user('ann');
      ann.says(0, 1, 'hi', []).delivered(1, 60);
      ann.gets(20, text('error'), { ended });
      expect(found(play.end(5000)).filter(({ kind }) => kind === 'forbidden-reply')).toEqual([]);
    }
  });
});

describe('silence that a step wants', () => {
  const quiet = (play: Play, step: number, at: number, outcome: 'not-awaited' | 'unexpected') =>
    play.emit(at, {
      type: 'step.ended',
      user: 'ann',
      session: 's1',
      step,
      outcome,
      sends: 1,
      wants: 'nothing',
    });

  it('is broken by an answer to it, and by nothing else', () => {
    const broken = new Play();
    const ann = broken.user('ann');
    ann.says(0, 1, 'psst', []).delivered(1, 60);
    ann.gets(20, text('What?'));
    quiet(broken, 1, 600, 'unexpected');
    const [finding] = found(broken.end(5000));
    expect(finding).toMatchObject({ kind: 'forbidden-reply', step: 1, strength: 'exclusive' });
    expect(finding?.message).toBe('Step 1: no answer is wanted, and the message "What?" came.');

    const kept = new Play();
    const other = kept.user('ann');
    other.says(0, 1, '/start', [welcome]).delivered(1, 900);
    other.gets(20, welcome);
    other.gets(610, text('And by the way …'));
    quiet(kept, 2, 1200, 'not-awaited');
    expect(found(kept.end(5000))).toEqual([]);
  });

  it('is broken after a request by what comes while it is wanted', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 60);
    ann.gets(20, welcome);
    ann.ends(40, 1, 'answered');
    ann.gets(120_000, text('You are fired'));
    quiet(play, 2, 120_500, 'unexpected');
    expect(found(play.end(130_000))).toMatchObject([{ kind: 'forbidden-reply', user: 'ann', step: 2 }]);
  });
});

describe('texts that each user may see once', () => {
  const placed = (number: number): Content => text(`Order #${number} placed`);

  it('are found when another number hides that they came twice', () => {
    const play = new Play({ patterns: once });
    const ann = play.user('ann');
    const yes = ann.says(0, 1, 'yes', [placed(1)]);
    yes.delivered(1, 50, { outcome: 'unknown', error: 'reset', retryInMs: 0 });
    ann.gets(20, placed(1));
    yes.delivered(60, 120);
    ann.gets(100, placed(2));
    const events = play.end(5000);
    expect(brief(events)).toContain('duplicate-reply-1 step 1: lost-acknowledgement, exclusive');
    expect(found(events)[0]?.message).toContain('which each user may see once');
  });

  it('are not told twice where they are duplicates anyway', () => {
    const play = new Play({ patterns: once });
    const ann = play.user('ann');
    ann.says(0, 1, 'yes', [placed(1)]).delivered(1, 120);
    ann.gets(20, placed(1));
    ann.gets(100, placed(1));
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 1: handler-sends-twice, exclusive']);
  });

  it('may come for two inputs: a second send, or nobody knows why', () => {
    const again = new Play({ patterns: once });
    const ann = again.user('ann');
    ann.says(0, 1, 'yes', [placed(1)]).delivered(1, 5900);
    ann.says(5000, 1, 'yes', undefined, { send: 2 }).delivered(5950, 6200);
    ann.gets(5800, placed(1));
    ann.gets(6100, placed(2));
    expect(found(again.end(9000)).find(({ kind }) => kind === 'duplicate-reply')).toMatchObject({
      cause: 'impatient-resend',
    });
    const later = new Play({ patterns: once });
    const bob = later.user('bob');
    bob.says(0, 1, 'yes', [placed(1)]).delivered(1, 60);
    bob.gets(20, placed(1));
    bob.says(1000, 2, 'hello', [placed(1)]).delivered(1001, 1060);
    bob.gets(1020, placed(2));
    expect(brief(later.end(5000))).toEqual(['duplicate-reply-1 step 2: unknown, exclusive']);
  });

  it('may come to each user, be edited, and come anew when the first one was taken away', () => {
    const play = new Play({ patterns: once });
    for (const [index, name] of ['ann', 'bob'].entries()) {
      const user = play.user(name);
      const at = index * 100;
      user.says(at, 1, 'yes', [placed(index)]).delivered(at + 1, at + 60);
      const id = user.gets(at + 20, placed(index));
      user.seesEdit(at + 40, id, text(`✓ Order #${index} placed`));
      user.ends(at + 60, 1, 'answered');
      user.says(at + 1000, 2, 'menu', [placed(index)]).delivered(at + 1001, at + 1100);
      user.seesDeletion(at + 1010, id);
      user.gets(at + 1030, placed(index));
    }
    expect(found(play.end(5000))).toEqual([]);
  });
});

describe('steps with wanted words', () => {
  it('allow each thing once, whatever else they want', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann
      .says(0, 1, 'yes', [
        wants({ contains: ['order'] }),
        wants({ matches: { source: 'placed', flags: '' } }),
      ])
      .delivered(1, 200);
    ann.gets(20, text('order placed'));
    ann.gets(100, text('order placed'));
    expect(brief(play.end(5000))).toEqual(['duplicate-reply-1 step 1: handler-sends-twice, exclusive']);
  });

  it('that almost anything meets tell no place of a dialogue', () => {
    const story = (last: Wanted) => {
      const play = new Play();
      const ann = play.user('ann');
      const hi = ann.says(0, 1, 'hi', [wants({ contains: ['hello'] })]);
      hi.delivered(1, 60, {}, { fault: 'twice' });
      hi.delivered(30, 90, {}, { fault: 'twice' });
      ann.gets(20, text('Hello'));
      ann.gets(60, text('I have that already'));
      ann.ends(70, 1, 'answered');
      ann.says(500, 2, 'photo', [wants(last)]).delivered(501, 560);
      ann.gets(520, text('I have that already: your photo'));
      return found(play.end(5000)).map(({ kind }) => kind);
    };
    expect(story({ kinds: ['text'] })).not.toContain('lost-state');
    expect(story({ contains: ['have that'] })).toContain('lost-state');
  });

  it('find a button that never came, and why when the bot was elsewhere', () => {
    const missing = (reply: Content, restarts: boolean) => {
      const play = new Play();
      const pid = play.botStarts(0);
      const ann = play.user('ann');
      ann.says(10, 1, '/start', [wants({ contains: ['welcome'] })]).delivered(11, 60);
      ann.gets(20, welcome);
      ann.ends(40, 1, 'answered');
      if (restarts) {
        play.botExits(300, pid);
        play.botStarts(400);
      }
      ann.says(500, 2, 'order', restarts ? [wants({ contains: ['what'] })] : []).delivered(501, 560);
      ann.gets(520, reply);
      play.emit(5600, {
        type: 'step.ended',
        user: 'ann',
        session: 's1',
        step: 3,
        outcome: 'button-missing',
        sends: 0,
        wants: { button: 'Mug' },
      });
      return found(play.end(9000)).find(({ step }) => step === 3);
    };
    expect(missing(menu('What?', 'Cup'), false)).toMatchObject({
      kind: 'lost-state',
      cause: 'unknown',
      message: 'Step 3: no message has the button “Mug”; the last that came is the message "What?".',
    });
    expect(missing(welcome, true)).toMatchObject({ kind: 'lost-state', cause: 'restart' });
  });
});

describe('parts that change by themselves', () => {
  const story = (volatile: boolean): Play => {
    const play = new Play(volatile ? { patterns: { volatile: [{ source: 'tip: .*', flags: 'i' }] } } : {});
    const ann = play.user('ann');
    const hi = ann.says(0, 1, 'hi', [text('Tip: drink tea')]);
    hi.delivered(1, 50, { outcome: 'unknown', error: 'reset', retryInMs: 0 });
    ann.gets(20, text('Tip: go for a long walk'));
    hi.delivered(60, 120);
    ann.gets(100, text('Tip: sleep well at night'));
    return play;
  };

  it('are not compared: neither with what is expected, nor with each other', () => {
    expect(brief(story(true).end(5000))).toEqual([
      'duplicate-reply-1 step 1: lost-acknowledgement, exclusive',
    ]);
    expect(found(story(false).end(5000)).map(({ kind }) => kind)).not.toContain('duplicate-reply');
  });

  it('are masked in whatever order the events come, and evidence is as it was', () => {
    const events = story(true).end(5000);
    const [finding] = found(events);
    const view = viewOf(events.toReversed());
    expect(view.calls.map(({ ended }) => ended?.contents?.[0]?.compared?.text)).toEqual(['…', '…']);
    expect(view.calls[0]?.ended).toMatchObject({ ok: true, type: 'call.ended' });
    expect(view.steps[0]?.expects).toEqual([
      { kind: 'text', text: 'Tip: drink tea', compared: { text: '…' } },
    ]);
    const proofs = [...view.eventsBySeq(finding?.evidence ?? []).values()];
    expect(JSON.stringify(proofs)).not.toContain('compared');
    expect(inOrder(proofs).length).toBeGreaterThan(4);
  });

  it('are masked on buttons, and leave alone what has none', () => {
    const play = new Play({ patterns: { volatile: [{ source: '\\(.*\\)', flags: '' }] } });
    const ann = play.user('ann');
    ann.says(0, 1, 'hi', [menu('Go?', 'Queue (short)')]).delivered(1, 60);
    ann.gets(20, menu('Go?', 'Queue (very long now)'));
    ann.gets(30, text('Plain'));
    const view = viewOf(play.end(5000));
    const shown = view.calls.map(({ ended }) => ended?.contents?.[0]);
    expect(shown[0]?.compared?.keyboard?.rows[0]?.[0]?.text).toBe('Queue …');
    expect(shown[1]).toEqual(text('Plain'));
    expect(view.calls[0]?.started.bot).toBe(BOT);
  });
});
