import { afterEach, describe, expect, it } from 'vitest';
import { botId, chatId, deliveryId, updateId } from '../../src/base/ids.js';
import type { EventBody } from '../../src/history/events.js';
import { Deployment } from '../../src/scenario/deployment.js';
import { defineBot } from '../../src/scenario/load.js';
import type { PathFacts } from '../../src/telegram/contracts.js';

const open: Deployment[] = [];
afterEach(async () => {
  for (const deployment of open.splice(0)) await deployment.close();
});

async function deployment(instances: number, route: 'first' | 'round-robin' = 'first') {
  const events: EventBody[] = [];
  const heard: string[] = [];
  const made = await Deployment.open({
    bot: defineBot({ command: 'node bot.js', instances, route }),
    seed: 's',
    emit: (event) => events.push(event),
  });
  open.push(made);
  made.tell({
    coming: (instance) => heard.push(`coming ${instance}`),
    acknowledged: ({ delivery }, instance) => heard.push(`${delivery} acknowledged by ${instance}`),
    idle: (instance) => heard.push(`idle ${instance}`),
  });
  return { made, events, heard };
}

const facts = (delivery: string, more: Partial<PathFacts> = {}): PathFacts => ({
  delivery: deliveryId(delivery),
  bot: botId(1),
  updateId: updateId(7),
  kind: 'message',
  attempt: 1,
  via: 'webhook',
  chatId: chatId(5),
  traceparent: `00-${delivery}`,
  ...more,
});

describe('a deployment', () => {
  it('of one instance has no router, and nobody needs to be told who got a delivery', async () => {
    const { made, heard } = await deployment(1);
    expect(made.webhookOrigin).toBe(`http://127.0.0.1:${made.ports[0]}`);
    expect(made.behindRouter).toEqual([]);
    expect(made.started(facts('d1'), undefined)).toBeUndefined();
    made.ended(facts('d1'), 'acknowledged');
    expect(heard).toEqual(['coming 1', 'd1 acknowledged by 1', 'idle 1']);
  });

  it('of several has one address, and sends each delivery where the policy or a fault says', async () => {
    const { made } = await deployment(3);
    expect(new Set([made.webhookOrigin, ...made.ports.map((port) => `http://127.0.0.1:${port}`)]).size).toBe(
      4,
    );
    made.watch(() => `${made.webhookOrigin}/telegram`);
    expect(made.started(facts('d1'), undefined)).toBe(1);
    expect(made.started(facts('d2'), 3)).toBe(3);
    expect(made.started(facts('d3', { via: 'polling' }), undefined)).toBeUndefined();
  });

  it('says when nothing is in flight to an instance any more', async () => {
    const { made, heard } = await deployment(2);
    made.watch(() => `${made.webhookOrigin}/telegram`);
    made.started(facts('d1'), 2);
    made.started(facts('d2'), 2);
    made.started(facts('d3'), 1);
    heard.length = 0;
    made.ended(facts('d1'), 'acknowledged');
    expect(heard).toEqual(['d1 acknowledged by 2']);
    made.ended(facts('d2'), 'unknown');
    expect(heard).toEqual(['d1 acknowledged by 2', 'idle 2']);
  });

  it('a request to an instance that is down was never delivered', async () => {
    const { made } = await deployment(2);
    made.watch(() => `${made.webhookOrigin}/telegram`);
    made.started(facts('d1'), 2);
    const answer = await fetch(made.webhookOrigin, {
      method: 'POST',
      body: '{}',
      headers: { traceparent: '00-d1' },
    });
    expect([answer.status, made.reached(deliveryId('d1')), made.reached(deliveryId('d2'))]).toEqual([
      502,
      false,
      true,
    ]);
  });

  it('knows who gets what when the bot goes past the router, and says so once', async () => {
    const { made, events } = await deployment(2);
    let url = `http://127.0.0.1:${made.ports[1]}/telegram`;
    made.watch(() => url);
    expect(made.started(facts('d1'), undefined)).toBe(2);
    url = 'http://127.0.0.1:1/telegram';
    expect(made.started(facts('d2'), undefined)).toBeUndefined();
    expect(events).toEqual([expect.objectContaining({ type: 'warning', code: 'router-passed-by' })]);
  });
});
