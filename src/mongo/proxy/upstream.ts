import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { ConnectionString } from 'mongodb-connection-string-url';
import { messageOf, SendtwiceError } from '../../base/errors.js';

const DEFAULT_PORT = 27017;

/** The MongoDB server behind the proxy. */
export interface Upstream {
  /** `host:port`, for people. */
  readonly address: string;
  /** True with `directConnection=true`: drivers do not look for the other members of a set. */
  readonly isDirect: boolean;
  /** Opens a connection. It is not connected yet when this returns. */
  connect(): Socket;
  /** The URI for the bot: everything as given, but the host is the proxy and TLS is off. */
  proxiedUri(proxyAddress: string): string;
}

/** Options of a URI that are about TLS: they are for the connection from the proxy to the server. */
const TLS_OPTIONS = [
  'tls',
  'ssl',
  'tlsCAFile',
  'tlsCertificateKeyFile',
  'tlsCertificateKeyFilePassword',
  'tlsAllowInvalidCertificates',
  'tlsAllowInvalidHostnames',
  'tlsInsecure',
  'tlsDisableOCSPEndpointCheck',
  'tlsDisableCertificateRevocationCheck',
] as const;

/**
 * Reads a mongodb:// URI.
 *
 * @throws SendtwiceError `usage/bad-argument` for a URI that is none, names several servers or is
 *   mongodb+srv://; `file/unreadable` for a certificate that is not there
 */
export function parseUpstream(uri: string): Upstream {
  const parsed = parseUri(uri);
  const [host = ''] = parsed.hosts;
  const place = placeOf(host);
  const tls = tlsOptions(parsed);
  const address = 'path' in place ? place.path : `${place.host}:${place.port}`;
  return {
    address,
    isDirect: parsed.searchParams.get('directConnection') === 'true',
    connect: () => {
      const socket = tls === undefined ? connect(place) : connectTls({ ...place, ...tls });
      return socket.setNoDelay(true);
    },
    proxiedUri: (proxyAddress) => {
      const proxied = parsed.clone();
      proxied.hosts = [proxyAddress];
      for (const option of TLS_OPTIONS) proxied.searchParams.delete(option);
      return proxied.toString();
    },
  };
}

function parseUri(uri: string): ConnectionString {
  let parsed: ConnectionString;
  try {
    parsed = new ConnectionString(uri);
  } catch (error) {
    // The message of the parser is about the form; the URI itself may hold a password and is not shown.
    throw new SendtwiceError('usage/bad-argument', `The MongoDB URI cannot be used: ${messageOf(error)}`, {
      hint: 'Give it as mongodb://host:port/database?options.',
    });
  }
  if (parsed.isSRV) {
    throw new SendtwiceError('usage/bad-argument', 'The fault proxy cannot use mongodb+srv:// URIs yet', {
      hint: 'Give one member as mongodb://host:port/?directConnection=true&tls=true, or leave the URI out.',
    });
  }
  if (parsed.hosts.length !== 1) {
    throw new SendtwiceError(
      'usage/bad-argument',
      `The MongoDB URI names ${parsed.hosts.length} servers; the fault proxy can stand before one only`,
      { hint: 'Give the primary alone and add directConnection=true, or use a set with one member.' },
    );
  }
  return parsed;
}

function placeOf(host: string): { path: string } | { host: string; port: number } {
  if (host.endsWith('.sock')) return { path: decodeURIComponent(host) };
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  const unbracketed = name.startsWith('[') ? name.slice(1, -1) : name;
  return { host: unbracketed, port: port === undefined ? DEFAULT_PORT : Number(port) };
}

function tlsOptions({ searchParams: options }: ConnectionString): ConnectionOptions | undefined {
  const isOn = (name: string): boolean => options.get(name) === 'true';
  const file = (name: string): Buffer | undefined => {
    const path = options.get(name);
    return path === null ? undefined : readCertificate(name, path);
  };
  const ca = file('tlsCAFile');
  const keyAndCertificate = file('tlsCertificateKeyFile');
  const passphrase = options.get('tlsCertificateKeyFilePassword');
  if (!isOn('tls') && !isOn('ssl') && ca === undefined && keyAndCertificate === undefined) return undefined;
  const isInsecure = isOn('tlsInsecure');
  return {
    ...(ca !== undefined && { ca }),
    ...(keyAndCertificate !== undefined && { key: keyAndCertificate, cert: keyAndCertificate }),
    ...(passphrase !== null && { passphrase }),
    ...((isInsecure || isOn('tlsAllowInvalidCertificates')) && { rejectUnauthorized: false }),
    ...((isInsecure || isOn('tlsAllowInvalidHostnames')) && { checkServerIdentity: () => undefined }),
  };
}

function readCertificate(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new SendtwiceError('file/unreadable', `Cannot read ${path} (${option}): ${messageOf(error)}`, {
      cause: error,
    });
  }
}
