import { MongoClient } from 'mongodb';
import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import { type MongoHandle, startMongo } from '../../src/mongo/start.js';
import type { DeliveryFacts, DeliveryFault } from '../../src/telegram/contracts.js';
import { ORDER, Person, Stage, type StageOptions } from './stage.js';

const stages: Stage[] = [];
const proxies: MongoHandle[] = [];

afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
  for (const proxy of proxies.splice(0)) await proxy.close();
});

async function open(options: StageOptions): Promise<{ stage: Stage; mira: Person }> {
  const stage = await Stage.open(options);
  stages.push(stage);
  return { stage, mira: new Person(stage.account, 501, 'Mira') };
}

/** Plays the steps from `from` (0 is /start) up to `to`, not included. */
async function play(person: Person, from: number, to: number, name = 'Mira'): Promise<void> {
  for (const [how, what, then] of ORDER.slice(from, to)) {
    const times = person.count(then) + 1;
    if (how === 'say') person.say(what({ name }));
    else person.tap(what({ name }));
    await person.sees(then, times);
  }
}

async function orders(stage: Stage): Promise<readonly Record<string, unknown>[]> {
  const client = await MongoClient.connect(stage.mongoUri);
  try {
    return await client
      .db()
      .collection('orders')
      .find({}, { projection: { _id: 0, items: 1 } })
      .toArray();
  } finally {
    await client.close();
  }
}

/** Every prompt of the dialogue was sent once. */
function expectEachPromptOnce(person: Person): void {
  expect(ORDER.map(([, , prompt]) => [prompt, person.count(prompt)])).toEqual(
    ORDER.map(([, , prompt]) => [prompt, 1]),
  );
}

/** Every command takes 150 ms longer. */
async function slow(upstream: string): Promise<string> {
  const clock = new RealClock();
  const proxy = await startMongo({
    upstream,
    faults: [{ name: 'slow', on: 'mongo', delay: 150 }],
    seed: 'slow',
    clock,
    emit: () => {},
  });
  proxies.push(proxy);
  proxy.begin();
  return proxy.uri;
}

const each = (fault: Omit<DeliveryFault, 'fault'>) => ({
  onDelivery: (): readonly DeliveryFault[] => [{ fault: 'each', ...fault }],
});

const first = (fault: Omit<DeliveryFault, 'fault'>) => ({
  onDelivery: ({ attempt }: DeliveryFacts): readonly DeliveryFault[] =>
    attempt === 1 ? [{ fault: 'first', ...fault }] : [],
});

describe.each(['webhook', 'polling'] as const)('the repaired demo bot over %s', (mode) => {
  it('takes orders of several people at once', async () => {
    const { stage, mira } = await open({ mode });
    const otto = new Person(stage.account, 502, 'Otto');
    await Promise.all([play(mira, 0, ORDER.length), play(otto, 0, ORDER.length, 'Otto')]);
    expectEachPromptOnce(mira);
    expectEachPromptOnce(otto);
    const names = (await orders(stage)).map(({ items }) => (items as { name: string }).name);
    expect(names.sort()).toEqual(['Mira', 'Otto']);
    expect(stage.log).not.toMatch(/Mira|Otto|5550123|Springfield/);
    expect(stage.log).not.toContain(stage.account.token);
  });

  it.each(['restart', 'kill'] as const)('knows where it was after a %s', async (how) => {
    const { stage, mira } = await open({ mode });
    await play(mira, 0, 5);
    await stage.bot.restart(1, how);
    await play(mira, 5, ORDER.length);
    expectEachPromptOnce(mira);
  });

  it('does one thing for two taps, and answers both', async () => {
    const { stage, mira } = await open({ mode });
    await play(mira, 0, 2);
    const taps = [mira.tap('Mug'), mira.tap('Mug')];
    await mira.sees('Which size?');
    await play(mira, 3, ORDER.length - 1);
    taps.push(mira.tap('Confirm'), mira.tap('Confirm'));
    await mira.sees('placed. Thank you');
    mira.say('hello?');
    await mira.sees('Please use the buttons above, or /start');
    expectEachPromptOnce(mira);
    expect(mira.answered).toEqual(expect.arrayContaining(taps.map(({ callbackQueryId }) => callbackQueryId)));
    expect(await orders(stage)).toHaveLength(1);
  });
});

describe('the repaired demo bot', () => {
  it.each([
    ['duplicates that come at once', each({ effect: 'duplicate', delayMs: 0 })],
    ['duplicates that come later', each({ effect: 'duplicate', delayMs: 100 })],
    ['lost acknowledgements', first({ effect: 'lose-acknowledgement', delayMs: 0 })],
  ])('says everything once under %s', async (_, faults) => {
    const { mira, stage } = await open({ mode: 'webhook', faults });
    await play(mira, 0, ORDER.length);
    expectEachPromptOnce(mira);
    expect(await orders(stage)).toHaveLength(1);
  });

  it('takes an update only from whoever knows the secret', async () => {
    const { stage } = await open({ mode: 'webhook' });
    const post = async (headers: Record<string, string>, body: string, url = stage.webhookUrl) => {
      const answer = await request(url, { method: 'POST', headers, body });
      await answer.body.dump();
      return answer.statusCode;
    };
    const header = 'x-telegram-bot-api-secret-token';
    const update = JSON.stringify({ update_id: 7 });
    expect(await post({}, update)).toBe(401);
    expect(await post({ [header]: 'wrong' }, update)).toBe(401);
    expect(await post({ [header]: 'not-so-secret' }, 'not json')).toBe(400);
    expect(await post({ [header]: 'not-so-secret' }, update)).toBe(200);
    expect(await post({ [header]: 'not-so-secret' }, update, `${stage.webhookUrl}/else`)).toBe(404);
  });
});

