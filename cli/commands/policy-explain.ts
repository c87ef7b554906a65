import { explain, type Explanation } from '../../scanner/policy/explain.ts';
import { CAPABILITY_WORDS } from '../../scanner/report/capability-words.ts';
import type { Paint, Tone } from '../../scanner/report/format.ts';
import { harmlessJson, harmlessName } from '../../scanner/report/harmless.ts';
import { hang, humanSize } from '../../scanner/report/layout.ts';
import { CONFIDENCES } from '../../scanner/severity.ts';
import { textOption, type Input } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { paintFor } from '../paint.ts';
import { compileSource, VOCABULARY } from '../../engine/policies.ts';
import { readSource } from '../policies.ts';

interface Look {
  readonly paint: Paint;
  readonly width: number;
}

const TONES: Readonly<Record<string, Tone>> = { allow: 'good', warn: 'caution', deny: 'bad', error: 'bad', warning: 'caution', note: 'dim', off: 'dim' };

/** `wasmgate policy explain FILE|LEVEL`: what it decides about everything it can decide about. */
export async function runPolicyExplain(input: Input, io: Io): Promise<number> {
  const policies = await compileSource(await readSource(input.args[0] ?? '', io));
  const explanations = policies.map((policy) => explain(policy, VOCABULARY));
  if (textOption(input, 'format') === 'json') {
    io.stdout.write(`${harmlessJson({ schemaVersion: 1, policies: explanations }, 2)}\n`);
    return EXIT.ok;
  }
  const look = { paint: paintFor(io.stdout, textOption(input, 'color') ?? 'auto', io), width: io.stdout.columns ?? 100 };
  io.stdout.write(`${explanations.map((one) => lines(one, look).join('\n')).join('\n\n')}\n`);
  return EXIT.ok;
}

function lines(one: Explanation, look: Look): string[] {
  return [
    `${look.paint('bold', harmlessName(one.name))}  ${look.paint('dim', one.hash)}`,
    ...generalLines(one, look.width),
    ...treatmentLines('Capabilities', one.capabilities.map((row) => ({ ...row, about: CAPABILITY_WORDS[row.name]?.[1] ?? '' })), look),
    ...treatmentLines('Features', one.features.map((row) => ({ ...row, about: '' })), look),
    ...listLines('Imports', [...one.imports.allow.map((text) => `allow ${text}`), ...one.imports.deny.map((text) => `deny ${text}`)], look),
    ...ruleLines(one, look),
    ...listLines('Signatures', one.signatures === null ? [] : [`required: ${one.signatures.require}`, ...one.signatures.authorities.map(({ name, kind, who }) => `${name} (${kind}): ${who}`)], look),
    ...listLines('Attestations', one.attestations, look),
    ...listLines('Expressions', one.expressions.map(({ name, severity, message }) => `${name} (${severity}): ${message}`), look),
    ...listLines('Waivers', one.waivers.map(({ rule, owner, expires, reason }) => `${rule}, until ${expires}, ${owner}: ${reason}`), look),
  ];
}

function generalLines(one: Explanation, width: number): string[] {
  const { memory, bytes, functions } = one.thresholds;
  const limits = [`initial memory ${humanSize(memory)}`, ...(bytes === null ? [] : [`size ${humanSize(bytes)}`]), ...(functions === null ? [] : [`${functions} functions`])];
  return [
    ...hang('  Level           ', one.level, width),
    ...hang('  Mode            ', one.mode, width),
    ...hang('  Not analysed    ', `${one.onError} (onError)`, width),
    ...hang('  Unreachable     ', `${one.onUnresolved} (onUnresolved)`, width),
    ...hang('  Bytes not seen  ', `${one.onUnseen} (onUnseen)`, width),
    ...hang('  Limits          ', limits.join(', '), width),
  ];
}

interface Row {
  readonly name: string;
  readonly treatment: string;
  readonly reason: string;
  readonly about: string;
}

/** The strictest first: what is denied is what people look for. */
function treatmentLines(title: string, rows: readonly Row[], look: Look): string[] {
  const longest = Math.max(...rows.map(({ name }) => name.length), 0);
  const ordered = ['deny', 'warn', 'allow'].flatMap((treatment) => rows.filter((row) => row.treatment === treatment));
  const shown = ordered.flatMap(({ name, treatment, reason, about }) => {
    const text = [about, reason.startsWith('level ') ? '' : `[${reason}]`].filter(Boolean).join('  ');
    return hang(`  ${treatment.padEnd(6)} ${name.padEnd(longest)}  `, text, look.width).map((line) => line.trimEnd().replace(/^ {2}(deny|warn|allow)/, (word) => `  ${look.paint(TONES[word.trim()] ?? 'dim', word.trim())}`));
  });
  return shown.length > 0 ? ['', look.paint('bold', title), ...shown] : [];
}

function ruleLines(one: Explanation, look: Look): string[] {
  const rows = one.rules.map(({ rule, severity, reason }) => {
    const kinds = new Set(CONFIDENCES.map((confidence) => severity[confidence]));
    const graded = kinds.size === 1 ? severity.high : CONFIDENCES.toReversed().map((confidence) => `${severity[confidence]} when ${confidence}`).join(', ');
    return { rule, severity: severity.high, text: [kinds.size === 1 ? '' : graded, reason.startsWith('level ') ? '' : `[${reason}]`].filter(Boolean).join('  ') };
  });
  const longest = Math.max(...rows.map(({ rule }) => rule.length), 0);
  const ordered = ['error', 'warning', 'note', 'off'].flatMap((severity) => rows.filter((row) => row.severity === severity));
  const shown = ordered.flatMap(({ rule, severity, text }) =>
    hang(`  ${severity.padEnd(8)} ${rule.padEnd(longest)}  `, text, look.width).map((line) => line.trimEnd().replace(/^ {2}(error|warning|note|off)/, (word) => `  ${look.paint(TONES[word.trim()] ?? 'dim', word.trim())}`)));
  return shown.length > 0 ? ['', look.paint('bold', 'Rules'), ...shown] : [];
}

function listLines(title: string, items: readonly string[], look: Look): string[] {
  return items.length > 0 ? ['', look.paint('bold', title), ...items.flatMap((item) => hang('  ', harmlessName(item, 300), look.width))] : [];
}
