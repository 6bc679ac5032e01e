import { describe, expect, it } from 'vitest';
import { learnedReplies } from '../../src/baseline/learn.js';
import type { Content } from '../../src/history/content.js';
import { matchContent } from '../../src/history/match.js';
import type { RecordedReply } from '../../src/recording/replies.js';

const text = (line: string, ...buttons: string[]): Content => ({
  kind: 'text',
  text: line,
  ...(buttons.length > 0 && {
    keyboard: { type: 'inline', rows: [buttons.map((label) => ({ text: label, data: label }))] },
  }),
});

const recorded = (...contents: Content[]): RecordedReply[] =>
  contents.map((content, index) => ({ how: 'sent', content, messageId: index + 1 }));

const contentsOf = (replies: readonly RecordedReply[] | undefined): Content[] | undefined =>
  replies?.map(({ content }) => content);

describe('what is learned from a play without faults', () => {
  it('is nothing where the bot shows what was recorded, numbers aside and in any order', () => {
    const replies = recorded(text('Order 17 is stored'), text('Anything else?', 'Yes'));
    const sample = [text('Anything else?', 'Yes'), text('Order 18 is stored')];
    expect(learnedReplies(replies, [sample, sample, sample])).toBeUndefined();
  });

  it('is nothing when too few were asked, or one of them got nothing', () => {
    const replies = recorded(text('Hello'));
    const other = [text('Good day to you')];
    expect(learnedReplies(replies, [other, other])).toBeUndefined();
    expect(learnedReplies(replies, [other, other, []])).toBeUndefined();
    expect(learnedReplies(replies, [other, other, other])).toBeDefined();
  });

  it('is what all users are shown now, when the recording is old; its message is the recorded one', () => {
    const sample = [text('Welcome to the new shop!', 'Order')];
    const learned = learnedReplies(recorded(text('Hello')), [sample, sample, sample]);
    expect(learned).toEqual([{ how: 'sent', content: sample[0], messageId: 1 }]);
  });

  it('is one reply more when the bot says one thing more', () => {
    const sample = [text('Hello'), text('By the way: we have moved')];
    expect(contentsOf(learnedReplies(recorded(text('Hello')), [sample, sample, sample]))).toEqual(sample);
  });

  it('is what greetings drawn at random have in common', () => {
    const greetings = ['Hello, Ann! What can I do?', 'Good day, Ann! What may I do?', 'Hi Ann! What now?'];
    const samples = greetings.map((line) => [text(line, 'Order', 'Help')]);
    const [wanted] = contentsOf(learnedReplies(recorded(text('Hey!', 'Order', 'Help')), samples)) ?? [];
    expect(wanted).toEqual({
      kind: 'text',
      wanted: { learned: true, kinds: ['text'], contains: ['Ann', 'What'], buttons: ['Order', 'Help'] },
    });
    const match = (content: Content): string => matchContent(wanted as Content, content);
    expect(match(text('So, Ann, what else?', 'Order', 'Help'))).toBe('same');
    expect(match(text('So, Ann, what else?', 'Help'))).toBe('no');
    expect(match(text('Sorry, something went wrong', 'Order', 'Help'))).toBe('no');
  });

  it('leaves out what only some users are shown', () => {
    const tip = text('Tip: you can send a photo');
    const samples = [[text('Saved')], [text('Saved'), tip], [text('Saved')]];
    expect(contentsOf(learnedReplies(recorded(text('Saved'), tip), samples))).toEqual([text('Saved')]);
  });
});