describe('with a slow database', () => {
  it('the repaired bot says everything once, although Telegram and people lose patience', async () => {
    const { stage, mira } = await open({
      mode: 'webhook',
      faults: first({ effect: 'timeout', delayMs: 100 }),
      mongoUri: slow,
    });
    await play(mira, 0, 5);
    for (const text of ['Mira', 'Mira', 'Mira']) mira.say(text); // each of them stands for the same answer
    await mira.sees('Which street');
    await play(mira, 6, ORDER.length);
    expectEachPromptOnce(mira);
    expect((await orders(stage))[0]?.items).toMatchObject({ name: 'Mira', street: '1 Mira Lane' });
  });

  it('no-update-guard and slow-ack: the same twice, while the first is still at work', async () => {
    const { stage, mira } = await open({
      mode: 'webhook',
      bugs: ['no-update-guard', 'slow-ack'],
      faults: first({ effect: 'timeout', delayMs: 100 }),
      mongoUri: slow,
    });
    mira.say('/start');
    await mira.sees('Welcome', 2);
    const deliveries = stage.events.filter((event) => event.type === 'delivery.ended');
    expect(deliveries[0]).toMatchObject({ attempt: 1, outcome: 'unknown' });
  });
});

describe('the demo bot with its bugs', () => {
  it.each([['memory-state'], ['lost-on-restart']])('%s: forgets the step at a restart', async (bug) => {
    const { stage, mira } = await open({ mode: 'webhook', bugs: [bug] });
    await play(mira, 0, 5);
    await stage.bot.restart(1, 'restart');
    mira.say('Mira');
    await mira.sees('Send /start to begin');
  });

  it('no-double-tap-guard: asks the next question twice', async () => {
    const { mira } = await open({ mode: 'webhook', bugs: ['no-double-tap-guard'] });
    await play(mira, 0, 2);
    mira.tap('Mug');
    mira.tap('Mug');
    await mira.sees('Which size?', 2);
  });

  it('no-update-guard: handles a repeated update again', async () => {
    const faults = first({ effect: 'lose-acknowledgement', delayMs: 0 });
    const { mira } = await open({ mode: 'webhook', bugs: ['no-update-guard'], faults });
    mira.say('/start');
    await mira.sees('Welcome', 2);
  });
});

describe('the office of the demo bot', () => {
  async function ask(stage: Stage, path: string, body: unknown): Promise<number> {
    const { origin } = new URL(stage.webhookUrl);
    const { statusCode, body: answer } = await request(`${origin}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    await answer.dump();
    return statusCode;
  }

  it('tells people what the office sends, and refuses what it cannot read', async () => {
    const { stage, mira } = await open({ mode: 'webhook' });
    mira.say('/start');
    await mira.sees('Welcome to the corner shop!');
    expect(await ask(stage, '/office/sent', { chat: 501 })).toBe(200);
    await mira.sees('Your parcel is on its way!');
    expect(await ask(stage, '/office/sent', {})).toBe(400);
    expect(await ask(stage, '/office/closed', { chat: 501 })).toBe(404);
  });

  it('says 200 and sends nothing when the routes have no bot', async () => {
    const { stage, mira } = await open({ mode: 'webhook', bugs: ['no-bot-in-routes'] });
    expect(await ask(stage, '/office/sent', { chat: 501 })).toBe(200);
    mira.say('/start');
    await mira.sees('Welcome to the corner shop!');
    expect(mira.count('Your parcel is on its way!')).toBe(0);
    expect(stage.log).toContain('no bot to send with');
  });

  it('credits a payment once, however often and however fast it is reported', async () => {
    const { stage, mira } = await open({ mode: 'webhook' });
    mira.say('/start');
    await mira.sees('Welcome to the corner shop!');
    const paid = { chat: 501, event: 'e1', amount: 10 };
    expect(await Promise.all([1, 2, 3].map(() => ask(stage, '/office/paid', paid)))).toEqual([200, 200, 200]);
    expect(await ask(stage, '/office/paid', { ...paid, event: 'e2' })).toBe(200);
    await mira.sees('We received your payment of 10. Your balance is 20 now.');
    expect(mira.count('We received your payment of 10. Your balance is 10 now.')).toBe(1);
  });

  it('credits it each time when nobody guards it', async () => {
    const { stage, mira } = await open({ mode: 'webhook', bugs: ['no-payment-guard'] });
    mira.say('/start');
    await mira.sees('Welcome to the corner shop!');
    await Promise.all([1, 2].map(() => ask(stage, '/office/paid', { chat: 501, event: 'e1', amount: 10 })));
    await mira.sees('We received your payment of 10. Your balance is 20 now.');
  });
});
