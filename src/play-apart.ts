import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SendtwiceError } from './base/errors.js';
import type { Played, PlayOptions } from './play.js';
import type { FromRun, ToRun, WrittenError } from './play-messages.js';

/**
 * As `play`, in a process of its own: runs that go on at once do not hold up each other's event loop, as when one
 * judges its history while another one keeps time. The process follows the signal, and ends when this one does.
 * @throws SendtwiceError as `play`; `harness/defect` when the process ends before its run
 */
export async function playApart(options: Omit<PlayOptions, 'onPlaying'>): Promise<Played> {
  const { signal, onProgress, ...facts } = options;
  const child = fork(fileURLToPath(new URL('./play-child.js', import.meta.url)), [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stop = (): void => tell(child, { type: 'stop' });
  signal?.addEventListener('abort', stop);
  try {
    return await new Promise((done, failed) => {
      child.on('message', (message: FromRun) => {
        switch (message.type) {
          case 'progress':
            onProgress?.(message.progress);
            break;
          case 'played': {
            const { folder, summary, error } = message;
            done({ folder, summary, ...(error !== undefined && { error: readError(error) }) });
            break;
          }
          case 'refused':
            failed(readError(message.error));
        }
      });
      child.once('error', failed);
      // After a result this says nothing new.
      child.once('close', (code, by) => failed(endedEarly(by ?? `exit code ${code}`)));
      tell(child, { type: 'play', options: facts });
      if (signal?.aborted === true) stop();
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    if (child.connected) child.disconnect();
  }
}

/** A message to a process that has ended is dropped: its end is told by itself. */
function tell(child: ChildProcess, message: ToRun): void {
  if (child.connected) child.send(message, () => {});
}

const endedEarly = (how: string): SendtwiceError =>
  new SendtwiceError('harness/defect', `The process of a run ended before its run (${how})`, {
    hint: 'What it wrote to its history until then is kept.',
  });

function readError({ code, message, hint, stack }: WrittenError): SendtwiceError {
  const cause = stack === undefined ? undefined : Object.assign(new Error(message), { stack });
  return new SendtwiceError(code, message, {
    ...(hint !== undefined && { hint }),
    ...(cause !== undefined && { cause }),
  });
}
