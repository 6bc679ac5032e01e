import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_BOT, Workplace } from './cli.js';

const ORDER = `scenario: by-hand
play:
  users: 3
  think: 30ms
  patience: 8s
  settle: 300ms
  steps:
    - say: /start
      expect: { text: welcome to the corner shop, buttons: [Order something] }
    - tap: order something
      expect: What would you like?
    - wait: 100ms
    - tap: Mug
    - expect: /which size/i
    - tap: « Back
      expect: What would you like?
    - tap: { data: "product:mug" }
      expect: Which size
    - tap: /^med/i
      expect: How many
    - say: 3
      expect: your name
    - say: \${user.name}
      expect: /street and house number/
expect:
  never: ["/error|exception/i"]
`;

/** Short, as it is run again and again. */
const TWICE = `scenario: twice
play:
  think: 20ms
  patience: 8s
  sends: 1
  settle: 200ms
  limit: 30s
  steps:
    - say: /start
      expect: welcome
    - say: hello
faults:
  - { name: twice, on: delivery, match: { step: 1 }, effect: duplicate, delay: 100ms }
expect: { once: [welcome to the corner shop] }
`;

describe('steps written by hand', { timeout: 180_000 }, () => {
  const place = new Workplace();
  beforeAll(() => {
    place.write('bot.yaml', DEMO_BOT);
    place.write('bad.yaml', `${DEMO_BOT}  DEMO_BUGS: no-update-guard\n`);
    place.write('order.yaml', ORDER);
    place.write(
      'typo.yaml',
      ORDER.replace('tap: Mug', 'tap: Jug').replace('users: 3', 'users: 1').replace('8s', '1s'),
    );
    place.write('twice.yaml', TWICE);
  });
  afterAll(() => place.remove());

  it('are shown by check', async () => {
    const { code, stdout, stderr } = await place.sendtwice('check', 'order.yaml');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('      3     0.10 s taps "Mug" → 1 reply');
    expect(stdout).toContain('a button that matches /^med/i');
    expect(stdout).not.toContain('recording');
  });

  it('are played and judged, whatever recording is named beside them', async () => {
    const { code, stdout } = await place.sendtwice(
      'run',
      'order.yaml',
      '--bot',
      'bot.yaml',
      '--recording',
      'none.jsonl',
    );
    expect(code, stdout).toBe(0);
    const history = await place.history();
    expect(history[0]).toMatchObject({
      patterns: { never: [{ source: 'error|exception' }] },
      expect: { findings: 0 },
    });
    const names = history.flatMap((event) =>
      event.type === 'action' && event.step === 8 ? [event.text] : [],
    );
    expect(new Set(names)).toEqual(new Set(['Bebe', 'Bebi', 'Bebo']));
    const outcomes = history.flatMap((event) => (event.type === 'step.ended' ? [event.outcome] : []));
    expect(new Set(outcomes)).toEqual(new Set(['answered']));
  });

  it('fail when a button is not there', async () => {
    const { code, stdout } = await place.sendtwice('run', 'typo.yaml', '--bot', 'bot.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('Step 3: no message has the button “Jug”');
  });

  it('can be investigated: why runs them again, shrink cuts them', async () => {
    const run = await place.sendtwice('run', 'twice.yaml', '--bot', 'bad.yaml', '--seed', 'red');
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('delivered-twice');
    const reason = await place.sendtwice('why', 'runs/latest', 'duplicate-keyboard', '--runs', '2');
    expect(reason.stdout, reason.stderr).toMatch(/nothing removed +2 of 2/);
    expect(reason.stdout).toMatch(/fault twice +0 of 2/);
    const shrunk = await place.sendtwice(
      ...[
        'shrink',
        'runs/latest',
        'duplicate-keyboard',
        '--runs',
        '1',
        '--need',
        '1',
        '--limit',
        '30s',
        '--to',
        'repro',
      ],
    );
    expect(shrunk.code, shrunk.stderr).toBe(0);
    expect(shrunk.stdout).toMatch(/2 step\(s\).*→ .* 1 step\(s\)/s);
    expect(shrunk.stdout).toMatch(/in 1 of 1 runs\./);
    expect(existsSync(join(place.folder, 'repro/recording.jsonl'))).toBe(false);
    const scenario = readFileSync(join(place.folder, 'repro/scenario.yaml'), 'utf8');
    expect(scenario).toContain('say: /start');
    expect(scenario).not.toContain('hello');
  });
});
