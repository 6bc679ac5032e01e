import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Content } from '../../src/history/content.js';
import { brief, found } from './brief.js';
import { Play, text } from './history-builder.js';

/**
 * Plays conversations with a bot that is right: it answers every input with what the recording has, be
 * it slow, be it quick, and users send again when they have waited too long. Whatever the times, nobody
 * may be accused of anything. Then the bot gets one fault, and just that must be found.
 */
const PATIENCE_MS = 5000;

interface Sketch {
  /** The bot acknowledges at once and works afterwards; else it acknowledges when it is done. */
  readonly acknowledgesFirst: boolean;
  readonly users: readonly {
    readonly startsAt: number;
    /** For each step: how long each send is at work, how many lines the answer has, how long the user thinks. */
    readonly steps: readonly { readonly workMs: readonly [number, number]; lines: number; thinkMs: number }[];
  }[];
}

type Flaw =
  | 'none'
  | 'drops-first-send'
  | 'sends-last-line-twice'
  | 'answers-as-at-first-step'
  | 'is-silent'
  /** The acknowledgement is lost, so the update comes again; the bot knows that it was there, or does not. */
  | 'forgets-what-it-did'
  | 'remembers-what-it-did';

const answerTo = (step: number, lines: number): Content[] =>
  Array.from({ length: lines }, (_, line) =>
    text(`${WORDS[step]} ${WORDS[step + 3]} ${['one', 'two', 'three'][line]}`),
  );
const WORDS = ['apple', 'brook', 'cloud', 'dune', 'ember', 'frost', 'grove', 'hill', 'island', 'jade'];

/** Plays it; the flaw shows in the last step of the first user. */
function play({ acknowledgesFirst, users }: Sketch, flaw: Flaw = 'none') {
  const story = new Play();
  let endAt = 0;
  for (const [index, { startsAt, steps }] of users.entries()) {
    const person = story.user(`user${index}`);
    let at = startsAt;
    let queueFreeAt = 0;
    for (const [place, { workMs, lines, thinkMs }] of steps.entries()) {
      const number = place + 1;
      const answer = answerTo(place, lines);
      const broken = index === 0 && number === steps.length ? flaw : 'none';
      let answeredAt = Number.POSITIVE_INFINITY;
      for (const send of [1, 2]) {
        const sentAt = at + (send - 1) * PATIENCE_MS;
        if (answeredAt < sentAt) break;
        const sent = person.says(sentAt, number, `input ${number}`, send === 1 ? answer : undefined, {
          send,
        });
        const startAt = Math.max(sentAt, queueFreeAt) + 1;
        const doneAt = startAt + (workMs[send - 1] ?? 0) + lines * 20 + 40;
        const takenAt = acknowledgesFirst ? startAt + 2 : doneAt;
        queueFreeAt = takenAt;
        if (broken === 'forgets-what-it-did' || broken === 'remembers-what-it-did') {
          const lost = sent.delivered(startAt, takenAt, { outcome: 'unknown', fault: 'lost-ack' });
          const effect = { on: 'delivery', effect: 'lose-acknowledgement' } as const;
          story.hit(takenAt, { fault: 'lost-ack', ...effect, delivery: lost.id });
          const again = broken === 'forgets-what-it-did';
          const workMs = again && !acknowledgesFirst ? doneAt - startAt : 2;
          queueFreeAt = takenAt + 1 + workMs;
          sent.delivered(takenAt + 1, queueFreeAt);
          const shiftMs = takenAt + 1 - startAt;
          for (const [line, content] of (again ? answer : []).entries()) {
            person.gets(doneAt + shiftMs - (lines - line) * 20 - 15, content);
          }
          endAt = Math.max(endAt, doneAt + shiftMs);
        } else {
          sent.delivered(startAt, takenAt);
        }
        endAt = Math.max(endAt, doneAt);
        if (broken === 'is-silent' || (broken === 'drops-first-send' && send === 1)) continue;
        const said = broken === 'answers-as-at-first-step' ? answerTo(0, lines) : answer;
        for (const [line, content] of said.entries()) {
          const saidAt = doneAt - (lines - line) * 20 - 15;
          person.gets(saidAt, content);
          answeredAt = Math.min(
            answeredAt,
            line === said.length - 1 ? saidAt + 10 : Number.POSITIVE_INFINITY,
          );
          if (broken === 'sends-last-line-twice' && send === 1 && line === said.length - 1)
            person.gets(saidAt + 12, content);
        }
      }
      const right = Number.isFinite(answeredAt) && broken !== 'answers-as-at-first-step';
      const outcome = right ? 'answered' : Number.isFinite(answeredAt) ? 'unexpected' : 'silent';
      const endsAt = right ? answeredAt : at + 2 * PATIENCE_MS;
      person.ends(endsAt, number, outcome);
      endAt = Math.max(endAt, endsAt);
      at = endsAt + thinkMs;
    }
  }
  return story.end(endAt + 3000);
}

const sketch = (workMs: fc.Arbitrary<number>): fc.Arbitrary<Sketch> =>
  fc.record({
    acknowledgesFirst: fc.boolean(),
    users: fc.array(
      fc.record({
        startsAt: fc.nat(3000),
        steps: fc.array(
          fc.record({
            workMs: fc.tuple(workMs, workMs),
            lines: fc.integer({ min: 1, max: 3 }),
            thinkMs: fc.integer({ min: 100, max: 900 }),
          }),
          { minLength: 2, maxLength: 5 },
        ),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  });

const anyWork = fc.oneof(fc.nat(300), fc.nat(9000));
const quickWork = fc.nat(300);

describe('a bot that is right', () => {
  it('is never accused, however slow it is and however often it is asked', () => {
    fc.assert(
      fc.property(sketch(anyWork), (given) => {
        expect(brief(play(given))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a bot with one flaw', () => {
  it.each<[Flaw, string]>([
    ['drops-first-send', 'resend-needed'],
    ['sends-last-line-twice', 'duplicate-reply'],
    ['answers-as-at-first-step', 'lost-state'],
    ['is-silent', 'lost-update'],
  ])('that %s is found out: %s, and nothing else', (flaw, kind) => {
    fc.assert(
      fc.property(sketch(quickWork), (given) => {
        const findings = found(play(given, flaw));
        expect(findings.map((finding) => `${finding.kind} ${finding.user} ${finding.step}`)).toEqual([
          `${kind} user0 ${given.users[0]?.steps.length}`,
        ]);
      }),
      { numRuns: 60 },
    );
  });

  it('that handles an update again shows each line twice, for a lost acknowledgement', () => {
    fc.assert(
      fc.property(sketch(quickWork), (given) => {
        const lines = given.users[0]?.steps.at(-1)?.lines ?? 0;
        const findings = found(play(given, 'forgets-what-it-did'));
        expect(findings.map(({ kind, cause }) => `${kind} ${cause}`)).toEqual(
          Array(lines).fill('duplicate-reply lost-acknowledgement'),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('that comes from outside, and that it makes up for, is no finding', () => {
    fc.assert(
      fc.property(sketch(quickWork), (given) => {
        expect(brief(play(given, 'remembers-what-it-did'))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
