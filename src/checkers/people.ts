import type { HistoryView, StepView, UserView } from '../history/view.js';
import type { Attributions } from './attribution.js';
import { type Owner, ownPlaces } from './own-places.js';
import { gapOf, spoken, type Template, templateOf } from './templates.js';

/** Shorter inputs and marks stand in too many texts by chance. */
const SHORTEST = 4;
/** Of one user so many words are looked for. */
const MOST_WORDS = 100;

export interface Someone {
  readonly user: UserView;
  /** What belongs to this user alone among all who play another session. */
  readonly words: ReadonlySet<string>;
  readonly templates: readonly StepTemplate[];
}

export interface StepTemplate extends Template {
  readonly step: StepView;
  /** What the recording has there, as {@link spoken}; absent where that is known from others only. */
  readonly text?: string;
}

/** Who takes part, what belongs to whom, and where it stands in what the bot shows. */
export function peopleOf(view: HistoryView, attributions: Attributions): Someone[] {
  const owners = [...view.users.values()].map((user): Owner => {
    const words = new Set(wordsOf(user));
    // What was chosen stands in texts as what was typed does, but the labels are the bot's own words.
    return { user, words, gap: gapOf([...words, ...labelsOf(user)]) };
  });
  const learned = ownPlaces(
    attributions,
    owners.filter(({ words }) => words.size > 0),
  );
  return owners.map((owner) => {
    const templates = [...recordedTemplates(owner), ...(learned.get(owner.user) ?? [])];
    return { user: owner.user, words: owner.words, templates };
  });
}

function recordedTemplates({ user, words, gap }: Owner): StepTemplate[] {
  if (words.size === 0) return [];
  return user.steps.flatMap((step) =>
    step.expects.flatMap((content) => {
      const template = templateOf(content, gap);
      if (template?.wanted.some((word) => words.has(word)) !== true) return [];
      return { ...template, step, text: spoken(content.text ?? '') };
    }),
  );
}

/** The user's names, its id, and what it typed. */
function wordsOf({ started, steps }: UserView): string[] {
  const typed = steps.flatMap(({ actions: [action] }) =>
    action?.kind === 'text' && action.text !== undefined && !action.text.startsWith('/') ? action.text : [],
  );
  return [...(started?.marks ?? []), ...typed]
    .map(spoken)
    .filter((word) => word.length >= SHORTEST)
    .slice(0, MOST_WORDS);
}

const labelsOf = ({ steps }: UserView): string[] =>
  steps
    .flatMap(({ actions: [action] }) => (action?.button === undefined ? [] : spoken(action.button.text)))
    .filter((label) => label.length >= SHORTEST)
    .slice(0, MOST_WORDS);

/** The user wrote it, or a part of what it wrote is this. */
export const isSaid = ({ user }: Someone, value: string): boolean =>
  user.steps.some(({ actions }) => actions.some(({ text }) => spoken(text ?? '').includes(value)));
