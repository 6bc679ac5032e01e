import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { ManualClock } from '../../src/base/clock.js';
import type { EventBody } from '../../src/history/events.js';
import type { ReplayOptions, ReplayResult } from '../../src/replay/options.js';
import { runReplay } from '../../src/replay/replay.js';
import { type Dialogue, FakeSide, orderDialogue, orderRecording } from './fake-bot.js';

type Event = EventBody & { readonly at: number };
type EventsOf<T extends EventBody['type']> = Extract<Event, { readonly type: T }>;

/** A folder for each test of a file. */
export function withFolder(): () => string {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sendtwice-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  return () => folder;
}

export interface Played {
  readonly result: ReplayResult;
  readonly side: FakeSide;
  readonly events: readonly Event[];
  of<T extends EventBody['type']>(type: T): EventsOf<T>[];
}

function recordingIn(folder: string, events: readonly object[]): string {
  const path = join(folder, 'recording.jsonl');
  const header = {
    format: 'sendtwice-recording',
    version: 1,
    startedAt: '2026-01-01T00:00:00Z',
    bot: { id: 9 },
  };
  writeFileSync(path, [header, ...events].map((line) => JSON.stringify(line)).join('\n'));
  return path;
}

/** Replays against a bot in memory, on a clock that is turned by hand. `recorded: undefined`: without a recording. */
export async function play(
  options: Partial<ReplayOptions> & {
    readonly folder: string;
    readonly dialogue?: Dialogue;
    readonly recorded?: readonly object[] | undefined;
    readonly prepare?: (side: FakeSide, clock: ManualClock) => void;
  },
): Promise<Played> {
  const { folder, dialogue = orderDialogue, prepare, recorded: _, ...rest } = options;
  const recorded = 'recorded' in options ? options.recorded : orderRecording();
  const clock = new ManualClock();
  const side = new FakeSide(clock, dialogue);
  prepare?.(side, clock);
  const events: Event[] = [];
  let isDone = false;
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const running = runReplay({
    ...(recorded !== undefined && { recording: recordingIn(folder, recorded) }),
    bot: side,
    clock,
    emit: (event, atMs = clock.now()) => {
      events.push({ ...event, at: atMs });
      begin();
    },
    seed: 'seed',
    pace: 'conversation',
    users: 1,
    ...rest,
  }).finally(() => {
    isDone = true;
    begin();
  });
  running.catch(() => {}); // looked at below
  await begun; // reading the file takes real time, which the clock knows nothing of
  for (let turn = 0; !isDone && turn < 5_000; turn += 1) await clock.advance(20);
  const result = await running;
  expect(clock.pending).toBe(0);
  expect(side.listeners).toBe(0);
  const of = <T extends EventBody['type']>(type: T) => events.filter((e) => e.type === type) as EventsOf<T>[];
  return { result, side, events, of };
}

export const outcomesOf = (played: Played): string[] => played.of('step.ended').map(({ outcome }) => outcome);
