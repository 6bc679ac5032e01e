import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Node can read certificates, not make them. This is the little of DER (ITU-T X.690) that one needs. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82,
  ipAddress: 0x87,
  version: 0xa0,
  extensions: 0xa3,
} as const;

const OID = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  basicConstraints: '551d13',
  subjectAltName: '551d11',
  subjectKeyIdentifier: '551d0e',
} as const;

/**
 * A key and a certificate for `localhost` and 127.0.0.1 that signs itself (RFC 5280), good for two days:
 * it is made for one run.
 */
export function makeCertificate(now: Date): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = der(TAG.sequence, oid(OID.ecdsaWithSha256));
  const name = der(
    TAG.sequence,
    der(TAG.set, der(TAG.sequence, oid(OID.commonName), der(TAG.utf8, Buffer.from('sendtwice fault proxy')))),
  );
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const serial = randomBytes(8);
  // Positive, and never with a leading zero too many.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const certificate = der(
    TAG.sequence,
    der(TAG.version, der(TAG.integer, Buffer.of(2))),
    der(TAG.integer, serial),
    algorithm,
    name,
    der(TAG.sequence, time(now.getTime() - DAY_MS), time(now.getTime() + DAY_MS)),
    name,
    keyInfo,
    der(TAG.extensions, der(TAG.sequence, ...extensionsOf(keyInfo))),
  );
  const signature = sign('sha256', certificate, privateKey);
  const whole = der(TAG.sequence, certificate, algorithm, der(TAG.bits, Buffer.of(0), signature));
  return { key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), cert: pem(whole) };
}

/** Writes a certificate to a file in a folder of its own, for a driver's `tlsCAFile`. */
export function writeCaFile(cert: string): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sendtwice-ca-'));
  const path = join(folder, 'ca.pem');
  writeFileSync(path, cert);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function extensionsOf(keyInfo: Buffer): Buffer[] {
  const identifier = createHash('sha1').update(keyInfo).digest();
  return [
    extension(OID.basicConstraints, der(TAG.sequence, der(TAG.boolean, Buffer.of(0xff))), 'critical'),
    extension(OID.subjectKeyIdentifier, der(TAG.octets, identifier)),
    extension(
      OID.subjectAltName,
      der(
        TAG.sequence,
        der(TAG.dnsName, Buffer.from('localhost')),
        der(TAG.ipAddress, Buffer.of(127, 0, 0, 1)),
      ),
    ),
  ];
}

function extension(id: string, value: Buffer, critical?: 'critical'): Buffer {
  const flag = critical === undefined ? [] : [der(TAG.boolean, Buffer.of(0xff))];
  return der(TAG.sequence, oid(id), ...flag, der(TAG.octets, value));
}

function oid(hex: string): Buffer {
  return der(TAG.oid, Buffer.from(hex, 'hex'));
}

/** `YYMMDDHHMMSSZ`. */
function time(unixMs: number): Buffer {
  const digits = new Date(unixMs).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(TAG.utcTime, Buffer.from(`${digits}Z`));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), length(value.length), value]);
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.of(bytes);
  return bytes < 0x100 ? Buffer.of(0x81, bytes) : Buffer.of(0x82, bytes >> 8, bytes & 0xff);
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
