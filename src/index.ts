/**
 * The public API of `sendtwice`.
 *
 * Commonly used: {@link play} runs a scenario against a bot and judges it; {@link defineScenario} and
 * {@link defineBot} are the two files in TypeScript.
 */

// The parts, for tests of one's own: a fake Bot API server and an in-memory MongoDB server.
export { RealClock } from './base/clock.js';
export { ERROR_CODES, type ErrorCode, SendtwiceError } from './base/errors.js';
export type * from './history/events.js';
// Reading what a run left behind.
export { loadHistory, readHistory } from './history/reader.js';
export { EmbeddedMongo } from './mongo/embedded/embedded-mongo.js';
export { type Played, type PlayOptions, play } from './play.js';
export { readRecording } from './recording/reader.js';
export { type Judged, judgeHistory } from './report/judge.js';
export type { Summary } from './report/summary.js';
export { terminalReport } from './report/terminal.js';
export {
  type Bot,
  defineBot,
  defineScenario,
  loadBot,
  loadScenario,
  type Scenario,
} from './scenario/load.js';
export type { Progress } from './scenario/run.js';
export type { BotInput, ScenarioInput } from './scenario/schema.js';
export type { Incoming, Received, Seen } from './telegram/contracts.js';
export { TelegramServer } from './telegram/server.js';
