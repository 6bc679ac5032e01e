import type { DeliveryView, UpdateView } from './view.js';

/** Can the bot have had it? Not when nobody took the connection. */
export const wasGiven = ({ ended }: DeliveryView): boolean => ended?.outcome !== 'undelivered';

/** The attempts of an update that the bot can have had. */
export const givenOf = ({ deliveries }: Pick<UpdateView, 'deliveries'>): readonly DeliveryView[] =>
  deliveries.filter(wasGiven);
