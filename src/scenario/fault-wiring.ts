import { formatDuration } from '../base/duration.js';
import type { FaultPlan, Hit } from '../faults/plan.js';
import type { Fault } from '../faults/schema.js';
import type { CallFault, DeliveryFault, TelegramFaults } from '../telegram/contracts.js';

/** Duplicates come this long after the first delivery, and second taps after the first, if nothing else is said. */
const DEFAULT_DOUBLE_TAP_MS = 80;

/** How the fault plan reaches into the fake Bot API server. */
export function telegramFaults(plan: FaultPlan): Required<TelegramFaults> {
  return {
    onCall: ({ call, method }) => plan.decide('call', { method }, { call }).map(callFault),
    onDelivery: ({ delivery, updateId, kind, attempt, via, step, action }) =>
      plan
        .decide(
          'delivery',
          { kind, attempt, via, ...(step === undefined ? {} : { step }) },
          { delivery, updateId, ...(action === undefined ? {} : { action }) },
          action === undefined ? undefined : `${action}/${attempt}`,
        )
        .flatMap(deliveryFault),
  };
}

/** Milliseconds between the two taps of a double tap, or `undefined` for a single one. */
export function doubleTap(
  plan: FaultPlan,
  { user, step }: { readonly user: string; readonly step: number },
): number | undefined {
  const [hit] = plan.decide('update', { step, effects: ['double-tap'] }, {}, `${user}/${step}`);
  if (hit === undefined) return undefined;
  return hit.delayMs > 0 ? hit.delayMs : DEFAULT_DOUBLE_TAP_MS;
}

function callFault(hit: Hit<'call'>): CallFault {
  const { fault, phase, delayMs, effect, error } = hit;
  return {
    fault,
    phase,
    delayMs,
    ...(effect === undefined ? {} : { effect }),
    ...(error === undefined
      ? {}
      : {
          error: {
            code: error.code,
            ...(error.message === undefined ? {} : { message: error.message }),
            ...(error.retry_after === undefined ? {} : { retryAfter: error.retry_after }),
          },
        }),
  };
}

function deliveryFault({ fault, effect, delayMs, settings }: Hit<'delivery'>): DeliveryFault[] {
  if (effect === undefined) return [];
  return [{ fault, effect, delayMs, ...(settings.to !== undefined && { instance: settings.to }) }];
}

/** True when Telegram itself would not deliver like this: the same update on two connections at once. */
export function isAdversarial(faults: readonly Fault[]): boolean {
  return faults.some(
    (fault) => fault.on === 'delivery' && (fault.effect === 'duplicate' || fault.effect === 'repeat'),
  );
}

/** Where a run departs from the official server, in words for the report. */
export function departuresOf(faults: readonly Fault[]): string[] {
  return faults.flatMap((fault) => {
    if (fault.on === 'update' && fault.effect === 'malformed') {
      return [`Updates come that lack a part, as a proxy with a mistake delivers them (fault ${fault.name})`];
    }
    if (fault.on === 'update' && fault.effect.startsWith('unknown-')) {
      return [`Updates come that the Bot API of today does not have (fault ${fault.name})`];
    }
    if (fault.on !== 'delivery') return [];
    if (fault.effect === 'timeout') {
      const wait = typeof fault.delay === 'number' ? formatDuration(fault.delay) : 'a drawn time';
      return [`Telegram waits ${wait} for the webhook's answer instead of 60 s (fault ${fault.name})`];
    }
    if (fault.effect === 'duplicate') {
      return [
        `Updates are delivered twice at once, as a retrying proxy does, not Telegram itself (fault ${fault.name})`,
      ];
    }
    if (fault.effect === 'repeat') {
      return [
        `Updates that the bot acknowledged are delivered again, which Telegram does not do (fault ${fault.name})`,
      ];
    }
    return [];
  });
}

/** How long what a fault has set off may go on, unseen, after the last sign of a run: a delivery to come, an outage. */
export function lingeringMs(faults: readonly Fault[]): number {
  const times = faults.map((fault) => {
    // What is frozen until a delivery comes is no sign that something is yet to come.
    if (fault.on === 'bot' || fault.on === 'telegram')
      return typeof fault.lasts === 'number' ? fault.lasts : 0;
    return fault.on === 'delivery' && fault.effect === 'repeat' && typeof fault.delay === 'number'
      ? fault.delay
      : 0;
  });
  return Math.max(0, ...times);
}
