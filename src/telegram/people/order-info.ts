import type { OrderInfo, ShippingAddress, User } from '@grammyjs/types';
import { type InvoiceDetails, STARS } from '../chats/payment-book.js';

const MADE_UP_ADDRESS: ShippingAddress = {
  country_code: 'DE',
  state: '',
  city: 'Berlin',
  street_line1: 'Teststrasse 1',
  street_line2: '',
  post_code: '10115',
};

/** What the invoice asks for; nothing when it asks for nothing. */
export function orderInfoFor(
  person: User,
  { currency, isFlexible, needs }: InvoiceDetails,
  given: OrderInfo = {},
): OrderInfo | undefined {
  if (currency === STARS) return undefined;
  const info: OrderInfo = {
    ...(needs.includes('name') ? { name: given.name ?? person.first_name } : {}),
    ...(needs.includes('phone_number') ? { phone_number: given.phone_number ?? '491500000000' } : {}),
    ...(needs.includes('email') ? { email: given.email ?? 'person@example.com' } : {}),
    ...(needs.includes('shipping_address') || isFlexible
      ? { shipping_address: given.shipping_address ?? MADE_UP_ADDRESS }
      : {}),
  };
  return Object.keys(info).length === 0 ? undefined : info;
}
