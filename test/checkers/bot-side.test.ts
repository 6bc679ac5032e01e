import { describe, expect, it } from 'vitest';
import { brief, found } from './brief.js';
import { type Person, Play, text } from './history-builder.js';

const ask = { name: text('Your name?'), street: text('Which street?'), city: text('Which city?') };
const lost = text('Send /start to order.');

interface Handled {
  readonly instance?: number;
  readonly via?: 'webhook' | 'polling';
}

/** One input, delivered at once and acknowledged after 60 ms; the bot says `says` after 40 ms, if anything. */
function step(
  person: Person,
  at: number,
  number: number,
  expected: typeof lost,
  says?: typeof lost,
  by: Handled = {},
) {
  const { instance, via = 'webhook' } = by;
  const sent = person.says(at, number, `input ${number}`, [expected]);
  const delivered = sent.delivered(at + 1, at + 60, {}, { via, ...(instance !== undefined && { instance }) });
  if (says !== undefined) person.gets(at + 40, says);
  return delivered;
}

function twoInstances(): Play {
  const play = new Play();
  play.botStarts(0, 1);
  play.botStarts(0, 2);
  return play;
}

describe('state that instances do not share', () => {
  it('is the cause when the step before was handled by another instance', () => {
    const play = twoInstances();
    const ann = play.user('ann');
    step(ann, 100, 1, ask.name, ask.name, { instance: 1 });
    step(ann, 1000, 2, ask.street, lost, { instance: 2 });
    const events = play.end(6000);
    expect(brief(events)).toEqual(['lost-state-1 step 2: state-not-shared, exclusive']);
    const types = (found(events)[0]?.evidence ?? []).map(
      (seq) => events.find((event) => event.seq === seq)?.type,
    );
    expect(types).toEqual([
      'delivery.started',
      'call.started',
      'call.ended',
      'action',
      'delivery.started',
      'call.started',
      'call.ended',
    ]);
  });

  it('is not the cause when the same instance handled both, however many there are', () => {
    const play = twoInstances();
    const ann = play.user('ann');
    step(ann, 100, 1, ask.name, ask.name, { instance: 2 });
    step(ann, 1000, 2, ask.street, lost, { instance: 2 });
    expect(brief(play.end(6000))).toEqual(['lost-state-1 step 2: unknown, exclusive']);
  });

  it('may be the cause when nobody knows who handled what, as over polling', () => {
    const play = twoInstances();
    const ann = play.user('ann');
    step(ann, 100, 1, ask.name, ask.name, { via: 'polling' });
    step(ann, 1000, 2, ask.street, lost, { via: 'polling' });
    expect(brief(play.end(6000))).toEqual(['lost-state-1 step 2: state-not-shared, overlap']);
  });

  it('explains silence, too, but only of another instance', () => {
    for (const [instance, cause] of [
      [2, 'state-not-shared, overlap'],
      [1, 'acknowledged-then-silent, exact'],
    ] as const) {
      const play = twoInstances();
      const ann = play.user('ann');
      step(ann, 100, 1, ask.name, ask.name, { instance: 1 });
      step(ann, 1000, 2, ask.street, undefined, { instance });
      expect(brief(play.end(9000))).toEqual([`lost-update-1 step 2: ${cause}`]);
    }
  });

  it('is no finding when everybody was answered rightly', () => {
    const play = twoInstances();
    const ann = play.user('ann');
    step(ann, 100, 1, ask.name, ask.name, { instance: 1 });
    step(ann, 1000, 2, ask.street, ask.street, { instance: 2 });
    step(ann, 2000, 3, ask.city, ask.city, { instance: 1 });
    expect(brief(play.end(9000))).toEqual([]);
  });
});

