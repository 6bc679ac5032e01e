import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT, Workplace } from './cli.js';

describe('sendtwice init', { timeout: 60_000 }, () => {
  const place = new Workplace();
  afterAll(() => place.remove());

  it('writes a bot file and a recording with which a scenario passes', async () => {
    place.write(
      '.env',
      'BOT_TOKEN=1:x\nTELEGRAM_API_ROOT=\nMONGO_URI=\nWEBHOOK_URL=\nWEBHOOK_SECRET=\nPORT=\n',
    );
    const made = await place.sendtwice(
      'init',
      '--command',
      `node ${join(ROOT, 'dist/demo/bot.js')}`,
      '--acts',
      '9',
    );
    expect(made, made.stderr).toMatchObject({ code: 0 });
    expect(made.stdout).toMatch(/^Recorded 9 inputs, 9 of them answered/);
    expect(readFileSync(join(place.folder, 'sendtwice.yaml'), 'utf8')).toContain(
      'recording: recording.jsonl',
    );
    const recording = readFileSync(join(place.folder, 'recording.jsonl'), 'utf8');
    expect(recording).not.toMatch(/\d{8,}:[A-Za-z0-9_-]{24}/);
    const run = await place.sendtwice(
      'run',
      join(ROOT, 'scenarios/smoke.yaml'),
      '--recording',
      'recording.jsonl',
    );
    expect(run, run.stdout).toMatchObject({ code: 0, stderr: '' });
  });

  it('keeps no contacts that the bot names, says so, and the recording still fits the bot', async () => {
    place.write(
      'shop.mjs',
      `const call = (method, body) => fetch(process.env.API + '/bot' + process.env.TOKEN + '/' + method, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then((r) => r.json());
for (let offset = 0; ; ) {
  const { result } = await call('getUpdates', { timeout: 1, offset });
  for (const { update_id, message } of result) {
    offset = update_id + 1;
    await call('sendMessage', { chat_id: message.chat.id, text: 'Call +44 (20) 7946 0958 or write to help@shop.co' });
  }
}`,
    );
    const env = ['--env', 'API=${telegram.apiRoot}', '--env', 'TOKEN=${telegram.token}'];
    const made = await place.sendtwice(
      'init',
      '--to',
      'shop',
      '--command',
      'node shop.mjs',
      '--acts',
      '2',
      ...env,
    );
    expect(made, made.stderr).toMatchObject({ code: 0 });
    expect(made.stdout).toContain('Redacted: 1 telephone number(s) and 1 e-mail address(es)');
    const recording = readFileSync(join(place.folder, 'shop/recording.jsonl'), 'utf8');
    expect(recording).toContain('"redaction":"contacts"');
    expect(recording).not.toMatch(/7946|help@shop/);
    const run = await place.sendtwice(
      'run',
      join(ROOT, 'scenarios/smoke.yaml'),
      '--bot',
      'shop/sendtwice.yaml',
    );
    expect(run, run.stdout).toMatchObject({ code: 0, stderr: '' });
  });

  it('refuses to replace files, and wants to know how the bot starts', async () => {
    const again = await place.sendtwice('init', '--command', 'node bot.js');
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/sendtwice\.yaml is there already\n {2}Use --force/);
    const how = await place.sendtwice('init', '--to', 'other');
    expect(how).toMatchObject({ code: 2 });
    expect(how.stderr).toContain('How the bot starts is missing');
  });

  it('says so when the bot cannot be started, and when it never answers', async () => {
    const missing = await place.sendtwice('init', '--to', 'none', '--command', 'no-such-program');
    expect(missing.code).toBe(3);
    expect(missing.stderr).toMatch(/no-such-program/);
    place.write(
      'mute.mjs',
      `const poll = async (offset) => {
  const { result } = await (await fetch(process.env.API + '/bot' + process.env.TOKEN + '/getUpdates?timeout=1&offset=' + offset)).json();
  console.log('I have', result.length, 'updates');
  await poll(result.length === 0 ? offset : result.at(-1).update_id + 1);
};
await poll(0);`,
    );
    const env = ['--env', 'API=${telegram.apiRoot}', '--env', 'TOKEN=${telegram.token}'];
    const mute = await place.sendtwice(
      'init',
      '--to',
      'mute',
      '--command',
      'node mute.mjs',
      '--cwd',
      '.',
      ...env,
    );
    expect(mute.code, mute.stderr).toBe(3);
    expect(mute.stderr).toMatch(/The bot never answered: \d+ inputs?, from \/start on/);
    expect(mute.stderr).toContain('I have');
    expect(existsSync(join(place.folder, 'mute/recording.jsonl'))).toBe(false);
  });
});
