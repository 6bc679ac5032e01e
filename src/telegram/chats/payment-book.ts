import type { LabeledPrice, OrderInfo, ShippingOption, StarTransaction, User } from '@grammyjs/types';
import type { Clock } from '../../base/clock.js';
import { type Random, randomInteger } from '../../base/random.js';
import { badRequest } from '../api-error.js';
import { dropOldest } from '../bounded.js';
import { randomText } from '../random-ids.js';

/** "The Bot API must receive an answer within 10 seconds after the pre-checkout query was sent." */
export const PRE_CHECKOUT_ANSWERABLE_MS = 10_000;
/** Not published. The update itself lives this long. */
export const SHIPPING_ANSWERABLE_MS = 150_000;

/** Of each kind of thing; older ones are forgotten. */
const KEPT = 10_000;

/** A month: no other time can be subscribed for. */
export const SUBSCRIPTION_S = 2_592_000;

/** The currency of Telegram Stars. */
export const STARS = 'XTR';

/** What the bot asks for. The message shows a part of it. */
export interface InvoiceDetails {
  readonly title: string;
  readonly description: string;
  readonly payload: string;
  readonly startParameter: string;
  readonly providerToken: string;
  readonly currency: string;
  readonly prices: readonly LabeledPrice[];
  readonly totalAmount: number;
  readonly maxTip: number;
  readonly suggestedTips: readonly number[];
  /** Fields that the person has to fill in. */
  readonly needs: readonly ('name' | 'phone_number' | 'email' | 'shipping_address')[];
  /** The price depends on how it is shipped. */
  readonly isFlexible: boolean;
  /** Seconds after which it is paid again; 0 for once. */
  readonly subscriptionPeriod: number;
}

/** What the bot says to a query. */
export type QueryAnswer =
  | { readonly ok: true; readonly options: readonly ShippingOption[] }
  | { readonly ok: false; readonly message: string };

export type PaymentQueryKind = 'shipping_query' | 'pre_checkout_query';

interface OpenQuery {
  readonly kind: PaymentQueryKind;
  readonly askedAtMs: number;
  readonly answered?: (answer: QueryAnswer) => void;
}

/** Something that was paid. */
export interface Charge {
  readonly id: string;
  readonly providerId: string;
  readonly person: User;
  readonly invoice: InvoiceDetails;
  readonly amount: number;
  readonly orderInfo?: OrderInfo;
  readonly shippingOption?: string;
  refunded: boolean;
  /** For subscriptions, Unix time in seconds. */
  paidUntil?: number;
  cancelledByBot?: boolean;
}

/** Invoices, queries, charges and Stars of one bot. */
export class PaymentBook {
  readonly #clock: Clock;
  readonly #random: Random;
  /** By the `invoice` of the message: whoever copies the message, copies that. */
  readonly #details = new WeakMap<object, InvoiceDetails>();
  readonly #links = new Map<string, InvoiceDetails>();
  readonly #queries = new Map<string, OpenQuery>();
  readonly #charges = new Map<string, Charge>();
  readonly #transactions: StarTransaction[] = [];
  /** Stars that the bot has. */
  stars = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** `shown` is the `invoice` of the message. */
  noteInvoice(shown: object, details: InvoiceDetails): void {
    this.#details.set(shown, details);
  }

  invoiceOf(shown: object): InvoiceDetails | undefined {
    return this.#details.get(shown);
  }

  /** A link that opens this invoice. */
  addLink(details: InvoiceDetails): string {
    const link = `https://t.me/$${randomText(this.#random, 22)}`;
    put(this.#links, link, details);
    return link;
  }

  invoiceBehind(link: string): InvoiceDetails | undefined {
    return this.#links.get(link);
  }

  /** `answered` is told when the bot answers in time. */
  openQuery(id: string, kind: PaymentQueryKind, answered?: (answer: QueryAnswer) => void): void {
    put(this.#queries, id, {
      kind,
      askedAtMs: this.#clock.now(),
      ...(answered === undefined ? {} : { answered }),
    });
  }

  isOpen(id: string): boolean {
    return this.#queries.has(id);
  }

  /** Nobody waits for the answer any more. */
  closeQuery(id: string): void {
    this.#queries.delete(id);
  }

  /** @throws ApiError for a query that is unknown, answered, too old or of another kind */
  answerQuery(id: string, kind: PaymentQueryKind, answer: QueryAnswer): void {
    const query = this.#queries.get(id);
    const limitMs = kind === 'pre_checkout_query' ? PRE_CHECKOUT_ANSWERABLE_MS : SHIPPING_ANSWERABLE_MS;
    if (query?.kind !== kind || this.#clock.now() - query.askedAtMs > limitMs) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    this.#queries.delete(id);
    query.answered?.(answer);
  }

  addCharge(charge: Omit<Charge, 'id' | 'providerId' | 'refunded'>): Charge {
    const isStars = charge.invoice.currency === STARS;
    const person = charge.person.id;
    const made: Charge = {
      ...charge,
      id: isStars
        ? this.#transactionId()
        : `${randomInteger(this.#random, 1_000_000_000, 9_999_999_999)}_${person}_${this.#charges.size + 1}`,
      providerId: isStars ? `${person}_${this.#charges.size}` : `ch_${randomText(this.#random, 24)}`,
      refunded: false,
    };
    put(this.#charges, made.id, made);
    if (isStars) {
      this.stars += made.amount;
      this.addTransaction({ source: partnerOf(made), amount: made.amount }, made.id);
    }
    return made;
  }

  /** @throws ApiError `CHARGE_ID_INVALID` */
  charge(id: string, person: number): Charge {
    const charge = this.#charges.get(id);
    if (charge === undefined || charge.person.id !== person) throw badRequest('CHARGE_ID_INVALID');
    return charge;
  }

  /** @throws ApiError when it was refunded before, was no Stars, or there are too few left */
  refund(charge: Charge): void {
    if (charge.invoice.currency !== STARS) throw badRequest('CHARGE_ID_INVALID');
    if (charge.refunded) throw badRequest('CHARGE_ALREADY_REFUNDED');
    this.spend(charge.amount);
    charge.refunded = true;
    this.addTransaction({ receiver: partnerOf(charge), amount: charge.amount }, charge.id);
  }

  /** @throws ApiError `BALANCE_TOO_LOW` */
  spend(stars: number): void {
    if (stars > this.stars) throw badRequest('BALANCE_TOO_LOW');
    this.stars -= stars;
  }

  /** Stars come or go now, for something that has no charge id of its own unless `id` says so. */
  addTransaction(about: Omit<StarTransaction, 'id' | 'date'>, id = this.#transactionId()): void {
    this.#transactions.push({ id, date: this.#clock.unixSeconds(), ...about });
    if (this.#transactions.length > 2 * KEPT) this.#transactions.splice(0, KEPT);
  }

  /** Oldest first. */
  transactions(offset: number, limit: number): StarTransaction[] {
    return this.#transactions.slice(offset, offset + limit);
  }

  #transactionId(): string {
    return `stx${randomText(this.#random, 86)}`;
  }
}

/** In the official key order. */
function partnerOf({ person, invoice }: Charge): NonNullable<StarTransaction['source']> {
  return {
    transaction_type: 'invoice_payment',
    type: 'user',
    user: person,
    ...(invoice.payload === '' ? {} : { invoice_payload: invoice.payload }),
    ...(invoice.subscriptionPeriod === 0 ? {} : { subscription_period: invoice.subscriptionPeriod }),
  };
}

/** Adds, and forgets the oldest beyond {@link KEPT}. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  dropOldest(map, KEPT);
}
