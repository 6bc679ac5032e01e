import type { Location, User } from '@grammyjs/types';
import { randomInteger } from '../../base/random.js';
import type { MessageFields } from '../methods/send.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';

export interface Place {
  /** Degrees, -90 to 90. */
  readonly latitude: number;
  /** Degrees, -180 to 180. */
  readonly longitude: number;
  /** Metres, up to 1,500. */
  readonly accuracyM?: number;
}

export interface LivePlace extends Place {
  /** Seconds, 60 to 86,400. */
  readonly livePeriodS: number;
  /** Degrees, 1 to 360. */
  readonly heading?: number;
  /** Metres. */
  readonly alertRadiusM?: number;
}

export interface VenueInput extends Place {
  readonly title: string;
  readonly address: string;
  readonly foursquareId?: string;
  readonly foursquareType?: string;
  readonly googlePlaceId?: string;
  readonly googlePlaceType?: string;
}

export interface ContactInput {
  readonly phoneNumber: string;
  readonly firstName: string;
  readonly lastName?: string;
  readonly vcard?: string;
  /** Set when the contact is known to be on Telegram. */
  readonly userId?: number;
}

/** A place in the key order of the official server (Client.cpp:779). @throws SendtwiceError */
export function locationOf(place: Place | LivePlace): Location {
  const { latitude, longitude, accuracyM } = place;
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
    throw impossible(
      `${latitude}, ${longitude} is no place on Earth`,
      'Latitudes go from -90 to 90, longitudes from -180 to 180.',
    );
  }
  return {
    latitude,
    longitude,
    ...('livePeriodS' in place ? liveFields(place) : {}),
    ...(accuracyM === undefined || accuracyM <= 0 ? {} : { horizontal_accuracy: Math.min(accuracyM, 1_500) }),
  };
}

function liveFields({ livePeriodS, heading = 0, alertRadiusM = 0 }: LivePlace): Partial<Location> {
  if (!(livePeriodS >= 60 && livePeriodS <= 86_400)) {
    throw impossible(
      `a place cannot be shared live for ${livePeriodS} s`,
      '60 to 86,400 seconds are possible.',
    );
  }
  return {
    live_period: livePeriodS,
    ...(heading > 0 ? { heading } : {}),
    ...(alertRadiusM > 0 ? { proximity_alert_radius: alertRadiusM } : {}),
  };
}

export function venueFields(input: VenueInput): MessageFields {
  const location = locationOf({ latitude: input.latitude, longitude: input.longitude });
  const { title, address, foursquareId, foursquareType, googlePlaceId, googlePlaceType } = input;
  return {
    location,
    venue: {
      location,
      title,
      address,
      ...(foursquareId === undefined ? {} : { foursquare_id: foursquareId }),
      ...(foursquareType === undefined ? {} : { foursquare_type: foursquareType }),
      ...(googlePlaceId === undefined ? {} : { google_place_id: googlePlaceId }),
      ...(googlePlaceType === undefined ? {} : { google_place_type: googlePlaceType }),
    },
  };
}

export function contactFields(input: ContactInput): MessageFields {
  const { phoneNumber, firstName, lastName, vcard, userId } = input;
  return {
    contact: {
      phone_number: phoneNumber,
      first_name: firstName,
      ...(lastName === undefined ? {} : { last_name: lastName }),
      ...(vcard === undefined ? {} : { vcard }),
      ...(userId === undefined ? {} : { user_id: userId }),
    },
  };
}

export function ownContact(user: User, phoneNumber: string): ContactInput {
  const { first_name: firstName, last_name: lastName, id: userId } = user;
  return { phoneNumber, firstName, ...(lastName === undefined ? {} : { lastName }), userId };
}

/** The highest value of each; the lowest is 1. */
const SIDES: Readonly<Record<string, number>> = { '🎲': 6, '🎯': 6, '🎳': 6, '🏀': 5, '⚽': 5, '🎰': 64 };

/** Telegram throws the die, unless the test needs a certain value. @throws SendtwiceError */
export function diceFields(world: World, emoji: string, value: number | undefined): MessageFields {
  const plain = emoji.replace(/\ufe0f/g, '');
  const sides = SIDES[plain];
  if (sides === undefined) {
    throw impossible(`“${emoji}” is no die`, `Dice are ${Object.keys(SIDES).join(' ')}.`);
  }
  if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= sides)) {
    throw impossible(`${plain} cannot show ${value}`, `Its values are 1 to ${sides}.`);
  }
  return { dice: { emoji: plain, value: value ?? randomInteger(world.random, 1, sides) } };
}
