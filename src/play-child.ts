/**
 * The process of one run, where several go on at once. It is started by `playApart`, plays what it is told, says what
 * came out and ends.
 */
import { SendtwiceError } from './base/errors.js';
import { play } from './play.js';
import { type FromRun, type ToRun, writtenError } from './play-messages.js';

const stopping = new AbortController();

process.title = 'sendtwice-run';
process.on('message', (message: ToRun) => {
  if (message.type === 'stop') stopping.abort();
  else void perform(message.options);
});
// Whoever wanted the run has gone. The exit handlers keep the history and end the bot.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group. Who started this decides when to end, and says so.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

async function perform(options: Extract<ToRun, { type: 'play' }>['options']): Promise<void> {
  try {
    const played = await play({
      ...options,
      signal: stopping.signal,
      onProgress: (progress) => tell({ type: 'progress', progress }),
    });
    const { folder, summary, error } = played;
    tell({ type: 'played', folder, summary, ...(error !== undefined && { error: writtenError(error) }) });
  } catch (error) {
    if (!(error instanceof SendtwiceError)) throw error;
    tell({ type: 'refused', error: writtenError(error) });
  }
}

function tell(message: FromRun): void {
  // The other end may have gone; `disconnect` sees to that.
  if (process.connected) process.send?.(message, () => {});
}
