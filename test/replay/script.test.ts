import { describe, expect, it } from 'vitest';
import type { ManualClock } from '../../src/base/clock.js';
import type { Deed, DeedFacts } from '../../src/replay/deed.js';
import type { Script } from '../../src/replay/script.js';
import type { UserFacts } from '../../src/replay/user-texts.js';
import { scriptOf } from '../../src/scenario/compile-steps.js';
import { type ScenarioStep, stepsSchema } from '../../src/scenario/step-schema.js';
import type { Dialogue, FakeSide } from './fake-bot.js';
import { outcomesOf, play, withFolder } from './play.js';

const folder = withFolder();
const replay = (options: Omit<Parameters<typeof play>[0], 'folder'>) =>
  play({ folder: folder(), ...options });

const script = (...steps: readonly object[]): Script => scriptOf(stepsSchema.parse(steps) as ScenarioStep[]);

const own = (...steps: readonly object[]) => ({ recorded: undefined, script: script(...steps) });

/** Performs nothing; remembers what it was asked for. */
function performing(work: (deed: Deed, facts: DeedFacts) => Promise<void> = async () => {}) {
  const asked: { readonly deed: Deed; readonly facts: DeedFacts }[] = [];
  const perform = (deed: Deed, facts: DeedFacts): Promise<void> => {
    asked.push({ deed, facts });
    return work(deed, facts);
  };
  return { asked, hooks: { perform } };
}

