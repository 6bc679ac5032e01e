import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { botId } from '../../src/base/ids.js';
import { FreshIds } from '../../src/replay/fresh-ids.js';
import { Identity } from '../../src/replay/identity.js';
import { nameOf } from '../../src/replay/names.js';
import { remapped } from '../../src/replay/payload.js';

const identityOf = (
  number: number,
  ids: FreshIds,
  recordedUser = 777,
  recordedChat = recordedUser,
): Identity => new Identity({ number, ids, recordedUser, recordedChat, recordedBot: 9, bot: botId(42) });

describe('Identity', () => {
  it('never gives one fresh id to two recorded ones, nor to two virtual users', () => {
    const recorded = fc.oneof(
      fc.integer({ min: 10, max: 2 ** 40 }),
      fc.integer({ min: -(10 ** 11), max: -1 }),
      fc.integer({ min: 1, max: 10 ** 10 }).map((id) => -(10 ** 12) - id),
    );
    fc.assert(
      fc.property(
        fc.string(),
        fc.uniqueArray(recorded, { maxLength: 200 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 1, maxLength: 4 }),
        (seed, chats, users) => {
          const ids = new FreshIds(seed);
          const identities = users.map((number) => identityOf(number, ids));
          const all = identities.flatMap((identity) => chats.map((id) => identity.chat(id)));
          expect(new Set(all).size).toBe(all.length);
          expect(identities.flatMap((identity) => chats.map((id) => identity.chat(id)))).toEqual(all);
          const kind = (id: number) => (id > 0 ? 'private' : id > -(10 ** 12) ? 'group' : 'supergroup');
          expect(all.map(kind)).toEqual(users.flatMap(() => chats.map(kind)));
        },
      ),
    );
  });

  it('stays injective when there are more ids around a user than its block has', () => {
    const ids = new FreshIds('seed');
    const neighbours = [identityOf(1, ids), identityOf(2, ids)];
    const all = neighbours.flatMap((one) => Array.from({ length: 3_000 }, (_, i) => one.person(10_000 + i)));
    expect(new Set(all).size).toBe(6_000);
  });

  it('replaces whole words only, never a command, and moves entities along', () => {
    const identity = identityOf(3, new FreshIds('seed'));
    const payload = remapped(
      'message',
      {
        message_id: 5,
        date: 1,
        from: { id: 777, is_bot: false, first_name: 'Al', username: 'al_k' },
        chat: { id: -1_000_000_000_005, type: 'supergroup', title: 'Team' },
        text: 'Al and Alice: /Al 777 @al_k',
        entities: [{ type: 'mention', offset: 22, length: 5 }],
        contact: { phone_number: '+491701234567', first_name: 'Al', user_id: 777 },
        reply_to_message: { message_id: 1, chat: { id: 1, type: 'private' } },
        via_bot: { id: 9, is_bot: true, first_name: 'Bot' },
      },
      identity,
    );
    const text = payload.text as string;
    expect(text).toBe(`Bebo and Alice: /Al ${identity.userId} @bebo_u3`);
    const [{ offset, length }] = payload.entities as [{ offset: number; length: number }];
    expect(text.slice(offset, offset + length)).toBe('@bebo_u3');
    expect(payload.contact).toMatchObject({ first_name: 'Bebo', user_id: identity.userId });
    expect(JSON.stringify(payload.contact)).not.toContain('491701234567');
    expect(payload.chat).toMatchObject({ title: 'Team u3', type: 'supergroup' });
    expect(Object.keys(payload)).not.toEqual(expect.arrayContaining(['reply_to_message']));
    expect(payload).not.toHaveProperty('message_id');
  });

  it('knows the bot of the recording as the bot of this run', () => {
    expect(identityOf(1, new FreshIds('seed')).person(9)).toBe(42);
  });
});

describe('names of virtual users', () => {
  it('are letters only, because bots refuse names with digits, and never the same', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => nameOf(index + 1));
    expect(names.every((name) => /^[A-Z][a-z]{3,}$/.test(name))).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  });
});
