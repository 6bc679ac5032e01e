import { afterEach, describe, expect, it } from 'vitest';
import type { UpdateKind } from '../../src/telegram/contracts.js';
import type { Forgery } from '../../src/telegram/forgery.js';
import { ANNA, ApiHarness, until } from './api-harness.js';
import { http, RawBot, type RawRequest } from './updates/live-rig.js';

/** What reaches a bot that Telegram did not send, what Telegram sends to somebody else, and kinds it does not have yet. */

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(): Promise<ApiHarness> {
  const api = await ApiHarness.start();
  cleanUps.push(() => api.server.close());
  return api;
}

async function hooked(
  params: Readonly<Record<string, unknown>>,
  react: (request: RawRequest) => void = ({ socket }) => socket.write(http('200 OK')),
): Promise<{ api: ApiHarness; bot: RawBot }> {
  const api = await start();
  const bot = await RawBot.listen(react);
  cleanUps.push(() => bot.close());
  await api.result('setWebhook', { url: `http://127.0.0.1:${bot.port}/hook`, ...params });
  return { api, bot };
}

const forgery = (more: Partial<Forgery> = {}): Forgery => ({
  forged: 'g1',
  fault: 'stranger',
  userId: 6_900_000_123,
  text: '/start',
  secret: 'missing',
  signal: new AbortController().signal,
  ...more,
});

describe('a stranger at the webhook', () => {
  it('posts in the form that Telegram uses, without the secret token or with a wrong one', async () => {
    const { api, bot } = await hooked({ secret_token: 'right-one' });
    await api.bot.forge(forgery());
    await api.bot.forge(forgery({ forged: 'g2', secret: 'wrong' }));
    const headers = bot.requests.map(({ head }) => head.filter((line) => line.startsWith('X-Telegram')));
    expect(headers).toEqual([[], ['X-Telegram-Bot-Api-Secret-Token: not-the-secret']]);
    const update = JSON.parse(bot.requests[0]?.body ?? '') as { message: Record<string, unknown> };
    expect(update).toMatchObject({
      update_id: 1_900_000_123,
      message: {
        from: { id: 6_900_000_123, first_name: 'Stranger' },
        chat: { id: 6_900_000_123, type: 'private' },
        text: '/start',
        entities: [{ type: 'bot_command' }],
      },
    });
    expect(api.eventsOf('forged.sent')).toMatchObject([
      { forged: 'g1', secret: 'missing', secretWasSet: true, fault: 'stranger' },
      { forged: 'g2', secret: 'wrong', secretWasSet: true },
    ]);
    expect(api.eventsOf('forged.answered')).toMatchObject([{ status: 200 }, { status: 200 }]);
    // Telegram's own queue knows nothing of it.
    expect(api.eventsOf('update.queued')).toEqual([]);
    expect(api.eventsOf('delivery.started')).toEqual([]);
  });

  it('is in a chat that the bot can answer in', async () => {
    const { api } = await hooked({});
    await api.bot.forge(forgery());
    expect(api.eventsOf('forged.sent')).toMatchObject([{ secretWasSet: false }]);
    expect((await api.call('sendMessage', { chat_id: 6_900_000_123, text: 'Hello' })).status).toBe(200);
  });

  it('sees the call in an answer, and nobody makes it', async () => {
    const body = JSON.stringify({ method: 'sendMessage', chat_id: 6_900_000_123, text: 'Hello' });
    const { api } = await hooked({}, ({ socket }) =>
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      ),
    );
    await api.bot.forge(forgery());
    expect(api.eventsOf('forged.answered')).toMatchObject([{ status: 200, method: 'sendmessage' }]);
    expect(api.eventsOf('call.started').map(({ method }) => method)).toEqual(['setWebhook']);
  });

  it('gets no answer: refused, hung up on, in time, or when the run ends', async () => {
    const { api } = await hooked({}, ({ socket }) => socket.destroy());
    await api.bot.forge(forgery());
    const silent = await hooked({}, () => undefined);
    const waiting = silent.api.bot.forge(forgery());
    await until(() => silent.bot.requests.length === 1);
    await silent.api.clock.advance(10_000);
    await waiting;
    const ending = new AbortController();
    const cut = silent.api.bot.forge(forgery({ forged: 'g2', signal: ending.signal }));
    ending.abort();
    await cut;
    const ends = [...api.eventsOf('forged.answered'), ...silent.api.eventsOf('forged.answered')];
    expect(ends.map(({ status, error }) => status ?? error)).toEqual([
      expect.stringMatching(/reset|closed/),
      'no answer in time',
      'the run ended first',
    ]);
  });

  it('has nowhere to post to without a webhook', async () => {
    const api = await start();
    await api.bot.forge(forgery());
    expect(api.eventsOf('forged.sent')).toEqual([]);
  });
});

describe('kinds of update that the Bot API does not have yet', () => {
  const hologram = (api: ApiHarness) =>
    api.bot.receive({
      kind: 'hologram_call' as UpdateKind,
      payload: { from: ANNA, chat: { ...ANNA, type: 'private' } },
    });

  it('come to a bot that has not chosen, in a queue of their own', async () => {
    const api = await start();
    expect(hologram(api).updateId).toBeDefined();
    const text = api.hello();
    const [first, second] = api.eventsOf('update.queued');
    expect(first).toMatchObject({ kind: 'hologram_call', chatId: ANNA.id });
    expect(first?.queue).not.toBe(second?.queue);
    const got = await api.result<readonly { update_id: number }[]>('getUpdates');
    expect(got).toHaveLength(2);
    expect(got[0]).toMatchObject({ hologram_call: { from: { id: ANNA.id } } });
    expect(got[1]?.update_id).toBe(text.updateId);
  });

  it('do not come to one that has named the kinds it wants', async () => {
    const api = await start();
    await api.result('getUpdates', { allowed_updates: ['message', 'callback_query'] });
    expect(hologram(api).updateId).toBeUndefined();
    expect(api.eventsOf('update.queued')).toEqual([]);
  });
});

describe('another consumer', () => {
  it('takes updates, and the history says that it was not the bot', async () => {
    const api = await start();
    const { updateId } = api.hello();
    const taken = await api.bot.updates.getUpdates(new Map(), new AbortController().signal, 'forgotten');
    expect(JSON.parse(taken)).toMatchObject([{ update_id: updateId }]);
    expect(api.eventsOf('delivery.started')).toMatchObject([
      { updateId, via: 'polling', consumer: 'other', fault: 'forgotten' },
    ]);
    expect(api.eventsOf('call.started')).toEqual([]);
  });
});
