import { formatDuration } from '../base/duration.js';
import { mongoCodeName } from './mongo-codes.js';
import { phaseOf } from './phase.js';
import {
  type BotFault,
  type CallFault,
  type Delay,
  type DeliveryFault,
  type Fault,
  type FaultError,
  MALFORMED_SHAPES,
  type MongoConnectionFault,
  type MongoFault,
  type MongoHeartbeatFault,
  NEXT_DELIVERY,
  type TelegramFault,
  type UpdateFault,
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
      return `MongoDB: ${mongoSubject(fault)} ${mongoEffect(fault)}`;
    case 'mongo-connection':
      return `MongoDB: ${connectionEffect(fault)}`;
    case 'mongo-heartbeat':
      return `MongoDB: ${heartbeatEffect(fault)}`;
    case 'call':
      return `Bot API: ${callSubject(fault)} ${effectOf(fault, 'carried out', callError)}`;
    case 'delivery':
      return `Webhook: ${deliveryEffect(fault)}`;
    case 'update':
      return fault.effect === 'forged' ? `Stranger: ${forgedEffect(fault)}` : `User: ${updateEffect(fault)}`;
    case 'telegram':
      return `Telegram: ${telegramEffect(fault)}`;
    case 'bot':
      return `Bot: ${botEffect(fault)}`;
  }
}

function mongoSubject({ match }: MongoFault): string {
  const what = match?.commands === undefined ? 'all commands' : list(match.commands);
  const commands = [what, filterOf(match?.filter), senderOf(match)].join('');
  const place = [match?.collection, match?.database !== undefined && `database ${match.database}`];
  const places = place.filter((part) => typeof part === 'string');
  return places.length === 0 ? commands : `${commands} on ${places.join(' of ')}`;
}

function filterOf(keys: readonly string[] | undefined): string {
  if (keys === undefined) return '';
  return keys.length === 0 ? ' with an empty filter' : ` by ${list(keys)}`;
}

function senderOf(
  match: { readonly app?: string | undefined; readonly connection?: number | undefined } = {},
): string {
  const app = match.app === undefined ? '' : ` of ${match.app}`;
  return match.connection === undefined ? app : `${app} on connection ${match.connection}`;
}

/** Effects that only MongoDB has are said here, the others as those of a call are. */
function mongoEffect(fault: MongoFault): string {
  const { effect, delay, drip, lasts = 0, error } = fault;
  const isAfter = phaseOf(fault) === 'after';
  const later = delay === undefined ? '' : ` ${time(delay)}${perKilobyte(fault)} later`;
  switch (effect) {
    case 'lose-acknowledgement':
      return `are applied, then the connection is reset${later} without an answer`;
    case 'close':
      return isAfter
        ? `are applied, then the connection is closed${later} without an answer`
        : `are stopped${later} by a closed connection, not applied`;
    case 'stall':
      return isAfter ? 'are applied, but never answered' : 'never get to the server and are never answered';
    case 'truncate':
      return `are applied, but the connection ends${later} in the middle of the answer`;
    case 'drip':
      return `are applied, and answered${later} in pieces of ${drip?.bytes ?? 1} bytes, one every ${formatDuration(drip?.every ?? 0)}`;
    case 'step-down':
      return `are ${isAfter ? 'applied, but interrupted' : 'refused'}${later}: the primary steps down for ${formatDuration(lasts)}`;
    case 'overload':
      return effectOf({ ...fault, effect: 'error', error: { code: 462, ...error } }, 'applied', mongoError);
    case 'error':
      if (error?.write_concern === true)
        return `are applied, and answered${later} with the write concern ${mongoError(error)}`;
      return effectOf({ ...fault, effect }, 'applied', mongoError);
    default:
      return effectOf({ ...fault, effect }, 'applied', mongoError);
  }
}

function perKilobyte({ per }: { readonly per?: string | undefined }): string {
  return per === 'kilobyte' ? ' a kilobyte' : '';
}

function connectionEffect({ match, effect, delay, connections = 0 }: MongoConnectionFault): string {
  const isOne = match?.connection !== undefined;
  const which = isOne ? `connection ${match.connection}` : 'new connections';
  const be = isOne ? 'is' : 'are';
  const late = delay === undefined ? '' : `after ${time(delay)} `;
  switch (effect) {
    case 'refuse':
      return `${which} ${be} ${late}refused`;
    case 'stall':
      return `${which} ${be} accepted, but nothing is ever answered`;
    case 'limit':
      return `more than ${connections} open connections are ${late}closed`;
    default:
      return `the first bytes of ${which} arrive ${delay === undefined ? 'at once' : `${time(delay)} late`}`;
  }
}

function heartbeatEffect({ match, effect, delay, error }: MongoHeartbeatFault): string {
  const which = `heartbeats (hello)${senderOf(match)}`;
  const later = delay === undefined ? '' : ` ${time(delay)} later`;
  switch (effect) {
    case 'error':
      return `${which} are refused${later} with ${error === undefined ? 'an error' : mongoError(error)}`;
    case 'stall':
      return `${which} are never answered`;
    case 'reset':
    case 'close':
      return `${which} end the connection${later}`;
    default:
      return `${which} take ${delay === undefined ? 'no time' : time(delay)} longer`;
  }
}

function callSubject({ match }: CallFault): string {
  return match?.methods === undefined ? 'all calls' : `calls of ${list(match.methods)}`;
}

