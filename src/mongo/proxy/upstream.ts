import * as dns from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { ConnectionString } from 'mongodb-connection-string-url';
import { messageOf, SendtwiceError } from '../../base/errors.js';
import { type Receive, readInto } from './own-buffer.js';

const DEFAULT_PORT = 27017;

const systemResolver: Resolver = { resolveSrv: dns.resolveSrv, resolveTxt: dns.resolveTxt };

/** Where a server listens. */
export type Place = { readonly path: string } | { readonly host: string; readonly port: number };

/** Asks the DNS, as `node:dns/promises` does. Tests bring one of their own. */
export interface Resolver {
  resolveSrv(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
  resolveTxt(name: string): Promise<readonly (readonly string[])[]>;
  /** For `net.connect`; by default that of the system. */
  readonly lookup?: LookupFunction;
}

/** The MongoDB servers behind the proxy. */
export interface Upstream {
  /** The servers that the URI names, at least one. */
  readonly seeds: readonly Place[];
  /** True with `directConnection=true`: drivers do not look for the other members of a set. */
  readonly isDirect: boolean;
  /** Is TLS spoken to them? */
  readonly isTls: boolean;
  /** Opens a connection. It is not connected yet when this returns. */
  connect(place: Place, receive?: Receive): Socket;
  /**
   * The URI for the bot: everything as given, but the hosts are those of the proxy and TLS is off, or on
   * with the certificate of this file.
   */
  proxiedUri(proxyAddresses: readonly string[], caFile?: string): string;
}

/** `host:port`, as people and replica sets write it. */
export function addressOf(place: Place): string {
  return 'path' in place ? place.path : `${place.host}:${place.port}`;
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
 * Reads a mongodb:// or mongodb+srv:// URI.
 *
 * @throws SendtwiceError `usage/bad-argument` for a URI that is none, `mongo/unreachable` when the DNS does
 *   not know a mongodb+srv:// one, `file/unreadable` for a certificate that is not there
 */
export async function readUpstream(uri: string, resolver: Resolver = systemResolver): Promise<Upstream> {
  const given = parseUri(uri);
  const parsed = given.isSRV ? await withServers(given, resolver) : given;
  const tls = tlsOptions(parsed);
  const lookup = resolver.lookup === undefined ? {} : { lookup: resolver.lookup };
  return {
    seeds: parsed.hosts.map(placeOf),
    isDirect: parsed.searchParams.get('directConnection') === 'true',
    isTls: tls !== undefined,
    connect: (place, receive) => {
      const socket =
        tls === undefined
          ? connect({ ...place, ...lookup, ...(receive && { onread: readInto(receive) }) })
          : connectTls({ ...place, ...lookup, ...serverName(place), ...tls });
      if (tls !== undefined && receive !== undefined) socket.on('data', receive);
      return socket.setNoDelay(true);
    },
    proxiedUri: (proxyAddresses, caFile) => {
      const proxied = parsed.clone();
      proxied.hosts = [...proxyAddresses];
      for (const option of TLS_OPTIONS) proxied.searchParams.delete(option);
      if (caFile !== undefined) {
        proxied.searchParams.set('tls', 'true');
        proxied.searchParams.set('tlsCAFile', caFile);
      }
      return proxied.toString();
    },
  };
}

/**
 * What of {@link readUpstream} can be known without asking anybody.
 *
 * @throws SendtwiceError `usage/bad-argument`, `file/unreadable`
 */
export function checkUpstream(uri: string): void {
  tlsOptions(parseUri(uri));
}

function parseUri(uri: string): ConnectionString {
  try {
    return new ConnectionString(uri);
  } catch (error) {
    // The message of the parser is about the form; the URI itself may hold a password and is not shown.
    throw new SendtwiceError('usage/bad-argument', `The MongoDB URI cannot be used: ${messageOf(error)}`, {
      hint: 'Give it as mongodb://host:port/database?options.',
    });
  }
}

/** What a TXT record may say; everything else in it is refused. */
const TXT_OPTIONS = new Set(['authSource', 'replicaSet', 'loadBalanced']);

/** The plain URI that a mongodb+srv:// URI stands for (MongoDB specification "Initial DNS Seedlist Discovery"). */
async function withServers(srv: ConnectionString, resolver: Resolver): Promise<ConnectionString> {
  const [name = ''] = srv.hosts;
  const service = srv.searchParams.get('srvServiceName') ?? 'mongodb';
  const [servers, texts] = await Promise.all([
    asked(name, () => resolver.resolveSrv(`_${service}._tcp.${name}`)),
    // Many clusters have no TXT record.
    resolver.resolveTxt(name).catch((): string[][] => []),
  ]);
  const parent = `.${name.split('.').slice(1).join('.')}`.toLowerCase();
  const foreign = servers.find((server) => !server.name.toLowerCase().replace(/\.$/, '').endsWith(parent));
  if (foreign !== undefined || servers.length === 0) {
    const what = foreign === undefined ? 'no server' : `${foreign.name}, which is outside of its domain`;
    throw new SendtwiceError('mongo/unreachable', `The DNS names ${what} for ${name}`);
  }
  // The parser does not let the scheme change, so the new URI is put together from the parts of the old one.
  const rest = srv.href.slice(srv.href.indexOf('://') + 3).replace(/[^/?]*/, (authority) => {
    const hosts = servers.map((server) => `${server.name.replace(/\.$/, '')}:${server.port}`);
    const at = authority.lastIndexOf('@');
    return authority.slice(0, at + 1) + hosts.join(',');
  });
  const parsed = parseUri(`mongodb://${rest}`);
  const options = parsed.searchParams;
  for (const [option, value] of new URLSearchParams(texts.flat().join(''))) {
    if (!TXT_OPTIONS.has(option)) {
      throw new SendtwiceError('usage/bad-argument', `The TXT record of ${name} has the option ${option}`);
    }
    if (!options.has(option)) options.set(option, value);
  }
  for (const option of ['srvServiceName', 'srvMaxHosts']) options.delete(option);
  if (!options.has('tls') && !options.has('ssl')) options.set('tls', 'true');
  return parsed;
}

async function asked<T>(name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw new SendtwiceError(
      'mongo/unreachable',
      `The DNS does not know the cluster ${name}: ${messageOf(error)}`,
      { hint: 'Is the name right, and does this machine reach a DNS server?', cause: error },
    );
  }
}

/** Takes `host:port` apart, `[::1]:port` and the path of a socket too. */
export function placeOf(host: string): Place {
  if (host.endsWith('.sock')) return { path: decodeURIComponent(host) };
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  const unbracketed = name.startsWith('[') ? name.slice(1, -1) : name;
  return { host: unbracketed, port: port === undefined ? DEFAULT_PORT : Number(port) };
}

/** The name that goes with a TLS connection: Atlas finds the cluster by it. An address is no name. */
function serverName(place: Place): { servername?: string } {
  return 'host' in place && isIP(place.host) === 0 ? { servername: place.host } : {};
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
