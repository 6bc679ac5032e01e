import { describe, expect, it } from 'vitest';
import type { Content } from '../../src/history/content.js';
import { brief, found, proof } from './brief.js';
import { type Person, Play, text } from './history-builder.js';

const ask = {
  name: text('Hello! What is your name?'),
  street: text('Thank you. Which street?'),
  city: text('Noted. And the city?'),
  mail: text('Where shall we write to?'),
  done: text('Your order is complete.'),
};

/** The bot takes it and says this, or nothing. */
function says(
  person: Person,
  at: number,
  step: number,
  line: string,
  expects: Content,
  gives?: Content,
  send = 1,
) {
  person.says(at, step, line, send === 1 ? [expects] : undefined, { send }).delivered(at + 1, at + 30);
  if (gives !== undefined) person.gets(at + 15, gives);
}

function begins(play: Play): Person {
  const ann = play.user('ann');
  says(ann, 0, 1, '/start', ask.name, ask.name);
  says(ann, 1000, 2, 'Ann', ask.street, ask.street);
  return ann;
}

describe('stuck conversation: guilty', () => {
  it('beginning again brings nothing, though it did at first', () => {
    const play = new Play();
    const ann = begins(play);
    says(ann, 2000, 3, '/start', ask.name);
    says(ann, 7000, 3, '/start', ask.name, undefined, 2);
    ann.ends(12_000, 3, 'silent', 2);
    const events = play.end(15_000);
    expect(brief(events)).toEqual(['stuck-conversation-1 step 3: stale-state, exact']);
    expect(found(events)[0]?.message).toBe(
      'Step 3: beginning again with “/start” did not help: got no answer.',
    );
    expect(proof(events, found(events)[0]).filter((type) => type === 'action')).toHaveLength(2);
  });

  it('beginning again brings the question that stood open, each time', () => {
    const play = new Play();
    const ann = begins(play);
    says(ann, 2000, 3, '/start', ask.name, ask.street);
    says(ann, 7000, 3, '/start', ask.name, ask.street, 2);
    ann.ends(12_000, 3, 'unexpected', 2);
    expect(brief(play.end(15_000))).toEqual(['stuck-conversation-1 step 3: stale-state, exclusive']);
  });

  it('beginning again is taken for the answer to one question after another', () => {
    const play = new Play();
    const ann = begins(play);
    says(ann, 2000, 3, '/start', ask.name, ask.city);
    says(ann, 7000, 3, '/start', ask.name, ask.mail, 2);
    ann.ends(12_000, 3, 'unexpected', 2);
    const events = play.end(15_000);
    expect(brief(events)).toEqual(['stuck-conversation-1 step 3: stale-state, exclusive']);
    expect(found(events)[0]?.message).toBe(
      'Step 3: beginning again with “/start” did not help: got no right answer, first the message "Noted. And the city?".',
    );
  });

  describe('the first input meets a state that the scenario has stored', () => {
    const stored = (operation: 'insert' | 'delete', of: string, sends = 2) => {
      const play = new Play();
      const facts = { user: of, session: of, step: 0, collection: 'sessions', n: 1 };
      play.emit(10, { type: 'database.written', operation, ...facts });
      const ann = play.user('ann');
      const city = text('Which city?');
      for (let send = 1; send <= sends; send += 1) {
        says(ann, 100 + send * 5000, 1, '/start', ask.name, city, send);
      }
      ann.ends(5200 + sends * 5000, 1, 'unexpected', sends);
      return brief(play.end(9000 + sends * 5000));
    };

    it('and the bot asks on from there', () => {
      expect(stored('insert', 'ann')).toEqual(['stuck-conversation-1 step 1: stale-state, exclusive']);
    });

    it('which was that of another user, or was taken away: nobody knows', () => {
      expect(stored('insert', 'bob')).toEqual(['lost-state-1 step 1: unknown, exclusive']);
      expect(stored('delete', 'ann')).toEqual(['lost-state-1 step 1: unknown, exclusive']);
    });
  });

  it('a state that was stored before a restart stands in the way after it', () => {
    const play = new Play();
    const pid = play.botStarts(0);
    const ann = begins(play);
    play.botExits(1500, pid);
    play.botStarts(1600);
    says(ann, 2000, 3, '/start', ask.name);
    says(ann, 7000, 3, '/start', ask.name, undefined, 2);
    ann.ends(12_000, 3, 'silent', 2);
    expect(brief(play.end(15_000))).toEqual(['stuck-conversation-1 step 3: stale-state, overlap']);
  });

  it('somebody who begins the recorded dialogue again in its middle', () => {
    const play = new Play();
    const ann = begins(play);
    says(ann, 2000, 1, '/start', ask.name, undefined, 2);
    says(ann, 7000, 1, '/start', ask.name, undefined, 3);
    ann.ends(12_000, 1, 'silent', 2);
    expect(brief(play.end(15_000))).toEqual(['stuck-conversation-1 step 1: stale-state, exact']);
  });

  it('one input after another gets nothing: one finding, and not three', () => {
    const play = new Play({ pace: 'timeline' });
    const ann = begins(play);
    says(ann, 3000, 3, 'Main Street', ask.city);
    says(ann, 6000, 4, 'Berlin', ask.mail);
    says(ann, 9000, 5, 'ann@example.com', ask.done);
    const events = play.end(20_000);
    expect(brief(events)).toEqual(['stuck-conversation-1 step 3: acknowledged-then-silent, exact']);
    expect(found(events)[0]?.message).toBe('3 different inputs in a row, from step 3 on, got no answer.');
  });

  it('one input after another gets the same question', () => {
    const play = new Play({ pace: 'timeline' });
    const ann = begins(play);
    says(ann, 3000, 3, 'Main Street', ask.city, ask.street);
    says(ann, 6000, 4, 'Berlin', ask.mail, ask.street);
    says(ann, 9000, 5, 'ann@example.com', ask.done, ask.street);
    expect(brief(play.end(20_000))).toEqual(['stuck-conversation-1 step 3: unknown, exclusive']);
  });
});

