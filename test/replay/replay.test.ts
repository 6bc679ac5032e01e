import { describe, expect, it } from 'vitest';
import type { ManualClock } from '../../src/base/clock.js';
import type { ReplayOptions } from '../../src/replay/options.js';
import type { Incoming } from '../../src/telegram/contracts.js';
import { type Dialogue, orderDialogue, orderRecording } from './fake-bot.js';
import { type Played, play, withFolder } from './play.js';

const folder = withFolder();
const replay = (options: Omit<Parameters<typeof play>[0], 'folder'> = {}) =>
  play({ folder: folder(), ...options });

const outcomes = (played: Played) => played.of('step.ended').map(({ outcome, sends }) => [outcome, sends]);

describe('pace conversation', () => {
  it('plays the session under fresh ids and names, waits for the answers and thinks', async () => {
    const played = await replay({ think: () => 300 });
    expect(played.result).toEqual({ users: 1, completed: 1, stuck: 0, cut: 0, steps: 4 });
    expect(outcomes(played)).toEqual([
      ['answered', 1],
      ['answered', 1],
      ['answered', 1],
      ['not-awaited', 1],
    ]);
    const actions = played.of('action');
    expect(
      actions.map(({ kind, text, button, at, intendedAt }) => [kind, text ?? button?.data, at, intendedAt]),
    ).toEqual([
      ['text', '/start', 0, 0],
      ['text', 'Bebe', 320, 320],
      ['tap', 'large', 640, 640],
      ['text', 'bye', 960, 960],
    ]);
    expect(actions[1]?.expects).toMatchObject([{ text: 'Nice, Bebe! Which size do you want?' }]);
    expect(actions[3]?.expects).toEqual([]);
    const [start, name, tap] = played.side.received.map(({ payload }) => payload);
    expect(start).toMatchObject({
      from: { first_name: 'Bebe', username: 'bebe_u1' },
      chat: { type: 'private' },
    });
    expect(start?.chat).toMatchObject({ id: played.of('user.started')[0]?.userId });
    // 102 was the bot's first message: here it is message 2.
    expect(name?.reply_to_message).toMatchObject({ message_id: 2 });
    expect(tap).toMatchObject({ data: 'large', message: { message_id: 4 } });
    expect(JSON.stringify(played.side.received)).not.toMatch(/777|Mira|mira_v|"date"|"id":"q"/);
    expect(played.of('user.started')[0]).toMatchObject({ user: 'u1', session: 's1', bot: 42 });
    expect(played.events.at(-1)).toMatchObject({ type: 'user.ended', outcome: 'completed', steps: 4 });
  });

  it('sends again when its patience runs out, and is stuck after the last send', async () => {
    const deaf = await replay({ dialogue: () => [], patienceMs: 1000, sends: 3 });
    expect(deaf.of('action').map(({ reason, send, at }) => [reason, send, at])).toEqual([
      ['planned', 1, 0],
      ['resend', 2, 1000],
      ['resend', 3, 2000],
    ]);
    expect(outcomes(deaf)).toEqual([['silent', 3]]);
    expect(deaf.result).toMatchObject({ stuck: 1, completed: 0 });
    const odd = await replay({ dialogue: () => [{ text: 'Please wait' }], patienceMs: 1000 });
    expect(outcomes(odd)).toEqual([['unexpected', 2]]);
  });

  it('goes on when the second send is answered', async () => {
    let starts = 0;
    const dialogue: Dialogue = (incoming, side) => {
      if (incoming.payload.text === '/start') starts += 1;
      return starts === 1 ? [] : orderDialogue(incoming, side);
    };
    const played = await replay({ dialogue, patienceMs: 1000 });
    expect(outcomes(played)[0]).toEqual(['answered', 2]);
    expect(played.result.completed).toBe(1);
  });

  it('names a button that never comes', async () => {
    const dialogue: Dialogue = (incoming, side) =>
      orderDialogue(incoming, side).map(({ text }) => ({ text: text.replace(/Which/, 'which') }));
    // Matched as reworded would need buttons, so the step before expects only its text here.
    const recorded = orderRecording().filter((_, index) => index !== 3);
    const played = await replay({ dialogue, recorded, patienceMs: 1000 });
    expect(outcomes(played).at(-1)).toEqual(['button-missing', 0]);
    expect(played.result.stuck).toBe(1);
  });

  it.each([
    ['text', ['SMALL', 'LARGE'].map((text) => text.toLowerCase()), 'large'],
    ['place', ['s-1', 'l-2'], 'l-2'],
  ])('finds a button by its %s when its data are others', async (_, buttons, data) => {
    const dialogue: Dialogue = (incoming, side) =>
      orderDialogue(incoming, side).map((reply) => (reply.buttons ? { ...reply, buttons } : reply));
    const played = await replay({ dialogue });
    expect(played.of('action')[2]?.button?.data).toBe(data);
  });

  it('taps twice when the hook says so, unless the message is gone by then', async () => {
    const hooks = { doubleTap: () => 70 };
    const twice = await replay({ hooks });
    const taps = twice.of('action').filter(({ kind }) => kind === 'tap');
    expect(taps.map(({ reason, action, send }) => [reason, action, send])).toEqual([
      ['planned', 'u1.3.1', 1],
      ['double-tap', 'u1.3.2', 2],
    ]);
    expect((taps[1]?.at ?? 0) - (taps[0]?.at ?? 0)).toBe(70);
    expect(taps[0]?.callbackQueryId).not.toBe(taps[1]?.callbackQueryId);
    const dialogue: Dialogue = (incoming, side) => {
      const { message } = incoming.payload as { message?: { message_id: number; chat: { id: number } } };
      if (message !== undefined) side.delete(message.chat.id, message.message_id);
      return orderDialogue(incoming, side);
    };
    const gone = await replay({ hooks, dialogue });
    expect(gone.of('action').filter(({ reason }) => reason === 'double-tap')).toEqual([]);
  });

  it('does more than was recorded when a hook says so, and looks what the bot makes of it', async () => {
    const asked: string[] = [];
    const played = await replay({
      hooks: {
        extraActs: ({ step, round }) => {
          asked.push(`${step}/${round}`);
          return step === 2
            ? [{ act: 'unknown-fields' }, { act: 'malformed', shape: 'no-content' }, { act: 'unknown-kind' }]
            : [];
        },
      },
    });
    expect(asked).toEqual(['1/1', '2/1', '3/1', '4/1']);
    const actions = played.of('action');
    expect(actions.map(({ action, reason }) => `${action} ${reason}`)).toEqual([
      'u1.1.1 planned',
      'u1.2.x1 unknown-fields',
      'u1.2.x2 malformed',
      'u1.2.x3 unknown-kind',
      'u1.2.1 planned',
      'u1.3.1 planned',
      'u1.4.1 planned',
    ]);
    // Each time it waits until the bot has been quiet for a while, and that is no lag.
    const [, first, second, , planned] = actions;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(500);
    expect(planned?.at).toBe(planned?.intendedAt);
    const odd = played.side.received.slice(1, 4);
    expect(odd.map(({ kind }) => kind)).toEqual(['message', 'message', 'hologram_call']);
    for (const { payload } of odd) expect(payload.chat).toMatchObject({ id: actions[0]?.chatId });
    expect(odd[0]?.payload.hologram).toBeDefined();
    expect(odd[1]?.payload).not.toHaveProperty('text');
    expect(played.of('step.ended').map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(played.result.completed).toBe(1);
  });

  it('writes at the moment of a tap when the hook says so', async () => {
    const nexts: unknown[] = [];
    const played = await replay({
      hooks: {
        textBesideTap: ({ step, next }) => {
          nexts.push([step, next]);
          return '?';
        },
      },
    });
    expect(nexts).toEqual([[3, 'text']]);
    const [tap, beside] = played.of('action').filter(({ step }) => step === 3);
    expect(tap?.kind).toBe('tap');
    expect(beside).toMatchObject({ action: 'u1.3.x1', reason: 'text-beside-tap', text: '?', at: tap?.at });
    expect(beside).not.toHaveProperty('expects');
    expect(played.result.completed).toBe(1);
  });

  it('begins anew when the hook says so, once, and counts the rounds', async () => {
    const asked: number[] = [];
    const played = await replay({
      hooks: {
        startsOver: ({ step }) => {
          asked.push(step);
          return step === 3;
        },
      },
    });
    expect(asked).toEqual([2, 3]);
    expect(played.of('action').map(({ action, round }) => `${action} ${round ?? 1}`)).toEqual([
      'u1.1.1 1',
      'u1.2.1 1',
      'u1.r2.1.1 2',
      'u1.r2.2.1 2',
      'u1.r2.3.1 2',
      'u1.r2.4.1 2',
    ]);
    expect(played.of('action').map(({ text, button }) => text ?? button?.text)).toEqual([
      '/start',
      expect.any(String),
      '/start',
      expect.any(String),
      'LARGE',
      'bye',
    ]);
    expect(
      played.of('step.ended').map(({ step, round = 1, outcome }) => `${round}/${step} ${outcome}`),
    ).toEqual([
      '1/1 answered',
      '1/2 answered',
      '2/1 answered',
      '2/2 answered',
      '2/3 answered',
      '2/4 not-awaited',
    ]);
    expect(played.of('user.ended')).toMatchObject([{ outcome: 'completed', steps: 6 }]);
  });

  it('waits for the hook and counts its time as no lag', async () => {
    let clock: ManualClock | undefined;
    const beforeAction = ({ step }: { step: number }) =>
      new Promise<void>((resolve) => (step === 2 ? clock?.set(400, resolve) : resolve()));
    const played = await replay({
      hooks: { beforeAction },
      prepare: (_, c) => {
        clock = c;
      },
    });
    const second = played.of('action')[1];
    expect(second?.at).toBe(420);
    expect(second?.intendedAt).toBe(420);
  });

  it('ends with the error of a hook, and everybody is cut', async () => {
    const hooks = { beforeAction: () => Promise.reject(new Error('no bot')) };
    await expect(replay({ hooks, users: 3 })).rejects.toThrow('no bot');
  });

  it('lets users arrive at their rate, share the sessions and not their ids', async () => {
    const played = await replay({ users: 4, arrivals: { rate: 10 } });
    const started = played.of('user.started');
    expect(started.map(({ at }) => at)).toEqual([0, 100, 200, 300]);
    expect(new Set(started.map(({ chatId }) => chatId)).size).toBe(4);
    expect(played.result.completed).toBe(4);
    const names = played.side.received.map(
      ({ payload }) => (payload.from as { first_name: string }).first_name,
    );
    expect(new Set(names)).toEqual(new Set(['Bebe', 'Bebi', 'Bebo', 'Bebu']));
  });

  it('cuts open steps and users when it is aborted', async () => {
    const stop = new AbortController();
    const played = await replay({
      users: 2,
      signal: stop.signal,
      dialogue: () => [],
      prepare: (_, clock) => void clock.set(700, () => stop.abort()),
    });
    expect(outcomes(played)).toEqual([
      ['cut', 1],
      ['cut', 1],
    ]);
    expect(played.result).toEqual({ users: 2, completed: 0, stuck: 0, cut: 2, steps: 2 });
  });

  it('gives the same stimulus for the same seed, and other ids for another', async () => {
    const stimulus = async (seed: string): Promise<readonly Incoming[]> =>
      (await replay({ seed, users: 3, think: () => 50 })).side.received;
    const first = await stimulus('a');
    expect(await stimulus('a')).toEqual(first);
    expect(await stimulus('b')).not.toEqual(first);
  });
});

describe('pace timeline', () => {
  it('acts at the recorded times, whatever the bot does', async () => {
    const played = await replay({ pace: 'timeline', speed: 2, dialogue: orderDialogue });
    expect(
      played.of('action').map(({ at, intendedAt, expects }) => [at, intendedAt, expects?.length]),
    ).toEqual([
      [0, 0, 1],
      [1000, 1000, 1],
      [2000, 2000, 1],
      [3000, 3000, 0],
    ]);
    expect(outcomes(played)).toEqual(Array(4).fill(['not-awaited', 1]));
    expect(played.side.received[2]?.payload).toMatchObject({ message: { message_id: 4 } });
    expect(played.result).toEqual({ users: 1, completed: 1, stuck: 0, cut: 0, steps: 4 });
  });

  it('does not wait for a silent bot: what cannot be tapped is missing', async () => {
    const played = await replay({ pace: 'timeline', dialogue: () => [] });
    expect(outcomes(played)).toEqual([
      ['not-awaited', 1],
      ['not-awaited', 1],
      ['button-missing', 0],
      ['not-awaited', 1],
    ]);
  });

  it('taps twice, and is cut when it is aborted', async () => {
    const twice = await replay({ pace: 'timeline', hooks: { doubleTap: () => 60 } });
    expect(twice.of('action').filter(({ reason }) => reason === 'double-tap')).toHaveLength(1);
    const stop = new AbortController();
    const cut = await replay({
      pace: 'timeline',
      signal: stop.signal,
      prepare: (_, clock) => void clock.set(2500, () => stop.abort()),
    });
    expect(cut.of('action')).toHaveLength(2);
    expect(cut.result).toMatchObject({ cut: 1, completed: 0 });
  });
});

describe('a recording', () => {
  it.each(['conversation', 'timeline'] as const)(
    'without a person in it cannot be replayed at pace %s',
    async (pace) => {
      const recorded = [{ at: 1, type: 'update', update: { update_id: 1, poll: { id: '1' } } }];
      await expect(replay({ pace, recorded })).rejects.toMatchObject({
        code: 'file/bad-recording',
        hint: expect.stringContaining('messages, taps or edits'),
      });
    },
  );
});

describe('watching what a bot does, right or wrong', () => {
  const changed: Dialogue = (incoming, side) => {
    const replies = orderDialogue(incoming, side);
    return replies.map(({ text, ...rest }) => ({ text: text.replace('Nice', 'How do you do'), ...rest }));
  };

  it('goes on after an answer that the recording does not have, and tells it in the words of the recorded person', async () => {
    const seen: [number, (string | undefined)[]][] = [];
    const stepSeen: NonNullable<ReplayOptions['hooks']>['stepSeen'] = ({ step, contents }) => {
      seen.push([step, contents.map(({ text }) => text)]);
    };
    const played = await replay({ dialogue: changed, isLenient: true, hooks: { stepSeen } });
    expect(played.result).toMatchObject({ completed: 1, stuck: 0 });
    expect(outcomes(played).map(([outcome]) => outcome)).toContain('unexpected');
    const recordedName = 'Mira';
    expect(seen[1]).toEqual([2, [`How do you do, ${recordedName}! Which size do you want?`]]);
  });

  it('expects what was learned in place of what was recorded', async () => {
    const repliesTo: NonNullable<ReplayOptions['hooks']>['repliesTo'] = (_session, { step, replies }) =>
      step !== 2
        ? undefined
        : replies.map((reply) => ({
            ...reply,
            content: { kind: 'text', wanted: { learned: true, contains: ['Mira', 'size'] } },
          }));
    const played = await replay({ dialogue: changed, hooks: { repliesTo } });
    expect(played.result).toMatchObject({ completed: 1, stuck: 0 });
    expect(played.of('action')[1]?.expects).toEqual([
      { kind: 'text', wanted: { learned: true, contains: ['Bebe', 'size'] } },
    ]);
  });
});
