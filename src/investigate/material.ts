import type { Scenario } from '../scenario/load.js';
import { originsOf, type RecordedAct, readActs, recordingText } from './recorded-acts.js';

type Play = Scenario['play'];
type Step = NonNullable<Play['steps']>[number];

/** A part of a dialogue that can be cut out of it, with its place in the whole one. */
export interface Part {
  readonly session: string;
  readonly step: number;
}

/** Where the steps of a cut dialogue stood in the whole one. */
export interface Origins {
  of(session: string, step: number): Part | undefined;
  /** The number that a step of the whole one has now; a step of this session, where several have it. */
  now(step: number, session: string | undefined): number | undefined;
  /** Where a step of the whole one is now, as `session/step`; several sessions may have it. */
  places(step: number): string[];
}

/** What a dialogue is made of: acts of a recording, or steps that were written by hand. */
export interface Material {
  readonly parts: readonly Part[];
  /** The text of a recording of these parts alone; nothing where no new one is needed. */
  recording(parts: readonly Part[]): string | undefined;
  /** What the scenario plays then. `recording`: where the text went. */
  play(parts: readonly Part[], recording: string): Pick<Play, 'recording' | 'steps'>;
  origins(parts: readonly Part[]): Promise<Origins>;
}

/** @throws SendtwiceError as {@link readActs} */
export async function materialOf({ recording, steps }: Play): Promise<Material> {
  if (steps === undefined) return recorded(recording ?? '');
  // Which numbers recorded steps have depends on the session: written ones around them stay where they are.
  return recording === undefined ? written(steps) : asItIs(steps, recording);
}

async function recorded(path: string): Promise<Material> {
  const { header, acts } = await readActs(path);
  // Parts come from here and are not made anew.
  const own = (parts: readonly Part[]): readonly RecordedAct[] => parts as readonly RecordedAct[];
  return {
    parts: acts,
    recording: (parts) => recordingText(header, own(parts)),
    play: (_, file) => ({ recording: file }),
    async origins(parts) {
      const places = await originsOf(header, own(parts));
      return {
        of: (session, step) => places.get(`${session}/${step}`),
        now(step, session) {
          const all = [...places].filter(([, origin]) => origin.step === step);
          const [key] = all.find(([, origin]) => origin.session === session) ?? all[0] ?? [];
          return key === undefined ? undefined : Number(key.split('/')[1]);
        },
        places: (step) => [...places].flatMap(([place, origin]) => (origin.step === step ? [place] : [])),
      };
    },
  };
}

interface WrittenPart extends Part {
  /** A step with the `expect` that follows it. */
  readonly steps: readonly Step[];
  /** Has it a number of its own? */
  readonly isNumbered: boolean;
}

function written(steps: readonly Step[]): Material {
  const parts: WrittenPart[] = [];
  let number = 0;
  for (const step of steps) {
    const isExpect = Object.keys(step).every((key) => key === 'expect');
    const before = parts.at(-1);
    if (isExpect && before !== undefined) {
      parts[parts.length - 1] = { ...before, steps: [...before.steps, step] };
      continue;
    }
    const isNumbered = ['say', 'tap', 'send', 'edit', 'http'].some((key) => key in step);
    if (isNumbered) number += 1;
    parts.push({ session: 's1', step: number, steps: [step], isNumbered });
  }
  const own = (some: readonly Part[]): readonly WrittenPart[] => some as readonly WrittenPart[];
  return {
    parts,
    recording: () => undefined,
    play: (some) => ({ steps: own(some).flatMap((part) => part.steps) }),
    async origins(some) {
      const numbers = own(some).flatMap(({ isNumbered, step }) => (isNumbered ? [step] : []));
      return {
        of: (session, step) => {
          const origin = step === 0 ? 0 : numbers[step - 1];
          return origin === undefined ? undefined : { session, step: origin };
        },
        now: (step) => (numbers.includes(step) ? numbers.indexOf(step) + 1 : undefined),
        places: (step) => (numbers.includes(step) ? [`s1/${numbers.indexOf(step) + 1}`] : []),
      };
    },
  };
}

function asItIs(steps: readonly Step[], recording: string): Material {
  return {
    parts: [{ session: 's1', step: 1 }],
    recording: () => undefined,
    play: () => ({ steps: [...steps], recording }),
    // Nobody knows in which sessions it is.
    origins: async () => ({
      of: (session, step) => ({ session, step }),
      now: (step) => step,
      places: () => [],
    }),
  };
}
