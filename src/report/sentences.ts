import { formatDuration } from '../base/duration.js';
import { printable, withoutPersonal } from '../base/untrusted.js';
import type { Content, Wanted } from '../history/content.js';
import type { EventOf, EventType, HistoryEvent } from '../history/events.js';

/** Text that came from a bot, a recording or a database, fit for one line of a report. */
export function quoted(text: string, limit = 60): string {
  return `“${printable(withoutPersonal(text), limit)}”`;
}

/** What a reply looks like, in a few words. */
export function contentInWords(content: Content): string {
  if (content.wanted !== undefined && content.text === undefined) return wantedInWords(content.wanted);
  const what = content.text === undefined || content.text === '' ? `a ${content.kind}` : quoted(content.text);
  const buttons = content.keyboard?.rows.flat().length ?? 0;
  return buttons === 0 ? what : `${what} with ${buttons} button${buttons === 1 ? '' : 's'}`;
}

function wantedInWords({ kinds, contains, matches, buttons }: Wanted): string {
  const parts = [
    ...(contains ?? []).map((words) => `with ${quoted(words)}`),
    ...(matches === undefined
      ? []
      : [`that matches ${printable(`/${matches.source}/${matches.flags}`, 60)}`]),
    ...(buttons === undefined
      ? []
      : [`with the buttons ${buttons.map((label) => quoted(label)).join(', ')}`]),
  ];
  return [kinds === undefined ? 'a reply' : `a ${kinds.join(' or ')}`, ...parts].join(' ');
}
/** What is to be said of an action beside what it is. */
const WHY: Readonly<Record<EventOf<'action'>['reason'], string>> = {
  planned: '',
  resend: ' again, having waited in vain',
  'double-tap': ' a second time',
  'text-beside-tap': ' at the same moment',
  'unknown-kind': ', which comes as an update of a kind that the Bot API does not have yet',
  'unknown-fields': ', which comes as a message with fields that the Bot API does not have yet',
  malformed: ', and something on the way leaves out a part of its update',
};

type Sentences = { readonly [T in EventType]: (event: EventOf<T>) => string };