describe('steps written by hand', () => {
  it('are played under the own name, without any recording', async () => {
    const played = await replay({
      ...own(
        { say: '/start', expect: 'hello ${user.name}' },
        { say: '${user.name}', expect: { text: '/which size/i', buttons: ['small'] } },
        { tap: 'large', expect: 'You chose large' },
        { say: 'bye' },
      ),
      think: () => 300,
    });
    expect(played.result).toMatchObject({ users: 1, completed: 1, steps: 4 });
    expect(outcomesOf(played)).toEqual(['answered', 'answered', 'answered', 'not-awaited']);
    const actions = played.of('action');
    expect(actions.map(({ step, kind, text, button, at }) => [step, kind, text ?? button?.data, at])).toEqual(
      [
        [1, 'text', '/start', 0],
        [2, 'text', 'Bebe', 320],
        [3, 'tap', 'large', 640],
        [4, 'text', 'bye', 960],
      ],
    );
    expect(actions[0]?.expects).toEqual([{ kind: 'other', wanted: { contains: ['hello Bebe'] } }]);
    const [start] = played.side.received;
    const id = played.of('user.started')[0]?.userId;
    expect(start?.payload).toEqual({
      from: { id, is_bot: false, first_name: 'Bebe', username: 'bebe_u1', language_code: 'en' },
      chat: { id, type: 'private', first_name: 'Bebe', username: 'bebe_u1' },
      text: '/start',
    });
  });

  it('want what they say: silence and anything else are told apart, and sent again', async () => {
    const greet = { say: 'hi', expect: '/^hello$/i' };
    const deaf = await replay({ ...own(greet), dialogue: () => [], patienceMs: 1000 });
    expect(deaf.of('step.ended')).toMatchObject([{ outcome: 'silent', sends: 2 }]);
    const odd = await replay({ ...own(greet), dialogue: () => [{ text: 'Hello there' }], patienceMs: 1000 });
    expect(outcomesOf(odd)).toEqual(['unexpected']);
    const two = { say: 'hi', expect: ['hello', 'bye'] };
    const half = await replay({
      ...own(two),
      dialogue: () => [{ text: 'Hello' }],
      patienceMs: 1000,
      sends: 1,
    });
    expect(outcomesOf(half)).toEqual(['unexpected']);
    const both = await replay({ ...own(two), dialogue: () => [{ text: 'Bye' }, { text: 'Hello' }] });
    expect(outcomesOf(both)).toEqual(['answered']);
  });

  it('may want silence, and go on when it is broken', async () => {
    const quiet = { say: 'hi', expect: 'nothing' };
    const dialogue: Dialogue = ({ payload }) => (payload.text === 'hi' ? [{ text: 'Ho' }] : []);
    const broken = await replay({ ...own(quiet, { say: 'bye' }), dialogue });
    expect(broken.of('step.ended')).toMatchObject([
      { step: 1, outcome: 'unexpected', wants: 'nothing' },
      { step: 2, outcome: 'not-awaited' },
    ]);
    expect(broken.result.completed).toBe(1);
    const kept = await replay({ ...own(quiet), dialogue: () => [] });
    expect(kept.of('step.ended')).toMatchObject([{ outcome: 'not-awaited', wants: 'nothing' }]);
  });

  it('wait in place of thinking', async () => {
    const played = await replay({
      ...own({ say: 'a' }, { wait: '2s' }, { wait: '1s' }, { say: 'b' }, { say: 'c' }, { wait: '4s' }),
      dialogue: () => [],
      think: () => 700,
      quietMs: 100,
    });
    expect(played.of('action').map(({ at, intendedAt }) => [at, intendedAt])).toEqual([
      [0, 0],
      [3100, 3100],
      [3900, 3900],
    ]);
    expect(played.of('user.ended')[0]?.at).toBe(8000);
  });

  it('tap what looks alike on the newest message, decoration aside; a missing button is named', async () => {
    const dialogue: Dialogue = (incoming) =>
      incoming.payload.text === undefined
        ? []
        : [{ text: 'menu', buttons: incoming.payload.text === 'old' ? ['pay'] : ['💳 pay »', 'later'] }];
    const lines = [{ say: 'old' }, { say: 'new' }];
    const newest = await replay({ ...own(...lines, { tap: 'Pay' }), dialogue });
    expect(newest.of('action')[2]?.button?.data).toBe('💳 pay »');
    for (const [tap, data] of [
      ['/^pay$/i', 'pay'],
      [{ data: 'later' }, 'later'],
    ] as const) {
      const played = await replay({ ...own(...lines, { tap }), dialogue });
      expect(played.of('action')[2]?.button?.data).toBe(data);
    }
    const none = await replay({ ...own(...lines, { tap: 'Pray' }), dialogue, patienceMs: 600 });
    expect(none.of('step.ended')[2]).toMatchObject({ outcome: 'button-missing', wants: { button: 'Pray' } });
    expect(none.result.stuck).toBe(1);
  });

  it('write the label of a button below the chat, as long as it is there', async () => {
    const keyboards: Dialogue = ({ payload }) => {
      if (payload.text === '/start') return [{ text: 'Go on?', below: ['Yes, please', 'No'] }];
      return payload.text === 'gone' ? [{ text: 'Closed', below: [] }] : [{ text: 'Fine' }];
    };
    const start = { say: '/start', expect: { buttons: ['No'] } };
    const played = await replay({
      ...own(start, { tap: 'yes please', expect: 'fine' }),
      dialogue: keyboards,
    });
    expect(played.of('action')[1]).toMatchObject({ kind: 'text', text: 'Yes, please' });
    expect(outcomesOf(played)).toEqual(['answered', 'answered']);
    const closed = await replay({
      ...own(start, { say: 'gone' }, { tap: 'No' }),
      dialogue: keyboards,
      patienceMs: 600,
    });
    expect(outcomesOf(closed).at(-1)).toBe('button-missing');
  });

  it('send what is no text, and change what was written', async () => {
    const played = await replay({
      ...own({ send: 'photo' }, { send: 'contact' }, { say: 'Hi' }, { edit: 'Hello ${user.number}' }),
      dialogue: () => [],
    });
    expect(played.of('action').map(({ kind }) => kind)).toEqual(['media', 'media', 'text', 'edit']);
    const [photo, contact, text, edited] = played.side.received.map(({ payload }) => payload);
    expect(photo?.photo).toMatchObject([{ file_id: 'written-photo-1' }]);
    const id = played.of('user.started')[0]?.userId;
    expect(contact?.contact).toEqual({ phone_number: `+999${id}`, first_name: 'Bebe', user_id: id });
    expect(text?.text).toBe('Hi');
    expect(edited).toMatchObject({ text: 'Hello 1', message_id: 3 });
  });

  it('give each user names and numbers of their own, the same for the same seed', async () => {
    const options = {
      ...own({ say: '${user.id} ${user.username} ${user.phone}' }),
      dialogue: () => [],
      users: 3,
    };
    const first = await replay(options);
    const texts = first.of('action').map(({ text }) => text);
    expect(new Set(texts).size).toBe(3);
    expect((await replay(options)).of('action').map(({ text }) => text)).toEqual(texts);
    expect((await replay({ ...options, seed: 'other' })).of('action').map(({ text }) => text)).not.toEqual(
      texts,
    );
  });
});

