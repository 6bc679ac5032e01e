import type { z } from 'zod';
import { formatDuration } from '../base/duration.js';
import { MAX_DELAY_MS } from './delay.js';
import { isHousekeeping } from './mongo-commands.js';
import { phaseOf } from './phase.js';
import { type Delay, type faultSchema, NEXT_DELIVERY } from './schema.js';

/** A fault as the schema returns it: the loader has not named it yet. */
type UnnamedFault = z.output<typeof faultSchema>;

/** Something that is wrong with a fault, at a place inside it. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * What the schema of one key cannot say: contradictions between keys, and faults that would do nothing.
 * For `superRefine` on a list of faults. Paths lead to a key that is in the file.
 */
export function checkFaults(
  faults: readonly UnnamedFault[],
  context: { addIssue(issue: { code: 'custom'; path: PropertyKey[]; message: string }): void },
): void {
  const names = new Set<string>();
  for (const [index, fault] of faults.entries()) {
    for (const { path, message } of issuesOf(fault)) {
      context.addIssue({ code: 'custom', path: [index, ...path], message });
    }
    if (fault.name === undefined) continue;
    if (names.has(fault.name)) {
      const message = `must be unique: another fault is called ${fault.name}`;
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    }
    names.add(fault.name);
  }
}

/** The same for a fault that stands alone. For `superRefine`. */
export function checkFault(
  fault: UnnamedFault,
  context: { addIssue(issue: { code: 'custom'; path: PropertyKey[]; message: string }): void },
): void {
  for (const { path, message } of issuesOf(fault)) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
}

/** The same for a delay that stands alone. For `superRefine`. */
export function checkDelay(
  delay: Delay,
  context: { addIssue(issue: { code: 'custom'; path: PropertyKey[]; message: string }): void },
): void {
  for (const { path, message } of delayIssues(delay)) {
    context.addIssue({ code: 'custom', path: path.slice(1), message });
  }
}

function issuesOf(fault: UnnamedFault): Issue[] {
  const issues = windowIssues(fault);
  if ('delay' in fault && fault.delay !== undefined) issues.push(...delayIssues(fault.delay));
  if (fault.on === 'mongo' || fault.on === 'call') issues.push(...effectIssues(fault));
  if (fault.on === 'mongo') issues.push(...mongoIssues(fault), ...commandIssues(fault.match?.commands ?? []));
  if (fault.on === 'mongo-connection') issues.push(...connectionIssues(fault));
  if (fault.on === 'mongo-heartbeat') issues.push(...effectIssues(fault));
  if (fault.on === 'delivery') issues.push(...deliveryIssues(fault));
  if (fault.on === 'update') issues.push(...updateIssues(fault));
  if (fault.on === 'telegram' && (fault.lasts === 0 || fault.lasts > MAX_DELAY_MS)) {
    issues.push(issue(`must be longer than 0 and not longer than ${formatDuration(MAX_DELAY_MS)}`, 'lasts'));
  }
  if (fault.on === 'bot') issues.push(...botIssues(fault));
  return issues;
}

function windowIssues(fault: UnnamedFault): Issue[] {
  if (fault.for === 0) return [issue('must be longer than 0: the fault would never be on', 'for')];
  if (fault.every === undefined) return [];
  if (fault.for === undefined) return [issue('needs `for`: how long the fault is on each time', 'every')];
  if (fault.every > fault.for) return [];
  return [issue(`must be longer than \`for\` (${formatDuration(fault.for)})`, 'every')];
}

function delayIssues(delay: Delay): Issue[] {
  const tooLong = (ms: number): boolean => ms > MAX_DELAY_MS;
  const limit = `must not be longer than ${formatDuration(MAX_DELAY_MS)}`;
  if (typeof delay === 'number') return tooLong(delay) ? [issue(limit, 'delay')] : [];
  switch (delay.distribution) {
    case 'uniform':
      if (delay.max < delay.min) return [issue('must not be shorter than `min`', 'delay', 'max')];
      return tooLong(delay.max) ? [issue(limit, 'delay', 'max')] : [];
    case 'normal':
      return tooLong(delay.mean) ? [issue(limit, 'delay', 'mean')] : [];
    case 'lognormal':
      if (delay.median === 0) return [issue('must be longer than 0', 'delay', 'median')];
      if (delay.p99 < delay.median) return [issue('must not be shorter than `median`', 'delay', 'p99')];
      return tooLong(delay.p99) ? [issue(limit, 'delay', 'p99')] : [];
    case 'pareto':
      if (delay.min === 0) return [issue('must be longer than 0', 'delay', 'min')];
      return tooLong(delay.min) ? [issue(limit, 'delay', 'min')] : [];
    case 'trace':
      return (delay.file === undefined) === (delay.values === undefined)
        ? [issue('needs `file` or `values`, one of them', 'delay')]
        : [];
  }
}

function effectIssues(fault: Extract<UnnamedFault, { on: 'mongo' | 'mongo-heartbeat' | 'call' }>): Issue[] {
  const issues: Issue[] = [];
  const { effect, error } = fault;
  if (effect === undefined && fault.delay === undefined && error === undefined) {
    issues.push(issue('does nothing: give it a `delay`, an `effect` or both'));
  }
  if (effect === 'error' && error === undefined) {
    issues.push(issue('error needs the key `error` with a `code`', 'effect'));
  }
  if (effect !== 'error' && error !== undefined) {
    issues.push(issue('needs `effect: error`; without it nobody would see it', 'error'));
  }
  if (fault.on !== 'call' && error?.retry_after !== undefined) {
    issues.push(issue('is for faults on call; MongoDB has no such field', 'error', 'retry_after'));
  }
  for (const key of ['name', 'labels', 'write_concern'] as const) {
    if (fault.on !== 'call' || error?.[key] === undefined) continue;
    issues.push(issue('is for faults on mongo; the Bot API has no such field', 'error', key));
  }
  if (fault.on === 'call' && error !== undefined && (error.code < 400 || error.code > 599)) {
    issues.push(issue('must be 400 to 599: it is also the HTTP status of the answer', 'error', 'code'));
  }
  return issues;
}

