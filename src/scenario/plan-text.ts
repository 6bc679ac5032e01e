import { formatDuration } from '../base/duration.js';
import { printable, withoutPersonal } from '../base/untrusted.js';
import { explainDelay, explainFault } from '../faults/explain.js';
import { isProxyFault } from '../faults/schema.js';
import { MEDIA_KINDS } from '../history/content.js';
import type { Act } from '../recording/act.js';
import { isObject } from '../recording/format.js';
import type { Session, Sessions, Step } from '../recording/sessions.js';
import { scriptOf } from './compile-steps.js';
import type { Bot, Scenario } from './load.js';
import { LONGEST_PROBE_MS } from './probing.js';
import type { Invariant, ScenarioStep } from './step-schema.js';
import { scriptLines } from './step-text.js';

/** So much of a recording is shown. */
const SESSIONS_SHOWN = 3;
const STEPS_SHOWN = 30;

const NAME_COLUMNS = 10;
const DEFAULT_THINK = '200 ms to 600 ms';

/** What a run of the scenario would do, line by line. `sessions`: those of its recording, if it plays one. */
export function scenarioPlan(scenario: Scenario, sessions: Sessions | undefined): string[] {
  const { about, tags, order } = scenario;
  return [
    ...row('about', about === undefined ? undefined : printable(about, 1000)),
    ...row('suite', tags.length === 0 ? undefined : `order ${order}, tags ${tags.join(', ')}`),
    ...playRows(scenario, sessions),
    ...row('bot', deploymentText(scenario)),
    ...writtenRows(scenario),
    ...stepRows(scenario, sessions?.sessions ?? []),
    ...listed(
      'faults',
      scenario.faults.map((fault) => [fault.name, explainFault(fault)]),
    ),
    ...listed('expect', expectations(scenario)),
    ...listed(
      'needs',
      requirements(scenario).map((text) => ['', text]),
    ),
  ];
}

/** How a bot is started. Values of its environment are not shown: they may be secrets. */
export function botPlan(bot: Bot): string[] {
  const command = typeof bot.command === 'string' ? bot.command : bot.command?.join(' ');
  const ready =
    bot.ready === undefined
      ? 'it has called setWebhook or getUpdates'
      : 'http' in bot.ready
        ? `${bot.ready.http} answers`
        : 'log' in bot.ready
          ? `its output has a line with "${printable(bot.ready.log)}"`
          : `it has called ${bot.ready.calls.join(' or ')}`;
  return [
    ...row('command', command === undefined ? undefined : withoutPersonal(printable(command))),
    ...row('webhook', bot.webhook.url === undefined ? undefined : `${bot.webhook.url} (it runs already)`),
    ...row('in', command === undefined ? undefined : bot.cwd),
    ...row('env', Object.keys(bot.env).join(', ') || undefined),
    ...row('instances', bot.instances === 1 ? undefined : `${bot.instances}, deliveries go ${bot.route}`),
    ...row(
      'ready',
      command === undefined ? undefined : `${ready}, within ${formatDuration(bot.ready_timeout)}`,
    ),
    ...row('recording', bot.recording),
  ];
}

/** What people do in a recording. */
export function recordingPlan({ sessions, leftOut }: Sessions): string[] {
  return [
    ...row('sessions', sessionsText({ sessions, leftOut })),
    ...sessions
      .slice(0, SESSIONS_SHOWN)
      .flatMap((session) => sessionRows(session, (step) => whenText(step.at))),
    ...moreSessions(sessions),
  ];
}

function playRows({ play }: Scenario, sessions: Sessions | undefined): string[] {
  const again = play.sends === 1 ? 'then goes on' : `then sends it again, ${play.sends} sends at most`;
  const people =
    play.pace === 'timeline'
      ? `${sessions?.sessions.length ?? 0}, one for each session, at the recorded times${play.speed === 1 ? '' : ` divided by ${play.speed}`}`
      : `${play.users}, ${arrivalsText(play)}`;
  const conversation =
    play.pace === 'timeline'
      ? []
      : [
          ...row('think', thinkText(play)),
          ...row('patience', `${formatDuration(play.patience)} for each answer, ${again}`),
        ];
  return [
    ...row('pace', play.pace),
    ...row('recording', play.recording),
    ...row('sessions', sessions === undefined ? undefined : sessionsText(sessions)),
    ...row('users', people),
    ...conversation,
    ...row(
      'ends',
      `after ${formatDuration(play.settle)} of quiet, ${formatDuration(play.limit)} at the latest`,
    ),
  ];
}

function thinkText({ think, probe_dead_window: isProbing }: Scenario['play']): string {
  if (isProbing === true) return `0 ms to ${formatDuration(LONGEST_PROBE_MS)}, to find a dead window`;
  return think === undefined ? DEFAULT_THINK : explainDelay(think);
}

function arrivalsText({ users, arrivals }: Scenario['play']): string {
  if (arrivals === undefined) return 'all at once';
  const last = formatDuration(((users - 1) / arrivals.rate) * 1000);
  return `one every ${formatDuration(1000 / arrivals.rate)}, the last one ${last} after the first`;
}

function deploymentText({ bot }: Scenario): string | undefined {
  const { instances, route, glue } = bot ?? {};
  const parts = [
    instances !== undefined && `${count(instances, 'instance')} behind one webhook`,
    route !== undefined && `deliveries go ${route}`,
    glue !== undefined && `started with ${glue.join(' and ')} glued together`,
  ].filter((part) => typeof part === 'string');
  return parts.length === 0 ? undefined : parts.join(', ');
}

