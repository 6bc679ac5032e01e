/** One person who says two things, each answered by `test/bots/small/echo.mjs`: the lines of a recording. */
export const HELLO: readonly string[] = [
  JSON.stringify({
    format: 'sendtwice-recording',
    version: 1,
    botApi: '10.3',
    bot: { id: 1, is_bot: true, first_name: 'Echo' },
    startedAt: '2026-11-22T10:00:00.000Z',
    redaction: 'none',
  }),
  ...['hello', 'again'].flatMap((text, index) => {
    const chat = { id: 501, type: 'private', first_name: 'Mira' };
    const from = { id: 501, is_bot: false, first_name: 'Mira' };
    const message = { message_id: 1 + 2 * index, date: 1_795_000_000, chat, text };
    const answer = { ...message, message_id: 2 + 2 * index, text: `You said: ${text}` };
    const params = { chat_id: 501, text: answer.text };
    return [
      JSON.stringify({
        at: index * 1000,
        type: 'update',
        update: { update_id: 10 + index, message: { ...message, from } },
      }),
      JSON.stringify({ at: index * 1000 + 100, type: 'call', method: 'sendMessage', params, result: answer }),
    ];
  }),
];
