import { describe, expect, it } from 'vitest';
import {
  type Decision,
  decide,
  everyTap,
  fromAnywhere,
  type Input,
  NEW_SESSION,
  notInAnOrder,
  onlyOpenQuestion,
  type Reply,
  type Rules,
  type Session,
} from '../../src/demo/dialogue.js';

const RULES: Rules = { mayTap: onlyOpenQuestion, mayStart: fromAnywhere };

let lastMessageId = 0;

const text = (typed: string, early = false): Input => {
  lastMessageId += 1;
  return { kind: 'text', text: typed, messageId: lastMessageId, early };
};
const tap = (data: string): Input => {
  lastMessageId += 1;
  return { kind: 'tap', data, messageId: lastMessageId };
};

/** Plays inputs one after the other; returns the last decision. */
function play(inputs: readonly Input[], start: Session = NEW_SESSION): Decision {
  let decision: Decision = { session: start, replies: [] };
  for (const input of inputs) decision = decide(decision.session, input, RULES);
  return decision;
}

const shown = (replies: readonly Reply[]): string[] => replies.map((reply) => `${reply.kind}: ${reply.text}`);

const UP_TO_PHONE = [
  text('/start'),
  tap('menu:order'),
  tap('product:mug'),
  tap('size:large'),
  text('2'),
  text('Mira Sol'),
  text('1 Lime Lane'),
  text('Springfield'),
];
const UP_TO_CONFIRM = [...UP_TO_PHONE, text('+10005550123'), tap('delivery:courier'), tap('comment:none')];

describe('the order dialogue', () => {
  it('asks one thing after the other and shows what was chosen', () => {
    let session = NEW_SESSION;
    const conversation = UP_TO_CONFIRM.flatMap((input) => {
      const decision = decide(session, input, RULES);
      session = decision.session;
      return shown(decision.replies);
    });
    expect(conversation).toMatchInlineSnapshot(`
      [
        "send: Welcome to the corner shop!",
        "send: What would you like?",
        "edit: Product: Mug ✓",
        "send: Which size?",
        "edit: Size: Large ✓",
        "send: How many? Tap, or type a number from 1 to 20.",
        "send: What is your name?",
        "send: Which street and house number do we send it to?",
        "send: Which city?",
        "send: A phone number for the courier, please.",
        "send: How shall it travel?",
        "edit: Delivery: Courier ✓",
        "send: Anything we should know? Type it, or skip.",
        "edit: Comment: Skip ✓",
        "send: Your order
      Product: mug
      Size: large
      Quantity: 2
      Name: Mira Sol
      Street: 1 Lime Lane
      City: Springfield
      Phone: +10005550123
      Delivery: courier
      Comment: none

      Is that right?",
      ]
    `);
  });

  it('places the order once it is confirmed', () => {
    const { session, replies, placed } = play([...UP_TO_CONFIRM, tap('confirm:yes')]);
    expect(shown(replies)[1]).toBe('send: Order #{number} placed. Thank you, Mira Sol!');
    expect(placed).toMatchObject({ product: 'mug', phone: '+10005550123', comment: 'none' });
    expect(session.step).toBe('placed');
  });

  it('goes back, cancels and begins anew with an empty order', () => {
    expect(shown(play([...UP_TO_PHONE.slice(0, 3), tap('size:back')]).replies)).toEqual([
      'edit: Back to the products',
      'send: What would you like?',
    ]);
    const cancelled = play([...UP_TO_CONFIRM, tap('confirm:no')]);
    expect(shown(cancelled.replies)).toEqual([
      'edit: Cancelled, nothing was ordered.',
      'send: Welcome to the corner shop!',
    ]);
    const again = play([tap('menu:order')], cancelled.session);
    expect(again.session).toMatchObject({ step: 'product', draft: {}, round: 2 });
  });

  it.each([
    ['a phone number', [...UP_TO_PHONE, text('call me')], 'A phone number has 8 to 15 digits'],
    ['a quantity', [...UP_TO_PHONE.slice(0, 4), text('21')], 'That is no number from 1 to 20'],
    ['a button', [...UP_TO_PHONE.slice(0, 2), text('a mug')], 'Please choose with the buttons'],
    ['a text', [...UP_TO_PHONE.slice(0, 5), { kind: 'other' }], 'A name has 2 to 60 letters'],
    ['/start', [text('hello')], 'Send /start to begin'],
  ] as const)('asks again when %s is expected', (_, inputs, hint) => {
    const before = play(inputs.slice(0, -1));
    const { session, replies } = play(inputs);
    expect(session.step).toBe(before.session.step);
    expect(replies).toHaveLength(1);
    expect(replies[0]?.text).toContain(hint);
  });

  it('ignores a second tap, and buttons of an earlier round', () => {
    const { session } = play(UP_TO_PHONE.slice(0, 3));
    expect(decide(session, tap('product:mug'), RULES)).toEqual({ session, replies: [] });
    const old: Input = { kind: 'tap', data: 'size:small', messageId: session.since - 1 };
    expect(decide(session, old, RULES)).toEqual({ session, replies: [] });
    expect(decide(session, tap('size:enormous'), RULES)).toEqual({ session, replies: [] });
    expect(decide(session, tap('nonsense'), RULES)).toEqual({ session, replies: [] });
  });

  it('takes an impatient second send for what it is, and a fast typist at his word', () => {
    const { session } = play(UP_TO_PHONE.slice(0, 6));
    expect(session.step).toBe('street');
    expect(decide(session, text('Mira Sol', true), RULES)).toEqual({ session, replies: [] });
    expect(decide(session, text('1 Lime Lane', true), RULES).session.step).toBe('city');
  });

  it('begins anew with /start from anywhere, unless there is no way out', () => {
    const { session } = play(UP_TO_PHONE.slice(0, 6));
    expect(decide(session, text('/start'), RULES).session.step).toBe('menu');
    const stuck = decide(session, text('/start'), { ...RULES, mayStart: notInAnOrder });
    expect(stuck.session.step).not.toBe('menu');
    const { session: menu } = play(UP_TO_PHONE.slice(0, 1));
    expect(decide(menu, text('/start'), { ...RULES, mayStart: notInAnOrder }).session.step).toBe('menu');
  });

  it('asks twice for two taps when nobody guards them', () => {
    const { session } = play(UP_TO_PHONE.slice(0, 3));
    expect(shown(decide(session, tap('product:mug'), { ...RULES, mayTap: everyTap }).replies)).toEqual([
      'edit: Product: Mug ✓',
      'send: Which size?',
    ]);
  });
});
