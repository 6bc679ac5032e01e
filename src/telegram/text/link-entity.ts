import type { Entity } from './entity.js';
import { checkLink, LinkError, userOfLink } from './links.js';

/** The entity of a link; none when the link cannot be used: its text then stays without one. */
export function linkEntity(offset: number, length: number, link: string): Entity | undefined {
  const user = userOfLink(link);
  if (user !== undefined) return { offset, length, type: 'text_mention', user: { id: user } };
  try {
    return { offset, length, type: 'text_link', url: checkLink(link) };
  } catch (error) {
    if (error instanceof LinkError) return undefined;
    throw error;
  }
}
