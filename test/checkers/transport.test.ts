import { describe, expect, it } from 'vitest';
import type { CallView } from '../../src/history/view.js';
import { brief, found } from './brief.js';
import { Play, text } from './history-builder.js';

const welcome = text('Welcome');

/** A user who is answered, so that the bot is no dead one. */
function answered(play: Play, name = 'zoe', at = 0): void {
  const zoe = play.user(name);
  zoe.says(at, 1, '/start', [welcome]).delivered(at + 1, at + 30);
  zoe.gets(at + 10, welcome);
}

const CONFLICT = {
  ok: false,
  applied: false,
  errorCode: 409,
  description:
    'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
} satisfies Partial<CallView['ended']>;

describe('polling conflict', () => {
  it('is told once for an episode, with how often', () => {
    const play = new Play();
    for (const at of [1000, 3000, 6000, 9000]) play.call(at, 'getUpdates', CONFLICT);
    answered(play);
    const [finding, ...others] = found(play.end(20_000));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ kind: 'polling-conflict', cause: 'two-consumers', strength: 'exact' });
    expect(finding?.message).toMatch(/refused 4 times in 8 s: Conflict: terminated by other getUpdates/);
  });

  it('tells a webhook that is still set from a second poller', () => {
    const play = new Play();
    const description = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook";
    play.call(1000, 'getUpdates', { ...CONFLICT, description });
    answered(play);
    expect(brief(play.end(9000))).toEqual(['polling-conflict-1: webhook-still-set, exact']);
  });

  it.each([
    {
      why: 'nobody heard of it',
      tell: (play: Play) => play.call(1000, 'getUpdates', { ...CONFLICT, answered: false }),
    },
    {
      why: 'one instance took over from another',
      tell: (play: Play) => {
        const pid = play.botStarts(0);
        play.botStarts(900, 2);
        play.call(1000, 'getUpdates', CONFLICT);
        play.botExits(2000, pid);
      },
    },
    {
      why: 'a fault said it',
      tell: (play: Play) => play.call(1000, 'getUpdates', { ...CONFLICT, fault: 'made-up' }),
    },
  ])('innocent: $why', ({ tell }) => {
    const play = new Play();
    answered(play);
    tell(play);
    expect(brief(play.end(9000))).toEqual([]);
  });
});

describe('dropped updates', () => {
  it('tells of one drop, and of how many people', () => {
    const play = new Play();
    for (const [index, name] of ['ann', 'bob', 'cyd'].entries()) {
      play
        .user(name)
        .says(index * 10, 1, 'Hello', [])
        .dropped(500 + index, 'dropped-by-bot');
    }
    answered(play, 'zoe', 2000);
    const findings = found(play.end(9000));
    expect(findings.map(({ kind, cause }) => `${kind}: ${cause}`)).toEqual([
      'dropped-updates: dropped-by-bot',
    ]);
    expect(findings[0]?.message).toBe('3 updates of 3 users waited for the bot and were thrown away unread.');
  });

  it('innocent: what Telegram itself dropped, and what nobody sent', () => {
    const play = new Play();
    play.user('ann').says(0, 1, 'Hello', []).dropped(500, 'expired');
    answered(play, 'zoe', 2000);
    expect(brief(play.end(9000))).toEqual([]);
  });
});

describe('webhook error', () => {
  it('groups refusals by status, and knows a rate limiter', () => {
    const play = new Play();
    const ann = play.user('ann');
    for (let index = 0; index < 6; index += 1) {
      const sent = ann.says(index * 100, index + 1, 'Hello', []);
      if (index % 2 === 0) sent.delivered(index * 100, index * 100 + 2, { outcome: 'refused', status: 429 });
      sent.delivered(index * 100 + 10, index * 100 + 40);
      ann.gets(index * 100 + 20, welcome);
    }
    const [finding, ...others] = found(play.end(9000));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ kind: 'webhook-error', cause: 'webhook-rate-limited' });
    expect(finding?.message).toBe('3 of 9 deliveries were answered with 429.');
  });

  it('knows a server that refuses everything for its path or secret', () => {
    const play = new Play();
    const ann = play.user('ann');
    for (let index = 0; index < 4; index += 1) {
      ann
        .says(index * 100, index + 1, 'Hello', [])
        .delivered(index * 100, index * 100 + 2, { outcome: 'refused', status: 404 });
    }
    expect(found(play.end(9000)).map(({ kind, cause }) => `${kind}: ${cause}`)).toContain(
      'webhook-error: webhook-misconfigured',
    );
  });

  it.each([
    {
      why: 'a broken command led to it',
      tell: (play: Play) => play.hit(10, { fault: 'broken', on: 'mongo', effect: 'reset' }),
    },
    {
      why: 'it came while the bot was stopped',
      tell: (play: Play) => {
        const pid = play.botStarts(0);
        play.emit(1, { type: 'bot.ready', instance: 1, ms: 1 });
        play.botExits(60, pid);
        play.botStarts(80);
      },
    },
  ])('innocent: $why', ({ tell }) => {
    const play = new Play();
    tell(play);
    const ann = play.user('ann');
    const sent = ann.says(5, 1, '/start', [welcome]);
    sent.delivered(6, 50, { outcome: 'refused', status: 500, retryInMs: 0 });
    sent.delivered(3000, 3050);
    ann.gets(3020, welcome);
    expect(brief(play.end(9000))).toEqual([]);
  });
});

