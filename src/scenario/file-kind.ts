import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf, SendtwiceError } from '../base/errors.js';
import { readSource } from './yaml-source.js';

export type FileKind = 'scenario' | 'bot' | 'recording';

/** Keys by which a YAML file is recognised, whatever else is wrong with it. */
const SCENARIO_KEYS = ['scenario', 'play', 'extends', 'faults', 'expect'];
const BOT_KEYS = ['command', 'webhook', 'ready', 'bot', 'set_webhook', 'env'];

const GZIP = [0x1f, 0x8b];

/**
 * What a file is, by what it holds; `undefined` for something else.
 * @throws SendtwiceError `file/unreadable`, `file/bad-yaml`
 */
export function fileKind(path: string): FileKind | undefined {
  if (/\.jsonl(\.gz)?$/.test(path) || looksLikeRecording(path)) return 'recording';
  const { value } = readSource(path);
  if (typeof value !== 'object' || value === null) return undefined;
  const keys = Object.keys(value);
  if (keys.some((key) => SCENARIO_KEYS.includes(key))) return 'scenario';
  return keys.some((key) => BOT_KEYS.includes(key)) ? 'bot' : undefined;
}

function looksLikeRecording(path: string): boolean {
  const start = Buffer.alloc(64);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, start, 0, start.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new SendtwiceError('file/unreadable', `Cannot read ${path}: ${messageOf(error)}`, {
      hint: 'Check the path; it is taken relative to the current folder.',
      cause: error,
    });
  }
  return (
    GZIP.every((byte, index) => start[index] === byte) || start.toString('utf8').startsWith('{"format":')
  );
}
