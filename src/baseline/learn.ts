import { type Content, visibleText, type Wanted } from '../history/content.js';
import { matchContent } from '../history/match.js';
import type { RecordedReply } from '../recording/replies.js';

/** Fewer users may all have been shown the same by chance. */
const FEWEST_SAMPLES = 3;
/** Shorter words stand in every other text. */
const SHORTEST_WORD = 3;
const MOST_WORDS = 20;

/**
 * What a step is to show, learned from what users were shown without faults, in the words of the recorded
 * person. Nothing: they were shown what the recording has, or too little is known to say otherwise.
 * @param names of the other users of that play: another play has others
 */
export function learnedReplies(
  recorded: readonly RecordedReply[],
  samples: readonly (readonly Content[])[],
  names: ReadonlySet<string> = new Set(),
): readonly RecordedReply[] | undefined {
  // What somebody wrote by hand is meant as it stands there.
  if (recorded.some(({ content }) => content.wanted !== undefined)) return undefined;
  if (samples.length < FEWEST_SAMPLES || samples.some((sample) => sample.length === 0)) return undefined;
  if (samples.every((sample) => isAsRecorded(recorded, sample))) return undefined;
  const columns = columnsOf(samples);
  if (columns.length === 0) return undefined;
  return columns.map((column, index) => {
    const reply = columns.length === recorded.length ? recorded[index] : undefined;
    return { how: 'sent', ...reply, content: commonTo(column, names) };
  });
}

/** Everything that the recording has, and nothing else. */
function isAsRecorded(recorded: readonly RecordedReply[], sample: readonly Content[]): boolean {
  if (sample.length !== recorded.length) return false;
  const left = [...sample];
  return recorded.every(({ content }) => {
    const place = left.findIndex((actual) => matchContent(content, actual) !== 'no');
    if (place !== -1) left.splice(place, 1);
    return place !== -1;
  });
}

/** What belongs together in all samples: by place where they are of one length, else what looks alike. */
function columnsOf(samples: readonly (readonly Content[])[]): Content[][] {
  const shortest = samples.reduce((least, sample) => (sample.length < least.length ? sample : least));
  const areAlike = samples.every(({ length }) => length === shortest.length);
  const left = samples.map((sample) => [...sample]);
  return shortest.flatMap((content, index): Content[][] => {
    const column = left.map((sample) => {
      const place = areAlike && isOfOneKind(samples, index) ? 0 : placeOf(content, sample);
      return place === -1 ? undefined : sample.splice(place, 1)[0];
    });
    const found = column.filter((one) => one !== undefined);
    return found.length === samples.length ? [found] : [];
  });
}

const isOfOneKind = (samples: readonly (readonly Content[])[], index: number): boolean =>
  samples.every((sample) => sample[index]?.kind === samples[0]?.[index]?.kind);

/** The first that looks the same, else like it, else is of its kind. */
function placeOf(content: Content, sample: readonly Content[]): number {
  const matches = sample.map((other) => matchContent(content, other));
  for (const match of ['same', 'similar'])
    if (matches.includes(match as 'same')) return matches.indexOf(match as 'same');
  return sample.findIndex(({ kind }) => kind === content.kind);
}

/** One content when they all look the same, else what they have in common. */
function commonTo(column: readonly Content[], names: ReadonlySet<string>): Content {
  const [first] = column as [Content];
  if (column.every((content) => matchContent(first, content) === 'same')) return first;
  const kinds = [...new Set(column.map(({ kind }) => kind))];
  const labels = column.map(({ keyboard }) => (keyboard?.rows ?? []).flat().map(({ text }) => text));
  const buttons = inAll(labels);
  const words = inAll(column.map(({ text }) => wordsOf(text ?? '')));
  const contains = words.filter((word) => !names.has(word)).slice(0, MOST_WORDS);
  const wanted: Wanted = {
    learned: true,
    kinds,
    ...(contains.length > 0 && { contains }),
    ...(buttons.length > 0 && { buttons }),
  };
  return { kind: first.kind, wanted };
}

/** Numbers are no words: they are what changes first. */
const wordsOf = (text: string): string[] =>
  (visibleText(text).match(/[\p{L}\p{M}'’-]+/gu) ?? []).filter((word) => word.length >= SHORTEST_WORD);

function inAll(lists: readonly (readonly string[])[]): string[] {
  const [first = [], ...others] = lists;
  return [...new Set(first)].filter((item) => others.every((list) => list.includes(item)));
}
