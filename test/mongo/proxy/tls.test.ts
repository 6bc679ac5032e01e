import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificate, writeCaFile } from '../../../src/mongo/proxy/certificate.js';
import type { Resolver } from '../../../src/mongo/proxy/upstream.js';
import { proxyBefore, stubServer } from './rig.js';
import type { StubServer } from './stub-server.js';

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** The certificate is made here, because one in the repository would run out one day. */
describe.skipIf(!hasOpenssl)('a server with TLS', () => {
  let folder = '';
  const file = (name: string): string => join(folder, name);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sendtwice-tls-'));
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '1',
        ],
        ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
        ...['-keyout', file('key.pem'), '-out', file('cert.pem')],
      ],
      { stdio: 'ignore' },
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function tlsServer(): Promise<StubServer> {
    return stubServer({
      tls: { key: readFileSync(file('key.pem'), 'utf8'), cert: readFileSync(file('cert.pem'), 'utf8') },
    });
  }

  it('is reached over TLS, while the bot speaks to the proxy without', async () => {
    const stub = await tlsServer();
    const port = stub.address.split(':')[1];
    const ca = encodeURIComponent(file('cert.pem'));
    const { proxy, connect } = await proxyBefore(`mongodb://localhost:${port}/shop?tls=true&tlsCAFile=${ca}`);
    expect(proxy.uri).toBe(`mongodb://${proxy.address}/shop`);
    expect(await (await connect()).run({ ping: 1 })).toEqual({ ok: 1 });
  });

  it('is found by its name, as the DNS gives it for mongodb+srv://', async () => {
    const stub = await tlsServer();
    const port = Number(stub.address.split(':')[1]);
    const resolver: Resolver = {
      resolveSrv: async () => [{ name: 'db-0.example.test', port }],
      resolveTxt: async () => [['authSource=admin']],
      // As the DNS would: this name is at this address.
      lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    };
    const uri = 'mongodb+srv://cluster.example.test/shop?tlsInsecure=true';
    const { proxy, connect } = await proxyBefore(uri, { resolver });
    expect(proxy.uri).toBe(`mongodb://${proxy.address}/shop?authSource=admin`);
    expect(await (await connect()).run({ ping: 1 })).toEqual({ ok: 1 });
    expect(new Set(stub.serverNames)).toEqual(new Set(['db-0.example.test']));
  });

  it('must have a certificate that is trusted, unless the URI says otherwise', async () => {
    const stub = await tlsServer();
    await expect(proxyBefore(`${stub.uri}?tls=true`)).rejects.toMatchObject({ code: 'mongo/unreachable' });
    const { connect } = await proxyBefore(`${stub.uri}?tls=true&tlsInsecure=true`);
    expect(await (await connect()).run({ ping: 1 })).toEqual({ ok: 1 });
  });
});

describe('TLS on the side of the bot', () => {
  it('has a certificate that drivers accept, and goes together with faults', async () => {
    const stub = await stubServer();
    const { proxy, events } = await proxyBefore(stub.uri, {
      tls: true,
      faults: [{ on: 'mongo', effect: 'lose-acknowledgement', times: 1 }],
    });
    const client = new MongoClient(proxy.uri, { minHeartbeatFrequencyMS: 10 });
    onTestFinished(() => client.close());
    await expect(client.db('a').command({ ping: 1 })).rejects.toMatchObject({ name: 'MongoNetworkError' });
    expect(await client.db('a').command({ ping: 1 })).toEqual({ ok: 1 });
    expect(events.of('command.ended').map(({ appliedUpstream }) => appliedUpstream)).toEqual([true, true]);
    await client.close();
    const caFile = new URL(proxy.uri).searchParams.get('tlsCAFile') ?? '';
    expect(existsSync(caFile)).toBe(true);
    await proxy.close();
    expect(existsSync(caFile)).toBe(false);
  });

  it.skipIf(!hasOpenssl)('has a certificate that OpenSSL finds right', () => {
    const { cert } = makeCertificate(new Date());
    const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: cert, encoding: 'utf8' });
    expect(text).toContain('DNS:localhost, IP Address:127.0.0.1');
    expect(text).toContain('CA:TRUE');
    const { path, remove } = writeCaFile(cert);
    onTestFinished(remove);
    expect(execFileSync('openssl', ['verify', '-CAfile', path, path], { encoding: 'utf8' })).toContain(
      ': OK',
    );
  });
});
