import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addressOf, checkUpstream, type Resolver, readUpstream } from '../../../src/mongo/proxy/upstream.js';
import { proxyBefore, stubServer } from './rig.js';

const PROXY = '127.0.0.1:4711';

const dns = (servers: { name: string; port: number }[], ...texts: string[]): Resolver => ({
  resolveSrv: async (name) => {
    if (name !== '_mongodb._tcp.cluster.example.test') throw new Error('ENOTFOUND');
    return servers;
  },
  resolveTxt: async () => [texts],
});

describe('readUpstream', () => {
  it('keeps database, credentials and options for the bot, and drops TLS', async () => {
    const { seeds, proxiedUri } = await readUpstream(
      'mongodb://bot:s%40cret@db.example:27018/shop?authSource=admin&tls=true&tlsInsecure=true&replicaSet=rs0',
    );
    expect(seeds.map(addressOf)).toEqual(['db.example:27018']);
    expect(proxiedUri([PROXY])).toBe(`mongodb://bot:s%40cret@${PROXY}/shop?authSource=admin&replicaSet=rs0`);
    expect(new URL(proxiedUri([PROXY], '/tmp/ca.pem')).search).toBe(
      '?authSource=admin&replicaSet=rs0&tls=true&tlsCAFile=%2Ftmp%2Fca.pem',
    );
  });

  it('knows the default port, several servers and addresses of IP version 6', async () => {
    const seeds = async (uri: string) => (await readUpstream(uri)).seeds.map(addressOf);
    expect(await seeds('mongodb://db.example')).toEqual(['db.example:27017']);
    expect(await seeds('mongodb://[::1]:5,b:6')).toEqual(['::1:5', 'b:6']);
    expect(await seeds('mongodb://%2Ftmp%2Fmongodb-27017.sock')).toEqual(['/tmp/mongodb-27017.sock']);
  });

  it('refuses another kind of URI, and shows no password', async () => {
    const refused = readUpstream('http://bot:secret@a/');
    await expect(refused).rejects.toMatchObject({
      code: 'usage/bad-argument',
      message: expect.stringContaining('Invalid scheme, expected connection string'),
    });
    await expect(refused).rejects.not.toThrow(/secret/);
  });

  it('asks the DNS for the servers of mongodb+srv://', async () => {
    const servers = [
      { name: 'a.example.test', port: 27017 },
      { name: 'b.example.test.', port: 27018 },
    ];
    const uri = 'mongodb+srv://bot:p%40ss@cluster.example.test/shop?retryWrites=true';
    const { seeds, proxiedUri } = await readUpstream(
      uri,
      dns(servers, 'authSource=admin', '&replicaSet=rs0'),
    );
    expect(seeds.map(addressOf)).toEqual(['a.example.test:27017', 'b.example.test:27018']);
    expect(proxiedUri([PROXY, '127.0.0.1:4712'])).toBe(
      `mongodb://bot:p%40ss@${PROXY},127.0.0.1:4712/shop?retryWrites=true&authSource=admin&replicaSet=rs0`,
    );
  });

  it.each([
    ['a server of another domain', dns([{ name: 'a.evil.test', port: 1 }]), 'outside of its domain'],
    ['no server', dns([]), 'names no server'],
    [
      'a TXT record with other options',
      dns([{ name: 'a.example.test', port: 1 }], 'tls=false'),
      'option tls',
    ],
  ])('refuses %s', async (_, resolver, message) => {
    const uri = 'mongodb+srv://bot:secret@cluster.example.test/';
    const refused = readUpstream(uri, resolver);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow(/secret/);
  });

  it('says when the DNS does not know the cluster', async () => {
    await expect(readUpstream('mongodb+srv://other.example.test/', dns([]))).rejects.toMatchObject({
      code: 'mongo/unreachable',
      message: 'The DNS does not know the cluster other.example.test: ENOTFOUND',
    });
  });

  it('names the certificate that it cannot read', async () => {
    const uri = 'mongodb://a/?tlsCAFile=/nowhere/ca.pem';
    await expect(readUpstream(uri)).rejects.toMatchObject({ code: 'file/unreadable' });
    expect(() => checkUpstream(uri)).toThrow('Cannot read /nowhere/ca.pem');
  });
});

describe('the start of the proxy', () => {
  it('stands before one member alone when it is meant to', async () => {
    const stub = await stubServer({ hello: { setName: 'rs0', hosts: ['a:1', 'b:1'], arbiters: ['c:1'] } });
    const { proxy } = await proxyBefore(`${stub.uri}?directConnection=true`);
    expect(proxy.uri).toBe(`mongodb://${proxy.address}/?directConnection=true`);
    expect(proxy.addresses).toHaveLength(1);
  });

  it('refuses members on other machines, unless they are allowed', async () => {
    const stub = await stubServer({ hello: { setName: 'rs0', hosts: ['127.0.0.1:1', 'db.example:2'] } });
    await expect(proxyBefore(stub.uri, { refuseRemote: true })).rejects.toMatchObject({
      code: 'target/not-loopback',
      message: 'The replica set has the member db.example:2, which is not on this machine',
    });
    expect((await proxyBefore(stub.uri)).proxy.addresses).toHaveLength(2);
  });

  it('says when there is something else in the place of MongoDB', async () => {
    const server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await expect(proxyBefore(`mongodb://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'mongo/unreachable',
      message: `MongoDB at 127.0.0.1:${port} cannot be reached: it does not speak the MongoDB protocol`,
    });
  });

  it('says when its port is taken', async () => {
    const stub = await stubServer();
    const { proxy } = await proxyBefore(stub.uri);
    const port = Number(proxy.address.split(':')[1]);
    await expect(proxyBefore(stub.uri, { port })).rejects.toMatchObject({
      code: 'listen/port-in-use',
      message: expect.stringContaining(`cannot listen on 127.0.0.1:${port}`),
    });
  });
});
