import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { messageOf } from '../../base/errors.js';
import { type ApiError, badRequest } from '../api-error.js';
import { integerParam } from '../coercion.js';
import type { Files, Params, UploadedFile } from '../contracts.js';
import { addressProblem, parseWebhookUrl, urlProblem, type WebhookUrl } from './webhook-url.js';

/** What a setWebhook call asks for; `url` is '' for deleteWebhook. */
export interface WebhookSettings {
  readonly url: string;
  readonly maxConnections: number;
  /** The fixed address, or ''. */
  readonly ipAddress: string;
  readonly secretToken: string;
  readonly certificate: UploadedFile | undefined;
}

const LONGEST_SECRET = 256;
const LARGEST_CERTIFICATE_BYTES = 3 * 1024 * 1024;
const ATTACH = 'attach://';

export const NO_WEBHOOK: WebhookSettings = {
  url: '',
  maxConnections: 0,
  ipAddress: '',
  secretToken: '',
  certificate: undefined,
};

export function readSettings(params: Params, files: Files, local: boolean): WebhookSettings {
  const url = params.get('url') ?? '';
  if (url === '') return NO_WEBHOOK;
  const range = { fallback: local ? 100 : 40, min: 1, max: local ? 100_000 : 100 };
  const attached = params.get('certificate') ?? '';
  return {
    url,
    maxConnections: integerParam(params, 'max_connections', range),
    ipAddress: params.get('ip_address') ?? '',
    secretToken: params.get('secret_token') ?? '',
    certificate:
      files.get('certificate') ??
      (attached.startsWith(ATTACH) ? files.get(attached.slice(ATTACH.length)) : undefined),
  };
}

/** Certificates always count as a change. */
export function sameSettings(one: WebhookSettings, other: WebhookSettings): boolean {
  return (
    one.url === other.url &&
    one.maxConnections === other.maxConnections &&
    one.ipAddress === other.ipAddress &&
    one.secretToken === other.secretToken &&
    one.certificate === undefined &&
    other.certificate === undefined
  );
}

/**
 * The checks of setWebhook in the official order (facts/telegram.md §1.6, step 7).
 * @throws ApiError 400
 */
export function checkSettings(settings: WebhookSettings): WebhookUrl {
  const { certificate, secretToken } = settings;
  const url = parseWebhookUrl(settings.url);
  if (url === undefined) throw badRequest('invalid webhook URL specified');
  if (Buffer.byteLength(secretToken) > LONGEST_SECRET) throw badRequest('secret token is too long');
  if (!/^[A-Za-z0-9_-]*$/.test(secretToken)) {
    throw badRequest('secret token contains unallowed characters');
  }
  if (certificate !== undefined && certificate.size > LARGEST_CERTIFICATE_BYTES) {
    throw badRequest(`certificate size is too big (${certificate.size} bytes)`);
  }
  return url;
}

/**
 * The address to connect to when it needs no look-up; `undefined` when it does (step 8). A local server skips
 * the checks of scheme, port and reserved addresses.
 * @throws ApiError 400
 */
export function knownAddress(settings: WebhookSettings, url: WebhookUrl, local: boolean): string | undefined {
  const problem = local ? undefined : urlProblem(url);
  if (problem !== undefined) throw badWebhook(problem);
  const { certificate, ipAddress } = settings;
  if (ipAddress !== '' && isIP(ipAddress) === 0) throw badWebhook('Invalid IP address specified');
  const address = ipAddress !== '' ? ipAddress : isIP(url.host) !== 0 ? url.host : undefined;
  const badAddress = local || address === undefined ? undefined : addressProblem(address);
  if (badAddress !== undefined) throw badWebhook(badAddress);
  if (url.secure && certificate?.content !== undefined) {
    try {
      createSecureContext({ ca: certificate.content });
    } catch (error) {
      throw badWebhook(messageOf(error));
    }
  }
  return address;
}

export function badWebhook(text: string): ApiError {
  return badRequest(`bad webhook: ${text}`);
}
