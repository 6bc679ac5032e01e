import { FaultPlan } from '../../src/faults/plan.js';
import { type Fault, isProxyFault } from '../../src/faults/schema.js';
import type { Emit } from '../../src/history/events.js';
import type { LiveFaults } from '../../src/mongo/start.js';

/** The faults of a proxy that is not there: their plan, without the process around it. */
export function inProcess(faults: readonly Fault[], emit: Emit): LiveFaults {
  const plan = new FaultPlan({ faults: faults.filter(isProxyFault), seed: 'x', now: () => 0, emit });
  const done = async (isDone: boolean): Promise<void> => {
    if (!isDone) throw new Error('not done');
  };
  return {
    add: (fault) => done(plan.add(fault) === 'added'),
    remove: (name) => done(plan.remove(name)),
    switch: (name, to) => done(plan.switch(name, to)),
  };
}
