import { formatDuration } from '../base/duration.js';
import { mongoCodeName } from './mongo-codes.js';
import type {
  BotFault,
  CallFault,
  Delay,
  DeliveryFault,
  Fault,
  FaultError,
  MongoFault,
  UpdateFault,
} from './schema.js';

/**
 * One plain sentence, without a full stop: `MongoDB: find and update on sessions take a lognormal 300 ms
 * (median) to 900 ms (p99) longer; from 5 s of the play on`. Command line, report and docs all use it.
 */
export function explainFault(fault: Fault): string {
  return [sentence(fault), ...occurrence(fault)].join('; ');
}

function sentence(fault: Fault): string {
  switch (fault.on) {
    case 'mongo':
      return `MongoDB: ${mongoSubject(fault)} ${effectOf(fault, 'applied', mongoError)}`;
    case 'call':
      return `Bot API: ${callSubject(fault)} ${effectOf(fault, 'carried out', callError)}`;
    case 'delivery':
      return `Webhook: ${deliveryEffect(fault)}`;
    case 'update':
      return `User: ${updateEffect(fault)}`;
    case 'bot':
      return `Bot: ${botEffect(fault)}`;
  }
}

function mongoSubject({ match }: MongoFault): string {
  const commands = match?.commands === undefined ? 'all commands' : list(match.commands);
  const place = [match?.collection, match?.database !== undefined && `database ${match.database}`];
  const places = place.filter((part) => typeof part === 'string');
  return places.length === 0 ? commands : `${commands} on ${places.join(' of ')}`;
}

function callSubject({ match }: CallFault): string {
  return match?.methods === undefined ? 'all calls' : `calls of ${list(match.methods)}`;
}

/** What a fault on a request and its answer does; `done` is the word for "it took effect". */
function effectOf(
  fault: MongoFault | CallFault,
  done: string,
  nameOf: (error: FaultError) => string,
): string {
  const { effect, delay, error, phase = 'before' } = fault;
  const isAfter = phase === 'after';
  if (effect === undefined) {
    if (delay === undefined) return 'are let through';
    return isAfter ? `are ${done} at once and answered ${time(delay)} late` : `take ${time(delay)} longer`;
  }
  const later = delay === undefined ? '' : ` ${time(delay)} later`;
  if (effect === 'reset') {
    return isAfter
      ? `are ${done}, then the connection is reset${later} without an answer`
      : `are stopped${later} by a reset connection, not ${done}`;
  }
  const answer = error === undefined ? 'an error' : nameOf(error);
  return isAfter
    ? `are ${done}, but answered${later} with ${answer}`
    : `are refused${later} with ${answer}, not ${done}`;
}

function mongoError({ code, message, labels }: FaultError): string {
  const name = mongoCodeName(code);
  const labelled = labels === undefined ? '' : ` labelled ${list(labels)}`;
  return `error ${code}${name === undefined ? '' : ` (${name})`}${quoted(message)}${labelled}`;
}

function callError({ code, message, retry_after: retryAfter }: FaultError): string {
  const retry = retryAfter === undefined ? '' : `, retry after ${formatDuration(retryAfter * 1000)}`;
  return `error ${code}${quoted(message)}${retry}`;
}

function deliveryEffect({ match, effect, delay }: DeliveryFault): string {
  const kinds = match?.kinds === undefined ? 'every update' : `every ${list(match.kinds, 'or')}`;
  const step = match?.step === undefined ? '' : ` of step ${match.step}`;
  const attempt = match?.attempt === undefined ? '' : ` (attempt ${match.attempt})`;
  const what = `${kinds}${step}${attempt}`;
  switch (effect) {
    case 'duplicate':
      return `${what} is delivered a second time${delay === undefined ? ' at once' : `, ${time(delay)} later`}`;
    case 'lose-acknowledgement':
      return `the bot's answer to ${what} never reaches Telegram`;
    case 'timeout':
      return `Telegram waits only ${delay === undefined ? '60 s' : time(delay)} for the answer to ${what}`;
  }
}

function updateEffect({ match, delay }: UpdateFault): string {
  const button = match?.step === undefined ? 'each button' : `the button of step ${match.step}`;
  return `taps ${button} twice${delay === undefined ? '' : `, ${time(delay)} apart`}`;
}

function botEffect({ match, effect }: BotFault): string {
  const when = match?.step === undefined ? 'at each step' : `at step ${match.step}`;
  return effect === 'kill'
    ? `is killed and started again ${when}`
    : `is stopped (SIGTERM) and started again ${when}`;
}

function time(delay: Delay): string {
  if (typeof delay === 'number') return formatDuration(delay);
  const { distribution } = delay;
  switch (distribution) {
    case 'uniform':
      return `${formatDuration(delay.min)} to ${formatDuration(delay.max)}`;
    case 'normal':
      return `a normal ${formatDuration(delay.mean)} ± ${formatDuration(delay.stddev)}`;
    case 'lognormal':
      return `a lognormal ${formatDuration(delay.median)} (median) to ${formatDuration(delay.p99)} (p99)`;
  }
}

function occurrence(fault: Fault): string[] {
  const parts: string[] = [];
  const { skip = 0, times, probability } = fault;
  if (skip > 0) parts.push(skip === 1 ? 'not the first time' : `not the first ${skip} times`);
  if (times !== undefined) parts.push(times === 1 ? 'only once' : `at most ${times} times`);
  if (probability !== undefined)
    parts.push(`with a probability of ${Number((probability * 100).toFixed(2))} %`);
  const window = windowOf(fault);
  if (window !== '') parts.push(window);
  return parts;
}

function windowOf({ after = 0, for: forMs, every }: Fault): string {
  const from = after === 0 ? 'from the start' : `from ${formatDuration(after)} of the play on`;
  if (forMs === undefined) return after === 0 ? '' : from;
  const turn = `${from} for ${formatDuration(forMs)}`;
  return every === undefined ? turn : `${turn}, again every ${formatDuration(every)}`;
}

function quoted(message: string | undefined): string {
  return message === undefined ? '' : ` "${message}"`;
}

function list(items: readonly string[], word = 'and'): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${word} ${last}`;
}
