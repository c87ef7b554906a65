import type { Change } from '../diff/compare.ts';
import type { Pair } from '../diff/pair.ts';
import type { DiffReport } from './diff.ts';
import { changeWords, diffHeadline, pairWords, shownChanges } from './diff-words.ts';
import type { ReportContext } from './format.ts';
import { harmlessName } from './harmless.ts';
import { hang } from './layout.ts';

type Look = Pick<ReportContext, 'width' | 'paint'>;

/** Changes of one area that a terminal shows. */
const SHOWN = 25;
const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** The difference for people: each changed artifact with its changes, increases marked with `!`, and the answer in the last line. */
export function diffText(report: DiffReport, look: Look): string {
  const blocks = report.pairs.filter(({ changes, failure }) => changes.length > 0 || failure !== null).map((pair) => pairLines(pair, report, look));
  const end = look.paint(report.pairs.some(({ changes }) => changes.some(({ increase }) => increase)) ? 'caution' : 'bold', diffHeadline(report));
  return [...blocks.map((lines) => `${lines.join('\n')}\n`), `${end}\n`].join('\n');
}

function pairLines(pair: Pair, report: DiffReport, look: Look): string[] {
  const { width, paint } = look;
  const word = pairWords(pair);
  const head = `${paint('bold', harmlessName(titleOf(pair, report), 300))}${word === '' ? '' : ` ${paint(word === 'new' ? 'caution' : 'dim', `(${word})`)}`}`;
  if (pair.failure !== null) return [head, ...hang('  ', `Not compared: ${harmlessName(pair.failure, 400)}`, width).map((line) => paint('unknown', line))];
  const { shown, more } = shownChanges(pair.changes, SHOWN);
  return [head, ...shown.flatMap((change) => changeLines(change, look)), ...more.map((line) => `    ${paint('dim', `and ${line}`)}`)];
}

/** Both names where they differ, as two versions of a file do. */
function titleOf({ before, after }: Pair, report: DiffReport): string {
  const names = [before?.name, after?.name].filter((name) => name !== undefined);
  return names[0] === names[1] || names.length === 1 ? (names[0] ?? report.after) : names.join(' -> ');
}

function changeLines(change: Change, { width, paint }: Look): string[] {
  const mark = change.increase ? '!' : ' ';
  const lead = `${mark} ${SIGNS[change.change]} ${change.area.padEnd(12)} `;
  const values = changeWords(change, '->');
  const lines = hang(lead, harmlessName(`${change.name}${values === '' ? '' : `: ${values}`}`, 400), width);
  const tone = change.increase ? 'caution' : change.change === 'removed' ? 'dim' : null;
  return tone === null ? lines : lines.map((line) => paint(tone, line));
}
