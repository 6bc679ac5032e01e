import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import { freePort } from '../../src/bot/free-port.js';
import { firstContact } from '../../src/scenario/first-contact.js';
import type { BotAccount } from '../../src/telegram/bot-account.js';
import { TelegramServer } from '../../src/telegram/server.js';

describe('firstContact', () => {
  const clock = new RealClock();
  let telegram: TelegramServer;
  let account: BotAccount;
  let bot: Server;
  let port: number;

  beforeEach(async () => {
    telegram = await TelegramServer.start({
      clock,
      emit: () => undefined,
      seed: 'first-contact',
      local: true,
    });
    account = telegram.addBot({});
    port = await freePort();
    bot = createServer((_, response) => response.end());
  });
  afterEach(async () => {
    await telegram.close();
    bot.closeAllConnections();
    bot.close();
  });

  const listen = (): Promise<void> => new Promise((resolve) => bot.listen(port, '127.0.0.1', resolve));
  const setWebhook = async (): Promise<void> => {
    const query = new URLSearchParams({ url: `http://127.0.0.1:${port}/hook` });
    const answer = await fetch(`${telegram.origin}/bot${account.token}/setWebhook?${query}`);
    expect(answer.status).toBe(200);
  };
  /** How long it takes; ms. */
  const wait = async (signal = new AbortController().signal): Promise<number> => {
    const from = clock.now();
    await firstContact({ account, clock, signal });
    return clock.now() - from;
  };

  it('is nothing to wait for with a bot that polls', async () => {
    expect(await wait()).toBeLessThan(20);
  });

  it('is there when the bot listened before it set its webhook', async () => {
    await listen();
    await setWebhook();
    expect(await wait()).toBeLessThan(1000);
  });

  it('comes with the second connection when the bot listens too late for the first', async () => {
    await setWebhook();
    const waiting = wait();
    await listen();
    expect(await waiting).toBeGreaterThan(1900);
  });

  it('ends with the run', async () => {
    await setWebhook();
    const run = new AbortController();
    const waiting = wait(run.signal);
    run.abort();
    expect(await waiting).toBeLessThan(1000);
  });
});
