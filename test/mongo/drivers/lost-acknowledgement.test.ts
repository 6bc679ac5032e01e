import { MongoClient } from 'mongodb';
import { describe, it } from 'vitest';
import { DRIVERS, documented, type Got, HIT, losing, lostIn, of, row, type Topology } from './trials.js';

/**
 * A command is carried out and its acknowledgement is lost. What the application hears of it, and how often it
 * is applied, is the table of docs/mongo.md: whoever changes one changes the other.
 */

const LOST = lostIn({ ...HIT, twiceInTime: ['update', 2] }, { effect: 'lose-acknowledgement' });

const SINGLE = ['updateOne', 'insertOne', 'findOneAndUpdate'];
const COLUMNS: Readonly<Record<Topology, readonly (readonly string[])[]>> = {
  replicaSet: [
    SINGLE,
    ['bulkWrite'],
    ['twice'],
    ['commitTransaction'],
    ['updateMany'],
    ['find'],
    ['getMore'],
  ],
  standalone: [SINGLE, ['bulkWrite'], ['updateMany'], ['find'], ['getMore']],
};

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const TOPOLOGIES = ['replicaSet', 'standalone'] as const;
const CASES = DRIVERS.flatMap((driver) => TOPOLOGIES.map((topology) => ({ ...driver, topology })));

// Most of the time a driver waits until it may look at its server again, so they wait together.
describe.concurrent('a lost acknowledgement', () => {
  for (const { name, topology, missing, run } of CASES) {
    it.skipIf(missing !== '')(
      `of a ${topology}: ${name}${missing}`,
      { timeout: 60_000 },
      async ({ onTestFinished, expect }) => {
        const { proxy, events } = await losing(topology, LOST);
        onTestFinished(() => proxy.close());
        const got = new Map((await run(proxy.uri)).map((line) => [line.check, line.got as Got]));
        await proxy.close();

        expect(documented(name)).toContain(row(name, COLUMNS[topology], got));
        const applied = [...got.values()].flatMap((told) => told.applied ?? []);
        expect(applied.length).toBeGreaterThan(4);
        expect(new Set(applied)).toEqual(new Set([1]));

        const [first, second] = events
          .of('command.started')
          .filter((command) => command.name === 'update' && command.collection === 'updateOne');
        const ends = [first, second].map((begun) =>
          events.of('command.ended').find(({ command }) => command === begun?.command),
        );
        expect(ends).toMatchObject([
          { outcome: 'unknown', appliedUpstream: true, fault: 'updateone' },
          { outcome: 'ok', appliedUpstream: true },
        ]);
        if (topology === 'replicaSet') {
          // The driver sends the same again, and waits half a second at most before it does.
          expect(first?.txnNumber).toBeDefined();
          expect(second).toMatchObject({ lsid: first?.lsid, txnNumber: first?.txnNumber });
          const waits = [...SINGLE, 'bulkWrite', 'find', 'commitTransaction'].map(
            (check) => of(got, check).ms,
          );
          expect(median(waits)).toBeGreaterThan(250);
          expect(median(waits)).toBeLessThan(2000);
        } else {
          // The application sends something new, which a server cannot tell from another write.
          expect([first?.txnNumber, second?.txnNumber]).toEqual([undefined, undefined]);
          expect(median([...SINGLE, 'bulkWrite'].map((check) => of(got, check).ms))).toBeLessThan(400);
        }
        // The drivers for Node end the cursor before they tell of the error, and wait for the server to do so.
        const late = of(got, 'getMore').ms;
        if (name.startsWith('mongo')) expect(late).toBeGreaterThan(250);
        else expect(late).toBeLessThan(400);
        // Given a deadline, this driver outlives a second loss.
        if (name === 'Go' && topology === 'replicaSet') {
          expect(of(got, 'twiceInTime')).toMatchObject({ outcome: 'ok', applied: 1 });
        }
      },
    );
  }

  it('keeps all of that client waiting, and no other client', async ({ onTestFinished, expect }) => {
    const { proxy, events } = await losing(
      'replicaSet',
      lostIn({ updateOne: HIT.updateOne }, { effect: 'lose-acknowledgement' }),
    );
    onTestFinished(() => proxy.close());
    const clients = [new MongoClient(proxy.uri), new MongoClient(proxy.uri)] as const;
    onTestFinished(async () => {
      for (const client of clients) await client.close();
    });
    const findMs = async (client: MongoClient): Promise<number> => {
      const began = performance.now();
      await client.db('lost').collection('other').findOne();
      return performance.now() - began;
    };
    for (const client of clients) await findMs(client);
    const [hit, bystander] = clients;
    const things = hit.db('lost').collection<{ _id: number }>('updateOne');
    const written = things.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { upsert: true });
    await events.nth('fault.hit');
    const [waited, untouched] = await Promise.all([findMs(hit), findMs(bystander)]);
    expect(await written).toMatchObject({ upsertedCount: 1 });
    expect(waited).toBeGreaterThan(150);
    expect(untouched).toBeLessThan(waited / 2);
  });
});
