import { badRequest } from '../api-error.js';
import {
  FieldError,
  integerField,
  type JsonObject,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import type { World } from '../world.js';
import type { MessageFields } from './send.js';

/** What a message of a result will show, made when it is chosen. */
export type Content = (world: World) => MessageFields;

/** TDLib's checks, done when all results are read. @throws ApiError */
export type Check = (world: World) => Content;

export function contactOf(item: JsonObject): Check {
  const phone = requiredStringField(item, 'phone_number');
  const firstName = requiredStringField(item, 'first_name');
  const lastName = stringField(item, 'last_name');
  const vcard = stringField(item, 'vcard');
  return () => {
    if (phone.trim() === '') throw badRequest('field "phone_number" must contain a valid phone number');
    if (firstName.trim() === '') throw badRequest('field "first_name" must be non-empty');
    return () => ({
      contact: {
        phone_number: phone,
        first_name: firstName,
        ...(lastName === undefined || lastName === '' ? {} : { last_name: lastName }),
        ...(vcard === undefined || vcard === '' ? {} : { vcard }),
      },
    });
  };
}

function readPlace(item: JsonObject): { readonly latitude: number; readonly longitude: number } {
  const read = (name: string): number => {
    const value = item[name];
    if (value === undefined) throw new FieldError(`Can't find field "${name}"`);
    if (typeof value !== 'number' && typeof value !== 'string') {
      throw new FieldError(`Field "${name}" must be a Number`);
    }
    const number = Number(value);
    return Number.isFinite(number) ? number : 0;
  };
  return { latitude: read('latitude'), longitude: read('longitude') };
}

export function locationOf(item: JsonObject): Check {
  const { latitude, longitude } = readPlace(item);
  const livePeriod = integerField(item, 'live_period') ?? 0;
  const heading = integerField(item, 'heading') ?? 0;
  integerField(item, 'proximity_alert_radius');
  return () => {
    if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) throw badRequest('wrong location specified');
    return () => ({
      location: {
        latitude,
        longitude,
        ...(livePeriod === 0 ? {} : { live_period: livePeriod }),
        ...(heading === 0 ? {} : { heading }),
      },
    });
  };
}

export function venueOf(item: JsonObject): Check {
  const location = readPlace(item);
  const title = requiredStringField(item, 'title');
  const address = requiredStringField(item, 'address');
  const foursquare = stringField(item, 'foursquare_id');
  return () => () => {
    const venue = {
      location,
      title,
      address,
      ...(foursquare === undefined || foursquare === '' ? {} : { foursquare_id: foursquare }),
    };
    return { venue, location };
  };
}
