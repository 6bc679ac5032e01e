import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.js';
import type { RecordedEvent, RecordedUpdate } from '../../src/recording/format.js';
import { Recorder, type RecorderOptions } from '../../src/recording/recorder.js';

const TOKEN = `123456:${'A'.repeat(35)}`;

async function recorded(
  options: RecorderOptions,
  tell: (recorder: Recorder, clock: ManualClock) => Promise<void>,
): Promise<RecordedEvent[]> {
  const clock = new ManualClock();
  await clock.advance(500);
  const events: RecordedEvent[] = [];
  const sink = { append: async (event: RecordedEvent) => void events.push(event) };
  await tell(new Recorder(sink, clock, options), clock);
  return events;
}

const mira = { id: 7, is_bot: false, first_name: 'Mira', last_name: 'van Dam', username: 'mira_vd' };

describe('Recorder', () => {
  it('stamps from its own beginning and keeps tokens and secrets out', async () => {
    const events = await recorded({}, async (recorder, clock) => {
      await recorder.update({ update_id: 1, message: { from: mira, text: `my token is ${TOKEN}` } });
      await clock.advance(41);
      await recorder.call({
        method: 'setWebhook',
        params: { url: `https://example.org/${TOKEN}`, secret_token: 'very secret' },
        result: true,
      });
      await recorder.delivery({ update_id: 1, attempt: 1, status: 200, ms: 40 });
    });
    expect(events).toEqual([
      {
        at: 0,
        type: 'update',
        update: { update_id: 1, message: { from: mira, text: 'my token is <token>' } },
      },
      {
        at: 41,
        type: 'call',
        method: 'setWebhook',
        params: { url: 'https://example.org/<token>', secret_token: '<token>' },
        result: true,
      },
      { at: 41, type: 'delivery', update_id: 1, attempt: 1, status: 200, ms: 40 },
    ]);
  });

  it('replaces names and numbers by the same placeholders everywhere', async () => {
    const events = await recorded({ redact: 'names' }, async (recorder) => {
      await recorder.update({
        update_id: 1,
        message: {
          from: mira,
          text: 'I am Mira, call +44 20 7946 0958 /start',
          entities: [{ type: 'bot_command', offset: 33, length: 6 }],
          contact: { phone_number: '442079460958', first_name: 'Mira', vcard: 'BEGIN:VCARD' },
        },
      });
      await recorder.call({
        method: 'sendMessage',
        params: {
          chat_id: 7,
          text: 'Line\nMira, @mira_vd, order 12',
          reply_markup: '{"inline_keyboard":[[{"text":"a\\nMira","callback_data":"7123456789012"}]]}',
        },
        result: { from: { id: 9, is_bot: true, first_name: 'Mira' } },
      });
    });
    expect(events).toMatchObject([
      {
        update: {
          message: {
            from: { id: 7, first_name: 'Name1', last_name: 'Name2 Name3', username: 'user_name4' },
            text: 'I am Name1, call +999000000001 /start',
            contact: { phone_number: '999000000001', first_name: 'Name1', vcard: 'redacted' },
          },
        },
      },
      {
        params: {
          text: 'Line\nName1, @user_name4, order 12',
          reply_markup: '{"inline_keyboard":[[{"text":"a\\nName1","callback_data":"7123456789012"}]]}',
        },
      },
    ]);
    const text = JSON.stringify(events);
    expect(text).not.toMatch(/van|Dam|mira_vd|7946/);
    const [{ update }] = events as [RecordedUpdate];
    const message = update.message as { text: string; entities: [{ offset: number; length: number }] };
    const [{ offset, length }] = message.entities;
    expect(message.text.slice(offset, offset + length)).toBe('/start');
  });

  it('replaces contacts alone, but for those of nobody', async () => {
    let replaced = {};
    const events = await recorded({ redact: 'contacts' }, async (recorder) => {
      await recorder.update({
        update_id: 1,
        message: { from: mira, text: 'I am Mira, +1 202 555 0199, ann@example.org' },
      });
      for (const address of ['help@shop.co', 'Help@Shop.co']) {
        await recorder.call({
          method: 'sendMessage',
          params: {
            chat_id: '7000000123',
            text: `Mira, write to ${address} or call +44 (20) 7946 0958 now`,
            entities: [{ type: 'bold', offset: 54, length: 3 }],
            reply_markup: `{"inline_keyboard":[[{"text":"${address}","url":"https://u@shop.co/"}]]}`,
          },
          result: true,
        });
      }
      replaced = recorder.replaced;
    });
    const call = {
      params: {
        chat_id: '7000000123',
        text: 'Mira, write to address1@example.org or call +999000000001 now',
        reply_markup: '{"inline_keyboard":[[{"text":"address1@example.org","url":"https://u@shop.co/"}]]}',
      },
    };
    expect(events).toMatchObject([
      { update: { message: { from: mira, text: 'I am Mira, +1 202 555 0199, ann@example.org' } } },
      call,
      call,
    ]);
    expect(replaced).toEqual({ phones: 1, addresses: 1 });
  });
});