function sessionsText({ sessions, leftOut }: Sessions): string {
  const steps = sessions.reduce((sum, session) => sum + session.steps.length, 0);
  const replies = sessions
    .flatMap((session) => session.steps)
    .reduce((sum, step) => sum + step.replies.length, 0);
  const more = leftOut === 0 ? '' : `; ${leftOut} acts beyond the limits are left out`;
  return `${sessions.length} with ${count(steps, 'step')} and ${count(replies, 'expected reply', 'expected replies')}${more}`;
}

function writtenRows({ play: { steps } }: Scenario): string[] {
  return steps === undefined ? [] : ['  steps of each user', ...scriptLines(scriptOf(steps))];
}

function stepRows({ play }: Scenario, sessions: readonly Session[]): string[] {
  const when = (step: Step): string => (play.pace === 'timeline' ? whenText(step.at / play.speed) : '');
  return [
    ...sessions.slice(0, SESSIONS_SHOWN).flatMap((session) => sessionRows(session, when)),
    ...moreSessions(sessions),
  ];
}

const whenText = (ms: number): string => `${(ms / 1000).toFixed(2)} s`.padStart(10);

function sessionRows({ session, steps }: Session, when: (step: Step) => string): string[] {
  const lines = steps.slice(0, STEPS_SHOWN).map((step) => {
    const replies =
      step.replies.length === 0 ? 'nothing expected' : count(step.replies.length, 'reply', 'replies');
    return `  ${String(step.step).padStart(5)} ${when(step)} ${actText(step.action)} → ${replies}`;
  });
  const more = steps.length - lines.length;
  return [`  ${session}`, ...lines, ...(more > 0 ? [`        … and ${count(more, 'more step')}`] : [])];
}

function moreSessions(sessions: readonly Session[]): string[] {
  const more = sessions.length - SESSIONS_SHOWN;
  return more > 0 ? [`  … and ${count(more, 'more session')}`] : [];
}

/** `types "/start"`, `taps "size:xl"`, `photo`. */
function actText({ kind, payload }: Act): string {
  const words = (text: string): string => `"${printable(withoutPersonal(text), 50)}"`;
  if (kind === 'callback_query') return `taps ${words(String(payload.data ?? ''))}`;
  if (typeof payload.text === 'string') {
    return `${kind === 'message' ? 'types' : kind} ${words(payload.text)}`;
  }
  const media = MEDIA_KINDS.find((kind) => isObject(payload[kind]) || Array.isArray(payload[kind]));
  return media === undefined
    ? kind
    : `sends ${media === 'photo' ? 'a photo' : `a ${media.replaceAll('_', ' ')}`}`;
}

function expectations({ expect }: Scenario): [string, string][] {
  return Object.entries(expect).flatMap(([name, limit]): [string, string][] => {
    if (limit === undefined) return [];
    if (typeof limit === 'number') return [[name, `at most ${limit}`]];
    if (Array.isArray(limit)) return [[name, limit.map(declaredText).join(', ')]];
    const parts = Object.entries(limit).flatMap(([part, ms]) =>
      typeof ms === 'number' ? [`${part} at most ${formatDuration(ms)}`] : [],
    );
    return [[name, parts.join(', ')]];
  });
}

const declaredText = (one: Invariant | string): string =>
  typeof one === 'string' ? printable(one, 80) : printable(one.name ?? one.collection, 80);

/** What a bot and its file must have so that this scenario can say something. */
function requirements({ bot, faults, mongo, telegram, play: { steps = [] }, expect }: Scenario): string[] {
  const needs: string[] = [];
  const does = (...keys: readonly (keyof ScenarioStep)[]): boolean =>
    steps.some((step) => keys.some((key) => step[key] !== undefined));
  if (does('http')) needs.push('a bot with a server of its own that answers requests');
  if (does('mongo', 'probe') || expect.database !== undefined) {
    needs.push('a bot that keeps its data at ${mongo.uri}');
  }
  if (faults.some(isProxyFault)) {
    needs.push('a bot that uses MongoDB at ${mongo.uri}: a fault that never hits proves nothing');
  }
  if (mongo?.topology === 'standalone') needs.push('the embedded MongoDB (standalone)');
  if (bot !== undefined || faults.some(({ on }) => on === 'bot') || does('restart', 'kill'))
    needs.push('a bot that the harness starts (`command`)');
  if (faults.some((fault) => fault.on === 'delivery' && fault.effect !== 'duplicate')) {
    needs.push('a bot that gets its updates over a webhook');
  }
  if (faults.some((fault) => fault.on === 'update' && fault.effect === 'forged')) {
    needs.push('a bot with a webhook, without a secret in its address: who polls cannot be posted to');
  }
  if (telegram?.strict === true) needs.push('a bot that polls, or a webhook with HTTPS on a public address');
  return needs;
}

function listed(title: string, items: readonly (readonly [string, string])[]): string[] {
  if (items.length === 0) return [];
  const width = Math.max(...items.map(([name]) => name.length));
  return [
    `  ${title}`,
    ...items.map(([name, text]) => (width === 0 ? `    ${text}` : `    ${name.padEnd(width)}  ${text}`)),
  ];
}

function row(name: string, text: string | undefined): string[] {
  return text === undefined ? [] : [`  ${name.padEnd(NAME_COLUMNS)}${text}`];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
