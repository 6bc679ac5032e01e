import type { ExternalReplyInfo } from '@grammyjs/types';
import { originOf } from './message-origin.js';
import type { ApiMessage } from './message-store.js';

/** What a message is shown with in another chat (Client.cpp:3924). */
const SHOWN_OUTSIDE = [
  'link_preview_options',
  'animation',
  'audio',
  'document',
  'paid_media',
  'live_photo',
  'photo',
  'sticker',
  'video',
  'video_note',
  'voice',
  'has_media_spoiler',
  'contact',
  'dice',
  'game',
  'invoice',
  'location',
  'venue',
  'poll',
  'giveaway',
  'giveaway_winners',
  'story',
  'checklist',
] as const satisfies readonly (keyof ExternalReplyInfo)[];

/** What is left of a message that is replied to from another chat, or another topic. */
export function externalReply(message: ApiMessage): ExternalReplyInfo {
  const { chat, message_id: id } = message;
  const shown: Record<string, unknown> = {};
  for (const key of SHOWN_OUTSIDE) if (message[key] !== undefined) shown[key] = message[key];
  // What stands beside an animation or a venue is not shown a second time.
  if (shown.animation !== undefined) delete shown.document;
  if (shown.venue !== undefined) delete shown.location;
  return {
    origin: originOf(message),
    ...(chat.type === 'supergroup' || chat.type === 'channel' ? { chat, message_id: id } : {}),
    ...shown,
  };
}
