import { formatDuration } from '../base/duration.js';
import { printable, withoutPersonal } from '../base/untrusted.js';
import type { Deed } from '../replay/deed.js';
import type { Answerable, Script, ScriptLine, WrittenButton } from '../replay/script.js';

/** What users do, line by line, with the earliest time at which they can: what is waited on purpose. */
export function scriptLines(script: Script): string[] {
  let step = 0;
  let from = 0;
  return script.map((line) => {
    const when = `${(from / 1000).toFixed(2)} s`.padStart(10);
    if (line.what === 'wait') from += line.ms;
    const isStep = line.what === 'act' || (line.what === 'deed' && line.deed.do === 'request');
    if (isStep) step += 1;
    // How many recorded steps there are differs from session to session.
    if (line.what === 'recorded') step = Number.NaN;
    const number = isStep && !Number.isNaN(step) ? String(step) : '';
    return `  ${number.padStart(5)} ${when} ${lineText(line)}`;
  });
}

function lineText(line: ScriptLine): string {
  switch (line.what) {
    case 'wait':
      return `waits ${formatDuration(line.ms)}`;
    case 'recorded': {
      const { which } = line;
      if (which === 'all') return 'plays all of the recording';
      if (which === 'rest') return 'plays the rest of the recording';
      return which.from === which.to
        ? `plays step ${which.from} of the recording`
        : `plays steps ${which.from} to ${which.to} of the recording`;
    }
    case 'deed':
      return `${deedText(line.deed)}${line.deed.do === 'request' ? answerText(line) : ''}`;
    case 'act':
      return `${actText(line.act)}${answerText(line)}`;
  }
}

function actText(act: Extract<ScriptLine, { readonly what: 'act' }>['act']): string {
  if (act.do === 'tap') return `taps ${buttonText(act.button)}`;
  const { text, caption, ...media } = act.fields;
  if (act.do === 'edit') return `changes the last message to ${words(String(text))}`;
  if (typeof text === 'string') return `says ${words(text)}`;
  const kind = Object.keys(media)[0] ?? 'message';
  const what = `sends ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind.replaceAll('_', ' ')}`;
  return typeof caption === 'string' ? `${what} with ${words(caption)}` : what;
}

function buttonText({ label, pattern, data }: WrittenButton): string {
  if (pattern !== undefined)
    return `a button that matches ${printable(`/${pattern.source}/${pattern.flags}`, 50)}`;
  return label === undefined ? `the button with the data ${words(data ?? '')}` : words(label);
}

function deedText(deed: Deed): string {
  switch (deed.do) {
    case 'request': {
      const often = deed.times === 1 ? '' : `, ${deed.times} times at once`;
      return `${deed.method} ${printable(withoutPersonal(deed.url), 80)}${often}`;
    }
    case 'mongo': {
      const how =
        deed.insert !== undefined ? 'inserts into' : deed.delete !== undefined ? 'deletes from' : 'updates';
      return `${how} ${printable(deed.collection, 50)}`;
    }
    case 'probe':
      return `looks for ${words(deed.name)} in ${printable(deed.collection, 50)}`;
    case 'restart':
      return 'the bot is restarted';
    case 'kill':
      return 'the bot is killed and started again';
  }
}

function answerText({ replies, wantsNothing }: Answerable): string {
  if (wantsNothing === true) return ' → silence';
  if (replies.length === 0) return ' → whatever comes';
  return ` → ${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}`;
}

const words = (text: string): string => `"${printable(withoutPersonal(text), 50)}"`;
