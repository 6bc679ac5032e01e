import { INT32_MAX } from '../coercion.js';
import { type Entity, MarkupError } from './entity.js';

/**
 * The format of a date entity as Telegram gives it back: `r`, or weekday, date and time in this order.
 * @throws MarkupError
 */
export function dateFormat(given: string): string {
  if (/^r$/i.test(given)) return 'r';
  if (/[^tTdDwW]/.test(given)) throw new MarkupError('Invalid date format used');
  // The short form wins when both are asked for.
  const part = (short: string, long: string): string =>
    given.includes(short) ? short : given.includes(long) ? long : '';
  return `${/w/i.test(given) ? 'w' : ''}${part('d', 'D')}${part('t', 'T')}`;
}

/** A date entity; none for a time that is not positive. @throws MarkupError for a bad format */
export function dateEntity(
  offset: number,
  length: number,
  unixTime: number,
  format: string,
): Entity | undefined {
  const checked = dateFormat(format);
  if (unixTime <= 0) return undefined;
  return { offset, length, type: 'date_time', unix_time: unixTime, date_time_format: checked };
}

/** What `tg://time?unix=1&format=t` means; `undefined` for another link, or one without a usable time. */
export function dateOfLink(link: string): { readonly unixTime: number; readonly format: string } | undefined {
  const query = /^tg:(?:\/\/)?time\/?\?(.*)$/i.exec(link)?.[1];
  if (query === undefined) return undefined;
  const params = new Map(
    query.split('&').map((pair) => /^([^=]*)=?(.*)$/s.exec(pair)?.slice(1) as [string, string]),
  );
  const unix = params.get('unix') ?? '';
  const unixTime = /^\d{1,10}$/.test(unix) ? Number(unix) : 0;
  if (unixTime <= 0 || unixTime > INT32_MAX) return undefined;
  return { unixTime, format: params.get('format') ?? '' };
}
