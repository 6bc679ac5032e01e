import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/base/errors.js';
import { faultSchema } from '../../src/faults/schema.js';
import { checkHeader, flawOf } from '../../src/recording/format.js';
import { sessionsOf } from '../../src/recording/sessions.js';
import { PLACEHOLDER_NAMES } from '../../src/scenario/placeholders.js';
import { botSchema, expectSchema, scenarioSchema } from '../../src/scenario/schema.js';
import { stepSchema } from '../../src/scenario/step-schema.js';
import { parseYaml } from '../../src/scenario/yaml-file.js';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');
const files = read('docs/files.md');
const readme = read('README.md');

/** First cells of a Markdown table's rows that match. */
const cells = (text: string, pattern: RegExp): string[] =>
  text
    .split('\n')
    .flatMap((line) =>
      line.startsWith('|')
        ? [...(line.split('|')[1] ?? '').matchAll(pattern)].map(([, name]) => name ?? '')
        : [],
    );

describe('the documentation', () => {
  it('lists exactly the error codes that there are, in the same words', () => {
    const listed = [...files.matchAll(/^\| `([a-z]+\/[a-z-]+)` \| (.*) \|$/gm)].map(([, code, text]) => [
      code,
      text,
    ]);
    expect(Object.fromEntries(listed)).toEqual(ERROR_CODES);
  });

  it('lists exactly the types of events that there are', () => {
    const types = [...read('src/history/events.ts').matchAll(/^ {2}readonly type: '([a-z.]+)';/gm)].map(
      ([, type]) => type,
    );
    const listed = cells(files, /`([a-z]+\.[a-z]+|action|probe|warning)`/g);
    expect(listed.sort()).toEqual(types.sort());
  });

  it('names every placeholder, every key of a bot file, every expectation and every point of a fault', () => {
    const missing = [
      ...PLACEHOLDER_NAMES,
      ...Object.keys(botSchema.shape).filter((key) => key !== 'bot'),
      ...Object.keys(expectSchema.shape),
      ...faultSchema.options.map((option) => option.shape.on.value),
    ].filter((name) => !readme.includes(`\`${name}\``) && !readme.includes(`\`${name}\`,`));
    expect(missing).toEqual([]);
  });

  it('shows only files that can be used as they are', async () => {
    const blocks = [...readme.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, kind, text = '']) => ({
      kind,
      text,
    }));
    const yaml = blocks.filter(({ kind }) => kind === 'yaml').map(({ text }) => text);
    expect(yaml).toHaveLength(3);
    parseYaml(yaml[0] ?? '', 'the bot file', botSchema, 'file/bad-bot');
    parseYaml(yaml[1] ?? '', 'the scenario', scenarioSchema, 'file/bad-scenario');
    parseYaml(yaml[2] ?? '', 'the written steps', scenarioSchema, 'file/bad-scenario');

    const [header = '', ...lines] = (blocks.find(({ text }) => text.startsWith('{"format"'))?.text ?? '')
      .trim()
      .split('\n');
    expect(checkHeader(JSON.parse(header))).toHaveProperty('header');
    const events = lines.map((line) => JSON.parse(line));
    expect(events.map(flawOf)).toEqual(events.map(() => undefined));
    const { sessions } = await sessionsOf(events);
    expect(sessions.map(({ steps }) => steps.map(({ replies }) => replies[0]?.content.text))).toEqual([
      ['What is your name?', 'Hello, Ann!'],
    ]);
  });

  it('shows steps that can be written as they are shown, with every key of a step', () => {
    const [, part = ''] = files.split('## Scenario: steps written by hand');
    const blocks = [...part.matchAll(/```yaml\n([\s\S]*?)```/g)].slice(0, 2).map(([, text]) => text);
    const whole = ['scenario: shown', ...blocks].join('\n');
    const { play } = parseYaml(whole, 'the steps', scenarioSchema, 'file/bad-scenario');
    const used = new Set((play.steps ?? []).flatMap((step) => Object.keys(step)));
    const missing = Object.keys(stepSchema.shape).filter(
      (key) => !used.has(key) && !part.includes(`\`${key}\``),
    );
    expect(missing).toEqual([]);
  });

  it('links only to what exists', () => {
    for (const path of [
      'README.md',
      'docs/architecture.md',
      'docs/files.md',
      'docs/measurements.md',
      'docs/facts.md',
    ]) {
      const links = [...read(path).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) =>
        resolve(root, path, '..', link ?? ''),
      );
      for (const link of links) expect(() => readFileSync(link), `${path} → ${link}`).not.toThrow(/ENOENT/);
    }
  });
});
