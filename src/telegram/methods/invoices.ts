import type { Message } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { requiredParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import {
  FieldError,
  isObject,
  parseJsonParam,
  parsing,
  requiredIntegerField,
  requiredStringField,
} from '../json-fields.js';
import { isWellFormed } from '../text/entity.js';
import type { Handlers } from './outcome.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';

const MOST_TIPS = 4;

/** Invoices are shown; nobody pays here. */
export const INVOICE_METHODS: Handlers = {
  sendInvoice: (context) => {
    const invoice = readInvoice(context.params);
    const to = findDestination(context, readSendOptions(context.params));
    checkTips(invoice);
    return sendContent(context, to, invoiceContent(context.params, invoice));
  },
};

interface Invoice {
  readonly title: string;
  readonly description: string;
  readonly currency: string;
  readonly totalAmount: number;
  readonly maxTip: number;
  readonly suggestedTips: readonly number[];
}

function readInvoice(params: Params): Invoice {
  const title = requiredParam(params, 'title');
  const description = requiredParam(params, 'description');
  const payload = requiredParam(params, 'payload');
  if (!isWellFormed(payload)) throw badRequest('the payload must be encoded in UTF-8');
  const currency = requiredParam(params, 'currency');
  const totalAmount = readPrices(requiredParam(params, 'prices'));
  const tip = params.get('max_tip_amount') ?? '';
  if (tip !== '' && !/^-?\d{1,18}$/.test(tip)) throw badRequest('can\'t parse "max_tip_amount" as Number');
  const suggestedTips = readTips(params.get('suggested_tip_amounts') ?? '');
  return { title, description, currency, totalAmount, maxTip: Number(tip), suggestedTips };
}

/** The sum of the prices. */
function readPrices(json: string): number {
  const list = parseJsonParam(json, 'prices');
  if (!Array.isArray(list)) throw badRequest('expected an Array of labeled prices');
  if (list.length === 0) throw badRequest('there must be at least one price');
  const amounts = list.map((item: unknown) =>
    parsing('labeled price', () => {
      if (!isObject(item)) throw new FieldError('LabeledPrice must be an Object');
      if (requiredStringField(item, 'label') === '')
        throw new FieldError('LabeledPrice label must be non-empty');
      return requiredIntegerField(item, 'amount');
    }),
  );
  return amounts.reduce((sum, amount) => sum + amount, 0);
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

function checkTips({ maxTip, suggestedTips }: Invoice): void {
  if (maxTip < 0) throw badRequest('invalid max_tip_amount of the currency specified');
  for (const amount of suggestedTips) {
    if (amount <= 0) throw badRequest('suggested tip amount must be positive');
    if (amount > maxTip) throw badRequest("suggested tip amount can't be bigger than max_tip_amount");
  }
  if (suggestedTips.length > MOST_TIPS)
    throw badRequest(`there can be at most ${MOST_TIPS} suggested tip amounts`);
}

function invoiceContent(params: Params, invoice: Invoice): Pick<Message.InvoiceMessage, 'invoice'> {
  const { title, description, currency, totalAmount } = invoice;
  return {
    invoice: {
      title,
      description,
      start_parameter: params.get('start_parameter') ?? '',
      currency,
      total_amount: totalAmount,
    },
  };
}
