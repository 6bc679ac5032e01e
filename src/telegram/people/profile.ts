import type { User } from '@grammyjs/types';
import { profileSizes } from '../chats/profile-photos.js';
import type { World } from '../world.js';

/** A person gets a profile photo; `name` tells one picture from another. */
function setProfilePhoto(world: World, person: User, name = 'photo'): void {
  world.chats.addUser(person);
  const file = world.files.add('photo', { identity: `profile ${person.id} ${name}`, isMadeUp: true });
  world.photos.add(person.id, profileSizes(world.files, file));
}

/** A person lets the bot set their emoji status, as a Mini App asks for it, or takes that back. */
export function allowEmojiStatus(world: World, person: User, allowed = true): void {
  world.chats.addUser(person);
  if (allowed) world.photos.allowEmojiStatus(person.id);
  else world.photos.emojiStatuses.delete(person.id);
}

/** What one person does to their own profile. */
export interface ProfileActs {
  /** @see setProfilePhoto */
  setPhoto(name?: string): void;
  /** @see allowEmojiStatus */
  allowEmojiStatus(allowed?: boolean): void;
}

export function profileActsOf(world: World, person: User): ProfileActs {
  return {
    setPhoto: (name) => setProfilePhoto(world, person, name),
    allowEmojiStatus: (allowed) => allowEmojiStatus(world, person, allowed),
  };
}
