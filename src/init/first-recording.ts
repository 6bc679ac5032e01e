import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealClock } from '../base/clock.js';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { printable, withoutTokens } from '../base/untrusted.js';
import { EmbeddedMongo } from '../mongo/embedded/embedded-mongo.js';
import { Recorder } from '../recording/recorder.js';
import { RecordingWriter } from '../recording/writer.js';
import { BotSide } from '../scenario/bot-side.js';
import { Deployment } from '../scenario/deployment.js';
import type { Bot } from '../scenario/load.js';
import type { BotAccount } from '../telegram/bot-account.js';
import type { Witness } from '../telegram/contracts.js';
import { TelegramServer } from '../telegram/server.js';
import { type Crawled, type CrawlOptions, crawl } from './crawl.js';

export interface FirstRecordingOptions extends Omit<CrawlOptions, 'account' | 'clock' | 'signal'> {
  readonly bot: Bot;
  /** The file to write. It must not exist. */
  readonly path: string;
  /** Default: the random start that all runs without a seed have. */
  readonly seed?: string;
  readonly signal?: AbortSignal;
  /** A crawl that takes longer ends with what it has. Default 120 s. */
  readonly limitMs?: number;
}

export interface FirstRecording extends Crawled {
  /** How many different telephone numbers and e-mail addresses that the bot named were replaced. */
  readonly replaced: Recorder['replaced'];
}

/** Nobody but the crawler takes part, whose names are made up; but a bot may name people that there are. */
const REDACTION = 'contacts';

const LIMIT_MS = 120_000;
/** Lines of the bot's output that a complaint may hold. */
const LAST_LINES = 5;

/** Calls that are about the updates themselves. */
const RECEIVING = /^(?:getUpdates|setWebhook|deleteWebhook|getWebhookInfo|getMe)$/;

/**
 * Starts the bot of a bot file on a fake Telegram and an embedded MongoDB, talks to it, and records that.
 * @throws SendtwiceError `bot/…` when it does not start or never says anything
 */
export async function recordFirst(options: FirstRecordingOptions): Promise<FirstRecording> {
  const { bot, path, seed = 'first', limitMs = LIMIT_MS } = options;
  const clock = new RealClock();
  const limit = AbortSignal.timeout(limitMs);
  const signal = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]);
  const folder = mkdtempSync(join(tmpdir(), 'sendtwice-init-'));
  const unfinished = join(folder, 'recording.jsonl');
  const mongo = await EmbeddedMongo.start({});
  const deployment = await Deployment.open({ bot, seed, emit: () => {} });
  const telegram = await TelegramServer.start({
    clock,
    seed,
    local: true,
    path: deployment,
    ...(bot.telegram.port !== undefined && { port: bot.telegram.port }),
  });
  try {
    const account = telegram.addBot(bot.telegram.token === undefined ? {} : { token: bot.telegram.token });
    deployment.watch(() => account.updates.webhookInfo().url);
    const uri = new URL(mongo.uri);
    uri.pathname = `/${encodeURIComponent(bot.mongo.database ?? 'bot')}`;
    const writer = await RecordingWriter.create(unfinished, {
      bot: { id: account.id, username: account.user.username },
      startedAt: clock.startedAt.toISOString(),
      redaction: REDACTION,
      about: 'A crawl over what the bot shows, made by sendtwice init',
    });
    const side = await BotSide.start({
      bot,
      account,
      deployment,
      telegramOrigin: telegram.origin,
      mongoUri: uri.href,
      folder,
      clock,
      emit: () => {},
      signal,
    });
    const recorder = new Recorder(writer, clock, { redact: REDACTION });
    const notes = new Notes(recorder);
    let crawled: Crawled;
    try {
      crawled = await crawlOrDie({ ...options, account, clock, signal }, side, notes);
    } finally {
      await side.stop();
      await notes.written();
      await writer.close();
    }
    if (crawled.answered === 0) {
      throw new SendtwiceError(
        'bot/not-ready',
        `The bot never answered: ${crawled.acts} inputs, from /start on`,
        {
          hint: `Is its API root ${'${telegram.apiRoot}'}? Its last words: ${lastWords(folder)}`,
        },
      );
    }
    copyTo(unfinished, path);
    return { ...crawled, replaced: recorder.replaced };
  } finally {
    await telegram.close();
    await deployment.close();
    await mongo.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function crawlOrDie(
  options: CrawlOptions & { readonly account: BotAccount },
  side: BotSide,
  notes: Notes,
): Promise<Crawled> {
  const died = new Promise<never>((_, reject) => side.onDeath(reject));
  const stop = options.account.witness(notes);
  try {
    return await Promise.race([crawl(options), died]);
  } finally {
    stop();
  }
}

/** Writes one after the other, in the order of happening. */
class Notes implements Witness {
  readonly #recorder: Recorder;
  #writing: Promise<void> = Promise.resolve();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  readonly update: Witness['update'] = (update) => {
    this.#write(() => this.#recorder.update(update));
  };

  readonly call: Witness['call'] = (method, params, answer) => {
    if (RECEIVING.test(method)) return;
    const { ok, result, error_code, description } = JSON.parse(answer) as Record<string, unknown>;
    const named = Object.fromEntries([...params].map(([name, value]) => [name, parsed(value)]));
    this.#write(() =>
      this.#recorder.call(
        (ok === true
          ? { method, params: named, result }
          : { method, params: named, ok: false, error_code, description }) as Parameters<Recorder['call']>[0],
      ),
    );
  };

  written(): Promise<void> {
    return this.#writing;
  }

  #write(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write);
  }
}

/** Parameters come as texts; objects and lists in them are kept as what they are. */
function parsed(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value; // a text that only begins like JSON
  }
}

function copyTo(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    throw new SendtwiceError('file/unreadable', `Cannot write ${to}: ${messageOf(error)}`, { cause: error });
  }
}

function lastWords(folder: string): string {
  try {
    const lines = readFileSync(join(folder, 'bot.log'), 'utf8').trim().split('\n').slice(-LAST_LINES);
    return printable(withoutTokens(lines.join(' / ')), 300) || 'none';
  } catch (error) {
    return `none (${messageOf(error)})`;
  }
}
