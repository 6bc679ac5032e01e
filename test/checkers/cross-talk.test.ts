import { describe, expect, it } from 'vitest';
import type { Content } from '../../src/history/content.js';
import { brief, found } from './brief.js';
import { type Person, Play, text } from './history-builder.js';

const hello = (name: string) => text(`Welcome to our little shop, ${name}!`);
const confirmed = (street: string) => text(`We bring it to ${street}. Is that right?`);

/** Three people whose bot greets each by name, at times of their own; what the last one sees is given. */
function greeted(play: Play, seen: string, atOnce = true): Person[] {
  const people = ['Beba', 'Bebe', 'Bebi', 'Bebo'].map((mark, index) =>
    play.user(`u${index + 1}`, 's1', [mark]),
  );
  const [beba, bebe, bebi, bebo] = people as [Person, Person, Person, Person];
  for (const [index, person] of [beba, bebe].entries()) {
    const mark = index === 0 ? 'Beba' : 'Bebe';
    person.says(index * 1000, 1, '/start', [hello(mark)]).delivered(index * 1000 + 1, index * 1000 + 80);
    person.gets(index * 1000 + 60, hello(mark));
  }
  const at = atOnce ? 5030 : 7000;
  bebi.says(5000, 1, '/start', [hello('Bebi')]).delivered(5001, 5100);
  bebi.gets(5060, hello('Bebi'));
  bebo.says(at, 1, '/start', [hello('Bebo')]).delivered(at + 1, at + 100);
  bebo.gets(at + 60, hello(seen));
  return people;
}

describe('cross-talk: guilty', () => {
  it('a name of somebody who was handled at the same time', () => {
    const play = new Play();
    greeted(play, 'Bebi');
    const events = play.end(9000);
    expect(brief(events)).toEqual(['cross-talk-1 step 1: shared-variable, exclusive']);
    expect(found(events)[0]?.message).toBe('Step 1: “bebi” of u3 stands where “bebo” of u4 belongs.');
    expect(found(events)[0]?.user).toBe('u4');
  });

  it('a street that somebody with another dialogue typed', () => {
    const play = new Play();
    const streets = ['Elm Street 5', 'Canal Row 18', 'Pine Road 7', 'Oak Lane 3'];
    const people = streets.map((_, index) => play.user(`u${index + 1}`, `s${index + 1}`));
    for (const [index, person] of people.entries()) {
      const at = index < 2 ? index * 1000 : 5000 + index * 10;
      const street = streets[index] ?? '';
      person.says(at, 1, street, [confirmed(street)]).delivered(at + 1, at + 200);
      person.gets(at + 150, confirmed(index === 2 ? 'Oak Lane 3' : street));
    }
    const events = play.end(9000);
    expect(brief(events)).toEqual(['cross-talk-1 step 1: shared-variable, exclusive']);
    expect(found(events)[0]).toMatchObject({ user: 'u3' });
  });

  it('an answer that came to the wrong chat, with the input that lacks it', () => {
    const play = new Play();
    const beba = play.user('u1', 's1', ['Beba']);
    const bebe = play.user('u2', 's1', ['Bebe']);
    beba.says(0, 1, '/start', [hello('Beba')]).delivered(1, 100);
    bebe.says(20, 1, '/start', [hello('Bebe')]).delivered(21, 120);
    bebe.gets(60, hello('Beba'));
    bebe.gets(90, hello('Bebe'));
    const events = play.end(9000);
    expect(brief(events)).toEqual(['cross-talk-1 step 1: shared-variable, marker']);
    expect(found(events)[0]).toMatchObject({ user: 'u1' });
    expect(found(events)[0]?.message).toBe(
      'Step 1: the message "Welcome to our little shop, Beba!" for u1 came to the chat of u2.',
    );
  });
});

/** What a step of a scenario wants: words, or a pattern. */
const written = (words: string): Content => ({ kind: 'other', wanted: { contains: [words] } });
const pattern = (source: string): Content => ({ kind: 'other', wanted: { matches: { source, flags: 'i' } } });

const NAMES = ['Beba', 'Bebe', 'Bebi', 'Bebo', 'Bebu', 'Ceba', 'Cebe', 'Cebi'];

/** So many people who are greeted by name, the last two at the same time; what the last one sees is given. */
function wanting(count: number, expects: (name: string) => Content, seen: string): string[] {
  const play = new Play();
  const names = NAMES.slice(0, count);
  for (const [index, name] of names.entries()) {
    const isLast = index === count - 1;
    const at = isLast ? (index - 1) * 1000 + 20 : index * 1000;
    const person = play.user(`u${index + 1}`, 's1', [name]);
    person.says(at, 1, '/start', [expects(name)]).delivered(at + 1, at + 100);
    person.gets(at + 60, hello(isLast ? seen : name));
  }
  return brief(play.end(12_000));
}

