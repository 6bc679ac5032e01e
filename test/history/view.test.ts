import { describe, expect, it } from 'vitest';
import { actionId, botId, callId, chatId, deliveryId, updateId, userId } from '../../src/base/ids.js';
import type { EventBody } from '../../src/history/events.js';
import { chatKey, viewOf } from '../../src/history/view.js';

const bot = botId(1);
const chat = chatId(5);
const update = updateId(9);
const delivery = deliveryId('d1');
const call = callId('c1');

const number = (events: readonly (readonly [at: number, body: EventBody])[]) =>
  events.map(([at, body], index) => ({ seq: index + 1, at, ...body }));

/** One user who says one thing; the update is queued before the action is written down, as in a real run. */
const story: readonly (readonly [number, EventBody])[] = [
  [0, { type: 'user.started', user: 'ann', session: 's', bot, userId: userId(5), chatId: chat }],
  [
    1,
    {
      type: 'update.queued',
      bot,
      updateId: update,
      kind: 'message',
      queue: 'q',
      chatId: chat,
      expiresAt: 9e9,
    },
  ],
  [
    1,
    {
      type: 'action',
      action: actionId('ann.1.1'),
      user: 'ann',
      session: 's',
      step: 1,
      send: 1,
      reason: 'planned',
      kind: 'text',
      chatId: chat,
      intendedAt: 1,
      updateId: update,
      text: 'hi',
      expects: [{ kind: 'text', text: 'Hi' }],
    },
  ],
  [
    2,
    { type: 'delivery.started', delivery, bot, updateId: update, attempt: 1, via: 'webhook', chatId: chat },
  ],
  [3, { type: 'call.started', call, bot, method: 'sendMessage', via: 'http', chatId: chat }],
  [3, { type: 'fault.hit', fault: 'slow', on: 'call', effect: 'delay', phase: 'after', delayMs: 40, call }],
  [
    50,
    {
      type: 'call.ended',
      call,
      bot,
      method: 'sendMessage',
      ok: true,
      applied: true,
      answered: true,
      fidelity: 'modelled',
    },
  ],
  [60, { type: 'delivery.ended', delivery, bot, updateId: update, attempt: 1, outcome: 'acknowledged' }],
  [61, { type: 'step.ended', user: 'ann', session: 's', step: 1, outcome: 'answered', sends: 1 }],
  [70, { type: 'run.ended', outcome: 'completed' }],
];

describe('view', () => {
  it('joins what belongs together', () => {
    const view = viewOf(number(story));
    const [step] = view.steps;
    expect(step?.updates).toEqual([view.updates[0]]);
    expect(step?.expects).toEqual([{ kind: 'text', text: 'Hi' }]);
    expect(step?.ended?.outcome).toBe('answered');
    expect(view.users.get('ann')?.steps).toEqual([step]);
    expect(view.updates[0]?.step).toBe(step);
    expect(view.updates[0]?.action?.text).toBe('hi');
    expect(view.updates[0]?.deliveries[0]?.ended?.outcome).toBe('acknowledged');
    const inChat = view.chats.get(chatKey(bot, chat));
    expect(inChat?.calls[0]?.ended?.ok).toBe(true);
    expect(inChat?.updates).toEqual(view.updates);
    expect(view.hitsByTarget.get(call)).toEqual(view.hitsByFault.get('slow'));
    expect(view.endAt).toBe(70);
    expect(view.eventsBySeq([7]).get(7)).toMatchObject({ seq: 7, at: 50 });
  });

  it('does not count a delay of the answer as a delay of the effect', () => {
    expect(viewOf(number(story)).calls[0]?.effectAt).toBe(10);
  });

  it('leaves open what has no end', () => {
    const view = viewOf(number(story.slice(0, 5)));
    expect(view.calls[0]).toMatchObject({ started: { call }, ended: undefined, effectAt: 3 });
    expect(view.deliveries[0]).toMatchObject({ started: { delivery }, ended: undefined });
    expect(view.runEnded).toBeUndefined();
  });

  it('does not mind an end without a start', () => {
    const view = viewOf(number(story.slice(6)));
    expect(view.calls).toEqual([]);
    expect(view.deliveries).toEqual([]);
    expect(view.steps).toHaveLength(1);
  });

  it('keeps the chats of two bots apart', () => {
    const other = botId(2);
    const both: (readonly [number, EventBody])[] = [
      ...story,
      [
        80,
        {
          type: 'call.started',
          call: callId('c2'),
          bot: other,
          method: 'sendMessage',
          via: 'http',
          chatId: chat,
        },
      ],
    ];
    const view = viewOf(number(both));
    expect(view.chats.size).toBe(2);
    expect(view.chats.get(chatKey(other, chat))?.updates).toEqual([]);
  });

  it('is empty for an empty history', () => {
    expect(viewOf([])).toMatchObject({ endAt: 0, steps: [], updates: [], calls: [] });
  });
});