/** What a fault on a request and its answer does; `done` is the word for "it took effect". */
function effectOf(
  fault: Pick<CallFault, 'delay' | 'error' | 'phase'> & {
    readonly effect?: 'error' | 'reset' | undefined;
    readonly per?: MongoFault['per'];
  },
  done: string,
  nameOf: (error: FaultError) => string,
): string {
  const { effect, delay, error, phase = 'before' } = fault;
  const isAfter = phase === 'after';
  if (effect === undefined) {
    if (delay === undefined) return 'are let through';
    const long = `${time(delay)}${perKilobyte(fault)}`;
    return isAfter ? `are ${done} at once and answered ${long} late` : `take ${long} longer`;
  }
  const later = delay === undefined ? '' : ` ${time(delay)}${perKilobyte(fault)} later`;
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

function mongoError({ code, message, labels, ...error }: FaultError): string {
  const name = error.name ?? mongoCodeName(code);
  const labelled = labels === undefined ? '' : ` labelled ${list(labels)}`;
  return `error ${code}${name === undefined ? '' : ` (${name})`}${quoted(message)}${labelled}`;
}

function callError({ code, message, retry_after: retryAfter }: FaultError): string {
  const retry = retryAfter === undefined ? '' : `, retry after ${formatDuration(retryAfter * 1000)}`;
  return `error ${code}${quoted(message)}${retry}`;
}

function deliveryEffect({ match, effect, delay, to = 1 }: DeliveryFault): string {
  const kinds = match?.kinds === undefined ? 'every update' : `every ${list(match.kinds, 'or')}`;
  const step = match?.step === undefined ? '' : ` of step ${match.step}`;
  const attempt = match?.attempt === undefined ? '' : ` (attempt ${match.attempt})`;
  const what = `${kinds}${step}${attempt}`;
  switch (effect) {
    case 'duplicate':
      return `${what} is delivered a second time${delay === undefined ? ' at once' : `, ${time(delay)} later`}`;
    case 'repeat':
      return `${what} is delivered again ${delay === undefined ? 'some time' : time(delay)} after the bot acknowledged it`;
    case 'lose-acknowledgement':
      return `the bot's answer to ${what} never reaches Telegram`;
    case 'timeout':
      return `Telegram waits only ${delay === undefined ? '60 s' : time(delay)} for the answer to ${what}`;
    case 'route':
      return `${what} goes to instance ${to} of the bot`;
  }
}

function updateEffect({ match, effect, delay, text, shapes }: UpdateFault): string {
  const button = match?.step === undefined ? 'each button' : `the button of step ${match.step}`;
  const before = match?.step === undefined ? 'before each step' : `before step ${match.step}`;
  switch (effect) {
    case 'text-beside-tap': {
      const where = match?.step === undefined ? 'with a tap' : `with the tap of step ${match.step}`;
      return `writes "${text ?? '?'}" at the same moment ${where}`;
    }
    case 'start-over':
      return `begins its session anew ${match?.step === undefined ? 'at some step' : `in place of step ${match.step}`}`;
    case 'unknown-kind':
      return `does something ${before} that comes as an update of a kind the Bot API does not have yet`;
    case 'unknown-fields':
      return `sends a message ${before} with fields the Bot API does not have yet`;
    case 'malformed':
      return `does something ${before} whose update lacks a part (${list(shapes ?? MALFORMED_SHAPES)})`;
    default:
      return `taps ${button} twice${delay === undefined ? '' : `, ${time(delay)} apart`}`;
  }
}

function forgedEffect({ match, secret = 'missing' }: UpdateFault): string {
  const when = match?.step === undefined ? 'at each step' : `at step ${match.step}`;
  return `posts an update of its own to the webhook ${when}, with ${secret === 'missing' ? 'no' : 'a wrong'} secret token`;
}

function telegramEffect({ match, lasts }: TelegramFault): string {
  const when = match?.step === undefined ? 'at each step' : `at step ${match.step}`;
  return `another program with the bot's token calls deleteWebhook ${when} and polls for ${formatDuration(lasts)}`;
}

function botEffect(fault: BotFault): string {
  const { match, effect, lasts = 0, signal = 'TERM' } = fault;
  const when = `${strikesWhen(fault)}${match?.instance === undefined ? '' : ` (instance ${match.instance})`}`;
  const long = lasts === NEXT_DELIVERY ? 'until the next delivery' : `for ${formatDuration(lasts)}`;
  if (effect === 'stop') return `is down ${long} (SIG${signal}), then started again, ${when}`;
  if (effect === 'freeze') {
    return fault.when === 'acknowledged'
      ? `stands still (SIGSTOP) ${when}, ${long}`
      : `stands still (SIGSTOP) ${long} ${when}`;
  }
  return effect === 'kill'
    ? `is killed and started again ${when}`
    : `is stopped (SIGTERM) and started again ${when}`;
}

function strikesWhen({ match, when }: BotFault): string {
  if (when !== 'acknowledged') return match?.step === undefined ? 'at each step' : `at step ${match.step}`;
  const what = match?.kinds === undefined ? 'an update' : `a ${list(match.kinds, 'or')}`;
  return `right after it acknowledged ${what}${match?.step === undefined ? '' : ` of step ${match.step}`}`;
}

/** `300 ms`, `a lognormal 300 ms (median) to 900 ms (p99)`. */
export function explainDelay(delay: Delay): string {
  return time(delay);
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
    case 'pareto':
      return `a pareto ${formatDuration(delay.min)} or more (alpha ${delay.alpha})`;
    case 'trace':
      return delay.file === undefined ? 'the times of a trace' : `the times of ${delay.file}`;
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