describe('steps of a recording within written ones', () => {
  it('keep their expectations under new numbers', async () => {
    const played = await replay({
      script: script({ say: 'before' }, { recorded: '1-2' }, { say: 'between' }, { recorded: 'rest' }),
    });
    expect(played.of('action').map(({ step, text, button }) => [step, text ?? button?.data])).toEqual([
      [1, 'before'],
      [2, '/start'],
      [3, 'Bebe'],
      [4, 'between'],
      [5, 'large'],
      [6, 'bye'],
    ]);
    expect(played.of('action')[1]?.expects).toMatchObject([{ text: 'Hello Bebe, what is your name?' }]);
    expect(played.side.received[0]?.payload.from).toMatchObject({ first_name: 'Bebe', username: 'bebe_u1' });
    expect(JSON.stringify(played.side.received)).not.toMatch(/777|Mira/);
  });

  it('draw nothing of others: the recording alone is played as ever', async () => {
    const plain = await replay({ users: 2 });
    const wrapped = await replay({ users: 2, script: script({ recorded: 'all' }) });
    expect(wrapped.side.received).toEqual(plain.side.received);
    expect(wrapped.events.map(({ type, at }) => [type, at])).toEqual(
      plain.events.map(({ type, at }) => [type, at]),
    );
  });

  it('must be there', async () => {
    await expect(replay({ script: script({ recorded: 5 }) })).rejects.toMatchObject({
      code: 'file/bad-scenario',
      message: expect.stringContaining('has 4'),
    });
  });
});

