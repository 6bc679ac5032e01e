// Shows people the public names of others, on purpose.
import { say, serve } from './serve.mjs';

const jumps = new Map();

serve(async ({ message: { chat, from, text } }) => {
  if (text === '/jump') {
    jumps.set(from.first_name, (jumps.get(from.first_name) ?? 0) + 1);
    await say(chat.id, 'A fine jump!');
  } else {
    const best = [...jumps].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    await say(chat.id, ['The best jumpers:', ...best.map(([name, count]) => `${name}: ${count}`)].join('\n'));
  }
});
