import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../../src/history/events.js';
import { EventBatches } from '../../../src/mongo/process/event-batches.js';
import { EventDecoder } from '../../../src/mongo/process/event-codec.js';

const event = (message: string): EventBody => ({ type: 'warning', code: 'test', message });

type TimedEvent = readonly [atMs: number, event: EventBody];

/** A channel that takes a batch only when the test says so. */
function slowChannel(): { sent: (readonly TimedEvent[])[]; take: () => void; send: Sender } {
  const sent: (readonly TimedEvent[])[] = [];
  let take = (): void => {};
  const decoder = new EventDecoder();
  return {
    sent,
    take: () => take(),
    send: (bytes, done) => {
      const events: TimedEvent[] = [];
      decoder.decode(bytes, (event, atMs) => events.push([atMs, event]));
      sent.push(events);
      take = done;
    },
  };
}
type Sender = (bytes: Buffer, sent: () => void) => void;

describe('EventBatches', () => {
  it('sends what has gathered, with the time of each event', async () => {
    const { sent, send, take } = slowChannel();
    const batches = new EventBatches({ send, now: () => 5 });
    batches.emit(event('a'));
    batches.emit(event('b'), 3);
    const flushed = batches.flush();
    expect(sent).toEqual([
      [
        [5, event('a')],
        [3, event('b')],
      ],
    ]);
    take();
    await flushed;
  });

  it('sends one batch at a time', async () => {
    const { sent, send, take } = slowChannel();
    const batches = new EventBatches({ send, now: () => 0 });
    batches.emit(event('a'));
    const flushed = batches.flush();
    batches.emit(event('b'));
    expect(sent).toHaveLength(1);
    take();
    expect(sent[1]).toEqual([[0, event('b')]]);
    take();
    await flushed;
  });

  it('drops and counts what a stalled channel cannot take', async () => {
    const { sent, send, take } = slowChannel();
    const batches = new EventBatches({ send, now: () => 9, maxWaitingEvents: 2 });
    batches.emit(event('a'));
    const flushed = batches.flush();
    for (const name of ['b', 'c', 'd', 'e']) batches.emit(event(name));
    take();
    expect(sent[1]?.map(([, { type }]) => type)).toEqual(['warning', 'warning', 'warning']);
    expect(sent[1]?.at(-1)).toEqual([
      9,
      {
        type: 'warning',
        code: 'mongo/events-dropped',
        message: '2 events of the fault proxy are missing from the history: it was not read fast enough',
      },
    ]);
    take();
    await flushed;
  });
});