describe('what is done around a dialogue', () => {
  const notify = { http: { post: '/notify', body: { user: '${user.id}', text: 'for ${user.name}' } } };

  it('is handed on with what belongs to the user, and ids stay numbers', async () => {
    const { asked, hooks } = performing();
    const played = await replay({
      ...own(
        { mongo: { collection: 'c', insert: { u: '${user.id}' } } },
        { say: 'hi' },
        { probe: { collection: 'c', filter: { u: '${chat.id}' } } },
        notify,
        { restart: 'bot' },
      ),
      dialogue: () => [],
      hooks,
    });
    const id = played.of('user.started')[0]?.userId;
    expect(asked.map(({ deed, facts: { step, expects } }) => [deed.do, step, expects])).toEqual([
      ['mongo', 0, []],
      ['probe', 1, []],
      ['request', 2, []],
      ['restart', 2, []],
    ]);
    expect(asked[0]?.deed).toMatchObject({ insert: [{ u: id }] });
    expect(asked[1]?.deed).toMatchObject({ filter: { u: id }, what: 'state' });
    expect(asked[2]?.deed).toMatchObject({ body: { user: id, text: 'for Bebe' } });
    expect(asked[2]?.facts).toMatchObject({ user: 'u1', session: 's1', userId: id, chatId: id });
    expect(played.of('step.ended').map(({ step, outcome }) => [step, outcome])).toEqual([
      [1, 'not-awaited'],
      [2, 'not-awaited'],
    ]);
  });

  it('may want that the bot shows something: from when it began, as long as patience lasts', async () => {
    const wanted = { ...notify, expect: 'On its way' };
    const run = async (...texts: readonly string[]) => {
      let stage: { readonly side: FakeSide; readonly clock: ManualClock } | undefined;
      const { asked, hooks } = performing(async (_, { chatId }) => {
        for (const text of texts) stage?.clock.set(300, () => stage?.side.send(chatId, { text }));
      });
      const prepare = (side: FakeSide, clock: ManualClock): void => {
        stage = { side, clock };
      };
      const lines = own({ say: 'hi' }, wanted, { say: 'thanks' });
      const result = await replay({ ...lines, dialogue: () => [], hooks, patienceMs: 1000, prepare });
      return { asked, result };
    };
    const shown = await run('Your order is on its way');
    expect(outcomesOf(shown.result)).toEqual(['not-awaited', 'answered', 'not-awaited']);
    expect(shown.asked[0]?.facts.expects).toEqual([{ kind: 'other', wanted: { contains: ['On its way'] } }]);
    const odd = await run('Something else');
    expect(outcomesOf(odd.result)).toEqual(['not-awaited', 'unexpected']);
    const silent = await run();
    expect(outcomesOf(silent.result)).toEqual(['not-awaited', 'silent']);
    expect(silent.result.result.stuck).toBe(1);
  });

  it('is struck by faults of its step, waits for what lasts, and ends the replay when it fails', async () => {
    const struck: number[] = [];
    let clock: { set(ms: number, work: () => void): unknown } | undefined;
    const { hooks } = performing(() => new Promise((resolve) => clock?.set(800, resolve)));
    const beforeAction = async ({ step }: { step: number }): Promise<void> => void struck.push(step);
    const played = await replay({
      ...own({ probe: { collection: 'c' } }, notify, { say: 'hi' }),
      dialogue: () => [],
      hooks: { ...hooks, beforeAction },
      prepare: (_, c) => {
        clock = c;
      },
    });
    expect(struck).toEqual([1, 2]);
    expect(played.of('action')[0]?.at).toBe(1600);
    const failing = performing(() => Promise.reject(new Error('no server')));
    await expect(replay({ ...own(notify), hooks: failing.hooks, users: 2 })).rejects.toThrow('no server');
    await expect(replay(own(notify))).rejects.toThrow('nobody is there to do what a scenario wants: request');
  });

  it('is cut when the run is', async () => {
    const stop = new AbortController();
    const { asked, hooks } = performing(() => new Promise(() => {}));
    const played = await replay({
      ...own(notify),
      hooks,
      signal: stop.signal,
      prepare: (_, clock) => void clock.set(700, () => stop.abort()),
    });
    expect(outcomesOf(played)).toEqual(['cut']);
    expect(asked[0]?.facts.signal.aborted).toBe(true);
  });
});

it('parts of texts that change by themselves are not compared', async () => {
  const recorded = [
    {
      at: 1,
      type: 'update',
      update: {
        update_id: 1,
        message: {
          message_id: 1,
          from: { id: 7, is_bot: false, first_name: 'Al' },
          chat: { id: 7, type: 'private', first_name: 'Al' },
          text: 'hi',
        },
      },
    },
    { at: 2, type: 'call', method: 'sendMessage', params: { chat_id: 7, text: 'Tip of the day: drink tea' } },
  ];
  const dialogue: Dialogue = () => [{ text: 'Tip of the day: never look back at all' }];
  const strict = await replay({ recorded, dialogue, patienceMs: 500 });
  expect(outcomesOf(strict)).toEqual(['unexpected']);
  const volatile = [{ source: 'day: .*', flags: '' }];
  const masked = await replay({ recorded, dialogue, patienceMs: 500, volatile });
  expect(outcomesOf(masked)).toEqual(['answered']);
  expect(masked.of('action')[0]?.expects).toEqual([{ kind: 'text', text: 'Tip of the day: drink tea' }]);
});

it('tells of each user, with what texts call them', async () => {
  const users: UserFacts[] = [];
  const played = await replay({ users: 2, onUser: (facts) => users.push(facts) });
  expect(users).toMatchObject([
    { user: 'u1', session: 's1', name: 'Bebe', username: 'bebe_u1', number: 1 },
    { user: 'u2', session: 's1', number: 2 },
  ]);
  expect(users.map(({ userId }) => userId)).toEqual(played.of('user.started').map(({ userId }) => userId));
});
