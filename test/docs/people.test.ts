import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Person } from '../../src/telegram/people/person.js';
import { PersonInChat } from '../../src/telegram/people/person-in-chat.js';
import { Writing } from '../../src/telegram/people/writing.js';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');
const docs = read('docs/people.md');

const membersOf = (kind: { readonly prototype: object }): string[] =>
  Object.getOwnPropertyNames(kind.prototype).filter((name) => name !== 'constructor');

describe('docs/people.md', () => {
  it('shows code that runs as a test', () => {
    const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(docs) ?? [];
    expect(code.replace("from 'sendtwice'", "from '../../src/index.js'")).toBe(
      read('test/docs/people-example.test.ts'),
    );
  });

  it('names every act of a person in a chat', () => {
    const silent = ['chat', 'message', 'world', 'sender'];
    const missing = [...membersOf(Writing), ...membersOf(PersonInChat)].filter(
      (name) => !silent.includes(name) && !new RegExp(`\\b${name}\\b`).test(docs),
    );
    expect(missing).toEqual([]);
  });

  it('names only acts that there are', () => {
    const there = new Set([...membersOf(Writing), ...membersOf(PersonInChat), ...membersOf(Person)]);
    const table = docs.slice(docs.indexOf('| act |'), docs.indexOf('A button is named'));
    const rows = table.split('\n').slice(2);
    const named = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`(?:person\.)?([a-zA-Z]+)[`(]/g)].map(([, name]) => name ?? ''),
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((name) => !there.has(name))).toEqual([]);
  });
});