describe('cross-talk in steps written by hand: guilty', () => {
  it.each<{ why: string; count: number; expects: (name: string) => Content }>([
    {
      why: 'where the step wants the own name',
      count: 4,
      expects: (name) => written(`our little shop, ${name}!`),
    },
    {
      why: 'where a step wants no name, and many saw their own',
      count: 7,
      expects: () => written('Welcome'),
    },
    { why: 'where a pattern would take any name', count: 7, expects: () => pattern('^welcome .*, \\w+!$') },
  ])('$why', ({ count, expects }) => {
    const last = NAMES[count - 2] ?? '';
    expect(wanting(count, expects, last)).toEqual(['cross-talk-1 step 1: shared-variable, exclusive']);
  });

  it('what somebody else typed', () => {
    const play = new Play();
    for (const [index, name] of NAMES.slice(0, 4).entries()) {
      const at = index < 2 ? index * 1000 : 5000 + index * 10;
      const person = play.user(`u${index + 1}`, 's1', [name]);
      const street = `${name} Street 5`;
      person.says(at, 1, street, [written(`We bring it to ${street}.`)]).delivered(at + 1, at + 200);
      person.gets(at + 150, confirmed(index === 2 ? 'Bebo Street 5' : street));
    }
    const events = play.end(9000);
    expect(brief(events)).toEqual(['cross-talk-1 step 1: shared-variable, exclusive']);
    expect(found(events)[0]?.message).toBe(
      'Step 1: “bebo street 5” of u4 stands where “bebi street 5” of u3 belongs.',
    );
  });

  it('a name that each step wants, and which most people do not see', () => {
    const play = new Play();
    for (const [index, name] of NAMES.entries()) {
      // Six at the same time: each but the first sees whoever came before.
      const at = index < 2 ? index * 1000 : 5000 + index * 10;
      const person = play.user(`u${index + 1}`, 's1', [name]);
      person.says(at, 1, '/start', [written(`shop, ${name}!`)]).delivered(at + 1, at + 200);
      person.gets(at + 150, hello(index > 2 ? (NAMES[index - 1] ?? '') : name));
    }
    const kinds = new Set(brief(play.end(12_000)).map((line) => line.replace(/-\d+ /, ' ')));
    expect([...kinds]).toEqual(['cross-talk step 1: shared-variable, exclusive']);
  });

  it('what somebody else typed, beside what all have chosen', () => {
    const play = new Play();
    const menu = text('Which pizza?');
    for (const [index, name] of NAMES.slice(0, 4).entries()) {
      const at = index < 2 ? index * 1000 : 5000 + index * 10;
      const person = play.user(`u${index + 1}`, 's1', [name]);
      person.says(at, 1, '/start', [written('Which pizza')]).delivered(at + 1, at + 60);
      const asked = person.gets(at + 50, menu);
      const tap = person.taps(at + 300, 2, 'Margherita', asked, [written('Which street')]);
      tap.delivered(at + 301, at + 360);
      person.isAnswered(at + 310, tap);
      person.gets(at + 340, text('Which street?'));
      const street = `${name} Street 5`;
      const confirm = (where: string) => text(`One Margherita to ${where}. Is that right?`);
      person.says(at + 500, 3, street, [written(`to ${street}`)]).delivered(at + 501, at + 700);
      person.gets(at + 650, confirm(index === 2 ? 'Bebo Street 5' : street));
    }
    expect(brief(play.end(12_000))).toEqual(['cross-talk-1 step 3: shared-variable, exclusive']);
  });

  it('an answer that came to the wrong chat', () => {
    const play = new Play();
    const beba = play.user('u1', 's1', ['Beba']);
    const bebe = play.user('u2', 's1', ['Bebe']);
    beba.says(0, 1, '/start', [written('shop, Beba')]).delivered(1, 100);
    bebe.says(20, 1, '/start', [written('shop, Bebe')]).delivered(21, 120);
    bebe.gets(60, hello('Beba'));
    bebe.gets(90, hello('Bebe'));
    const events = play.end(9000);
    expect(brief(events)).toContain('cross-talk-1 step 1: shared-variable, marker');
    expect(found(events)[0]).toMatchObject({ user: 'u1' });
  });
});

