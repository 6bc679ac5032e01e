import { describe, expect, it } from 'vitest';
import type { Content, Wanted } from '../../src/history/content.js';
import { matchContent } from '../../src/history/match.js';

const shown: Content = {
  kind: 'text',
  text: 'Good  mor\u200bning, Ann! Order №17?',
  keyboard: { type: 'inline', rows: [[{ text: 'Yes', data: 'y' }], [{ text: 'No', data: 'n' }]] },
};

const match = (wanted: Wanted): string => matchContent({ kind: 'other', wanted }, shown);

describe('what a step wants in place of exactly one text', () => {
  it('compares words as the eye does', () => {
    expect(match({ contains: ['good morning', 'ORDER'] })).toBe('same');
    expect(match({ contains: ['good morning', 'bye'] })).toBe('no');
  });

  it('takes a regular expression, the same each time it is asked', () => {
    const matches = { source: '^good .*\\d+\\?$', flags: 'gi' };
    expect([match({ matches }), match({ matches }), match({ matches })]).toEqual(['same', 'same', 'same']);
    expect(match({ matches: { source: '^good', flags: '' } })).toBe('no');
  });

  it('wants buttons by their labels, in any place', () => {
    expect(match({ buttons: ['no', 'yes'] })).toBe('same');
    expect(match({ buttons: ['Yes', 'Perhaps'] })).toBe('no');
    expect(matchContent({ kind: 'text', wanted: { buttons: ['Yes'] } }, { kind: 'text', text: 'Yes' })).toBe(
      'no',
    );
  });

  it('wants a kind, or none in particular', () => {
    expect(match({})).toBe('same');
    expect(match({ kinds: ['photo', 'text'] })).toBe('same');
    expect(match({ kinds: ['photo'] })).toBe('no');
  });

  it('takes one of several looks', () => {
    const hello: Content = { kind: 'text', text: 'Hello' };
    expect(match({ anyOf: [hello, shown] })).toBe('same');
    expect(match({ anyOf: [hello] })).toBe('no');
    expect(match({ anyOf: [{ ...shown, text: 'Good morning, Ann! Your order №18?' }] })).toBe('similar');
    expect(match({ anyOf: [] })).toBe('no');
  });
});
