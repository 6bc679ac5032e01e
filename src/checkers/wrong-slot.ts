import { printable, withoutPersonal } from '../base/untrusted.js';
import { type Content, visibleText } from '../history/content.js';
import type { HistoryView, StepView, UserView } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { repliesTo } from './conversation.js';
import { explainDerailment } from './derailment.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import { brokenProbes } from './probes.js';
import { shownBy } from './replies.js';

/** Shorter inputs stand in too many texts by chance. */
const SHORTEST_INPUT = 2;
/** Of one user so many inputs are looked for. */
const MOST_INPUTS = 100;

/** An input was taken for the answer to another question: the street stands in the field of the city. */
export const wrongSlot: Checker = {
  kinds: ['wrong-slot'],
  explain: 'A reply, or the database, has one input of the user in the place of another one.',
  check(view) {
    const attributions = attributionsOf(view);
    return numbered([
      ...[...view.users.values()].flatMap((user) => draftsOf(view, attributions, user)),
      ...brokenProbes(view, 'wrong-slot'),
    ]);
  },
};

function draftsOf(view: HistoryView, attributions: Attributions, user: UserView): Draft[] {
  const inputs = inputsOf(user);
  if (inputs.length < 2) return [];
  const templates = user.steps.flatMap((step) => templatesOf(step, inputs));
  if (templates.length === 0) return [];
  const drafts: Draft[] = [];
  const replies = repliesTo(
    user.steps.flatMap(({ updates }) => updates),
    attributions,
  );
  for (const reply of replies) {
    const draft = templates
      .map((template) => draftOf(view, reply, template, inputs))
      .find((found) => found !== undefined);
    if (draft !== undefined) drafts.push(draft);
  }
  // A confirmation that is shown again tells the same again.
  const steps = new Set<StepView | undefined>();
  return drafts.filter(({ step }) => !steps.has(step) && steps.add(step));
}

interface Input {
  readonly step: StepView;
  readonly text: string;
}

/** What the user typed, each text once. */
function inputsOf({ steps }: UserView): Input[] {
  const inputs = new Map<string, Input>();
  for (const step of steps) {
    const [action] = step.actions;
    if (action?.kind !== 'text' || action.text === undefined) continue;
    const text = visibleText(action.text).toLowerCase();
    if (text.length < SHORTEST_INPUT || text.startsWith('/')) continue;
    if (!inputs.has(text)) inputs.set(text, { step, text });
  }
  return [...inputs.values()].slice(0, MOST_INPUTS);
}

interface Template {
  readonly step: StepView;
  readonly pattern: RegExp;
  /** The inputs that stand in its gaps. */
  readonly wanted: readonly string[];
}

/** What a step expects, with gaps where inputs of the user stand. */
function templatesOf(step: StepView, inputs: readonly Input[]): Template[] {
  return step.expects.flatMap((content) => templateOf(step, content, inputs) ?? []);
}

function templateOf(step: StepView, content: Content, inputs: readonly Input[]): Template | undefined {
  if (content.text === undefined) return undefined;
  const text = visibleText(content.text).toLowerCase();
  const words = inputs.map((input) => input.text).sort((a, b) => b.length - a.length);
  const gap = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.map(escaped).join('|')})(?![\\p{L}\\p{N}])`, 'gu');
  const wanted = text.match(gap) ?? [];
  // With one gap and nothing around it, every text fits.
  const around = text.replace(gap, '').replace(/[^\p{L}]/gu, '');
  if (wanted.length === 0 || around.length < wanted.length * 2) return undefined;
  const parts = text.split(gap).map((part) => escaped(part).replace(/\d+/g, '\\d+'));
  return { step, wanted, pattern: new RegExp(`^${parts.join('(.+?)')}$`, 'u') };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

function draftOf(
  view: HistoryView,
  reply: Attribution,
  { step, pattern, wanted }: Template,
  inputs: readonly Input[],
): Draft | undefined {
  // With one gap only, the whole reply would be that of another step.
  const own = reply.update.step;
  if (own !== step && wanted.length < 2) return undefined;
  for (const { text = '' } of shownBy(reply.call)) {
    const said = visibleText(text).toLowerCase();
    if (own?.expects.some((expected) => visibleText(expected.text ?? '').toLowerCase() === said) === true)
      continue;
    const found = pattern.exec(said)?.slice(1);
    if (found === undefined) continue;
    const place = found.findIndex(
      (value, index) => value !== wanted[index] && inputs.some((input) => input.text === value),
    );
    const value = found[place];
    if (value === undefined) continue;
    const { cause, strength, evidence } = explainDerailment(view, step, reply);
    return {
      kind: 'wrong-slot',
      cause,
      strength,
      step,
      message: `Step ${step.step}: “${shown(value)}” stands where “${shown(wanted[place] ?? '')}” belongs.`,
      evidence: [
        inputs.find((input) => input.text === value)?.step.actions[0],
        ...evidence,
        ...bothEnds(reply.call),
      ],
    };
  }
  return undefined;
}

const shown = (text: string): string => printable(withoutPersonal(text), 60);
