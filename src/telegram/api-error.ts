/**
 * An error that the Bot API answers. `description` is the official text, prefix included
 * (`Bad Request: chat not found`); the HTTP status equals `errorCode`.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly errorCode: number,
    readonly description: string,
    readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number },
  ) {
    super(description);
  }
}

/** A 400 with the official prefix. */
export function badRequest(text: string): ApiError {
  return new ApiError(400, `Bad Request: ${text}`);
}

/** A 403 with the official prefix. */
export function forbidden(text: string): ApiError {
  return new ApiError(403, `Forbidden: ${text}`);
}

/** A 429 as the official server words it. */
export function tooManyRequests(retryAfterSeconds: number): ApiError {
  return new ApiError(429, `Too Many Requests: retry after ${retryAfterSeconds}`, {
    retry_after: retryAfterSeconds,
  });
}

/** A 409 with the official prefix. */
export function conflict(text: string): ApiError {
  return new ApiError(409, `Conflict: ${text}`);
}
