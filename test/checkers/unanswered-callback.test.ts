import { describe, expect, it } from 'vitest';
import { brief } from './brief.js';
import { menu, type Person, Play, type Sent, text } from './history-builder.js';

const colours = menu('Which colour?', 'Red');
const red = text('Red it is');

/** The menu comes; at 500 the user taps Red. */
function tapOf(person: Person): Sent {
  person.says(100, 1, '/start', [colours]).delivered(101, 160);
  return person.taps(500, 2, 'Red', person.gets(140, colours), [red]);
}

describe('unanswered callback: guilty', () => {
  it.each<{ why: string; findings: readonly string[]; tell: (play: Play, ann: Person, tap: Sent) => void }>([
    {
      why: 'the handler showed the answer and left the spinner',
      findings: ['unanswered-callback-1 step 2: handler-omits-answer, exclusive'],
      tell(_, ann, tap) {
        tap.delivered(501, 600);
        ann.gets(540, red);
      },
    },
    {
      why: 'the answer came too late',
      findings: ['unanswered-callback-1 step 2: expired-callback, marker'],
      tell(_, ann, tap) {
        tap.delivered(501, 600);
        ann.gets(540, red);
        const description =
          'Bad Request: query is too old and response timeout expired or query ID is invalid';
        ann.isAnswered(560, tap, { ended: { ok: false, applied: false, errorCode: 400, description } });
      },
    },
    {
      why: 'the call failed and was not repeated',
      findings: ['unanswered-callback-1 step 2: api-error-unhandled, marker'],
      tell(_, ann, tap) {
        tap.delivered(501, 600);
        ann.gets(540, red);
        ann.isAnswered(560, tap, { ended: { ok: false, applied: false, errorCode: 500 } });
      },
    },
    {
      why: 'only one of two quick taps was answered',
      findings: ['unanswered-callback-1 step 2: double-tap, marker'],
      tell(_, ann, tap) {
        const message = tap.messageId;
        tap.delivered(501, 600);
        ann.gets(540, red);
        ann.isAnswered(560, tap);
        ann.taps(530, 2, 'Red', message, undefined, { reason: 'double-tap' }).delivered(601, 620);
      },
    },
    {
      why: 'the process ended in the middle of the first of two quick taps, and knew it as done afterwards',
      findings: ['unanswered-callback-1 step 2: restart, exclusive'],
      tell(play, ann, tap) {
        const message = tap.messageId;
        const pid = play.botStarts(450);
        tap.delivered(501, 617, { outcome: 'unknown', retryInMs: 0 });
        const again = ann.taps(561, 2, 'Red', message, undefined, { reason: 'double-tap' });
        play.botExits(618, pid);
        play.botStarts(626);
        tap.delivered(2627, 2760);
        again.delivered(2761, 2850);
        ann.isAnswered(2790, again);
        ann.gets(2800, red);
      },
    },
    {
      why: 'nothing at all came of the tap',
      findings: [
        'lost-update-1 step 2: acknowledged-then-silent, exact',
        'unanswered-callback-1 step 2: acknowledged-then-silent, exact',
      ],
      tell(_, __, tap) {
        tap.delivered(501, 600);
      },
    },
  ])('$why', ({ findings, tell }) => {
    const play = new Play();
    const ann = play.user('ann');
    tell(play, ann, tapOf(ann));
    expect(brief(play.end(10_000))).toEqual(findings);
  });
});

describe('unanswered callback: innocent', () => {
  it.each<{ why: string; endAt?: number; tell: (play: Play, ann: Person, tap: Sent) => void }>([
    {
      why: 'answered twice',
      tell(_, ann, tap) {
        tap.delivered(501, 600);
        ann.isAnswered(510, tap);
        ann.gets(540, red);
        ann.isAnswered(560, tap, { ended: { ok: false, applied: false, errorCode: 400 } });
      },
    },
    {
      why: 'answered although the bot never heard of it',
      tell(_, ann, tap) {
        tap.delivered(501, 600);
        ann.isAnswered(510, tap, { ended: { answered: false } });
        ann.gets(540, red);
      },
    },
    {
      why: 'a fault said that it came too late, and the bot went on',
      tell(_, ann, tap) {
        tap.delivered(501, 505);
        const description = 'query is too old and response timeout expired or query ID is invalid';
        const refused = { ok: false, applied: false, errorCode: 400, description, fault: 'expired' };
        ann.isAnswered(510, tap, { ended: refused });
        ann.gets(540, red);
      },
    },
    {
      why: 'answered in the webhook answer',
      tell(_, ann, tap) {
        const delivery = tap.delivered(501, 600);
        ann.gets(540, red);
        ann.isAnswered(600, tap, { answering: delivery });
      },
    },
    {
      why: 'answered by the second delivery',
      tell(play, ann, tap) {
        // Something broken on purpose, so that the error is an honest one.
        play.hit(530, { fault: 'broken-read', on: 'mongo', effect: 'error' });
        tap.delivered(501, 550, { outcome: 'refused', status: 500 });
        tap.delivered(551, 700);
        ann.gets(600, red);
        ann.isAnswered(620, tap);
      },
    },
    {
      why: 'the run ended too soon',
      endAt: 1200,
      tell(_, ann, tap) {
        tap.delivered(501, 600);
        ann.gets(540, red);
      },
    },
    {
      why: 'the answer was under way when the run ended',
      tell(_, ann, tap) {
        tap.delivered(501, 600);
        ann.gets(540, red);
        ann.isAnswered(560, tap, { unfinished: true });
      },
    },
    {
      why: 'the bot went down with it',
      tell(play, ann, tap) {
        const pid = play.botStarts(0);
        tap.delivered(501, 540);
        ann.gets(530, red);
        play.botExits(545, pid);
      },
    },
    {
      why: 'it never reached the bot',
      endAt: 1500,
      tell(_, __, tap) {
        tap.delivered(501, 502, { outcome: 'undelivered' });
      },
    },
  ])('$why', ({ tell, endAt = 10_000 }) => {
    const play = new Play();
    const ann = play.user('ann');
    tell(play, ann, tapOf(ann));
    expect(brief(play.end(endAt))).toEqual([]);
  });
});
