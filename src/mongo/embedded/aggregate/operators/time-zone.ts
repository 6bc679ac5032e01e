import { ServerError } from '../../errors.js';

const OFFSET = /^([+-])(\d{2}):?(\d{2})?$/;

/** Formatters that tell the offset of a zone; making one is slow. `undefined`: there is no such zone. */
const formatters = new Map<string, Intl.DateTimeFormat | undefined>();

/** Names of zones come from clients: more than this many are not remembered. */
const MAX_FORMATTERS = 1000;

/**
 * How far a zone's clocks are before UTC at a moment. A zone is an offset such as `+02:00` or an Olson name.
 *
 * @throws ServerError 40485 for a zone that nobody knows
 */
export function zoneOffsetMs(zone: string, at: Date): number {
  if (zone === 'UTC' || zone === 'GMT' || zone === 'Z') return 0;
  const offset = OFFSET.exec(zone);
  if (offset !== null) return signedMs(offset[1], offset[2], offset[3]);
  const name = formatterOf(zone)
    ?.formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value;
  if (name === undefined) throw new ServerError(40485, `unrecognized time zone identifier: "${zone}"`);
  const [, sign, hours, minutes, seconds] = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name) ?? [];
  return sign === undefined ? 0 : signedMs(sign, hours, minutes, seconds);
}

function signedMs(sign: string | undefined, hours = '0', minutes = '0', seconds = '0'): number {
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}

function formatterOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formatters.has(zone)) return formatters.get(zone);
  let formatter: Intl.DateTimeFormat | undefined;
  try {
    formatter = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch {
    // A RangeError: there is no such zone.
    formatter = undefined;
  }
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  formatters.set(zone, formatter);
  return formatter;
}
