import type { Weighed } from './judge.js';

const NO_FINDINGS = '\n  "findings": []';

/**
 * The summary as JSON, indented by two and with a newline at its end, in pieces: the findings come one after another, so
 * that their words never stand in memory together.
 */
export function* summaryJson({ summary, findings, written }: Weighed): Generator<string> {
  const text = JSON.stringify(summary, null, 2);
  // Texts have no line breaks of their own in JSON, so nothing else begins a line like this.
  const [before = '', after = ''] = text.split(NO_FINDINGS);
  yield `${before}\n  "findings": [`;
  for (const [index, finding] of findings.entries()) {
    const lines = JSON.stringify(written(finding), null, 2).replaceAll('\n', '\n    ');
    yield `${index === 0 ? '' : ','}\n    ${lines}`;
  }
  yield `${findings.length === 0 ? '' : '\n  '}]${after}\n`;
}
