import { type Document, deserialize } from 'bson';
import { messageOf } from '../../base/errors.js';
import { parseOpMsg } from '../wire/op-msg.js';

const MAX_DEPTH = 6;
const MAX_ITEMS = 20;
const MAX_CHARS = 2000;

/** Keys of a command that the history has already, or that say nothing of its contents. */
const LEFT_OUT = new Set(['lsid', '$clusterTime', 'txnNumber', '$db', 'signature']);

/**
 * A command for the history: all keys, and of the values only what kind they are. People's names, texts and
 * numbers do not get into it; true, false, null and the names of operators do.
 *
 * @throws when the message or its BSON is malformed
 */
function redactedContents(frame: Buffer): string {
  const { body, sequences } = parseOpMsg(frame);
  const command: Document = deserialize(body, { promoteValues: false, promoteLongs: false });
  for (const { identifier, documents } of sequences) {
    command[identifier] = documents.slice(0, MAX_ITEMS).map((document) => deserialize(document));
  }
  const [name, ...keys] = Object.keys(command);
  const kept = keys.filter((key) => !LEFT_OUT.has(key)).map((key) => [key, redacted(command[key], 0)]);
  // The first value is the collection: the history has it anyway.
  const text = JSON.stringify({ [name ?? '']: String(command[name ?? '']), ...Object.fromEntries(kept) });
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
}

function redacted(value: unknown, depth: number): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null;
  if (typeof value === 'string') return `string(${value.length})`;
  if (typeof value !== 'object') return typeof value;
  const type: unknown = (value as { _bsontype?: unknown })._bsontype;
  if (typeof type === 'string') return type.toLowerCase();
  if (value instanceof Date) return 'date';
  if (depth === MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redacted(item, depth + 1));
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(entries.map(([key, inner]) => [key, redacted(inner, depth + 1)]));
}

/** As {@link redactedContents}; what cannot be read is said to be so, for the message goes on all the same. */
export function contentsOf(frame: Buffer): string {
  try {
    return redactedContents(frame);
  } catch (error) {
    return `not readable: ${messageOf(error)}`;
  }
}
