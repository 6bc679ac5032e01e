/**
 * The public API of `sendtwice`.
 *
 * Commonly used: {@link play} runs a scenario against a bot and judges it; {@link defineScenario} and
 * {@link defineBot} are the two files in TypeScript.
 */

export { ERROR_CODES, type ErrorCode, SendtwiceError } from './base/errors.js';
export { type Played, type PlayOptions, play } from './play.js';
export type { RunFault, RunFaults } from './scenario/live-faults.js';
export {
  type Bot,
  defineBot,
  defineScenario,
  loadBot,
  loadScenario,
  type Scenario,
} from './scenario/load.js';
export type { LiveRun, Progress } from './scenario/run-options.js';
export type { BotInput, ScenarioInput } from './scenario/schema.js';

// For those who read what a run left behind.

export type * from './history/events.js';
export { loadHistory, readHistory } from './history/reader.js';
export { readRecording } from './recording/reader.js';
export { type Judged, judgeHistory } from './report/judge.js';
export type { Summary } from './report/summary.js';
export { terminalReport } from './report/terminal.js';

// For tests of one's own: a fake Bot API server and an in-memory MongoDB server.

export { RealClock } from './base/clock.js';
export { EmbeddedMongo } from './mongo/embedded/embedded-mongo.js';
export { BotAccount } from './telegram/bot-account.js';
export type { Incoming, Received, Seen } from './telegram/contracts.js';
export { type NewBot, TelegramServer, type TelegramServerOptions } from './telegram/server.js';
export type { BotSettings } from './telegram/world.js';

// People who use the bot in such tests: docs/people.md.

export type { AlbumItem } from './telegram/people/album.js';
export type { MessageMatch, TapAnswer, WaitOptions } from './telegram/people/eyes.js';
export type { MediaInputs } from './telegram/people/files.js';
export type { CaptionOptions, MessageOptions, MessageRef } from './telegram/people/messages.js';
export type { OwnPoll } from './telegram/people/own-polls.js';
export type { Paying, PayOptions, PayOutcome } from './telegram/people/payments.js';
export { type Guise, Person, type PersonInput } from './telegram/people/person.js';
export { PersonInChat } from './telegram/people/person-in-chat.js';
export type { ContactInput, LivePlace, Place, VenueInput } from './telegram/people/places.js';
export type { ReplyTapAnswer } from './telegram/people/reply-taps.js';
export type { ButtonRef, TapEffect, Tapped } from './telegram/people/taps.js';
export type { ShownKeyboard, View } from './telegram/people/view.js';
