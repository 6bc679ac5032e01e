import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseUpstream } from '../../../src/mongo/proxy/upstream.js';
import { proxyBefore, stubServer } from './rig.js';

const PROXY = '127.0.0.1:4711';

describe('parseUpstream', () => {
  it('keeps database, credentials and options for the bot, and drops TLS', () => {
    const { address, proxiedUri } = parseUpstream(
      'mongodb://bot:s%40cret@db.example:27018/shop?authSource=admin&tls=true&tlsInsecure=true&replicaSet=rs0',
    );
    expect(address).toBe('db.example:27018');
    expect(proxiedUri(PROXY)).toBe(`mongodb://bot:s%40cret@${PROXY}/shop?authSource=admin&replicaSet=rs0`);
  });

  it('knows the default port and addresses of IP version 6', () => {
    expect(parseUpstream('mongodb://db.example').address).toBe('db.example:27017');
    expect(parseUpstream('mongodb://[::1]:5').address).toBe('::1:5');
    expect(parseUpstream('mongodb://%2Ftmp%2Fmongodb-27017.sock').address).toBe('/tmp/mongodb-27017.sock');
  });

  it.each([
    ['mongodb+srv://bot:secret@cluster.example/', 'The fault proxy cannot use mongodb+srv:// URIs yet'],
    ['mongodb://a,b:2/', 'The MongoDB URI names 2 servers; the fault proxy can stand before one only'],
    ['http://bot:secret@a/', 'The MongoDB URI cannot be used: Invalid scheme, expected connection string'],
  ])('refuses %s', (uri, message) => {
    expect(() => parseUpstream(uri)).toThrow(
      expect.objectContaining({ code: 'usage/bad-argument', message: expect.stringContaining(message) }),
    );
    expect(() => parseUpstream(uri)).not.toThrow(/secret/);
  });

  it('names the certificate that it cannot read', () => {
    const uri = 'mongodb://a/?tlsCAFile=/nowhere/ca.pem';
    expect(() => parseUpstream(uri)).toThrow(expect.objectContaining({ code: 'file/unreadable' }));
  });
});

describe('the start of the proxy', () => {
  it('refuses a replica set of several members, unless it is meant to use this one alone', async () => {
    const stub = await stubServer({ hello: { setName: 'rs0', hosts: ['a:1', 'b:1'], arbiters: ['c:1'] } });
    await expect(proxyBefore(stub.uri)).rejects.toMatchObject({
      code: 'usage/bad-argument',
      message:
        `MongoDB at ${stub.address} belongs to a replica set of 3 members (a:1, b:1, c:1); ` +
        'the fault proxy can stand before one server only',
    });
    const { proxy } = await proxyBefore(`${stub.uri}?directConnection=true`);
    expect(proxy.uri).toBe(`mongodb://${proxy.address}/?directConnection=true`);
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
