import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT, Workplace } from './cli.js';

/** Strangers, other consumers and odd updates from the command line, against a small bot that is as it should be or is not. */
const BOTS = join(ROOT, 'test/bots/reception');

const scenario = (fault: string): string => `scenario: one-fault
play:
  recording: ${join(BOTS, 'reception.jsonl')}
  users: 1
  think: 20ms
  patience: 1500ms
  settle: 300ms
faults:
  - { name: it, ${fault} }
`;

describe('faults of updates', { timeout: 90_000 }, () => {
  const place = new Workplace();
  afterAll(() => place.remove());

  const run = (fault: string, bot: string) => {
    place.write('it.yaml', scenario(fault));
    return place.sendtwice('run', 'it.yaml', '--bot', bot);
  };
  const polling = join(BOTS, 'polling.yaml');
  const webhook = join(BOTS, 'webhook.yaml');

  it('forged: says why nobody can post to a bot that polls', async () => {
    const { code, stdout } = await run('on: update, effect: forged', polling);
    expect(code, stdout).toBe(3);
    expect(stdout).toContain(
      'The fault it (on: update) never hit: a stranger has nowhere to post to: the bot polls, and no webhook is set.',
    );
  });

  it('forged: says why nobody can post to an address that holds the token', async () => {
    const secretive = place.write(
      'secretive.yaml',
      `bot: secretive
command: node ${join(BOTS, 'reception.mjs')}
webhook: { path: /hooks/8f14e45fceea167a5a36dedd4bea2543 }
env:
  BOT_TOKEN: \${telegram.token}
  TELEGRAM_API_ROOT: \${telegram.apiRoot}
  WEBHOOK_URL: \${webhook.url}
  WEBHOOK_SECRET: \${webhook.secret}
  PORT: \${webhook.port}
`,
    );
    const { code, stdout } = await run('on: update, effect: forged', secretive);
    expect(code, stdout).toBe(3);
    expect(stdout).toContain('never hit: a stranger cannot know the address of the webhook');
  });

  it('forged: passes a bot that compares the secret', async () => {
    const { code, stdout } = await run('on: update, effect: forged, secret: wrong', webhook);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('(hit 3×)');
  });

  it('other-poller: takes the webhook away, and the updates', async () => {
    const { code, stdout } = await run(
      'on: telegram, match: { step: 2 }, effect: other-poller, lasts: 4s',
      webhook,
    );
    expect(code, stdout).toBe(1);
    expect(stdout).toContain('two-consumers');
    const events = await place.history();
    const taken = events.filter((event) => event.type === 'delivery.started' && event.consumer === 'other');
    expect(taken.length).toBeGreaterThan(0);
  });

  it('a timeline cannot be played anew', async () => {
    place.write('it.yaml', scenario('on: update, effect: start-over').replace('users: 1', 'pace: timeline'));
    const { code, stderr } = await place.sendtwice('run', 'it.yaml', '--bot', webhook);
    expect(code).toBe(2);
    expect(stderr).toContain('needs `pace: conversation`');
  });
});