describe('api error', () => {
  const refused = (description: string) => ({
    ended: { ok: false, applied: false, errorCode: 400, description },
  });
  const PARSE = "Bad Request: can't parse entities: Can't find end of the entity starting at byte offset 7";

  it('tells of what was refused and never came', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'my_name', []).delivered(1, 60);
    ann.gets(30, text('Hello my_name'), refused(PARSE));
    answered(play);
    const [finding, ...others] = found(play.end(9000));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ kind: 'api-error', cause: 'call-refused', step: 1 });
    expect(finding?.message).toMatch(/^sendMessage was refused: Bad Request: can't parse entities/);
  });

  it.each([
    {
      why: 'the same was sent without its markup',
      description: PARSE,
      shown: true,
    },
    {
      why: 'the message showed that already',
      description: 'Bad Request: message is not modified',
      shown: false,
    },
    {
      why: 'the user has blocked the bot',
      description: 'Forbidden: bot was blocked by the user',
      shown: false,
    },
  ])('innocent: $why', ({ description, shown }) => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, 'my_name', []).delivered(1, 90);
    ann.gets(30, text('Hello my_name'), refused(description));
    if (shown) ann.gets(60, text('Hello my_name'));
    answered(play);
    expect(brief(play.end(9000))).toEqual([]);
  });
});

describe('flood limit', () => {
  const limited = {
    ended: { ok: false, applied: false, errorCode: 429, description: 'Too Many Requests: retry after 3' },
  };

  it('tells of a bot that does not wait', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 5000);
    ann.gets(100, welcome, limited);
    ann.gets(300, welcome, limited);
    ann.gets(500, welcome, limited);
    ann.gets(4000, welcome);
    const flood = found(play.end(9000)).filter(({ kind }) => kind === 'flood-limit');
    expect(flood).toHaveLength(1);
    expect(flood[0]).toMatchObject({ cause: 'flood-limit-ignored', strength: 'exact' });
    expect(flood[0]?.message).toBe(
      'sendMessage was told to wait 3 s and came back after 190 ms, and 1 more times.',
    );
  });

  it('innocent: a bot that waits', () => {
    const play = new Play();
    const ann = play.user('ann');
    ann.says(0, 1, '/start', [welcome]).delivered(1, 5000);
    ann.gets(100, welcome, limited);
    ann.gets(3150, welcome, limited);
    ann.gets(6200, welcome);
    expect(brief(play.end(12_000))).toEqual([]);
  });
});

describe('silent write', () => {
  const writes = (play: Play, counts: readonly number[], name = 'update'): void => {
    for (const [index, n] of counts.entries()) play.command(index * 20, 5, { name, n }, name);
  };

  it('tells of updates that never match', () => {
    const play = new Play();
    answered(play);
    writes(play, [0, 0, 0, 0]);
    const [finding, ...others] = found(play.end(9000));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: 'silent-write',
      cause: 'write-matches-nothing',
      strength: 'exact',
    });
    expect(finding?.message).toMatch(/^4 of 4 updates of .* matched no document\.$/);
  });

  it.each([
    { why: 'most of them match', counts: [1, 0, 1, 0, 1], name: 'update' },
    { why: 'two are no habit', counts: [0, 0], name: 'update' },
    { why: 'deletes that find nothing', counts: [0, 0, 0, 0], name: 'delete' },
    { why: 'claims that somebody else was quicker to make', counts: [0, 0, 0, 0], name: 'findAndModify' },
  ])('innocent: $why', ({ counts, name }) => {
    const play = new Play();
    answered(play);
    writes(play, counts, name);
    expect(brief(play.end(9000))).toEqual([]);
  });
});

describe('a write that was applied and whose answer was lost', () => {
  it('is told from one that never took place', () => {
    for (const [appliedUpstream, cause] of [
      [true, 'write-acknowledgement-lost'],
      [false, 'state-write-lost'],
    ] as const) {
      const play = new Play();
      play.user('ann').says(0, 1, '/start', [welcome]).delivered(1, 60);
      play.command(20, 5, { name: 'update', outcome: 'unknown', appliedUpstream }, 'update');
      expect(brief(play.end(9000))).toEqual([`lost-update-1 step 1: ${cause}, overlap`]);
    }
  });
});
