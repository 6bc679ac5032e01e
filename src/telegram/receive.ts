import type { Incoming, Received } from './contracts.js';
import { completeIncoming } from './incoming.js';
import type { World } from './world.js';

/** Something happens that the bot may hear of: the update is completed and queued. */
export function receive(world: World, incoming: Incoming): Received {
  const { payload, unchanged, ...about } = completeIncoming(world, incoming);
  const { userId: _, ...received } = about;
  // An edit that changes nothing is no event for the bot.
  if (unchanged === true) return received;
  const updateId = world.updates.push(incoming.kind, payload, {
    ...about,
    ...(incoming.step === undefined ? {} : { step: incoming.step }),
    ...(incoming.action === undefined ? {} : { action: incoming.action }),
  });
  return updateId === undefined ? received : { updateId, ...received };
}