function mongoIssues(fault: Extract<UnnamedFault, { on: 'mongo' }>): Issue[] {
  const issues: Issue[] = [];
  const { effect, phase, per, delay, drip, lasts, error } = fault;
  if (phase === 'before' && phaseOf({ effect }) === 'after') {
    issues.push(issue(`has no meaning with ${effect}, which needs the answer of the server`, 'phase'));
  }
  if (per !== undefined && delay === undefined) issues.push(issue('needs `delay`', 'per'));
  if (effect === 'drip' && drip === undefined) {
    issues.push(issue('drip needs the key `drip` with `bytes` and `every`', 'effect'));
  }
  if (effect !== 'drip' && drip !== undefined) issues.push(issue('needs `effect: drip`', 'drip'));
  if (effect === 'step-down' && lasts === undefined) {
    issues.push(issue('step-down needs `lasts`: how long nobody is primary', 'effect'));
  }
  if (effect !== 'step-down' && lasts !== undefined) issues.push(issue('needs `effect: step-down`', 'lasts'));
  if (error?.write_concern === true && phaseOf(fault) === 'before') {
    issues.push(
      issue('needs `phase: after`: it stands in the answer of the server', 'error', 'write_concern'),
    );
  }
  return issues;
}

function connectionIssues(fault: Extract<UnnamedFault, { on: 'mongo-connection' }>): Issue[] {
  const { effect, delay, connections } = fault;
  if (effect === undefined && delay === undefined) {
    return [issue('does nothing: give it a `delay`, an `effect` or both')];
  }
  if (effect === 'limit' && connections === undefined) {
    return [issue('limit needs `connections`: how many may be open', 'effect')];
  }
  if (effect !== 'limit' && connections !== undefined) return [issue('needs `effect: limit`', 'connections')];
  return [];
}

function commandIssues(commands: readonly string[]): Issue[] {
  return commands.flatMap((command, index) =>
    isHousekeeping(command)
      ? [issue(`${command} keeps connections alive; no fault ever hits it`, 'match', 'commands', index)]
      : [],
  );
}

function deliveryIssues(fault: Extract<UnnamedFault, { on: 'delivery' }>): Issue[] {
  if (fault.effect === 'timeout' && fault.delay === undefined) {
    return [issue('timeout needs `delay`: how long Telegram waits for the answer', 'effect')];
  }
  if (fault.effect === 'repeat' && typeof fault.delay !== 'number') {
    return [issue('repeat needs a fixed `delay`: how long after the answer it comes again', 'effect')];
  }
  if (fault.effect === 'route' && fault.to === undefined) {
    return [issue('route needs `to`: the number of the instance', 'effect')];
  }
  if (fault.effect !== 'route' && fault.to !== undefined) return [issue('needs `effect: route`', 'to')];
  if ((fault.effect === 'lose-acknowledgement' || fault.effect === 'route') && fault.delay !== undefined) {
    return [issue(`has no meaning with ${fault.effect}`, 'delay')];
  }
  return [];
}

/** The keys that only some effects have. */
const UPDATE_KEYS = {
  delay: ['double-tap'],
  text: ['text-beside-tap', 'forged'],
  shapes: ['malformed'],
  secret: ['forged'],
} as const satisfies Record<string, readonly Extract<UnnamedFault, { on: 'update' }>['effect'][]>;

function updateIssues(fault: Extract<UnnamedFault, { on: 'update' }>): Issue[] {
  const issues: Issue[] = [];
  for (const [key, effects] of Object.entries(UPDATE_KEYS)) {
    if (fault[key as keyof typeof UPDATE_KEYS] === undefined) continue;
    if ((effects as readonly string[]).includes(fault.effect)) continue;
    issues.push(issue(`needs ${effects.map((effect) => `\`effect: ${effect}\``).join(' or ')}`, key));
  }
  if (fault.effect === 'start-over' && (fault.match?.step ?? 2) < 2) {
    issues.push(issue('must be 2 or more: whoever is at the first step cannot begin anew', 'match', 'step'));
  }
  return issues;
}

function botIssues({ effect, lasts, match, signal, when }: Extract<UnnamedFault, { on: 'bot' }>): Issue[] {
  const issues: Issue[] = [];
  const isTimed = effect === 'stop' || effect === 'freeze';
  if (isTimed && !lasts)
    issues.push(issue(`${effect} needs \`lasts\`: for how long, longer than 0`, 'effect'));
  if (lasts === NEXT_DELIVERY && (effect !== 'freeze' || when !== 'acknowledged')) {
    issues.push(issue(`${NEXT_DELIVERY} needs \`effect: freeze\` and \`when: acknowledged\``, 'lasts'));
  }
  if (match?.kinds !== undefined && when !== 'acknowledged') {
    issues.push(issue('needs `when: acknowledged`', 'match', 'kinds'));
  }
  if (typeof lasts === 'number' && lasts > MAX_DELAY_MS) {
    issues.push(issue(`must not be longer than ${formatDuration(MAX_DELAY_MS)}`, 'lasts'));
  }
  if (!isTimed && lasts !== undefined)
    issues.push(issue('needs `effect: stop` or `effect: freeze`', 'lasts'));
  if (effect !== 'stop' && signal !== undefined) issues.push(issue('needs `effect: stop`', 'signal'));
  return issues;
}

function issue(message: string, ...path: PropertyKey[]): Issue {
  return { path, message };
}
