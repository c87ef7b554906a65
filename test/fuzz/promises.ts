import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { plain } from '../../cli/paint.ts';
import { RULES } from '../../rules/index.ts';
import { collectFacts } from '../../scanner/facts/collect.ts';
import type { Facts } from '../../scanner/facts/facts.ts';
import { scanEntry } from '../../scanner/report/entry.ts';
import type { ReportContext } from '../../scanner/report/format.ts';
import { REPORT_FORMATS } from '../../scanner/report/formats.ts';
import { inspectText } from '../../scanner/report/inspect-text.ts';
import { inspectObject } from '../../scanner/report/inspect.ts';
import { addToSummary, emptySummary } from '../../scanner/report/summary.ts';
import type { ScanResult } from '../../scanner/result.ts';
import { decode } from '../../scanner/wasm/decode.ts';
import type { Decoded } from '../../scanner/wasm/decoded.ts';
import { scanBytes, type ScannedBytes } from '../support/findings.ts';
import { concat } from '../support/bytes.ts';
import { assemble, customPart } from './frame.ts';
import { UNKNOWN_PROVENANCE } from '../../scanner/provenance.ts';

/** What holds for every input, whatever its bytes. Each part adds a line for what does not. */
type Broken = string[];

/** More findings of one text only slow the run down: schemas are compared on reports up to this size. */
const SCHEMA_CHARACTERS = 200_000;
/** Control characters and those that turn the direction of writing; only line breaks may reach a terminal. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const HARMFUL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/;

/** Scans bytes in every way there is and says which promises were broken; empty when all held. */
export async function brokenPromises(bytes: Uint8Array): Promise<readonly string[]> {
  const broken: Broken = [];
  try {
    const strict = await scanBytes(bytes);
    const lenient = await scanBytes(bytes, { policy: { kind: 'level', name: 'privileged' } });
    for (const result of [strict, lenient]) judgeResult(result, broken);
    agreeOnDepths(bytes, strict, broken);
    agreeWithEngine(bytes, strict.facts!.decoded, broken);
    await writeReports(strict, broken);
    inspectAt(strict.facts!, broken);
    if (sampled(bytes)) await survivesAdditions(bytes, strict, broken);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    broken.push(`Thrown: ${cause instanceof Error ? cause.stack : String(cause)}`);
  }
  return broken;
}

/** The costly parts are for one large input in eight, and for all small ones; the bytes decide, so that a repetition does the same. */
function sampled(bytes: Uint8Array): boolean {
  return bytes.length < 4096 || bytes.length % 8 === 0;
}

function judgeResult({ verdict, reasons, problems, findings, artifact }: ScanResult, broken: Broken): void {
  const internal = reasons.find((reason) => /\bbroke\b/.test(reason));
  if (internal !== undefined) broken.push(`Internal error: ${internal}`);
  const serious = problems.find(({ effect }) => effect !== 'degraded');
  if ((verdict === 'allow' || verdict === 'warn') && serious) broken.push(`Verdict ${verdict} in spite of: ${serious.message}`);
  const outside = [...problems, ...findings.map(({ location, rule }) => ({ message: rule, ...location }))].find((place) => !(place.offset >= 0 && place.offset <= (artifact.size ?? 0)));
  if (outside) broken.push(`Outside of the file: ${outside.message} at ${outside.offset}`);
  const long = findings.find(({ location }) => location.offset + location.length > (artifact.size ?? 0));
  if (long) broken.push(`Reaches beyond the file: ${long.rule} at ${long.location.offset}, ${long.location.length} bytes`);
}

/** A shallow decode sees the same imports and exports, and finds nothing that a full one does not. */
function agreeOnDepths(bytes: Uint8Array, { facts }: ScannedBytes, broken: Broken): void {
  const shallow = decode(bytes, { depth: 'imports' });
  const full = facts!.decoded;
  if (shallow.kind !== full.kind) broken.push(`Kinds differ by depth: ${shallow.kind}, ${full.kind}`);
  const clean = full.problems.every(({ effect }) => effect === 'degraded');
  if (clean && shallow.problems.some(({ effect }) => effect !== 'degraded')) broken.push(`Only the shallow decode objects: ${shallow.problems[0]!.message}`);
  if (clean && full.kind === 'module' && shallow.kind === 'module') {
    if (JSON.stringify(shallow.imports) !== JSON.stringify(full.imports)) broken.push('Imports differ by depth');
    if (JSON.stringify([...shallow.exports]) !== JSON.stringify([...full.exports])) broken.push('Exports differ by depth');
  }
  inspectAt(collectFacts({ name: facts!.name, digest: facts!.digest, bytes }, shallow, { provenance: UNKNOWN_PROVENANCE }), broken);
}

