import type { RefundedPayment, ShippingOption, StarAmount, StarTransactions } from '@grammyjs/types';
import { messageId } from '../../base/ids.js';
import { badRequest } from '../api-error.js';
import type { ChatState } from '../chats/chat-book.js';
import type { ApiMessage } from '../chats/message-store.js';
import type { Charge, QueryAnswer } from '../chats/payment-book.js';
import { booleanParam, INT32_MAX, integerParam, requiredParam, userIdParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import {
  arrayField,
  asField,
  FieldError,
  isObject,
  parseJsonParam,
  parsing,
  requiredStringField,
} from '../json-fields.js';
import type { World } from '../world.js';
import { readPrices } from './invoices.js';
import { DONE, type Handlers } from './outcome.js';

export const PAYMENT_METHODS: Handlers = {
  answerShippingQuery: ({ world, params }) => {
    const answer = readAnswer(params, () => readShippingOptions(params));
    world.payments.answerQuery(params.get('shipping_query_id') ?? '', 'shipping_query', answer);
    return DONE;
  },

  answerPreCheckoutQuery: ({ world, params }) => {
    const answer = readAnswer(params, () => []);
    world.payments.answerQuery(params.get('pre_checkout_query_id') ?? '', 'pre_checkout_query', answer);
    return DONE;
  },

  refundStarPayment: ({ world, params }) => {
    const person = userIdParam(params);
    const charge = world.payments.charge(requiredParam(params, 'telegram_payment_charge_id'), person);
    world.payments.refund(charge);
    announceRefund(world, charge);
    return DONE;
  },

  editUserStarSubscription: ({ world, params }) => {
    const person = userIdParam(params);
    const charge = world.payments.charge(params.get('telegram_payment_charge_id') ?? '', person);
    if (charge.invoice.subscriptionPeriod === 0) throw badRequest('CHARGE_ID_INVALID');
    charge.cancelledByBot = booleanParam(params, 'is_canceled');
    return DONE;
  },

  getMyStarBalance: ({ world }) => ({ result: balanceOf(world) }),
  getStarTransactions: ({ world, params }) => ({ result: transactionsOf(world, params) }),
};

export function balanceOf(world: World): StarAmount {
  return { amount: world.payments.stars };
}

export function transactionsOf(world: World, params: Params): StarTransactions {
  const offset = integerParam(params, 'offset', { fallback: 0, min: 0, max: INT32_MAX });
  const limit = integerParam(params, 'limit', { fallback: 100, min: 1, max: 100 });
  return { transactions: world.payments.transactions(offset, limit) };
}

/** A refusal needs a reason. */
function readAnswer(params: Params, readOptions: () => ShippingOption[]): QueryAnswer {
  return booleanParam(params, 'ok')
    ? { ok: true, options: readOptions() }
    : { ok: false, message: requiredParam(params, 'error_message') };
}

function readShippingOptions(params: Params): ShippingOption[] {
  const list = parseJsonParam(requiredParam(params, 'shipping_options'), 'shipping options');
  if (!Array.isArray(list)) throw badRequest('expected an Array of shipping options');
  const options = list.map(readShippingOption);
  if (options.length === 0) throw badRequest('there must be at least one shipping option');
  return options;
}

function readShippingOption(item: unknown): ShippingOption {
  return parsing('shipping option', () => {
    if (!isObject(item)) throw new FieldError('ShippingOption must be an Object');
    const id = requiredStringField(item, 'id');
    if (id === '') throw new FieldError('ShippingOption identifier must be non-empty');
    const title = requiredStringField(item, 'title');
    if (title === '') throw new FieldError('ShippingOption title must be non-empty');
    const prices = arrayField(item, 'prices');
    if (prices === undefined) throw new FieldError('Can\'t find field "prices"');
    return { id, title, prices: asField(() => readPrices(prices), "Can't parse shipping option prices: ") };
  });
}

/** The bot hears of its own refund (Client.cpp:17433). */
function announceRefund(world: World, charge: Charge): void {
  const chat = privateChat(world, charge);
  const refundedPayment: RefundedPayment = {
    currency: charge.invoice.currency,
    total_amount: charge.amount,
    invoice_payload: charge.invoice.payload,
    telegram_payment_charge_id: charge.id,
    provider_payment_charge_id: charge.providerId,
  };
  const message: ApiMessage = {
    message_id: chat.messages.nextId(),
    from: world.user,
    chat: chat.chat,
    date: world.clock.unixSeconds(),
    refunded_payment: refundedPayment,
  };
  chat.messages.put({ message, byBot: true });
  world.updates.push('message', message, { chatId: chat.id, messageId: messageId(message.message_id) });
}

function privateChat(world: World, { person }: Charge): ChatState {
  world.chats.addUser(person);
  const chat = world.chats.lookUp(String(person.id));
  if (chat === undefined) throw badRequest('USER_ID_INVALID');
  return chat;
}
