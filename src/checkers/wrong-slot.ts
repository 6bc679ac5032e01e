import { printable, withoutPersonal } from '../base/untrusted.js';
import type { HistoryView, StepView, UserView } from '../history/view.js';
import { type Attribution, type Attributions, attributionsOf } from './attribution.js';
import { repliesTo } from './conversation.js';
import { bothEnds, type Checker, type Draft, numbered } from './finding.js';
import { explainMisplacement } from './misplacement.js';
import { brokenProbes } from './probes.js';
import { isEdit, shownBy } from './replies.js';
import { type Gap, gapOf, patternOf, spoken, type Template, templateOf } from './templates.js';

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
  const gap = gapOf(inputs.map(({ text }) => text));
  const templates = user.steps.flatMap((step) => templatesOf(step, gap));
  if (templates.length === 0) return [];
  const wrongs: Wrong[] = [];
  const replies = repliesTo(
    user.steps.flatMap(({ updates }) => updates),
    attributions,
  );
  for (const reply of replies) {
    const wrong = wrongAmong(templates, reply, inputs);
    if (wrong !== undefined) wrongs.push(wrong);
  }
  // A confirmation that is shown again tells the same again, and so does one that is changed and stays wrong.
  const steps = new Set<StepView>();
  return wrongs
    .filter((wrong, index) => !wrongs.slice(0, index).some((before) => isStillWrong(before, wrong)))
    .filter(({ step }) => !steps.has(step) && steps.add(step))
    .map((wrong) => draftOf(view, wrong));
}

/** A reply that has one input in the place of another. */
interface Wrong {
  readonly reply: Attribution;
  /** The step that wants what belongs there. */
  readonly step: StepView;
  readonly input: Input;
  readonly wanted: string;
}

/** The same message was changed, and has the same in the same place. */
function isStillWrong(before: Wrong, { reply: { call }, input, wanted }: Wrong): boolean {
  const { messageId } = call.started;
  if (!isEdit(call) || messageId === undefined) return false;
  const messages = before.reply.call.ended?.messageIds ?? [before.reply.call.started.messageId];
  return messages.includes(messageId) && before.input === input && before.wanted === wanted;
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
    const text = spoken(action.text);
    if (text.length < SHORTEST_INPUT || text.startsWith('/')) continue;
    if (!inputs.has(text)) inputs.set(text, { step, text });
  }
  return [...inputs.values()].slice(0, MOST_INPUTS);
}

interface StepTemplate extends Template {
  readonly step: StepView;
  readonly pattern: RegExp;
}

/** What a step expects, with gaps where inputs of the user stand. */
function templatesOf(step: StepView, gap: Gap): StepTemplate[] {
  return step.expects.flatMap((content) => {
    const template = templateOf(content, gap);
    return template === undefined ? [] : { ...template, step, pattern: patternOf(template) };
  });
}

function wrongAmong(
  templates: readonly StepTemplate[],
  reply: Attribution,
  inputs: readonly Input[],
): Wrong | undefined {
  const own = reply.update.step;
  const right = own?.expects.map(({ text = '' }) => spoken(text));
  // Most replies are just what is wanted, and need not be held against each template.
  const texts = shownBy(reply.call)
    .map(({ text = '' }) => spoken(text))
    .filter((text) => right?.includes(text) !== true);
  if (texts.length === 0) return undefined;
  for (const template of templates) {
    // With one gap only, the whole reply would be that of another step.
    if (own !== template.step && template.wanted.length < 2) continue;
    for (const text of texts) {
      const wrong = wrongIn(text, reply, template, inputs);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

function wrongIn(
  text: string,
  reply: Attribution,
  { step, pattern, wanted }: StepTemplate,
  inputs: readonly Input[],
): Wrong | undefined {
  const found = pattern.exec(text)?.slice(1);
  if (found === undefined) return undefined;
  const place = found.findIndex(
    (value, index) => value !== wanted[index] && inputs.some((input) => input.text === value),
  );
  const input = inputs.find((each) => each.text === found[place]);
  return input === undefined ? undefined : { reply, step, input, wanted: wanted[place] ?? '' };
}

function draftOf(view: HistoryView, { reply, step, input, wanted }: Wrong): Draft {
  const { cause, strength, evidence } = explainMisplacement(view, step, reply, input.step);
  return {
    kind: 'wrong-slot',
    cause,
    strength,
    step,
    message: `Step ${step.step}: “${shown(input.text)}” stands where “${shown(wanted)}” belongs.`,
    evidence: [input.step.actions[0], ...evidence, ...bothEnds(reply.call)],
  };
}

const shown = (text: string): string => printable(withoutPersonal(text), 60);