describe('stuck conversation: something else', () => {
  it.each<{ why: string; tell: (play: Play) => void; finds: string[] }>([
    {
      why: 'two sends of one input are a lost update',
      tell(play) {
        const ann = begins(play);
        says(ann, 2000, 3, 'Main Street', ask.city);
        says(ann, 7000, 3, 'Main Street', ask.city, undefined, 2);
        ann.ends(12_000, 3, 'silent', 2);
      },
      finds: ['lost-update-1 step 3: acknowledged-then-silent, exact'],
    },
    {
      why: 'a first input that never worked may be one that the bot does not know',
      tell(play) {
        const ann = play.user('ann');
        says(ann, 0, 1, '/start', ask.name);
        says(ann, 5000, 1, '/start', ask.name, undefined, 2);
        ann.ends(10_000, 1, 'silent', 2);
        says(play.user('bob'), 0, 1, '/start', ask.name, ask.name);
      },
      finds: ['lost-update-1 step 1: acknowledged-then-silent, exact'],
    },
    {
      why: 'beginning again helped at the second try',
      tell(play) {
        const ann = begins(play);
        says(ann, 2000, 3, '/start', ask.name);
        says(ann, 7000, 3, '/start', ask.name, ask.name, 2);
      },
      finds: ['resend-needed-1 step 3: acknowledged-then-silent, exclusive'],
    },
    {
      why: 'other inputs with other wrong answers are no row',
      tell(play) {
        const ann = begins(play);
        says(ann, 3000, 3, 'Main Street', ask.city, ask.name);
        says(ann, 6000, 4, 'Berlin', ask.mail, ask.street);
        says(ann, 9000, 5, 'ann@example.com', ask.done, ask.name);
      },
      finds: [3, 4, 5].map((step, index) => `lost-state-${index + 1} step ${step}: unknown, exclusive`),
    },
    {
      why: 'the process was killed while it was at work on the new beginning',
      tell(play) {
        const pid = play.botStarts(0);
        const ann = begins(play);
        says(ann, 2000, 3, '/start', ask.name);
        play.botExits(2040, pid);
        play.botStarts(2500);
        says(ann, 7000, 3, '/start', ask.name, undefined, 2);
        ann.ends(12_000, 3, 'silent', 2);
      },
      finds: ['lost-update-1 step 3: restart, exclusive'],
    },
    {
      why: 'a bot that has forgotten the user and says what to do',
      tell(play) {
        const pid = play.botStarts(0);
        const ann = begins(play);
        play.botExits(1500, pid);
        play.botStarts(1600);
        for (const [index, expects] of [ask.city, ask.mail, ask.done].entries())
          says(ann, 3000 * (index + 1), 3 + index, `input ${index}`, expects, text('Send /start to order.'));
      },
      finds: [3, 4, 5].map((step, index) => `lost-state-${index + 1} step ${step}: restart, exclusive`),
    },
    {
      why: 'a bot that is away does not take the inputs',
      tell(play) {
        const ann = begins(play);
        for (const [index, expects] of [ask.city, ask.mail, ask.done].entries())
          ann
            .says(3000 * (index + 1), 3 + index, `input ${index}`, [expects])
            .delivered(3000 * (index + 1) + 1, 3000 * (index + 1) + 2, { outcome: 'refused', status: 502 });
      },
      finds: [3, 4, 5].map((step, index) => `lost-update-${index + 1} step ${step}: handler-error, exact`),
    },
    {
      why: 'steps that want no answer',
      tell(play) {
        const ann = begins(play);
        for (const step of [3, 4, 5])
          ann.says(1000 * step, step, `note ${step}`, []).delivered(1000 * step, 1000 * step + 9);
      },
      finds: [],
    },
  ])('$why', ({ tell, finds }) => {
    const play = new Play({ pace: 'timeline' });
    tell(play);
    expect(brief(play.end(20_000)).filter((line) => !line.startsWith('webhook-error'))).toEqual(finds);
  });
});
