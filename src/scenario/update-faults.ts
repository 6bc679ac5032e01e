import type { FaultPlan, Hit } from '../faults/plan.js';
import { MALFORMED_SHAPES, type UpdateFault } from '../faults/schema.js';
import type { ActionDone } from '../history/events.js';
import type { ExtraInput } from '../replay/extra-acts.js';
import type { StepFacts } from '../replay/options.js';

/** Nobody means an order, a name or a street by it, and a bot may say so. */
const HARMLESS = '?';

/**
 * What is written beside a tap. Where the dialogue wants a text next, a text of our own may rightly be taken
 * for it, so only a scenario that knows the bot says what is written there.
 */
export function textBesideTap(
  plan: FaultPlan,
  { next, ...facts }: StepFacts & { readonly next: ActionDone['kind'] | undefined },
): string | undefined {
  const isHarmless = next !== 'text';
  const [hit] = decide(plan, facts, ({ text }) => isHarmless || text !== undefined, 'text-beside-tap');
  return hit === undefined ? undefined : (hit.settings.text ?? HARMLESS);
}

/** What a user does before a step, beyond its recording. */
export function extraActs(plan: FaultPlan, facts: StepFacts): readonly ExtraInput[] {
  const hits = decide(plan, facts, undefined, 'unknown-kind', 'unknown-fields', 'malformed');
  return hits.flatMap(({ effect, settings }): readonly ExtraInput[] => {
    if (effect === 'unknown-kind' || effect === 'unknown-fields') return [{ act: effect }];
    return (settings.shapes ?? MALFORMED_SHAPES).map((shape) => ({ act: 'malformed', shape }));
  });
}

export function startsOver(plan: FaultPlan, facts: StepFacts): boolean {
  return decide(plan, facts, undefined, 'start-over').length > 0;
}

/** The faults with one of these effects that hit this step. */
export function decide(
  plan: FaultPlan,
  { user, step, round }: StepFacts,
  fits: ((fault: UpdateFault) => boolean) | undefined,
  ...effects: UpdateFault['effect'][]
): readonly Hit<'update'>[] {
  const subject = round === 1 ? `${user}/${step}` : `${user}/${step}/r${round}`;
  return plan.decide('update', { step, effects, ...(fits !== undefined && { fits }) }, {}, subject);
}
