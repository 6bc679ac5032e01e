import { describe, expect, it } from 'vitest';
import { userId } from '../../src/base/ids.js';
import type { EventOf } from '../../src/history/events.js';
import { brief, found } from './brief.js';
import { BOT, Play, text } from './history-builder.js';

const welcome = text('Welcome');

/** A user who is answered, and a stranger who posts in the name of somebody whom nobody else knows. */
function posted(sent: Partial<EventOf<'forged.sent'>> = {}): {
  play: Play;
  stranger: ReturnType<Play['user']>;
} {
  const play = new Play();
  const ann = play.user('ann');
  ann.says(0, 1, '/start', [welcome]).delivered(1, 30);
  ann.gets(10, welcome);
  const stranger = play.user('nobody');
  play.emit(1000, {
    type: 'forged.sent',
    forged: 'g1',
    bot: BOT,
    userId: userId(stranger.chatId),
    chatId: stranger.chatId,
    updateId: 1_900_000_001,
    secret: 'missing',
    secretWasSet: true,
    text: '/start',
    fault: 'stranger',
    ...sent,
  });
  return { play, stranger };
}

const answered = (play: Play, end: Partial<EventOf<'forged.answered'>>): void =>
  play.emit(1050, { type: 'forged.answered', forged: 'g1', bot: BOT, ...end });

describe('forged update', () => {
  it('is taken although a secret is set', () => {
    const { play, stranger } = posted();
    stranger.gets(1020, welcome);
    answered(play, { status: 200 });
    const [finding] = found(play.end(9000));
    expect(brief(play.cut())).toEqual(['forged-update-1: secret-not-checked, exact']);
    expect(finding?.message).toBe(
      "An update that a stranger posted without the secret token was taken for one of Telegram's, and led to sendMessage.",
    );
  });

  it('is taken where no secret is set', () => {
    const { play, stranger } = posted({ secretWasSet: false, secret: 'wrong' });
    stranger.gets(1020, welcome);
    expect(brief(play.end(9000))).toEqual(['forged-update-1: no-secret-set, exact']);
  });

  it('is taken by a bot that only answers with a call', () => {
    const { play } = posted();
    answered(play, { status: 200, method: 'sendmessage' });
    expect(brief(play.end(9000))).toEqual(['forged-update-1: secret-not-checked, exact']);
  });

  it.each([
    { status: 401 },
    { status: 403 },
    { status: 404 },
    { status: 200 },
    { error: 'Connection refused' },
  ])('innocent: it is answered with $status, and nothing happens', (end) => {
    const { play } = posted();
    answered(play, end);
    expect(brief(play.end(9000))).toEqual([]);
  });

  it('innocent: what the bot did there had happened before', () => {
    const { play, stranger } = posted();
    stranger.gets(900, welcome);
    answered(play, { status: 401 });
    expect(brief(play.end(9000))).toEqual([]);
  });
});