describe('cross-talk in steps written by hand: innocent', () => {
  it.each<{ why: string; lines: readonly string[] }>([
    { why: 'everybody sees their own', lines: wanting(7, () => written('Welcome'), 'Cebe') },
    {
      why: 'where a step wants no name, and few saw their own',
      lines: wanting(4, () => written('Welcome'), 'Bebi'),
    },
    {
      why: 'where the step names whom it wants there',
      lines: wanting(7, (name) => written(`shop, ${name === 'Cebe' ? 'Ceba' : name}`), 'Ceba'),
    },
    {
      why: 'where a pattern names whom it wants there',
      lines: wanting(7, () => pattern('beba|bebe|bebi|bebo|bebu|ceba'), 'Ceba'),
    },
  ])('$why', ({ lines }) => {
    expect(lines).toEqual([]);
  });

  it('the best of all, who was the best with each jump but the last', () => {
    const play = new Play();
    for (const [index, name] of NAMES.slice(0, 4).entries()) {
      const person = play.user(`u${index + 1}`, 's1', [name]);
      const at = index * 30;
      person.says(at, 1, '/jump', [written('The best of all')]).delivered(at, at + 50);
      person.gets(at + 30, text(`The best of all is ${index === 3 ? 'Bebi' : name}: ${index}`));
    }
    expect(brief(play.end(9000))).toEqual([]);
  });

  it('the winner beside the own name, which is all that the step wants', () => {
    const play = new Play();
    const said = (name: string, best: string) =>
      text(`Well jumped, ${name}. The best of all is ${best} so far.`);
    for (const [index, name] of NAMES.entries()) {
      const person = play.user(`u${index + 1}`, 's1', [name]);
      const at = index * 30;
      person.says(at, 1, '/jump', [written(`jumped, ${name}`)]).delivered(at, at + 50);
      person.gets(at + 30, said(name, index < 2 ? name : 'Bebe'));
    }
    expect(brief(play.end(9000))).toEqual([]);
  });

  it('a copy for somebody whose step wants it', () => {
    const play = new Play();
    const boss = play.user('u1', 's1', ['Bebe']);
    const beba = play.user('u2', 's2', ['Beba']);
    beba.says(0, 1, '/start', [written('shop, Beba')]).delivered(1, 100);
    boss.says(20, 1, '/watch', [written('Beba')]).delivered(21, 120);
    boss.gets(60, hello('Beba'));
    expect(brief(play.end(9000)).filter((line) => line.startsWith('cross-talk'))).toEqual([]);
  });
});

describe('cross-talk: innocent', () => {
  it.each<{ why: string; tell: (play: Play) => void }>([
    { why: 'everybody sees their own', tell: (play) => void greeted(play, 'Bebo') },
    {
      why: 'the name of somebody who was never at work beside them, and a few who saw their own',
      tell: (play) => void greeted(play, 'Beba', false),
    },
    {
      why: 'a place where most see somebody else: the best of all',
      tell(play) {
        for (const [index, mark] of ['Beba', 'Bebe', 'Bebi'].entries()) {
          const person = play.user(`u${index + 1}`, 's1', [mark]);
          person
            .says(index * 10, 1, '/best', [text(`The best of all is ${mark}: 3`)])
            .delivered(index * 10, index * 10 + 50);
          person.gets(index * 10 + 30, text('The best of all is Beba: 7'));
        }
      },
    },
    {
      why: 'a list with others beside the user',
      tell(play) {
        for (const [index, mark] of ['Beba', 'Bebe', 'Bebi'].entries()) {
          const person = play.user(`u${index + 1}`, 's1', [mark]);
          const list = ['Beba: 3', 'Bebe: 2', 'Bebi: 1'].join('\n');
          person
            .says(index * 10, 1, '/all', [text(`All who jumped:\n${mark}: 1`)])
            .delivered(index * 10, index * 10 + 50);
          person.gets(index * 10 + 30, text(`All who jumped:\n${list}`));
        }
      },
    },
    {
      why: 'a name that the user wrote itself',
      tell(play) {
        const [beba, bebe, bebi] = ['Beba', 'Bebe', 'Bebi'].map((mark, index) =>
          play.user(`u${index + 1}`, 's1', [mark]),
        ) as [Person, Person, Person];
        for (const [index, [person, mark]] of (
          [
            [beba, 'Beba'],
            [bebe, 'Bebe'],
          ] as const
        ).entries()) {
          person.says(index * 10, 1, '/start', [hello(mark)]).delivered(index * 10, index * 10 + 50);
          person.gets(index * 10 + 30, hello(mark));
        }
        bebi.says(20, 1, 'call me Beba', [hello('Bebi')]).delivered(20, 70);
        bebi.gets(50, hello('Beba'));
      },
    },
    {
      why: 'a word of the bot that somebody happens to type',
      tell(play) {
        const wish = (what: string) => text(`One ${what} for you. Is that right?`);
        const menu = text('We have Margherita and Funghi.');
        for (const [index, what] of ['Margherita', 'Funghi', 'Funghi'].entries()) {
          const person = play.user(`u${index + 1}`, `s${index + 1}`);
          const at = index * 10;
          person.says(at, 1, '/start', [menu]).delivered(at, at + 50);
          person.gets(at + 30, menu);
          person.says(at + 500, 2, what, [wish(what)]).delivered(at + 500, at + 560);
          person.gets(at + 540, wish(index === 2 ? 'Margherita' : what));
        }
      },
    },
    {
      why: 'a copy of the answer for an administrator, when the answer came as well',
      tell(play) {
        const beba = play.user('u1', 's1', ['Beba']);
        const boss = play.user('u2', 's2', ['Bebe']);
        boss.says(0, 1, '/watch', [text('You will hear of all who come.')]).delivered(1, 60);
        boss.gets(40, text('You will hear of all who come.'));
        beba.says(1000, 1, '/start', [hello('Beba')]).delivered(1001, 1100);
        beba.gets(1050, hello('Beba'));
        boss.gets(1070, hello('Beba'));
      },
    },
  ])('$why', ({ tell }) => {
    const play = new Play();
    tell(play);
    expect(brief(play.end(9000)).filter((line) => line.startsWith('cross-talk'))).toEqual([]);
  });
});
