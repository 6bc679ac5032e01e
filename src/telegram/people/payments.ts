import type { OrderInfo, ShippingAddress, ShippingOption, SuccessfulPayment, User } from '@grammyjs/types';
import type { ChatId } from '../../base/ids.js';
import { privateChatOf } from '../chats/chat-book.js';
import {
  type InvoiceDetails,
  PRE_CHECKOUT_ANSWERABLE_MS,
  type QueryAnswer,
  SHIPPING_ANSWERABLE_MS,
} from '../chats/payment-book.js';
import type { Received } from '../contracts.js';
import { isObject } from '../json-fields.js';
import { makeQueryId } from '../random-ids.js';
import { receive } from '../receive.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';
import { orderInfoFor } from './order-info.js';

/** What is paid: a message with an invoice, or a link that `createInvoiceLink` made. */
export type Payable = { readonly chatId: ChatId; readonly messageId: number } | { readonly link: string };

export interface PayOptions {
  /** What the invoice does not ask for is left out; what it asks for and is not here is made up. */
  readonly orderInfo?: OrderInfo;
  /** The id of the option to take; the first one when left out. */
  readonly shippingOption?: string;
  /** In the smallest unit of the currency. 0 when left out. */
  readonly tip?: number;
}

export type PayOutcome =
  | { readonly paid: true; readonly payment: SuccessfulPayment; readonly received: Received }
  | {
      readonly paid: false;
      readonly why: 'shipping-refused' | 'refused' | 'no-answer' | 'no-such-option';
      /** What the bot told the person. */
      readonly message?: string;
    };

export interface Paying {
  /** The first query that the bot gets: about shipping if the price depends on it, else pre-checkout. */
  readonly received: Received;
  /** Settles when the bot has answered all queries, or has let one time out. */
  readonly outcome: Promise<PayOutcome>;
}

/**
 * A person pays. The bot gets `shipping_query` (only when the price depends on shipping) and
 * `pre_checkout_query`; when it agrees within ten seconds, the message with `successful_payment` follows in
 * the person's private chat.
 * @throws SendtwiceError when there is no such invoice
 */
export function pay(world: World, person: User, what: Payable, options: PayOptions = {}): Paying {
  const invoice = findInvoice(world, what);
  const orderInfo = orderInfoFor(person, invoice, options.orderInfo);
  const tip = Math.min(options.tip ?? 0, invoice.maxTip);
  let settle: (outcome: PayOutcome) => void = () => {};
  const outcome = new Promise<PayOutcome>((resolve) => {
    settle = resolve;
  });
  const checkout = (option?: ShippingOption): Received =>
    preCheckout({ world, person, invoice, tip, settle, ...withInfo(orderInfo), ...withOption(option) });
  const address = orderInfo?.shipping_address;
  if (!invoice.isFlexible || address === undefined) return { received: checkout(), outcome };
  const received = askShipping({ world, person, invoice, settle }, address, (offered) => {
    const wanted = options.shippingOption;
    const option = wanted === undefined ? offered[0] : offered.find(({ id }) => id === wanted);
    if (option === undefined) settle({ paid: false, why: 'no-such-option' });
    else checkout(option);
  });
  return { received, outcome };
}

interface Step {
  readonly world: World;
  readonly person: User;
  readonly invoice: InvoiceDetails;
  readonly settle: (outcome: PayOutcome) => void;
}

interface Checkout extends Step {
  readonly tip: number;
  readonly orderInfo?: OrderInfo;
  readonly option?: ShippingOption;
}

function askShipping(
  { world, person, invoice, settle }: Step,
  address: ShippingAddress,
  go: (offered: readonly ShippingOption[]) => void,
): Received {
  const id = makeQueryId(world.random, person.id);
  waitForAnswer(world, id, 'shipping_query', SHIPPING_ANSWERABLE_MS, (answer) => {
    if (answer === undefined) settle({ paid: false, why: 'no-answer' });
    else if (answer.ok) go(answer.options);
    else settle({ paid: false, why: 'shipping-refused', message: answer.message });
  });
  return receive(world, {
    kind: 'shipping_query',
    payload: { id, from: person, invoice_payload: invoice.payload, shipping_address: address },
  });
}

function preCheckout(about: Checkout): Received {
  const { world, person, invoice, settle, orderInfo, option } = about;
  const amount =
    invoice.totalAmount + about.tip + (option?.prices ?? []).reduce((sum, price) => sum + price.amount, 0);
  const id = makeQueryId(world.random, person.id);
  waitForAnswer(world, id, 'pre_checkout_query', PRE_CHECKOUT_ANSWERABLE_MS, (answer) => {
    if (answer === undefined) settle({ paid: false, why: 'no-answer' });
    else if (answer.ok) settle(complete(about, amount));
    else settle({ paid: false, why: 'refused', message: answer.message });
  });
  return receive(world, {
    kind: 'pre_checkout_query',
    payload: {
      id,
      from: person,
      currency: invoice.currency,
      total_amount: amount,
      invoice_payload: invoice.payload,
      ...(option === undefined ? {} : { shipping_option_id: option.id }),
      ...(orderInfo === undefined ? {} : { order_info: orderInfo }),
    },
  });
}

/** `undefined` when the bot let the time pass. */
function waitForAnswer(
  world: World,
  id: string,
  kind: 'shipping_query' | 'pre_checkout_query',
  limitMs: number,
  then: (answer: QueryAnswer | undefined) => void,
): void {
  const timer = world.timers.set(limitMs, () => {
    world.payments.closeQuery(id);
    then(undefined);
  });
  world.payments.openQuery(id, kind, (answer) => {
    world.timers.clear(timer);
    then(answer);
  });
}

