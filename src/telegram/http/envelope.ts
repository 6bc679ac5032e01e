import type { ApiError } from '../api-error.js';
import { stringifyEscaped } from '../json.js';

/** `{"ok":true,"result":…}`, with the description behind the result. */
export function okEnvelope(resultJson: string, description?: string): string {
  return description === undefined
    ? `{"ok":true,"result":${resultJson}}`
    : `{"ok":true,"result":${resultJson},"description":${stringifyEscaped(description)}}`;
}

export function errorEnvelope(error: ApiError): string {
  return stringifyEscaped({
    ok: false,
    error_code: error.errorCode,
    description: error.description,
    ...(error.parameters === undefined ? {} : { parameters: error.parameters }),
  });
}
