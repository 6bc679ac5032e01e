import { describe, expect, it } from 'vitest';
import { MEMORY_SERVER } from '../../src/mongo/memory-server.js';
import { defineBot } from '../../src/scenario/load.js';
import type { BotInput } from '../../src/scenario/schema.js';
import { checkSideBySide } from '../../src/suite/side-by-side.js';

const FREE: BotInput = { command: 'node bot.js', env: { PORT: '${webhook.port}' } };
const TOKEN = '123456:AAHnobodyMayEverReadThisOfAny0fTheBots';
const check = (bot: BotInput, mongoUri?: string, jobs = 2): void =>
  checkSideBySide(defineBot(bot), mongoUri, jobs);

describe('several runs at once', () => {
  it.each<readonly [key: string, bot: BotInput, mongoUri: string | undefined]>([
    ['telegram.port', { ...FREE, telegram: { port: 8081 } }, undefined],
    ['telegram.token', { ...FREE, telegram: { token: TOKEN } }, undefined],
    ['webhook.port', { ...FREE, webhook: { port: 8080 } }, undefined],
    ['webhook.url', { webhook: { url: 'http://127.0.0.1:8080/' } }, undefined],
    ['mongo.port', { ...FREE, mongo: { port: 27_017 } }, undefined],
    ['mongo.database', { ...FREE, mongo: { database: 'shop' } }, 'mongodb://127.0.0.1:27017'],
    ['ready.http', { ...FREE, ready: { http: 'http://127.0.0.1:8080/' } }, undefined],
    ['database shop in --mongo', FREE, 'mongodb://127.0.0.1:27017/shop?retryWrites=true'],
  ])('are refused with a fixed %s', (key, bot, mongoUri) => {
    expect(() => check(bot, mongoUri)).toThrow(key);
    expect(() => check(bot, mongoUri, 1)).not.toThrow();
  });

  it('say everything that is fixed, without the token', () => {
    expect(() => check({ ...FREE, telegram: { port: 8081, token: TOKEN } })).toThrow(
      '--jobs 2 needs ports, a token and a database for each run, but fixed is: `telegram.port` in the bot, `telegram.token` in the bot',
    );
  });

  it('are allowed with what each run has for itself', () => {
    check(FREE, 'mongodb://127.0.0.1:27017');
    check({ ...FREE, ready: { http: 'http://127.0.0.1:${webhook.port}/' } });
    // Each run has an embedded server, or one in memory, of its own.
    check({ ...FREE, mongo: { database: 'shop' } });
    check({ ...FREE, mongo: { database: 'shop' } }, MEMORY_SERVER);
  });
});
