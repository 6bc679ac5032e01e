import type { Location } from '@grammyjs/types';
import type { ChatState } from '../chats/chat-book.js';
import type { ApiMessage } from '../chats/message-store.js';
import { INT32_MAX } from '../coercion.js';
import type { World } from '../world.js';

/** Until when it moves (Unix seconds); nothing for a place that stands still, or moves for ever. */
function liveUntil({ location, date }: ApiMessage): number | undefined {
  const period = (location as Location | undefined)?.live_period;
  return period === undefined || period === INT32_MAX ? undefined : date + period;
}

/** A live location stands still when its time is up: its message then shows no period any more (Client.cpp:780). */
export function endLiveLocation(world: World, chat: ChatState, message: ApiMessage): void {
  const until = liveUntil(message);
  if (until === undefined) return;
  const id = message.message_id;
  world.timers.set(Math.max(until - world.clock.unixSeconds(), 0) * 1000, () => {
    const stored = chat.messages.get(id);
    const now = stored === undefined ? undefined : liveUntil(stored.message);
    // It was stopped, deleted, or given more time, which has a timer of its own.
    if (stored === undefined || now === undefined || now > world.clock.unixSeconds()) return;
    const location = still(stored.message.location as Location);
    chat.messages.put({ ...stored, message: { ...stored.message, location } });
  });
}

/** The place without what only moving ones have. */
export function still(location: Location): Location {
  const { live_period: _, heading: __, proximity_alert_radius: ___, ...place } = location;
  return place;
}
