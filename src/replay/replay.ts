import { setMaxListeners } from 'node:events';
import { SendtwiceError } from '../base/errors.js';
import type { ChatId } from '../base/ids.js';
import { maskOf } from '../history/volatile.js';
import { readRecording, readRecordingHeader } from '../recording/reader.js';
import { type Session, sessionsOf } from '../recording/sessions.js';
import { Conversation } from './conversation.js';
import { FreshIds } from './fresh-ids.js';
import { Identity } from './identity.js';
import { checkRecorded, linesOfScript, linesOfSession, NOBODY } from './lines.js';
import { type ReplayOptions, type ReplayResult, type Stage, Tally } from './options.js';
import { Timeline } from './timeline.js';
import { Cut, Waiting } from './waiting.js';

const DEFAULT_PATIENCE_MS = 5_000;
const DEFAULT_SENDS = 2;
const DEFAULT_QUIET_MS = 500;
/** Without an arrival rate users come this far apart, and all within a second. */
const SPACING_MS = 10;
const ALL_WITHIN_MS = 1_000;

/**
 * Replays a recording with virtual users against one bot. Ends when all users have ended, or when the
 * signal is aborted: then open steps and users end as `cut`, and the promise still resolves.
 * @throws SendtwiceError `file/…` for a recording that cannot be read or holds nothing to replay, and
 * whatever a hook rejects with.
 */
export async function runReplay(options: ReplayOptions): Promise<ReplayResult> {
  const { recording } = options;
  const header = recording === undefined ? undefined : await readRecordingHeader(recording);
  const running = new AbortController();
  setMaxListeners(0, running.signal); // each user that waits listens
  const abort = (): void => running.abort();
  if (options.signal?.aborted === true) abort();
  options.signal?.addEventListener('abort', abort);
  const failures: unknown[] = [];
  const fail = (error: unknown): void => {
    failures.push(error);
    abort();
  };
  const { bot, clock, emit, seed, hooks = {}, onUser } = options;
  const tally = new Tally(options.onProgress);
  const mask = maskOf(options.volatile);
  const stage: Stage = {
    bot,
    clock,
    emit,
    seed,
    hooks,
    signal: running.signal,
    tally,
    ...(mask && { mask }),
    ...(onUser && { onUser }),
  };
  try {
    await (options.pace === 'timeline'
      ? playTimeline(stage, options, header?.bot?.id, fail)
      : playConversations(stage, options, header?.bot?.id, fail));
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
  if (failures.length > 0) throw failures[0];
  return tally.result;
}

type Fail = (error: unknown) => void;

async function playTimeline(
  stage: Stage,
  { recording = '', speed = 1 }: ReplayOptions,
  recordedBot: number | undefined,
  fail: Fail,
): Promise<void> {
  const events = readRecording(recording);
  const timeline = new Timeline(stage, { events, recordedBot, speed, fail });
  const stopListening = stage.bot.onSeen((seen) => timeline.see(seen));
  try {
    await timeline.run();
  } finally {
    stopListening();
  }
  if (stage.tally.result.users === 0 && !stage.signal.aborted) throw nothingToReplay(recording);
}

async function playConversations(
  stage: Stage,
  options: ReplayOptions,
  recordedBot: number | undefined,
  fail: Fail,
): Promise<void> {
  const { script } = options;
  const sessions = await sessionsFor(options, recordedBot);
  const shared = sessions.map(linesOfSession);
  const { patienceMs = DEFAULT_PATIENCE_MS, sends = DEFAULT_SENDS, quietMs = DEFAULT_QUIET_MS } = options;
  const { think = () => 0, isLenient = false } = options;
  const manner = { patienceMs, sends, quietMs, isLenient };
  const ids = new FreshIds(stage.seed);
  const byChat = new Map<ChatId, Conversation>();
  const stopListening = stage.bot.onSeen((seen) => byChat.get(seen.chatId)?.see(seen));
  const running: Promise<void>[] = [];
  const arrive = (number: number, arrivesAt: number): void => {
    const session = sessions[(number - 1) % sessions.length] as Session;
    const identity = new Identity({
      number,
      ids,
      recordedUser: session.userId,
      recordedChat: session.chatId,
      recordedBot,
      bot: stage.bot.id,
    });
    const lines =
      script === undefined
        ? (shared[(number - 1) % sessions.length] ?? [])
        : linesOfScript(script, session, identity);
    const user = new Conversation(stage, session.session, lines, identity, manner, think);
    byChat.set(identity.chatId, user);
    running.push(
      user
        .run(arrivesAt)
        .catch(fail)
        .finally(() => byChat.delete(identity.chatId)),
    );
  };
  await arriveAll(stage, options, arrive).catch(fail);
  await Promise.all(running);
  stopListening();
}

/** The sessions that users share; that of nobody where nothing of a recording is played. */
async function sessionsFor(
  { recording, script, users, sessions: shared = users }: ReplayOptions,
  recordedBot: number | undefined,
): Promise<readonly Session[]> {
  if (recording === undefined) return [NOBODY];
  const { sessions } = await sessionsOf(readRecording(recording), {
    ...(recordedBot !== undefined && { bot: recordedBot }),
    limits: { sessions: shared },
  });
  if (sessions.length === 0) throw nothingToReplay(recording);
  if (script !== undefined) checkRecorded(script, sessions, recording);
  return sessions;
}

/** Users come on an absolute schedule and in order, so that everything they draw comes in order too. */
async function arriveAll(
  { clock, signal }: Stage,
  { users, arrivals }: ReplayOptions,
  arrive: (number: number, arrivesAt: number) => void,
): Promise<void> {
  const startedAt = clock.now();
  const periodMs =
    arrivals === undefined ? Math.min(SPACING_MS, ALL_WITHIN_MS / users) : 1000 / arrivals.rate;
  const waiting = new Waiting(clock, signal);
  try {
    for (let number = 1; number <= users; number += 1) {
      const arrivesAt = startedAt + (number - 1) * periodMs;
      await waiting.until(arrivesAt);
      arrive(number, arrivesAt);
    }
  } catch (error) {
    if (!(error instanceof Cut)) throw error;
  }
}

function nothingToReplay(recording: string): SendtwiceError {
  return new SendtwiceError('file/bad-recording', `${recording}: there is nothing in it that a user did`, {
    hint: 'A recording needs updates of people: messages, taps or edits. Was the recorder running while the bot was used?',
  });
}
