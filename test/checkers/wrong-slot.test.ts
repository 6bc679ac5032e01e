import { describe, expect, it } from 'vitest';
import type { MessageId } from '../../src/base/ids.js';
import { brief, found } from './brief.js';
import { menu, type Person, Play, text } from './history-builder.js';

const street = text('Which street?');
const city = text('Which city?');
const right = menu('One pizza to Elm Street 5, Lund. Is that right?', 'Yes');

/** An order in which the bot confirms what `confirmed` says. */
function order(confirmed: string, tell: (play: Play) => void = () => undefined): ReturnType<Play['end']> {
  const play = new Play();
  tell(play);
  const ann = play.user('ann');
  ann.says(0, 1, '/start', [street]).delivered(1, 60);
  ann.gets(40, street);
  const typed = ann.says(1000, 2, 'Elm Street 5', [city]);
  typed.delivered(1001, 1300, { outcome: 'unknown', error: 'Read timeout expired', retryInMs: 0 });
  ann.gets(1200, city);
  typed.delivered(1301, 2300);
  ann.says(1800, 3, 'Lund', [right]).delivered(2301, 2400);
  ann.gets(2200, menu(confirmed, 'Yes'));
  return play.end(9000);
}

describe('wrong slot: guilty', () => {
  it('sees the street in the place of the city, and blames the second handling of the street', () => {
    const events = order('One pizza to Elm Street 5, Elm Street 5. Is that right?');
    const wrong = found(events).filter(({ kind }) => kind === 'wrong-slot');
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toMatchObject({ cause: 'redelivery-while-running', step: 3, user: 'ann' });
    expect(wrong[0]?.message).toBe('Step 3: “elm street 5” stands where “lund” belongs.');
  });

  it('is no lost state beside it', () => {
    const kinds = found(order('One pizza to Elm Street 5, Elm Street 5. Is that right?')).map(
      ({ kind }) => kind,
    );
    expect(kinds).not.toContain('lost-state');
  });
});

const wrongText = 'One pizza to Elm Street 5, Elm Street 5. Is that right?';

/** The order is confirmed wrongly and tapped; the bot makes of its message what is given, or of another one. */
function confirmedAndChanged(change: (ann: Person, asked: MessageId) => void): string[] {
  const play = new Play();
  const ann = play.user('ann');
  for (const [index, [line, answer]] of (
    [
      ['/start', street],
      ['Elm Street 5', city],
    ] as const
  ).entries()) {
    ann.says(index * 500, index + 1, line, [answer]).delivered(index * 500 + 1, index * 500 + 60);
    ann.gets(index * 500 + 40, answer);
  }
  ann.says(1000, 3, 'Lund', [right]).delivered(1001, 1060);
  const asked = ann.gets(1040, menu(wrongText, 'Yes'));
  const done = text('One pizza to Elm Street 5, Lund. It is on its way.');
  const tap = ann.taps(1500, 4, 'Yes', asked, [done]);
  tap.delivered(1501, 1600);
  ann.isAnswered(1510, tap);
  change(ann, asked);
  return found(play.end(9000)).flatMap(({ kind, message }) => (kind === 'wrong-slot' ? [message] : []));
}

describe('wrong slot: a message that is changed', () => {
  const third = 'Step 3: “elm street 5” stands where “lund” belongs.';
  const fourth = 'Step 4: “elm street 5” stands where “lund” belongs.';
  const stillWrong = text('One pizza to Elm Street 5, Elm Street 5. It is on its way.');

  it('is told once when the same stays in the same place', () => {
    expect(confirmedAndChanged((ann, asked) => ann.seesEdit(1540, asked, stillWrong))).toEqual([third]);
  });

  it('is told again when it is another message', () => {
    expect(confirmedAndChanged((ann) => ann.gets(1540, stillWrong))).toEqual([third, fourth]);
  });

  it('is told of the change when that puts something else there', () => {
    const other = text('One pizza to Lund, Lund. It is on its way.');
    expect(confirmedAndChanged((ann, asked) => ann.seesEdit(1540, asked, other))).toEqual([
      third,
      'Step 4: “lund” stands where “elm street 5” belongs.',
    ]);
  });

  it('is told of what was wrong though the change is right', () => {
    const mended = text('One pizza to Elm Street 5, Lund. It is on its way.');
    expect(confirmedAndChanged((ann, asked) => ann.seesEdit(1540, asked, mended))).toEqual([third]);
  });
});

describe('wrong slot: innocent', () => {
  it.each([
    { why: 'all is right', confirmed: 'One pizza to Elm Street 5, Lund. Is that right?' },
    { why: 'written in capitals', confirmed: 'One pizza to ELM STREET 5, LUND. Is that right?' },
    {
      why: 'the bot corrected what was typed',
      confirmed: 'One pizza to Elm Street 5, 22100 Lund (Sweden). Is that right?',
    },
  ])('$why', ({ confirmed }) => {
    const kinds = found(order(confirmed)).map(({ kind }) => kind);
    expect(kinds).not.toContain('wrong-slot');
  });

  it('the same was typed twice', () => {
    const play = new Play();
    const ann = play.user('ann');
    const asks = [
      text('First name?'),
      text('Last name?'),
      text('Thank you, Ann Ann, we know you now'),
    ] as const;
    ann.says(0, 1, '/start', [asks[0]]).delivered(1, 60);
    ann.gets(40, asks[0]);
    ann.says(500, 2, 'Ann', [asks[1]]).delivered(501, 560);
    ann.gets(540, asks[1]);
    ann.says(1000, 3, 'Ann', [asks[2]]).delivered(1001, 1060);
    ann.gets(1040, asks[2]);
    expect(brief(play.end(9000))).toEqual([]);
  });

  it('an echo with words around it, and punctuation in what is said', () => {
    const play = new Play();
    const ann = play.user('ann');
    for (const [index, word] of ['hello', 'a-b (c)', 'hello'].entries()) {
      ann
        .says(index * 500, index + 1, word, [text(`You said: ${word}`)])
        .delivered(index * 500 + 1, index * 500 + 60);
      ann.gets(index * 500 + 40, text(`You said: ${word}`));
    }
    expect(brief(play.end(9000))).toEqual([]);
  });

  it('an echo that says another input of the user, and nothing around it', () => {
    const play = new Play();
    const ann = play.user('ann');
    for (const [index, word] of ['alpha', 'beta', 'alpha'].entries()) {
      ann.says(index * 500, index + 1, word, [text(word)]).delivered(index * 500 + 1, index * 500 + 60);
      ann.gets(index * 500 + 40, text(word));
    }
    expect(brief(play.end(9000))).toEqual([]);
  });
});
