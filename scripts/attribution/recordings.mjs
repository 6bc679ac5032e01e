/** Recordings made from others. */

const mapped = (text, change) =>
  `${text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line, index) => (index === 0 ? [JSON.parse(line)] : change(JSON.parse(line))))
    .map((event) => JSON.stringify(event))
    .join('\n')}\n`;

/** The same dialogues, each in a group of its own. */
export function inGroups(text) {
  const groupOf = (id) => -1_000_000_000_000 - id;
  const moved = (value, key) => {
    if (Array.isArray(value)) return value.map((each) => moved(each));
    if (typeof value !== 'object' || value === null)
      return key === 'chat_id' && value > 0 ? groupOf(value) : value;
    if (key === 'chat' && value.type === 'private')
      return { id: groupOf(value.id), type: 'supergroup', title: `Friends of ${value.first_name}` };
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, moved(each, name)]));
  };
  return mapped(text, (event) => moved(event));
}

/** The same dialogues by so many people, who begin a moment after each other. */
export function crowded(text, copies) {
  const lines = [];
  const header = text.slice(0, text.indexOf('\n'));
  for (let copy = 0; copy < copies; copy += 1) {
    const shifted = (value, key) => {
      if (Array.isArray(value)) return value.map((each) => shifted(each));
      if (typeof value === 'number') {
        if (key === 'update_id') return value + copy * 100_000;
        if (value > 1000 && value < 2000 && /^(id|chat_id)$/.test(key ?? '')) return value + copy * 1000;
        return value;
      }
      if (key === 'callback_query_id') return `${value}${copy}`;
      if (typeof value !== 'object' || value === null) return value;
      const copied = Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, shifted(each, name)]),
      );
      if (typeof copied.id === 'string' && copied.data !== undefined) copied.id = `${copied.id}${copy}`;
      return copied;
    };
    for (const line of text.split('\n').slice(1)) {
      if (line === '') continue;
      const event = shifted(JSON.parse(line));
      lines.push({ ...event, at: event.at + copy * 130 });
    }
  }
  lines.sort((a, b) => a.at - b.at);
  return `${[header, ...lines.map((event) => JSON.stringify(event))].join('\n')}\n`;
}