/** What one event says to a person who knows bots and not this tool. */
const SENTENCES: Sentences = {
  'run.started': (e) => `the run of ${e.scenario} starts (seed ${e.seed})`,
  'environment.glued': ({ first, second }) =>
    `${first} and ${second} were glued together: ${second} is missing, and its name and value stand at the end of ${first}`,
  'play.started': () => 'the play begins',
  'play.ended': () => 'the play is over',
  'run.ended': (e) =>
    `the run is ${e.outcome}${e.error === undefined ? '' : `: ${printable(e.error.message)}`}`,
  'user.started': (e) => `user ${e.user} begins session ${e.session}`,
  'user.ended': (e) => `user ${e.user} is ${e.outcome} after ${e.steps} steps`,
  action: (e) => {
    const what =
      e.kind === 'tap'
        ? `taps ${quoted(e.button?.text ?? 'a button')}`
        : e.text === undefined
          ? `sends ${e.kind === 'other' ? 'something' : `a ${e.kind}`}`
          : `writes ${quoted(e.text)}`;
    const round = e.round === undefined || e.step > 1 || e.send > 1 ? '' : ', beginning anew';
    return `${e.user} ${what}${WHY[e.reason]}${round}${e.updateId === undefined ? '' : ` (update ${e.updateId})`}`;
  },
  'step.ended': (e) => {
    const wants =
      e.wants === undefined
        ? ''
        : e.wants === 'nothing'
          ? ' (no answer is wanted)'
          : ` (${quoted(e.wants.button)})`;
    return `step ${e.step} of ${e.user} ends: ${e.outcome}${wants}`;
  },
  'request.started': (e) => `${e.user} has the bot’s server asked: ${e.method} ${quoted(e.path, 80)}`,
  'request.ended': (e) => {
    const error = e.error === undefined ? '' : ` (${printable(e.error, 80)})`;
    if (e.outcome === 'answered') return `the bot’s server answers ${e.status ?? 'nothing'}`;
    if (e.outcome === 'undelivered') return `the bot’s server cannot be reached${error}`;
    return `no answer of the bot’s server arrives${error}`;
  },
  'database.written': (e) =>
    `the scenario changes ${printable(e.collection, 80)} (${e.operation}, ${e.n} document${e.n === 1 ? '' : 's'})`,
  probe: (e) =>
    e.outcome === 'unknown'
      ? `the database cannot be asked for “${printable(e.name, 80)}”`
      : `the database has ${printable(withoutPersonal(e.found), 120)} for “${printable(e.name, 80)}”, wanted: ${printable(withoutPersonal(e.wanted), 120)}`,
  'update.queued': (e) => `Telegram queues update ${e.updateId} (${e.kind})`,
  'update.dropped': (e) =>
    ({
      expired: `Telegram drops update ${e.updateId}: it has expired`,
      'dropped-by-bot': `update ${e.updateId} is thrown away at the bot's own request`,
      'queue-full': `update ${e.updateId} is lost: the queue is full`,
    })[e.reason],
  'delivery.started': (e) =>
    `Telegram hands over update ${e.updateId}${e.attempt === 1 ? '' : ` once more (attempt ${e.attempt})`}` +
    `${e.via === 'polling' ? ' through getUpdates' : ''}${e.consumer === undefined ? '' : ' to another program with the same token'}` +
    `${e.instance === undefined ? '' : ` to instance ${e.instance}`}${byFault(e.fault)}`,
  'delivery.ended': (e) => {
    const next =
      e.retryInMs === undefined
        ? ''
        : `; Telegram tries again ${e.retryInMs === 0 ? 'at once' : `in ${formatDuration(e.retryInMs)}`}`;
    const why = e.error === undefined ? '' : ` (${printable(e.error, 80)})`;
    const what = {
      acknowledged: `the bot acknowledges update ${e.updateId}`,
      refused: `the bot answers update ${e.updateId} with ${e.status ?? 'an error'}`,
      unknown: `no answer to update ${e.updateId} arrives${why}: Telegram cannot know whether it was handled`,
      undelivered: `update ${e.updateId} cannot be delivered${why}`,
      abandoned: `the delivery of update ${e.updateId} is abandoned`,
    }[e.outcome];
    return `${what}${e.attempt === 1 ? '' : ` (attempt ${e.attempt})`}${byFault(e.fault)}${next}`;
  },
  'call.started': (e) =>
    `the bot calls ${e.method}${e.via === 'webhook-answer' ? ' in its answer to the webhook' : ''}`,
  'call.ended': (e) => {
    const shown = e.contents?.map(contentInWords).join(', ');
    const what = e.applied
      ? shown === undefined
        ? `${e.method} takes effect`
        : `the user sees ${shown}${e.messageIds?.[0] === undefined ? '' : ` (${e.method}, message ${e.messageIds[0]})`}`
      : `${e.method} fails: ${printable(e.description ?? `error ${e.errorCode ?? '?'}`, 100)}`;
    const lost = e.applied && !e.answered ? ', but the bot never hears of it' : '';
    return `${what}${lost}${byFault(e.fault)}`;
  },
  'command.started': (e) =>
    `the bot asks MongoDB: ${e.name}${e.collection === undefined ? '' : ` on ${printable(e.collection, 40)}`}`,
  'command.ended': (e) => {
    const added = e.addedMs > 0 ? `, ${formatDuration(e.addedMs)} of it added` : '';
    const what = {
      ok: 'answers',
      error: `fails with code ${e.code ?? '?'}`,
      unknown: 'never gets its answer',
    }[e.outcome];
    const applied = e.outcome !== 'ok' && e.appliedUpstream === true ? ', though it was applied' : '';
    return `MongoDB: ${e.name} ${what} after ${formatDuration(e.ms)}${added}${applied}${byFault(e.fault)}`;
  },
  'fault.hit': (e) =>
    `fault ${e.fault}: ${e.effect}${e.delayMs === undefined || e.delayMs === 0 ? '' : `, ${formatDuration(e.delayMs)}`}`,
  'fault.switched': (e) =>
    `fault ${e.fault} is ${e.to === 'on' || e.to === 'off' ? `switched ${e.to}` : e.to}` +
    `${e.explain === undefined ? '' : `: ${printable(e.explain, 300)}`}`,
  'bot.started': (e) => `the bot process starts (instance ${e.instance})`,
  'bot.ready': (e) => `the bot is ready after ${formatDuration(e.ms)} (instance ${e.instance})`,
  'bot.exited': (e) =>
    `the bot process ends${e.signal === undefined ? ` with code ${e.code ?? '?'}` : ` by ${e.signal}`}` +
    `${e.expected ? ', on purpose' : ', and nobody had asked it to'}`,
  'bot.log': (e) => `the bot says: ${quoted(e.line, 120)}`,
  'forged.sent': (e) =>
    `a stranger posts an update of its own to the webhook, with ${e.secret === 'missing' ? 'no' : 'a wrong'} secret token` +
    `${e.secretWasSet ? '' : ' (none was set)'}`,
  'forged.answered': (e) =>
    `the bot answers the stranger ${e.status === undefined ? `nothing (${printable(e.error ?? 'no answer', 80)})` : `with ${e.status}`}` +
    `${e.method === undefined ? '' : ` and a call of ${printable(e.method, 40)}`}`,
  'harness.health': (e) => `the harness's event loop was late by ${formatDuration(e.loopDelayP99Ms)} (p99)`,
  warning: (e) => printable(e.message),
};

function byFault(fault: string | undefined): string {
  return fault === undefined ? '' : ` [fault ${fault}]`;
}

/** One event as a sentence without a full stop. Safe to print. */
export function sentenceOf(event: HistoryEvent): string {
  return (SENTENCES[event.type] as (event: HistoryEvent) => string)(event);
}

/** What should have come for the first of these actions and requests that expects something, in a few words. */
export function expectedOf(events: readonly HistoryEvent[]): string | undefined {
  for (const event of events) {
    if (event.type !== 'action' && event.type !== 'request.started') continue;
    if (event.expects === undefined || event.expects.length === 0) continue;
    return event.expects.map(contentInWords).join(', then ');
  }
  return undefined;
}

/** The causal chain of a finding: its events in order of time, each with its time since the first. */
export function chainOf(events: readonly HistoryEvent[]): string[] {
  const first = events[0];
  if (first === undefined) return [];
  return events
    .filter((event) => !saysNothingNew(event, events))
    .map((event) => `${clockTime(event.at - first.at)}  ${sentenceOf(event)}`);
}

/** From this long on, the start of a call is worth a line of its own beside its end. */
const LONG_CALL_MS = 100;

function saysNothingNew(event: HistoryEvent, chain: readonly HistoryEvent[]): boolean {
  if (event.type !== 'call.started') return false;
  const end = chain.find((other) => other.type === 'call.ended' && other.call === event.call);
  return end !== undefined && end.at - event.at < LONG_CALL_MS;
}

/** Seconds since the start of the chain, in a column: `+ 0.000 s`, `+12.345 s`. */
function clockTime(ms: number): string {
  return `+${(ms / 1000).toFixed(3).padStart(7)} s`;
}
