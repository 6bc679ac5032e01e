import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

  it('must have a certificate that is trusted, unless the URI says otherwise', async () => {
    const stub = await tlsServer();
    await expect(proxyBefore(`${stub.uri}?tls=true`)).rejects.toMatchObject({ code: 'mongo/unreachable' });
    const { connect } = await proxyBefore(`${stub.uri}?tls=true&tlsInsecure=true`);
    expect(await (await connect()).run({ ping: 1 })).toEqual({ ok: 1 });
  });
});
