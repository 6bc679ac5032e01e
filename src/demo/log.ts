import { BotError, GrammyError } from 'grammy';

/**
 * One line of JSON an event. Of errors only kind and number are logged: their messages may quote what
 * people wrote.
 */
export function log(event: string, error?: unknown): void {
  const line = { at: new Date().toISOString(), event, ...(error === undefined ? {} : describe(error)) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function describe(error: unknown): Record<string, unknown> {
  if (error instanceof BotError) return describe(error.error);
  if (error instanceof GrammyError) {
    return {
      error: error.name,
      method: error.method,
      code: error.error_code,
      description: error.description,
    };
  }
  if (!(error instanceof Error)) return { error: typeof error };
  return { error: error.name, ...('code' in error && { code: error.code }) };
}
