import type { Change } from '../diff/compare.ts';
import type { Pair } from '../diff/pair.ts';
import type { DiffReport } from './diff.ts';
import { bothWords, diffHeadline, pairWords, shownChanges } from './diff-words.ts';
import { codeSpan } from './markdown-span.ts';

/** Changes of one area in a comment; a comment holds 65,536 characters. */
const SHOWN = 15;
/** Artifacts in a comment. */
const PAIRS = 20;
const WORDS = { added: 'added', removed: 'removed', changed: 'changed' } as const;

/** The difference as Markdown for a pull request: the answer, then a table for each changed artifact. Names from binaries stand in code spans, where nothing is markup. */
export function diffMarkdown(report: DiffReport): string {
  const told = report.pairs.filter(({ changes, failure }) => changes.length > 0 || failure !== null);
  const rest = told.length - PAIRS;
  const lines = [
    `### wasmgate: ${diffHeadline(report)}`, '',
    `${codeSpan(report.before)} → ${codeSpan(report.after)}`, '',
    ...told.slice(0, PAIRS).flatMap((pair) => pairLines(pair, told.length > 1)),
    ...(rest > 0 ? [`and ${rest} more artifacts`, ''] : []),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function pairLines(pair: Pair, several: boolean): string[] {
  const word = pairWords(pair);
  const head = several || word !== '' ? [`#### ${codeSpan(pair.after?.name ?? pair.before?.name ?? pair.key)}${word === '' ? '' : ` (${word})`}`, ''] : [];
  if (pair.failure !== null) return [...head, `Not compared: ${codeSpan(pair.failure)}`, ''];
  const { shown, more } = shownChanges(pair.changes, SHOWN);
  const rest = more.length === 0 ? [] : [`| | … | and ${more.join(', ')} | | |`];
  return [...head, '| | change | what | before | after |', '|---|---|---|---|---|', ...shown.map(row), ...rest, ''];
}

function row(change: Change): string {
  const [from, to] = bothWords(change);
  const before = change.change === 'added' ? '' : from;
  const after = change.change === 'removed' ? '' : to;
  return `| ${change.increase ? '**increase**' : ''} | ${WORDS[change.change]} | ${change.area} ${codeSpan(change.name)} | ${before === '' ? '' : codeSpan(before)} | ${after === '' ? '' : codeSpan(after)} |`;
}
