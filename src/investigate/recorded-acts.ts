import { SendtwiceError } from '../base/errors.js';
import { actOf } from '../recording/act.js';
import { isCall, isUpdate, type RecordedEvent, type RecordingHeader } from '../recording/format.js';
import { readRecording, readRecordingHeader } from '../recording/reader.js';
import { ReplyRouter } from '../recording/reply-router.js';
import { type Session, sessionsOf } from '../recording/sessions.js';

/** One act of a person with what the bot answered to it: what can be cut out of a recording. */
export interface RecordedAct {
  readonly session: string;
  /** From 1, in the whole recording. */
  readonly step: number;
  /** The update and the calls that answer it, in order. */
  readonly events: readonly RecordedEvent[];
}

export interface RecordedActs {
  readonly header: RecordingHeader;
  readonly acts: readonly RecordedAct[];
}

/** Longer recordings are not shrunk: all of it is in memory. */
export const MOST_EVENTS = 50_000;

/** @throws SendtwiceError `file/…`, or `usage/bad-argument` for a recording that is too long */
export async function readActs(path: string): Promise<RecordedActs> {
  const header = await readRecordingHeader(path);
  const events: RecordedEvent[] = [];
  for await (const event of readRecording(path)) {
    if (events.length >= MOST_EVENTS) {
      throw new SendtwiceError('usage/bad-argument', `${path} has more than ${MOST_EVENTS} events`, {
        hint: 'Cut the recording by hand first.',
      });
    }
    events.push(event);
  }
  return { header, acts: await actsIn(events, header) };
}

async function actsIn(events: readonly RecordedEvent[], header: RecordingHeader): Promise<RecordedAct[]> {
  const byPayload = await stepsByPayload(events, header);
  const router = new ReplyRouter<RecordedEvent[]>();
  const acts: RecordedAct[] = [];
  for (const event of events) {
    if (isCall(event)) router.targetOf(event)?.push(event);
    if (!isUpdate(event)) continue;
    const act = actOf(event.update, header.bot?.id);
    const step = act === undefined ? undefined : byPayload.get(act.payload);
    if (act === undefined || step === undefined) continue;
    const own: RecordedEvent[] = [event];
    router.acted(act, own);
    acts.push({ ...step, events: own });
  }
  return acts;
}

type Place = Pick<RecordedAct, 'session' | 'step'>;

async function stepsByPayload(
  events: readonly RecordedEvent[],
  header: RecordingHeader,
): Promise<Map<object, Place>> {
  const bot = header.bot?.id;
  const { sessions } = await sessionsOf(events, bot === undefined ? {} : { bot });
  const places = sessions.flatMap(({ session, steps }: Session) =>
    steps.map(({ step, action }) => [action.payload, { session, step }] as const),
  );
  return new Map(places);
}

/** The recording of these acts alone, as the text of a file. */
export function recordingText(header: RecordingHeader, acts: readonly RecordedAct[]): string {
  const lines = [header, ...eventsOf(acts)];
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

function eventsOf(acts: readonly RecordedAct[]): RecordedEvent[] {
  return acts.flatMap(({ events }) => events).sort((a, b) => a.at - b.at);
}

/** Where the steps of a cut recording stood in the whole one: by `session/step` of the cut one. */
export async function originsOf(
  header: RecordingHeader,
  acts: readonly RecordedAct[],
): Promise<ReadonlyMap<string, Place>> {
  const places = await stepsByPayload(eventsOf(acts), header);
  const origins = new Map<string, Place>();
  for (const { events, session, step } of acts) {
    const update = events[0];
    const act = update !== undefined && isUpdate(update) ? actOf(update.update, header.bot?.id) : undefined;
    const now = act === undefined ? undefined : places.get(act.payload);
    if (now !== undefined) origins.set(`${now.session}/${now.step}`, { session, step });
  }
  return origins;
}
