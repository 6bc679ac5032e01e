import { Buffer } from 'node:buffer';
import type { LabeledPrice, Message } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { type InvoiceDetails, STARS, SUBSCRIPTION_S } from '../chats/payment-book.js';
import { booleanParam, INT32_MAX, integerParam, requiredParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import {
  FieldError,
  isObject,
  parseJsonParam,
  parsing,
  requiredIntegerField,
  requiredStringField,
} from '../json-fields.js';
import type { ReplyMarkup } from '../reply-markup.js';
import { isWellFormed } from '../text/entity.js';
import type { World } from '../world.js';
import type { Handlers } from './outcome.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';

const MOST_TIPS = 4;
/** TDLib refuses amounts beyond this (check_currency_amount). */
const LARGEST_AMOUNT = 9_999_999_999_999;
const LONGEST_TITLE = 32;
const LONGEST_DESCRIPTION = 255;
const LONGEST_PAYLOAD_BYTES = 128;
const LARGEST_SUBSCRIPTION = 10_000;

/** Who pays is in `people/payments.ts`. */
export const INVOICE_METHODS: Handlers = {
  sendInvoice: (context) => {
    const { params, world } = context;
    const invoice = readInvoice(params);
    const to = findDestination(context, readSendOptions(params));
    checkInvoice(invoice);
    if (invoice.subscriptionPeriod > 0) throw badRequest('SUBSCRIPTION_EXPORT_MISSING');
    checkInvoiceInBackend(invoice);
    const markup = withPayButton(invoice, to.markup);
    return sendContent(context, { ...to, markup }, invoiceContent(world, invoice));
  },

  createInvoiceLink: ({ world, params }) => {
    const invoice = readInvoice(params);
    checkInvoice(invoice);
    checkSubscription(invoice);
    checkInvoiceInBackend(invoice);
    return { result: world.payments.addLink(invoice) };
  },
};

/** The arguments of an invoice: their form. @throws ApiError */
export function readInvoice(params: Params): InvoiceDetails {
  const title = requiredParam(params, 'title');
  const description = requiredParam(params, 'description');
  const payload = requiredParam(params, 'payload');
  if (!isWellFormed(payload)) throw badRequest('the payload must be encoded in UTF-8');
  const currency = requiredParam(params, 'currency');
  const prices = readPrices(parseJsonParam(requiredParam(params, 'prices'), 'prices'));
  const tip = params.get('max_tip_amount') ?? '';
  if (tip !== '' && !/^-?\d{1,18}$/.test(tip)) throw badRequest('can\'t parse "max_tip_amount" as Number');
  const suggestedTips = readTips(params.get('suggested_tip_amounts') ?? '');
  return {
    title,
    description,
    payload,
    startParameter: params.get('start_parameter') ?? '',
    providerToken: params.get('provider_token') ?? '',
    currency,
    prices,
    totalAmount: prices.reduce((sum, { amount }) => sum + amount, 0),
    maxTip: Number(tip),
    suggestedTips,
    needs: (['name', 'phone_number', 'email', 'shipping_address'] as const).filter((what) =>
      booleanParam(params, `need_${what}`),
    ),
    isFlexible: booleanParam(params, 'is_flexible'),
    subscriptionPeriod: integerParam(params, 'subscription_period', { fallback: 0, min: 0, max: INT32_MAX }),
  };
}

/** @throws ApiError unless it is a list of labeled prices */
export function readPrices(list: unknown): LabeledPrice[] {
  if (!Array.isArray(list)) throw badRequest('expected an Array of labeled prices');
  const prices = list.map((item: unknown) =>
    parsing('labeled price', () => {
      if (!isObject(item)) throw new FieldError('LabeledPrice must be an Object');
      const label = requiredStringField(item, 'label');
      if (label === '') throw new FieldError('LabeledPrice label must be non-empty');
      return { label, amount: requiredIntegerField(item, 'amount') };
    }),
  );
  if (prices.length === 0) throw badRequest('there must be at least one price');
  return prices;
}

function readTips(json: string): number[] {
  if (json === '') return [];
  const list = parseJsonParam(json, 'suggested_tip_amounts');
  if (!Array.isArray(list)) throw badRequest('expected an Array of suggested tip amounts');
  return list.map((item: unknown) => {
    if (typeof item !== 'number' && typeof item !== 'string') {
      throw badRequest('suggested tip amount must be of type Number or String');
    }
    if (!/^-?\d{1,18}$/.test(String(item))) throw badRequest("can't parse suggested tip amount as Number");
    return Number(item);
  });
}

/** What TDLib checks, in its order (InputInvoice.cpp, LabeledPricePart.cpp). @throws ApiError */
export function checkInvoice({ prices, totalAmount, maxTip, suggestedTips }: InvoiceDetails): void {
  if (prices.some(({ amount }) => Math.abs(amount) > LARGEST_AMOUNT)) {
    throw badRequest('too big amount of the currency specified');
  }
  if (totalAmount <= 0) throw badRequest('total price must be positive');
  if (totalAmount > LARGEST_AMOUNT) throw badRequest('total price is too big');
  if (maxTip < 0 || maxTip > LARGEST_AMOUNT) {
    throw badRequest('invalid max_tip_amount of the currency specified');
  }
  for (const amount of suggestedTips) {
    if (amount <= 0) throw badRequest('suggested tip amount must be positive');
    if (amount > maxTip) throw badRequest("suggested tip amount can't be bigger than max_tip_amount");
  }
  if (suggestedTips.length > MOST_TIPS)
    throw badRequest(`there can be at most ${MOST_TIPS} suggested tip amounts`);
}

/**
 * What only the backend checks. The codes are those that are published for `messages.sendMedia`; which of
 * them stands for which mistake is best knowledge. Any provider token is taken for a good one.
 * @throws ApiError
 */
function checkInvoiceInBackend(invoice: InvoiceDetails): void {
  const { currency, description, payload, prices, title } = invoice;
  if (Buffer.byteLength(payload) > LONGEST_PAYLOAD_BYTES) throw badRequest('INVOICE_PAYLOAD_INVALID');
  if ([...title].length > LONGEST_TITLE || [...description].length > LONGEST_DESCRIPTION) {
    throw badRequest('MEDIA_INVALID');
  }
  if (currency === STARS) {
    const asksForMore = invoice.needs.length > 0 || invoice.isFlexible || invoice.maxTip > 0;
    if (prices.length !== 1 || asksForMore) throw badRequest('STARS_INVOICE_INVALID');
    return;
  }
  if (!/^[A-Z]{3}$/.test(currency)) throw badRequest('CURRENCY_TOTAL_AMOUNT_INVALID');
  if (invoice.providerToken === '') throw badRequest('PAYMENT_PROVIDER_INVALID');
}

function checkSubscription({ currency, subscriptionPeriod, totalAmount }: InvoiceDetails): void {
  if (subscriptionPeriod === 0) return;
  if (subscriptionPeriod !== SUBSCRIPTION_S) throw badRequest('SUBSCRIPTION_PERIOD_INVALID');
  if (currency !== STARS || totalAmount > LARGEST_SUBSCRIPTION) throw badRequest('STARS_INVOICE_INVALID');
}

/**
 * A message with an invoice always has a button to pay, and it is the first one.
 * @throws ApiError for a keyboard without one, or with one elsewhere
 */
export function withPayButton(invoice: InvoiceDetails, given: ReplyMarkup | undefined): ReplyMarkup {
  const rows = given?.inline === true ? given.markup.inline_keyboard : undefined;
  if (rows === undefined) {
    const { currency, totalAmount } = invoice;
    const price = currency === STARS ? `⭐️${totalAmount}` : `${(totalAmount / 100).toFixed(2)} ${currency}`;
    const button = { text: `Pay ${price}`, pay: true };
    return { inline: true, markup: { inline_keyboard: [[button]] } };
  }
  const buttons = rows.flat();
  const isPay = (button: object | undefined): boolean => button !== undefined && 'pay' in button;
  if (!buttons.some(isPay)) throw badRequest('REPLY_MARKUP_BUY_EMPTY');
  if (!isPay(buttons[0])) throw badRequest('BUTTON_POS_INVALID');
  return { inline: true, markup: { inline_keyboard: rows } };
}

/** What the message shows. The rest stays with the server. */
export function invoiceContent(
  world: World,
  details: InvoiceDetails,
): Pick<Message.InvoiceMessage, 'invoice'> {
  const { title, description, startParameter, currency, totalAmount } = details;
  const invoice = {
    title,
    description,
    start_parameter: startParameter,
    currency,
    total_amount: totalAmount,
  };
  world.payments.noteInvoice(invoice, details);
  return { invoice };
}
