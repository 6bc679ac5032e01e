/**
 * Every code an error of this project can carry. The first word says whose business it is:
 * `usage` and `file` errors are found before anything runs (exit code 2); all others mean that a run
 * could not be judged (exit code 3).
 */
export const ERROR_CODES = {
  'usage/bad-argument': 'A command-line argument or option cannot be used',
  'usage/missing-value': 'A parameter of a scenario has no value',
  'file/unreadable': 'A file cannot be read or written',
  'file/bad-yaml': 'A file is not valid YAML',
  'file/bad-scenario': 'A scenario file says something the schema does not allow',
  'file/bad-bot': 'A bot file says something the schema does not allow',
  'file/bad-recording': 'A line of a recording cannot be understood',
  'file/bad-history': 'A line of a history cannot be understood',
  'listen/port-in-use': 'A server of the harness cannot listen on its port',
  'target/not-loopback': 'The target is not on this machine and nobody allowed that',
  'bot/not-startable': 'The command of the bot cannot be executed',
  'bot/exited-early': 'The bot process ended before it was ready',
  'bot/not-ready': 'The bot did not become ready in time',
  'bot/died': 'The bot process ended while the run went on, and nobody had asked it to',
  'people/impossible': 'A test lets a person do what nobody can do in Telegram',
  'people/no-reply': 'The bot did not do in time what a person of a test waited for',
  'mongo/unreachable': 'The upstream MongoDB cannot be reached',
  'mongo/proxy-failed': 'The process of the fault proxy ended',
  'run/interrupted': 'Somebody stopped the run',
  'run/too-long': 'The run did not end within its time limit',
  'harness/defect': 'Something in sendtwice itself failed; please report it',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface SendtwiceErrorOptions {
  /** What the reader should do now, in one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error class of the project. `message` says what happened, with the values; `hint` what to do.
 * It is meant to be shown to people as it is, without a stack trace. Anything else that is thrown is a
 * defect of sendtwice.
 */
export class SendtwiceError extends Error {
  override readonly name = 'SendtwiceError';
  readonly hint: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: SendtwiceErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }

  /** The exit code of the command line for this error. */
  get exitCode(): 2 | 3 {
    return this.code.startsWith('usage/') || this.code.startsWith('file/') || this.code.startsWith('target/')
      ? 2
      : 3;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
