import { describe, expect, it } from 'vitest';
import { type Content, contentKey, visibleText } from '../../src/history/content.js';
import { matchContent } from '../../src/history/match.js';
import { contentOfMessage } from '../../src/history/message-content.js';

const text = (value: string, buttons: string[] = []): Content => ({
  kind: 'text',
  text: value,
  ...(buttons.length === 0
    ? {}
    : { keyboard: { type: 'inline', rows: [buttons.map((label) => ({ text: label, data: label }))] } }),
});

describe('contentKey', () => {
  it('ignores what nobody sees', () => {
    expect(contentKey(text('Your  order\u200b\u2060 is\nplaced'))).toBe(
      contentKey(text('Your order is placed ')),
    );
    expect(visibleText('e\u0301')).toBe('\u00e9');
  });

  it('tells apart what looks different', () => {
    expect(contentKey(text('Order 1'))).not.toBe(contentKey(text('Order 2')));
    expect(contentKey(text('Sure?', ['yes']))).not.toBe(contentKey(text('Sure?', ['no'])));
    expect(contentKey(text('Sure?', ['yes']))).not.toBe(contentKey(text('Sure?')));
  });
});

describe('matchContent', () => {
  it('sees the same message behind other numbers and ids', () => {
    expect(matchContent(text('Order #4711: 2 × 12.50 at 10:42'), text('Order #12: 3 × 8.75 at 9:05'))).toBe(
      'same',
    );
    expect(matchContent(text('Id 507f1f77bcf86cd799439011'), text('Id 65a000000000000000abcdef'))).toBe(
      'same',
    );
  });

  it('sees the same message behind numbers in the digits of its language', () => {
    expect(matchContent(text('الطلب ١٧ جاهز'), text('الطلب ٤٢ جاهز'))).toBe('same');
    expect(matchContent(text('आदेश १२'), text('आदेश 7'))).toBe('same');
  });

  it('sees the same sign, drawn in colour or not', () => {
    expect(matchContent(text('Thanks ❤'), text('Thanks ❤\ufe0f'))).toBe('same');
    expect(matchContent(text('Thanks ❤'), text('Thanks ♠'))).toBe('no');
  });

  it('sees the same message behind what a recording does not keep', () => {
    const said = text('Call +44 (20) 7946 0958 or write to help@shop.co.uk');
    expect(matchContent(text('Call +999000000001 or write to address1@example.org'), said)).toBe('same');
    expect(matchContent(text('Call us'), text('Write to help@shop.co.uk'))).toBe('no');
  });

  it('sees a reworded message with the same buttons as similar', () => {
    const wanted = text('Great, Mira! Which size of box would you like to have today?', ['S', 'M']);
    expect(
      matchContent(wanted, text('Great, Ada! Which size of box would you like to have today?', ['S', 'M'])),
    ).toBe('similar');
  });

  it('does not take one question for another', () => {
    expect(matchContent(text('Which street?'), text('Which city?'))).toBe('no');
    expect(matchContent(text('Choose a size', ['S', 'M']), text('Choose a size', ['S', 'M', 'L']))).toBe(
      'similar',
    );
    expect(matchContent(text('Which size?', ['S', 'M']), text('How many?', ['1', '2']))).toBe('no');
    expect(matchContent(text('A picture'), { kind: 'photo', text: 'A picture' })).toBe('no');
  });
});

describe('contentOfMessage', () => {
  it('takes caption, keyboard and the media itself, without ids that change', () => {
    const photo = (fileId: string, unique: string) => ({
      caption: 'Your label',
      photo: [{ file_id: fileId, file_unique_id: unique, width: 90, height: 90 }],
      reply_markup: {
        inline_keyboard: [
          [{ text: 'Pay', callback_data: 'pay' }],
          [{ text: 'Site', url: 'https://example.org' }],
        ],
      },
    });
    const content = contentOfMessage(photo('A', 'same'));
    expect(content).toMatchObject({
      kind: 'photo',
      text: 'Your label',
      keyboard: {
        type: 'inline',
        rows: [[{ text: 'Pay', data: 'pay' }], [{ text: 'Site', url: 'https://example.org' }]],
      },
    });
    expect(contentOfMessage(photo('B', 'same')).media).toBe(content.media);
    expect(contentOfMessage(photo('A', 'other')).media).not.toBe(content.media);
  });

  it('shows a reply keyboard that only the request holds', () => {
    expect(contentOfMessage({ text: 'How many?' }, { keyboard: [['1', { text: '2' }]] }).keyboard).toEqual({
      type: 'reply',
      rows: [[{ text: '1' }, { text: '2' }]],
    });
  });

  it('takes an empty inline keyboard for none', () => {
    expect(contentOfMessage({ text: 'Done', reply_markup: { inline_keyboard: [] } })).toEqual({
      kind: 'text',
      text: 'Done',
    });
  });
});
