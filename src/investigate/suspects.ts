import { explainFault } from '../faults/explain.js';
import type { Fault } from '../faults/schema.js';
import type { HistoryView } from '../history/view.js';
import type { Scenario } from '../scenario/load.js';
import type { Finding } from './runner.js';

/** Something that a finding may need, and the scenario without it. */
export interface Suspect {
  /** `fault slow-mongo`, `other users`. */
  readonly name: string;
  readonly explain: string;
  /** Takes it out of a scenario. */
  readonly without: (scenario: Scenario) => Scenario;
}

/** At most so many collections of one fault are looked at one by one. */
const MOST_TARGETS = 6;

/** What may have taken part in a finding: faults that hit before it showed, other users, repeated sends. */
export function suspectsOf(scenario: Scenario, view: HistoryView, finding: Finding): Suspect[] {
  const evidence = [...view.eventsBySeq(finding.evidence).values()];
  const shownAt = Math.max(0, ...evidence.map(({ at }) => at));
  const took = scenario.faults.filter(
    ({ name = '' }) => view.hitsByFault.get(name)?.some(({ at }) => at <= shownAt) ?? false,
  );
  return [
    ...took.map(withoutFault),
    ...took.flatMap((fault) => withoutTargets(fault, view, shownAt)),
    ...(scenario.play.users > 1
      ? [changed('other users', 'all users but one', (play) => ({ ...play, users: 1 }))]
      : []),
    ...(scenario.play.sends > 1 && view.steps.some(({ actions }) => actions.length > 1)
      ? [changed('resends', 'that people send again when no answer comes', (play) => ({ ...play, sends: 1 }))]
      : []),
  ];
}

function withoutFault(fault: Fault): Suspect {
  return {
    name: `fault ${fault.name}`,
    explain: explainFault(fault),
    without: (scenario) => ({
      ...scenario,
      faults: scenario.faults.filter(({ name }) => name !== fault.name),
    }),
  };
}

/** A delay on many commands: what if one collection alone were spared? A fault that says less must take its place. */
function withoutTargets(fault: Fault, view: HistoryView, shownAt: number): Suspect[] {
  if (fault.on !== 'mongo' || fault.match?.collection !== undefined) return [];
  const hit = view.commands.filter(
    ({ started, ended }) => started.at <= shownAt && ended?.fault === fault.name,
  );
  const targets = new Map<string, { collection: string; command: string }>();
  for (const { started } of hit) {
    if (started.collection === undefined) continue;
    const key = `${started.collection}.${started.name}`;
    targets.set(key, { collection: started.collection, command: started.name });
  }
  if (targets.size < 2 || targets.size > MOST_TARGETS) return [];
  const all = [...targets];
  return all.map(([key]) => ({
    name: `fault ${fault.name} on ${key}`,
    explain: `${explainFault(fault)}; on ${key} only`,
    without: (scenario) => ({
      ...scenario,
      faults: scenario.faults.flatMap((one) =>
        one.name !== fault.name
          ? [one]
          : all
              .filter(([other]) => other !== key)
              .map(([, { collection, command }], index) => ({
                ...fault,
                name: `${fault.name}-${index + 1}`,
                match: { ...fault.match, collection, commands: [command] },
              })),
      ),
    }),
  }));
}

function changed(
  name: string,
  explain: string,
  change: (play: Scenario['play']) => Scenario['play'],
): Suspect {
  return { name, explain, without: (scenario) => ({ ...scenario, play: change(scenario.play) }) };
}