/** The money has moved; the bot is told in the person's private chat. */
function complete(about: Checkout, amount: number): PayOutcome {
  const { world, person, invoice, orderInfo, option } = about;
  const until = invoice.subscriptionPeriod;
  const charge = world.payments.addCharge({
    person,
    invoice,
    amount,
    ...withInfo(orderInfo),
    ...(option === undefined ? {} : { shippingOption: option.id }),
    ...(until === 0 ? {} : { paidUntil: world.clock.unixSeconds() + until }),
  });
  const payment: SuccessfulPayment = {
    currency: invoice.currency,
    total_amount: amount,
    invoice_payload: invoice.payload,
    ...(option === undefined ? {} : { shipping_option_id: option.id }),
    ...(orderInfo === undefined ? {} : { order_info: orderInfo }),
    telegram_payment_charge_id: charge.id,
    provider_payment_charge_id: charge.providerId,
    ...(until === 0 ? {} : { is_recurring: true, is_first_recurring: true }),
    ...(charge.paidUntil === undefined ? {} : { subscription_expiration_date: charge.paidUntil }),
  };
  return { paid: true, payment, received: tellPaid(world, person, payment) };
}

function tellPaid(world: World, person: User, payment: SuccessfulPayment): Received {
  const payload = { from: person, chat: privateChatOf(person), successful_payment: payment };
  return receive(world, { kind: 'message', payload });
}

/**
 * The next month of a subscription is paid, without asking the bot.
 * @throws ApiError `CHARGE_ID_INVALID`; SendtwiceError when it is no subscription, or was cancelled
 */
export function renewSubscription(world: World, person: User, chargeId: string): Received {
  const first = world.payments.charge(chargeId, person.id);
  const { invoice, amount } = first;
  if (invoice.subscriptionPeriod === 0 || first.cancelledByBot === true) {
    throw impossible(
      `Charge ${chargeId} is not paid again`,
      'Only subscriptions that the bot has not cancelled are paid again.',
    );
  }
  const paidUntil = (first.paidUntil ?? world.clock.unixSeconds()) + invoice.subscriptionPeriod;
  first.paidUntil = paidUntil;
  const charge = world.payments.addCharge({ person, invoice, amount, paidUntil });
  return tellPaid(world, person, {
    currency: invoice.currency,
    total_amount: amount,
    invoice_payload: invoice.payload,
    telegram_payment_charge_id: charge.id,
    provider_payment_charge_id: charge.providerId,
    is_recurring: true,
    subscription_expiration_date: paidUntil,
  });
}

/**
 * A person buys the paid media of a message. The bot hears of it only when the media have a payload.
 * @throws SendtwiceError when there are none
 */
export function buyPaidMedia(
  world: World,
  person: User,
  where: { readonly chatId: ChatId; readonly messageId: number },
): Received {
  const shown = messageField(world, where, 'paid_media');
  const payload = world.chats.chat(where.chatId)?.messages.get(where.messageId)?.paidMediaPayload ?? '';
  const stars = Number(shown.star_count);
  world.payments.stars += stars;
  world.payments.addTransaction({
    source: {
      transaction_type: 'paid_media_payment',
      type: 'user',
      user: person,
      ...(payload === '' ? {} : { paid_media_payload: payload }),
    },
    amount: stars,
  });
  if (payload === '') return {};
  return receive(world, {
    kind: 'purchased_paid_media',
    payload: { from: person, paid_media_payload: payload },
  });
}

/** Stars that come from outside, so that the bot has some to spend. */
export function giveStars(world: World, amount: number): void {
  world.payments.stars += amount;
  world.payments.addTransaction({
    source: { type: 'fragment' },
    amount,
  });
}

function findInvoice(world: World, what: Payable): InvoiceDetails {
  const found =
    'link' in what
      ? world.payments.invoiceBehind(what.link)
      : world.payments.invoiceOf(messageField(world, what, 'invoice'));
  if (found !== undefined) return found;
  const where = 'link' in what ? what.link : `message ${what.messageId} of chat ${what.chatId}`;
  throw impossible(
    `There is no invoice at ${where}`,
    'Only invoices that the bot has made in this run can be paid.',
  );
}

function messageField(
  world: World,
  { chatId, messageId }: { readonly chatId: ChatId; readonly messageId: number },
  field: string,
): Readonly<Record<string, unknown>> {
  const shown = world.chats.chat(chatId)?.messages.get(messageId)?.message[field];
  if (isObject(shown)) return shown;
  throw impossible(
    `Message ${messageId} of chat ${chatId} has no ${field}`,
    'Pay a message that the bot has sent and not deleted.',
  );
}

function withInfo(orderInfo: OrderInfo | undefined): { orderInfo?: OrderInfo } {
  return orderInfo === undefined ? {} : { orderInfo };
}

function withOption(option: ShippingOption | undefined): { option?: ShippingOption } {
  return option === undefined ? {} : { option };
}

/** What one person does with money. */
export interface Wallet {
  /** @see pay */
  pay(what: Payable, options?: PayOptions): Paying;
  /** @see renewSubscription */
  renewSubscription(chargeId: string): Received;
  /** @see buyPaidMedia */
  buyPaidMedia(where: { readonly chatId: ChatId; readonly messageId: number }): Received;
}

export function walletOf(world: World, person: User): Wallet {
  return {
    pay: (what, options) => pay(world, person, what, options),
    renewSubscription: (chargeId) => renewSubscription(world, person, chargeId),
    buyPaidMedia: (where) => buyPaidMedia(world, person, where),
  };
}
