import type { Content, Wanted } from '../history/content.js';
import type { RecordedReply } from '../recording/replies.js';
import type { Deed, ProbeDeed } from '../replay/deed.js';
import type { Answerable, Recorded, Script, ScriptLine, WrittenButton } from '../replay/script.js';
import { madeUpMedia } from './made-up-media.js';
import { HTTP_METHODS, type Invariant, type ScenarioStep, type WantedReply } from './step-schema.js';
import { patternIn } from './written-pattern.js';

type WrittenReplies = NonNullable<ScenarioStep['expect']>;

const NOTHING = 'nothing';

/** What the steps of a scenario mean. An `expect` of its own is put to the step before it. */
export function scriptOf(steps: readonly ScenarioStep[]): Script {
  return withOwnExpects(steps).flatMap(({ step, expects }, index) => {
    const answer = answerOf(expects);
    const line = lineOf(step, index + 1, answer);
    return line === undefined ? [] : [line];
  });
}

interface Expecting {
  readonly step: ScenarioStep;
  readonly expects: readonly WrittenReplies[];
}

function withOwnExpects(steps: readonly ScenarioStep[]): readonly Expecting[] {
  const folded: Expecting[] = [];
  for (const { expect, ...step } of steps) {
    const own = expect === undefined ? [] : [expect];
    const before = folded.at(-1);
    if (Object.keys(step).length > 0 || before === undefined) folded.push({ step, expects: own });
    else folded[folded.length - 1] = { step: before.step, expects: [...before.expects, ...own] };
  }
  return folded;
}

function answerOf(expects: readonly WrittenReplies[]): Answerable {
  if (expects.includes(NOTHING)) return { replies: [], wantsNothing: true };
  return { replies: expects.flatMap((expect) => (Array.isArray(expect) ? expect : [expect])).map(replyOf) };
}

function replyOf(reply: WantedReply): RecordedReply {
  const { text = [], kind, buttons } = typeof reply === 'string' ? { text: reply } : reply;
  const kinds = kind === undefined ? undefined : listOf(kind);
  const texts = listOf(text).map((one) => ({ one, pattern: patternIn(one) }));
  const patterns = texts.flatMap(({ pattern }) => pattern ?? []);
  const words = texts.flatMap(({ one, pattern }) => (pattern === undefined ? [one] : []));
  const wanted: Wanted = {
    ...(kinds !== undefined && { kinds }),
    ...(words.length > 0 && { contains: words }),
    ...(patterns[0] !== undefined && { matches: patterns[0] }),
    ...(buttons !== undefined && { buttons }),
  };
  const content: Content = { kind: kinds?.[0] ?? 'other', wanted };
  return { how: 'sent', content };
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

function lineOf(step: ScenarioStep, number: number, answer: Answerable): ScriptLine | undefined {
  const { say, tap, send, edit, wait, recorded } = step;
  if (say !== undefined) return { what: 'act', act: { do: 'write', fields: { text: say } }, ...answer };
  if (tap !== undefined) return { what: 'act', act: { do: 'tap', button: buttonOf(tap) }, ...answer };
  if (send !== undefined)
    return { what: 'act', act: { do: 'write', fields: madeUpMedia(send, number) }, ...answer };
  if (edit !== undefined) return { what: 'act', act: { do: 'edit', fields: { text: edit } }, ...answer };
  if (wait !== undefined) return { what: 'wait', ms: wait };
  if (recorded !== undefined) return { what: 'recorded', which: whichOf(recorded) };
  const deed = deedOf(step);
  return deed === undefined ? undefined : { what: 'deed', deed, ...answer };
}

function buttonOf(tap: NonNullable<ScenarioStep['tap']>): WrittenButton {
  if (typeof tap !== 'string') return { data: tap.data };
  const pattern = patternIn(tap);
  return pattern === undefined ? { label: tap } : { pattern };
}

function whichOf(text: string): Recorded {
  if (text === 'all' || text === 'rest') return text;
  const [from = '', to = from] = text.split('-');
  return { from: Number(from), to: Number(to) };
}

function deedOf({ http, mongo, probe, restart, kill }: ScenarioStep): Deed | undefined {
  if (http !== undefined) return requestOf(http);
  if (mongo !== undefined) {
    const { collection, insert, update, delete: removed } = mongo;
    return {
      do: 'mongo',
      collection,
      ...(insert !== undefined && { insert: listOf<object>(insert) }),
      ...(update !== undefined && { update }),
      ...(removed !== undefined && { delete: removed }),
    };
  }
  if (probe !== undefined) return probeOf(probe, 'state', probe.within);
  if (restart !== undefined) return { do: 'restart' };
  return kill === undefined ? undefined : { do: 'kill' };
}

function requestOf(http: NonNullable<ScenarioStep['http']>): Deed {
  const { headers, body, status, times, timeout } = http;
  const method = HTTP_METHODS.find((each) => http[each] !== undefined) ?? 'get';
  return {
    do: 'request',
    method: method.toUpperCase(),
    url: http[method] ?? '/',
    headers,
    ...(body !== undefined && { body }),
    ...(status !== undefined && { status: listOf(status) }),
    times,
    timeoutMs: timeout,
  };
}

/** What must hold when the play is over, asked for each user. */
export const invariantsOf = (database: readonly Invariant[]): readonly ProbeDeed[] =>
  database.map((invariant) => probeOf(invariant, 'invariant', 0));

function probeOf(
  { name, collection, filter, count, fields }: Invariant,
  what: ProbeDeed['what'],
  withinMs: number,
): ProbeDeed {
  const { min, max } = typeof count === 'number' ? { min: count, max: count } : (count ?? { min: 1 });
  return {
    do: 'probe',
    name: name ?? collection,
    what,
    collection,
    filter,
    count: { ...(min !== undefined && { min }), ...(max !== undefined && { max }) },
    ...(fields !== undefined && { fields }),
    withinMs,
  };
}
