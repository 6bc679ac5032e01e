import type { ChatInviteLink, User } from '@grammyjs/types';
import { dropOldest } from '../bounded.js';

/** Links of one chat that are remembered; of more, the oldest are unknown again. */
const KEPT_LINKS = 1_000;

/** People who wait to be let in; of more, the oldest are forgotten. */
const KEPT_REQUESTS = 10_000;

/** An invite link of one chat. Replaced, never changed. */
export interface InviteLink {
  /** `https://t.me/+…` */
  readonly url: string;
  readonly name: string;
  readonly creator: User;
  /** Unix time in seconds; 0: never. */
  readonly expiresS: number;
  /** 0: no limit. */
  readonly memberLimit: number;
  readonly asks: boolean;
  readonly primary: boolean;
  readonly revoked: boolean;
  readonly subscription?: { readonly periodS: number; readonly stars: number };
  /** People who came by it. */
  readonly joined: number;
}

/** Somebody who wants to be let in. */
export interface JoinRequest {
  readonly user: User;
  /** The link that they came by. */
  readonly url?: string;
}

/** The invite links of one chat, and the people who ask to be let in. */
export class InviteBook {
  readonly #links = new Map<string, InviteLink>();
  readonly #requests = new Map<number, JoinRequest>();

  link(url: string): InviteLink | undefined {
    return this.#links.get(url);
  }

  put(link: InviteLink): InviteLink {
    this.#links.set(link.url, link);
    dropOldest(this.#links, KEPT_LINKS);
    return link;
  }

  /** The link of this user that stands for all others. */
  primary(creator: number): InviteLink | undefined {
    for (const link of this.#links.values()) {
      if (link.primary && !link.revoked && link.creator.id === creator) return link;
    }
    return undefined;
  }

  request(user: number): JoinRequest | undefined {
    return this.#requests.get(user);
  }

  ask(request: JoinRequest): void {
    this.#requests.set(request.user.id, request);
    dropOldest(this.#requests, KEPT_REQUESTS);
  }

  /** Takes the request out: it was granted or refused. */
  settle(user: number): JoinRequest | undefined {
    const request = this.#requests.get(user);
    this.#requests.delete(user);
    return request;
  }

  /** A ChatInviteLink, keys in the official order (Client.cpp:1039). */
  json(link: InviteLink): ChatInviteLink {
    let pending = 0;
    for (const { url } of this.#requests.values()) if (url === link.url) pending += 1;
    const { name, expiresS, memberLimit, subscription } = link;
    return {
      invite_link: link.url,
      ...(name === '' ? {} : { name }),
      creator: link.creator,
      ...(expiresS === 0 ? {} : { expire_date: expiresS }),
      ...(memberLimit === 0 ? {} : { member_limit: memberLimit }),
      ...(pending === 0 ? {} : { pending_join_request_count: pending }),
      ...(subscription === undefined
        ? {}
        : { subscription_period: subscription.periodS, subscription_price: subscription.stars }),
      creates_join_request: link.asks,
      is_primary: link.primary,
      is_revoked: link.revoked,
    };
  }
}
