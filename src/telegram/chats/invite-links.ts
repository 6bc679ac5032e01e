import { randomText } from '../random-ids.js';
import type { World } from '../world.js';
import type { InviteLink } from './invite-book.js';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const HASH_LENGTH = 16;

/** A new link; what is left out is not limited. The bot is its creator, unless somebody else is. */
export function newLink(world: World, given: Partial<InviteLink>): InviteLink {
  return {
    url: `https://t.me/+${randomText(world.random, HASH_LENGTH, LETTERS)}`,
    name: '',
    creator: world.user,
    expiresS: 0,
    memberLimit: 0,
    asks: false,
    primary: false,
    revoked: false,
    joined: 0,
    ...given,
  };
}
