import type { CallView, DeliveryView, UpdateView } from '../history/view.js';
import type { Attribution } from './attribution.js';

/** What is the same for many calls. */
type How = Pick<Attribution, 'updateStrength' | 'deliveryStrength' | 'rule' | 'wasLacked' | 'wasAnswered'>;

/** There is one attribution for each call of a run, and few ways to come to one: each way is kept once. */
const ways = new Map<string, How>();

function wayOf(how: How): How {
  const { updateStrength, deliveryStrength, rule, wasLacked, wasAnswered } = how;
  const key = `${updateStrength} ${deliveryStrength} ${rule} ${wasLacked} ${wasAnswered}`;
  const known = ways.get(key);
  if (known !== undefined) return known;
  ways.set(key, how);
  return how;
}

class Attributed implements Attribution {
  constructor(
    readonly call: CallView,
    readonly update: UpdateView,
    readonly delivery: DeliveryView,
    readonly others: readonly UpdateView[],
    readonly how: How,
  ) {}

  get updateStrength(): Attribution['updateStrength'] {
    return this.how.updateStrength;
  }

  get deliveryStrength(): Attribution['deliveryStrength'] {
    return this.how.deliveryStrength;
  }

  get rule(): Attribution['rule'] {
    return this.how.rule;
  }

  get wasLacked(): boolean {
    return this.how.wasLacked;
  }

  get wasAnswered(): boolean {
    return this.how.wasAnswered;
  }
}

/** An attribution that takes little memory. */
export function attributed(
  call: CallView,
  update: UpdateView,
  delivery: DeliveryView,
  others: readonly UpdateView[],
  how: How,
): Attribution {
  return new Attributed(call, update, delivery, others, wayOf(how));
}
