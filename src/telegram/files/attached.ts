import type { Files, Params, UploadedFile } from '../contracts.js';

const ATTACH = 'attach://';

export function isAttached(text: string): boolean {
  return text.startsWith(ATTACH);
}

/** The part of the request that `attach://<name>` names; nothing for any other text. */
export function attachedFile(text: string, files: Files): UploadedFile | undefined {
  return isAttached(text) ? files.get(text.slice(ATTACH.length)) : undefined;
}

/** The upload for an argument: the part that it names, else the part with the argument's own name. */
export function uploadFor(params: Params, files: Files, name: string): UploadedFile | undefined {
  const given = params.get(name) ?? '';
  return isAttached(given) ? attachedFile(given, files) : files.get(name);
}
