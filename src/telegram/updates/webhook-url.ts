import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** A webhook URL, taken apart as the official server does (HttpUrl.cpp; facts/telegram.md §1.6). */
export interface WebhookUrl {
  readonly secure: boolean;
  /** `user:password` or ''. */
  readonly userInfo: string;
  /** Lower case and punycode; an IPv6 address has no brackets. */
  readonly host: string;
  readonly port: number;
  /** The value of the Host header: with the port when it is not the scheme's own. */
  readonly hostHeader: string;
  /** The request target: path and query, at least `/`. */
  readonly target: string;
}

const URL_PARTS = /^(?:([^:/?#@[\]]*):\/\/)?([^/?#]*)(.*)$/s;
const AUTHORITY = /^(?:(.*)@)?(\[[^\]@]*\]|[^:@]*)(?::(\d+))?$/s;
const HOST = /^(?:[a-z0-9._!$,~*'();&+=\u0080-\uffff-]|%[0-9a-f]{2})+$/;

/** `undefined` when the official server calls it an invalid webhook URL. No scheme means https. */
export function parseWebhookUrl(text: string): WebhookUrl | undefined {
  const [, scheme = 'https', authority = '', rest = ''] = URL_PARTS.exec(text) ?? [];
  const protocol = scheme.toLowerCase();
  if (protocol !== 'http' && protocol !== 'https') return undefined;
  const secure = protocol === 'https';
  const match = AUTHORITY.exec(authority);
  if (match === null) return undefined;
  const [, userInfo = '', name = '', portText] = match;
  const defaultPort = secure ? 443 : 80;
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port < 1 || port > 65535) return undefined;
  const host = readHost(name.toLowerCase());
  if (host === undefined) return undefined;
  const shown = isIP(host) === 6 ? `[${host}]` : host;
  return {
    secure,
    userInfo,
    host,
    port,
    hostHeader: port === defaultPort ? shown : `${shown}:${port}`,
    target: requestTarget(rest),
  };
}

function readHost(name: string): string | undefined {
  if (name.startsWith('[')) {
    const address = name.slice(1, -1);
    return isIP(address) === 6 ? address : undefined;
  }
  if (name === '' || name === '.' || !HOST.test(name)) return undefined;
  // A name that has no ASCII form is kept as it is; it will not resolve.
  return domainToASCII(name) || name;
}

function requestTarget(rest: string): string {
  const path = rest.trimEnd();
  const target = path.startsWith('/') ? path : `/${path}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that get escaped
  return target.replace(/[\u0000-\u0020]/g, (unit) => encodeURIComponent(unit));
}

const HTTPS_PORTS = [80, 88, 443, 8443];

/** Why the official server refuses this URL as a webhook; `undefined` when it takes it. */
export function urlProblem(url: WebhookUrl): string | undefined {
  if (!url.secure) return 'An HTTPS URL must be provided for webhook';
  if (!HTTPS_PORTS.includes(url.port)) return 'Webhook can be set up only on ports 80, 88, 443 or 8443';
  return undefined;
}

const RESERVED = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  RESERVED.addSubnet(network, bits);
}

/** Why the official server refuses this address (IPAddress.cpp:203); `undefined` when it takes it. */
export function addressProblem(address: string): string | undefined {
  if (isIP(address) === 6) return 'IPv6-only addresses are not allowed';
  return RESERVED.check(address) ? `IP address ${address} is reserved` : undefined;
}