/** What V8 takes must be fine here, and its imports must be ours. V8 knows fewer features, never more. */
function agreeWithEngine(bytes: Uint8Array, decoded: Decoded, broken: Broken): void {
  const own = Uint8Array.from(bytes);
  if (!WebAssembly.validate(own)) return;
  if (decoded.kind !== 'module') return void broken.push(`V8 accepts a module, decoded as ${decoded.kind}`);
  const serious = decoded.problems.find(({ effect }) => effect !== 'degraded');
  if (serious) return void broken.push(`V8 accepts it, the decoder does not: ${serious.code}: ${serious.message}`);
  const theirs = WebAssembly.Module.imports(new WebAssembly.Module(own)).map(({ module, name, kind }) => ({ module, name, kind }));
  const ours = decoded.imports.map(({ module, name, type }) => ({ module, name, kind: type.kind === 'func' ? 'function' : type.kind }));
  if (JSON.stringify(theirs) !== JSON.stringify(ours)) broken.push(`V8 lists other imports: ${JSON.stringify(theirs).slice(0, 300)} and ${JSON.stringify(ours).slice(0, 300)}`);
}

/** Formats whose whole text is one JSON value, jsonl of one artifact included. */
const JSON_FORMATS: ReadonlySet<string> = new Set(['json', 'jsonl', 'sarif', 'gitlab']);

async function writeReports(result: ScanResult, broken: Broken): Promise<void> {
  const entry = scanEntry(result);
  const summary = emptySummary();
  addToSummary(summary, entry);
  for (const [format, load] of Object.entries(REPORT_FORMATS)) {
    const writer = (await load())(CONTEXT);
    const text = writer.add(entry) + writer.end(summary);
    // Lines of CSV end in both characters, as RFC 4180 has it.
    if (HARMFUL.test(format === 'csv' ? text.replaceAll('\r\n', '\n') : text)) broken.push(`Report ${format} holds a harmful character`);
    if (!JSON_FORMATS.has(format)) continue;
    const document: unknown = JSON.parse(text);
    if (format === 'json' && text.length < SCHEMA_CHARACTERS && !fitsScan(document)) broken.push(`Report json does not fit its schema: ${JSON.stringify(fitsScan.errors?.slice(0, 3))}`);
  }
}

function inspectAt(facts: Facts, broken: Broken): void {
  facts.eachString(() => {});
  for (const _ of facts.exports);
  const text = JSON.stringify(inspectObject(facts));
  if (text.length < SCHEMA_CHARACTERS && !fitsInspect(JSON.parse(text))) broken.push(`Inspect does not fit its schema: ${JSON.stringify(fitsInspect.errors?.slice(0, 3))}`);
  if (HARMFUL.test(inspectText(facts, CONTEXT))) broken.push('Inspect holds a harmful character');
}

/** Nobody can hide something by adding bytes: powers and errors stay, and the same bytes give the same findings. */
async function survivesAdditions(bytes: Uint8Array, before: ScanResult, broken: Broken): Promise<void> {
  const additions = {
    'the same bytes again': bytes.slice(),
    'a custom section': concat([bytes, assemble({ preamble: new Uint8Array(), sections: [customPart('unknown', [1, 2, 3])], rest: new Uint8Array() })]),
    'bytes at the end': concat([bytes, [0xff, 0x00, 0xff]]),
  };
  for (const [name, longer] of Object.entries(additions)) {
    const after = await scanBytes(longer);
    const lost = before.capabilities.filter((capability) => !after.capabilities.includes(capability));
    if (lost.length > 0) broken.push(`Capabilities lost by ${name}: ${lost.join(', ')}`);
    const errors = new Set(errorsOf(after));
    const gone = errorsOf(before).filter((error) => !errors.has(error));
    // A truncated section takes bytes at the end for its own, and then says something else of them.
    if (gone.length > 0 && after.verdict !== 'deny') broken.push(`Errors lost by ${name}: ${gone.join(', ')}`);
    if (longer.length === bytes.length && JSON.stringify(scanEntry(after)) !== JSON.stringify(scanEntry(before))) broken.push('The same bytes give another report');
  }
}

function errorsOf({ findings }: ScanResult): readonly string[] {
  return findings.filter(({ severity }) => severity === 'error').map(({ rule, subject }) => `${rule} ${subject}`);
}

const CONTEXT: ReportContext = {
  engineVersion: '0.0.0', policies: [], rules: RULES, expected: 1, width: 100, paint: plain,
  hash: (text) => hash('sha256', text, 'hex'),
  sarif: { profile: 'full', category: '', relativePath: (name) => name },
};
const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false });
const fitsScan = ajv.compile(schema('scan'));
const fitsInspect = ajv.compile(schema('inspect'));

function schema(name: string): object {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../../docs/schema/${name}.schema.json`), 'utf8')) as object;
}