describe('a process that stands still after its answer', () => {
  const freeze = (play: Play, at: number, { id }: ReturnType<typeof step>, effect = 'freeze'): void =>
    play.hit(at, { fault: 'frozen', on: 'bot', effect, instance: 1, delivery: id });

  it('says nothing', () => {
    const play = new Play();
    const ann = play.user('ann');
    freeze(play, 161, step(ann, 100, 1, ask.name));
    expect(brief(play.end(9000))).toEqual(['lost-update-1 step 1: frozen-after-answer, exclusive']);
  });

  it('forgets what it had not stored', () => {
    const play = new Play();
    const ann = play.user('ann');
    freeze(play, 161, step(ann, 100, 1, ask.name, ask.name));
    step(ann, 1000, 2, ask.street, lost);
    expect(brief(play.end(9000))).toEqual(['lost-state-1 step 2: frozen-after-answer, exclusive']);
  });

  it('did that only after the wrong answer: it is no cause', () => {
    const play = new Play();
    const ann = play.user('ann');
    step(ann, 100, 1, ask.name, ask.name);
    freeze(play, 1061, step(ann, 1000, 2, ask.street, lost));
    expect(brief(play.end(9000))).toEqual(['lost-state-1 step 2: unknown, exclusive']);
  });

  it('is no finding when it had done everything before', () => {
    const play = new Play();
    const ann = play.user('ann');
    freeze(play, 161, step(ann, 100, 1, ask.name, ask.name));
    freeze(play, 1061, step(ann, 1000, 2, ask.street, ask.street));
    expect(brief(play.end(9000))).toEqual([]);
  });
});

describe('a bot that was started with two variables glued together', () => {
  const start = (play: Play): number => {
    play.emit(1, { type: 'environment.glued', first: 'BOT_TOKEN', second: 'MONGO_URI' });
    return play.botStarts(2);
  };
  const ends = (play: Play, pid: number, line: string): void => {
    play.emit(50, { type: 'bot.log', instance: 1, stream: 'stderr', line });
    play.emit(60, { type: 'bot.exited', instance: 1, pid, code: 1, expected: false });
  };

  it.each([
    'MONGO_URI is not set',
    "KeyError: 'MONGO_URI'",
    'BOT_TOKEN: malformed',
    'error: missing MONGO_URI.',
  ])('ends with “%s”, and is right', (line) => {
    const play = new Play();
    ends(play, start(play), line);
    expect(brief(play.end(100))).toEqual([]);
  });

  it.each(['404: Not Found', 'TypeError: undefined is no string', 'OLD_MONGO_URI and MONGO_URI_2 are set'])(
    'ends with “%s”, which names neither',
    (line) => {
      const play = new Play();
      ends(play, start(play), line);
      expect(brief(play.end(100))).toEqual(['unexplained-exit-1: glued-environment, exact']);
    },
  );

  it('never becomes ready', () => {
    const play = new Play();
    const pid = start(play);
    play.botExits(20_000, pid);
    const events = play.end(20_001);
    expect(brief(events)).toEqual(['dead-bot-1: glued-environment, exact']);
    expect(found(events)[0]?.message).toContain('neither ended nor became ready');
  });

  it.each(['acknowledged', 'refused'] as const)('stays up, and updates are %s', (outcome) => {
    const play = new Play();
    start(play);
    play.emit(100, { type: 'bot.ready', instance: 1, ms: 98 });
    const sent = play.user('ann').says(200, 1, '/start', [ask.name]);
    sent.delivered(201, 210, outcome === 'refused' ? { outcome, status: 500 } : { outcome });
    expect(brief(play.end(9000))).toEqual(['dead-bot-1: glued-environment, exact']);
  });

  it('works all the same: nobody has anything to complain of', () => {
    const play = new Play();
    start(play);
    step(play.user('ann'), 100, 1, ask.name, ask.name);
    expect(brief(play.end(9000))).toEqual([]);
  });

  it('ends without a word although nothing was glued: that is for the run to say, not for a checker', () => {
    const play = new Play();
    ends(play, play.botStarts(2), 'oh no');
    expect(brief(play.end(100))).toEqual([]);
  });
});
