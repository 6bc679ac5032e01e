import { type FileApiFlavor, hydrateFiles } from '@grammyjs/files';
import type { Message } from '@grammyjs/types';
import { Bot as GramioBot, TelegramError as GramioError, MediaUpload } from 'gramio';
import {
  type Context,
  type Api as GrammyApi,
  Bot as GrammyBot,
  GrammyError,
  InputFile as GrammyFile,
} from 'grammy';
import { Api, InputFile, TelegramApiError } from 'node-telegram-bot-api';
import { APIError, MediaSource, Telegram as Puregram } from 'puregram';
import { Telegram as Telegraf, TelegramError } from 'telegraf';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RealClock } from '../../src/base/clock.js';
import type { EventBody } from '../../src/history/events.js';
import type { BotAccount } from '../../src/telegram/bot-account.js';
import { TelegramServer } from '../../src/telegram/server.js';
import { ANNA, BORIS } from './api-harness.js';
import { type Client, Made, refusals, type Sights, tour } from './client-tour.js';

/** Each library's own client takes the same tour through the Bot API, and must notice nothing. */

let server: TelegramServer;
let account: BotAccount;
let events: EventBody[];
beforeEach(async () => {
  events = [];
  server = await TelegramServer.start({
    clock: new RealClock(),
    emit: (event) => events.push(event),
    seed: 'tour',
  });
  account = server.addBot({ username: 'tour_bot', settings: { inGroups: 'administrator' } });
});
afterEach(() => server.close());

type Methods = Readonly<Record<string, (params?: unknown) => Promise<unknown>>>;

/** These clients have a method for each of the Bot API's, or a proxy that makes them up. */
const callsOn = (api: unknown): Client['call'] => {
  const methods = api as Methods;
  return (method, params) => {
    const run = methods[method];
    if (run === undefined) return Promise.reject(new Error(`${method} is not known`));
    // What takes no parameters takes a signal in their place.
    return Object.keys(params).length === 0 ? run.call(api) : run.call(api, params);
  };
};

const bytesOf = async (url: string | URL): Promise<Uint8Array> =>
  new Uint8Array(await (await fetch(url)).arrayBuffer());

const CLIENTS: Readonly<Record<string, (token: string, apiRoot: string) => Client>> = {
  grammY: (token, apiRoot) => {
    const { api } = new GrammyBot<Context, FileApiFlavor<GrammyApi>>(token, { client: { apiRoot } });
    api.config.use(hydrateFiles(token, { apiRoot }));
    return {
      call: callsOn(api.raw),
      file: (content, name) => new GrammyFile(Buffer.from(content), name),
      download: async (fileId) => bytesOf((await api.getFile(fileId)).getUrl()),
      refusal: (error) =>
        error instanceof GrammyError ? [error.error_code, error.description] : [error, ''],
    };
  },
  Telegraf: (token, apiRoot) => {
    const telegram = new Telegraf(token, { apiRoot });
    const call = telegram.callApi.bind(telegram) as Client['call'];
    return {
      call,
      file: (content, filename) => ({ source: Buffer.from(content), filename }),
      download: async (fileId) => bytesOf(await telegram.getFileLink(fileId)),
      refusal: (error) => (error instanceof TelegramError ? [error.code, error.description] : [error, '']),
    };
  },
  'node-telegram-bot-api': (token, apiRoot) => {
    const api = new Api(token, { apiRoot, maxRetries: 0 });
    return {
      call: callsOn(api),
      file: (content, filename) => new InputFile(Buffer.from(content), { filename }),
      download: async (fileId) => {
        const { file_path: path } = await api.getFile({ file_id: fileId });
        return bytesOf(`${apiRoot}/file/bot${token}/${path}`);
      },
      refusal: (error) =>
        error instanceof TelegramApiError ? [error.errorCode, error.description] : [error, ''],
    };
  },
  GramIO: (token, apiRoot) => {
    const bot = new GramioBot(token, { api: { baseURL: `${apiRoot}/bot` } });
    return {
      call: callsOn(bot.api),
      file: (content, name) => MediaUpload.buffer(Buffer.from(content), name),
      download: async (fileId) => new Uint8Array(await bot.downloadFile(fileId)),
      refusal: (error) => (error instanceof GramioError ? [error.code, error.message] : [error, '']),
    };
  },
  puregram: (token, apiRoot) => {
    const telegram = Puregram.fromToken(token, { apiBaseUrl: `${apiRoot}/bot` });
    return {
      call: callsOn(telegram.api),
      file: (content, filename) => MediaSource.buffer(Buffer.from(content), { filename }),
      download: async (fileId) => (await telegram.downloadFile(fileId)) ?? new Uint8Array(),
      refusal: (error) => (error instanceof APIError ? [error.code, error.message] : [error, '']),
    };
  },
};

/** Two people, a forum, and two questions that wait for an answer. */
function prepare(): Sights {
  const chat = { id: ANNA.id, first_name: ANNA.first_name, type: 'private' } as const;
  const group = { id: -1_000_000_000_778, type: 'supergroup', title: 'Garden', is_forum: true } as const;
  const { messageId } = account.receive({ kind: 'message', payload: { from: ANNA, chat, text: '/start' } });
  account.receive({ kind: 'message', payload: { from: BORIS, chat: group, text: 'hello' } });
  const tap = account.receive({
    kind: 'callback_query',
    payload: { from: ANNA, message: { chat, message_id: messageId }, data: 'x' },
  });
  account.receive({ kind: 'inline_query', payload: { id: '4242', from: ANNA, query: 'app', offset: '' } });
  return {
    person: ANNA.id,
    group: group.id,
    member: BORIS.id,
    callbackQuery: tap.callbackQueryId ?? '',
    inlineQuery: '4242',
  };
}

test.each(Object.keys(CLIENTS))('%s takes the tour', async (library) => {
  const client = CLIENTS[library]?.(account.token, account.apiRoot);
  if (client === undefined) throw new Error(`There is no client of ${library}`);
  const sights = prepare();
  const made = new Made();
  const trouble: string[] = [];
  for (const { name, params, gives } of tour(sights, client)) {
    try {
      const result = await client.call(name.split(' ')[0] ?? name, params(made));
      made.keep(name, result);
      if (typeof gives === 'object' && gives !== null && !('asymmetricMatch' in gives)) {
        expect(result).toMatchObject(gives);
      } else {
        expect(result).toEqual(gives);
      }
    } catch (error) {
      trouble.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const { document } = made.of<Message.DocumentMessage>('sendDocument');
  expect.soft(Buffer.from(await client.download(document.file_id)).toString()).toBe('words');
  for (const [method, params, code, text] of refusals(sights)) {
    const refused = await client.call(method, params).then(
      () => `${method} was not refused`,
      (error: unknown) => client.refusal(error),
    );
    expect.soft(refused).toEqual([code, text]);
  }
  expect(trouble).toEqual([]);
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
});
