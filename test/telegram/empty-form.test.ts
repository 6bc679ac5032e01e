import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { ApiHarness } from './api-harness.js';

// go-telegram/bot 1.19 sends every call as a chunked form, and this one when a method has no parameters.
test('an empty chunked form is a call without parameters', async () => {
  const api = await ApiHarness.start();
  try {
    const { host, port, pathname } = new URL(api.url('getMe'));
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(
          `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n` +
            'Content-Type: multipart/form-data; boundary=abc\r\n\r\n0\r\n\r\n',
        ),
      );
      let all = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        all += chunk;
      });
      socket.on('end', () => resolve(all));
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(text).toContain(`"id":${api.bot.id}`);
  } finally {
    await api.server.close();
  }
});
