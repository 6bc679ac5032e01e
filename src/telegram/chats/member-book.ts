import { InviteBook } from './invite-book.js';
import {
  EVERYTHING,
  isAdministrator,
  isMember,
  MEMBER,
  type MemberStatus,
  type Permissions,
  withoutExpired,
} from './member-status.js';

/**
 * More people of one chat than this are not remembered one by one: a tenth of the plain members goes, those who
 * came first. They are counted on, and look like people who have left until they are heard of again.
 */
const MEMBERS_PER_CHAT = 10_000;

/** The picture of a chat, as ChatFullInfo tells it. */
export interface ChatPhotoIds {
  readonly small_file_id: string;
  readonly small_file_unique_id: string;
  readonly big_file_id: string;
  readonly big_file_unique_id: string;
}

/** What only groups and channels have: people with a status, and settings. Private chats have none of this. */
export class MemberBook {
  permissions: Permissions = EVERYTHING;
  description = '';
  photo?: ChatPhotoIds;
  stickerSet?: string;
  /** Titles that the chat had before somebody changed them here. */
  oldTitles?: readonly string[];
  /** Members beyond those that are remembered. */
  others = 0;
  /** Chats that may not write here, and until when (Unix seconds; 0: for ever). */
  bannedSenders?: Map<number, number>;
  #invites: InviteBook | undefined;
  readonly #statuses = new Map<number, MemberStatus>();

  /** Nothing for who was never here. What has a time limit ends by itself. */
  get(user: number, nowS: number): MemberStatus | undefined {
    const status = this.#statuses.get(user);
    if (status === undefined) return undefined;
    const current = withoutExpired(status, nowS);
    if (current !== status) this.#statuses.set(user, current);
    return current;
  }

  set(user: number, status: MemberStatus): void {
    this.#statuses.set(user, status);
    if (this.#statuses.size > MEMBERS_PER_CHAT) this.#forget(user);
  }

  /** They do something here, so they are a member, if nothing better is known. */
  seen(user: number, nowS: number): void {
    const status = this.get(user, nowS);
    if (status === undefined || status.status === 'left' || status.status === 'kicked')
      this.set(user, MEMBER);
  }

  /** All who are known, in the order in which they became known. */
  entries(): Iterable<[number, MemberStatus]> {
    return this.#statuses;
  }

  /** May this chat not write here? */
  isBannedSender(chat: number, nowS: number): boolean {
    const untilS = this.bannedSenders?.get(chat);
    return untilS !== undefined && (untilS === 0 || nowS <= untilS);
  }

  /** People who are in the chat. */
  count(nowS: number): number {
    let count = this.others;
    for (const status of this.#statuses.values()) if (isMember(withoutExpired(status, nowS))) count += 1;
    return count;
  }

  /** The owner first. */
  administrators(): [number, MemberStatus][] {
    const found = [...this.#statuses].filter(([, status]) => isAdministrator(status));
    const rank = ([, { status }]: [number, MemberStatus]): number => (status === 'creator' ? 0 : 1);
    return found.sort((a, b) => rank(a) - rank(b));
  }

  get invites(): InviteBook {
    this.#invites ??= new InviteBook();
    return this.#invites;
  }

  #forget(except: number): void {
    let toGo = MEMBERS_PER_CHAT / 10;
    for (const [user, { status }] of this.#statuses) {
      if (toGo === 0) return;
      if (user === except || (status !== 'member' && status !== 'left')) continue;
      this.#statuses.delete(user);
      if (status === 'member') this.others += 1;
      toGo -= 1;
    }
  }
}
