import type { Location, Message } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { INT32_MAX, integerParam, requiredParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import type { Handlers } from './outcome.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';

/** Limits of live locations (td/Location.cpp): seconds, degrees, metres. */
const SHORTEST_LIVE_S = 60;
const LONGEST_LIVE_S = 86_400;
const WIDEST_ALERT_M = 100_000;
const LEAST_ACCURATE_M = 1_500;

/** Locations, venues and contacts. */
export const PLACE_METHODS: Handlers = {
  sendLocation: (context) => {
    const { params } = context;
    const where = readLocation(params);
    const move = readMove(params);
    const to = findDestination(context, readSendOptions(params));
    if (!isOnEarth(where)) {
      throw badRequest(move.period === 0 ? 'invalid location specified' : 'invalid live location specified');
    }
    checkPeriod(move);
    const location = move.period === 0 ? { ...point(where), ...accuracy(where) } : checkMove(where, move);
    return sendContent(context, to, { location });
  },

  sendVenue: (context) => {
    const { params } = context;
    const where = readLocation(params);
    const to = findDestination(context, readSendOptions(params));
    if (!isOnEarth(where)) throw badRequest('wrong venue location specified');
    return sendContent(context, to, venueContent(params, { ...point(where), ...accuracy(where) }));
  },

  sendContact: (context) => {
    const { params } = context;
    const phoneNumber = requiredParam(params, 'phone_number');
    const firstName = requiredParam(params, 'first_name');
    const to = findDestination(context, readSendOptions(params));
    return sendContent(context, to, contactContent(params, phoneNumber, firstName));
  },
};

export interface Where {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyM: number;
}

/** @throws ApiError `latitude is empty` */
export function readLocation(params: Params): Where {
  const [latitude = '', longitude = '', accuracyM = ''] = [
    'latitude',
    'longitude',
    'horizontal_accuracy',
  ].map((name) => params.get(name)?.trim());
  if (latitude === '') throw badRequest('latitude is empty');
  if (longitude === '') throw badRequest('longitude is empty');
  return {
    latitude: leadingNumber(latitude),
    longitude: leadingNumber(longitude),
    accuracyM: leadingNumber(accuracyM),
  };
}

/** As lenient as integers are: what cannot be read is 0. */
function leadingNumber(text: string): number {
  const number = Number.parseFloat(text);
  return Number.isNaN(number) ? 0 : number;
}

function integer(params: Params, name: string): number {
  return integerParam(params, name, { fallback: 0, min: -INT32_MAX, max: INT32_MAX });
}

function isOnEarth({ latitude, longitude }: Where): boolean {
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
}

function point({ latitude, longitude }: Where): Pick<Location, 'latitude' | 'longitude'> {
  return { latitude, longitude };
}

function accuracy({ accuracyM }: Where): Pick<Location, 'horizontal_accuracy'> {
  return accuracyM > 0 ? { horizontal_accuracy: Math.min(accuracyM, LEAST_ACCURATE_M) } : {};
}

/** How a place moves. */
export interface Move {
  /** Seconds; 0: it does not. */
  readonly period: number;
  readonly heading: number;
  readonly radius: number;
}

export function readMove(params: Params): Move {
  return {
    period: integer(params, 'live_period'),
    heading: integer(params, 'heading'),
    radius: integer(params, 'proximity_alert_radius'),
  };
}

/** Only a new live location is checked for this (Location.cpp:196). */
function checkPeriod({ period }: Move): void {
  if (period === 0 || period === INT32_MAX) return;
  if (period < SHORTEST_LIVE_S || period > LONGEST_LIVE_S) {
    throw badRequest('wrong live location period specified');
  }
}

/** The live location, keys in the official order. @throws ApiError for what one cannot be */
export function checkMove(where: Where, { period, heading, radius }: Move): Location {
  if (!isOnEarth(where)) throw badRequest('invalid live location specified');
  if (heading < 0 || heading > 360) throw badRequest('wrong live location heading specified');
  if (radius < 0 || radius > WIDEST_ALERT_M) {
    throw badRequest('wrong live location proximity alert radius specified');
  }
  return {
    ...point(where),
    live_period: period,
    ...(heading === 0 ? {} : { heading }),
    ...(radius === 0 ? {} : { proximity_alert_radius: radius }),
    ...accuracy(where),
  };
}

/** The place twice, as Telegram sends it. Foursquare wins over Google. */
function venueContent(params: Params, location: Location): Pick<Message.VenueMessage, 'location' | 'venue'> {
  const given = (name: string): string | undefined => params.get(name) || undefined;
  const [foursquareId, foursquareType] = [given('foursquare_id'), given('foursquare_type')];
  const [googleId, googleType] = [given('google_place_id'), given('google_place_type')];
  const hasFoursquare = foursquareId !== undefined || foursquareType !== undefined;
  return {
    location,
    venue: {
      location,
      title: params.get('title') ?? '',
      address: params.get('address') ?? '',
      ...(foursquareId === undefined ? {} : { foursquare_id: foursquareId }),
      ...(foursquareType === undefined ? {} : { foursquare_type: foursquareType }),
      ...(hasFoursquare || googleId === undefined ? {} : { google_place_id: googleId }),
      ...(hasFoursquare || googleType === undefined ? {} : { google_place_type: googleType }),
    },
  };
}

function contactContent(
  params: Params,
  phoneNumber: string,
  firstName: string,
): Pick<Message.ContactMessage, 'contact'> {
  const lastName = params.get('last_name') ?? '';
  const vcard = params.get('vcard') ?? '';
  return {
    contact: {
      phone_number: phoneNumber,
      first_name: firstName,
      ...(lastName === '' ? {} : { last_name: lastName }),
      ...(vcard === '' ? {} : { vcard }),
    },
  };
}
