/**
 * The process in which the fault proxy (and the embedded server) run, so that a busy harness never looks
 * like a slow database. It is started by `startMongo` and ends with it.
 */
import { RealClock } from '../../base/clock.js';
import { SendtwiceError } from '../../base/errors.js';
import { FaultPlan } from '../../faults/plan.js';
import { MongoProxy } from '../proxy/mongo-proxy.js';
import { EventBatches } from './event-batches.js';
import type { FaultChange, StartRequest, ToChild, ToParent } from './messages.js';

interface Running {
  begin(atMs: number): void;
  /** Returns why it cannot be done. */
  change(change: FaultChange): string | undefined;
  /** Closes everything and sends the last events. */
  close(): Promise<void>;
}

let running: Running | undefined;

process.title = 'sendtwice-mongo';
process.on('message', (message: ToChild) => void obey(message));
// The harness has gone, one way or the other: nobody needs this process any more.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group. The harness decides when to end, so that the last events are not lost.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

async function obey(message: ToChild): Promise<void> {
  switch (message.type) {
    case 'start':
      await start(message);
      break;
    case 'begin':
      running?.begin(message.atMs);
      break;
    case 'faults': {
      const problem = running?.change(message.change);
      const { request } = message;
      tell({ type: 'faults-changed', request, ...(problem !== undefined && { problem }) });
      break;
    }
    case 'close':
      await running?.close();
      tell({ type: 'closed' }, () => process.disconnect());
      break;
  }
}

async function start(request: StartRequest): Promise<void> {
  try {
    const started = await run(request);
    running = started;
    tell({ type: 'started', uri: started.uri, directUri: started.directUri });
  } catch (error) {
    if (!(error instanceof SendtwiceError)) throw error;
    const { code, message, hint } = error;
    tell({ type: 'failed', error: { code, message, ...(hint !== undefined && { hint }) } });
  }
}

async function run(
  request: StartRequest,
): Promise<Running & { readonly uri: string; readonly directUri: string }> {
  const { faults, seed, port, tls, contents, refuseRemote } = request;
  const clock = new RealClock(request.clockOrigin, request.startedAt);
  const now = (): number => clock.now();
  const batches = new EventBatches({ now, send: (bytes, sent) => tell({ type: 'events', bytes }, sent) });
  const { emit } = batches;
  const plan = new FaultPlan({ faults, seed, now, emit });
  const database = await startDatabase(request);
  const proxy = await MongoProxy.start({
    upstream: database.uri,
    plan,
    clock,
    emit,
    port,
    tls,
    contents,
    refuseRemote,
  });
  return {
    uri: proxy.uri,
    directUri: database.uri,
    begin: (atMs) => plan.begin(atMs),
    change: (change) => changeFaults(plan, change),
    close: async () => {
      await proxy.close();
      await database.close();
      await batches.flush();
    },
  };
}

function changeFaults(plan: FaultPlan, change: FaultChange): string | undefined {
  if ('add' in change) {
    const { name } = change.add;
    return plan.add(change.add) === 'added' ? undefined : `There is already a fault called ${name}`;
  }
  const name = 'remove' in change ? change.remove : change.switch;
  const isDone = 'remove' in change ? plan.remove(name) : plan.switch(name, change.to);
  return isDone ? undefined : `There is no fault called ${name}`;
}

async function startDatabase({
  upstream,
  topology,
  credentials,
}: StartRequest): Promise<{ readonly uri: string; close(): Promise<void> }> {
  if (upstream !== undefined) return { uri: upstream, close: async () => {} };
  // Loaded only when it is wanted: it is by far the largest part.
  const { EmbeddedMongo } = await import('../embedded/embedded-mongo.js');
  return EmbeddedMongo.start({ topology, ...(credentials !== undefined && { credentials }) });
}

function tell(message: ToParent, sent?: () => void): void {
  process.send?.(message, undefined, undefined, (error) => {
    // Without a channel there is nobody left to tell.
    if (error !== null) process.exit(1);
    sent?.();
  });
}
