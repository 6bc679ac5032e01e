import type { Content } from '../history/content.js';
import type { StepView, UserView } from '../history/view.js';
import type { Attributions } from './attribution.js';
import { repliesTo } from './conversation.js';
import { shownBy } from './replies.js';
import { type Gap, spoken, type Template, templateOf } from './templates.js';

/**
 * Where a bot shows people what belongs to them. A step that was written by hand says little of how its answer looks,
 * so that is learned from the answers: a text that differs from person to person only in what is their own.
 */
export interface OwnPlace extends Template {
  readonly step: StepView;
}

/** Somebody, what belongs to them alone, and where in a text it stands. */
export interface Owner {
  readonly user: UserView;
  readonly words: ReadonlySet<string>;
  readonly gap: Gap;
}

/** So many people must have seen their own for a text to count as one place. */
const FEWEST_PEOPLE = 2;
/** Of the texts of one step so many are looked at, first those that most people saw. */
const MOST_PLACES = 20;

/** Does a written expectation name this word? Then it may stand in what is shown, whoever it belongs to. */
export const isNamedIn = ({ wanted }: Content, word: string): boolean =>
  [...(wanted?.contains ?? []), wanted?.matches?.source ?? ''].some((said) => spoken(said).includes(word));

/** What a word is to its owner: the n-th of their marks, or what they typed or chose at a step. */
type Role = `mark ${number}` | `step ${number}`;

interface Place extends Pick<Template, 'source'> {
  readonly roles: readonly (Role | undefined)[];
  readonly seenBy: Set<UserView>;
}

/** For each of these people the places at steps without a recorded answer, with what of their own belongs there. */
export function ownPlaces(
  attributions: Attributions,
  people: readonly Owner[],
): ReadonlyMap<UserView, readonly OwnPlace[]> {
  const bySteps = new Map<string, Map<string, Place>>();
  for (const owner of people) {
    const roles = rolesOf(owner);
    for (const step of owner.user.steps) {
      if (!isUnrecorded(step)) continue;
      const places = bySteps.get(keyOf(step)) ?? new Map<string, Place>();
      bySteps.set(keyOf(step), places);
      for (const { call } of repliesTo(step.updates, attributions)) {
        for (const content of shownBy(call)) learn(places, owner, roles, content);
      }
    }
  }
  const known = new Map([...bySteps].map(([key, places]) => [key, commonest(places)]));
  return new Map(
    people.map((owner) => {
      const words = new Map([...rolesOf(owner)].map(([word, role]) => [role, word]));
      const places = owner.user.steps.flatMap((step) =>
        (known.get(keyOf(step)) ?? []).map(({ source, roles }) => ({
          step,
          source,
          wanted: roles.map((role) => (role === undefined ? '' : (words.get(role) ?? ''))),
        })),
      );
      return [owner.user, places];
    }),
  );
}

function learn(
  places: Map<string, Place>,
  { user, words, gap }: Owner,
  roles: ReadonlyMap<string, Role>,
  content: Content,
): void {
  const template = templateOf(content, gap);
  if (template === undefined || !template.wanted.some((word) => words.has(word))) return;
  const { source, wanted } = template;
  const place = places.get(source) ?? {
    source,
    roles: wanted.map((word) => roles.get(word)),
    seenBy: new Set(),
  };
  places.set(source, place);
  place.seenBy.add(user);
}

const commonest = (places: ReadonlyMap<string, Place>): readonly Place[] =>
  [...places.values()]
    .filter(({ seenBy }) => seenBy.size >= FEWEST_PEOPLE)
    .sort((a, b) => b.seenBy.size - a.seenBy.size)
    .slice(0, MOST_PLACES);

/** The recording does not say how the answer looks: the step was written by hand, or nobody knows. */
const isUnrecorded = ({ expects }: StepView): boolean => expects.every(({ text }) => text === undefined);

/** Users of one session play the same steps. */
const keyOf = ({ session, step }: StepView): string => `${session} ${step}`;

/** Of all that may stand in a gap; a name that they typed counts as their name. */
function rolesOf({ user: { started, steps } }: Owner): Map<string, Role> {
  const roles = new Map<string, Role>();
  const add = (text: string | undefined, role: Role): void => {
    const word = spoken(text ?? '');
    if (!roles.has(word)) roles.set(word, role);
  };
  for (const [index, mark] of (started?.marks ?? []).entries()) add(mark, `mark ${index}`);
  for (const { step, actions } of steps) add(actions[0]?.button?.text ?? actions[0]?.text, `step ${step}`);
  return roles;
}
