import { expect, test } from 'vitest';
import { addressProblem, parseWebhookUrl } from '../../../src/telegram/updates/webhook-url.js';

test.each([
  ['https://Bot.Example/a?b=c', 'bot.example', 443, 'bot.example', '/a?b=c'],
  ['bot.example', 'bot.example', 443, 'bot.example', '/'],
  ['bot.example:8443/x', 'bot.example', 8443, 'bot.example:8443', '/x'],
  ['http://bot.example', 'bot.example', 80, 'bot.example', '/'],
  ['https://bot.example:443', 'bot.example', 443, 'bot.example', '/'],
  ['http://localhost:3000?x=1', 'localhost', 3000, 'localhost:3000', '/?x=1'],
  ['https://[::1]:8443/', '::1', 8443, '[::1]:8443', '/'],
  ['https://бот.рф/привет мир ', 'xn--90a0am.xn--p1ai', 443, 'xn--90a0am.xn--p1ai', '/привет%20мир'],
])('%s', (text, host, port, hostHeader, target) => {
  expect(parseWebhookUrl(text)).toMatchObject({ host, port, hostHeader, target });
});

test('user and password are kept apart', () => {
  expect(parseWebhookUrl('https://a:b@c@bot.example/')).toMatchObject({
    userInfo: 'a:b@c',
    host: 'bot.example',
  });
});

test.each([
  '',
  'https://',
  'https:///path',
  'ftp://x/',
  'https://a:99999/',
  'https://a:b/',
  'https://a^b/',
  'https://[x]/',
])('%j is none', (text) => {
  expect(parseWebhookUrl(text)).toBeUndefined();
});

test.each([
  ['10.1.2.3', true],
  ['100.64.0.1', true],
  ['100.128.0.1', false],
  ['172.15.0.1', false],
  ['172.31.255.255', true],
  ['192.0.1.1', false],
  ['203.0.113.9', true],
  ['223.255.255.255', false],
  ['224.0.0.1', true],
  ['255.255.255.255', true],
])('%s is reserved: %s', (address, reserved) => {
  expect(addressProblem(address)).toBe(reserved ? `IP address ${address} is reserved` : undefined);
});
