import { resolve } from 'node:path';
import type { Artifact, Opened } from '../../scanner/artifact.ts';
import { readFile } from '../../scanner/artifact/read-file.ts';
import { openAll, type Found } from '../../scanner/artifact/target.ts';
import { leastTrusted, UNKNOWN_PROVENANCE, type Provenance, type SignatureEvidence } from '../../scanner/provenance.ts';
import { provenanceText, verifyObject, type Verified } from '../../scanner/report/verify.ts';
import { harmlessJson } from '../../scanner/report/harmless.ts';
import { SCHEMA_VERSION } from '../../scanner/report/json.ts';
import { candidateFromBundleText, candidateFromSignature, candidatesFromBundleLines } from '../../scanner/signature/collect-files.ts';
import type { Candidate, SignedThing } from '../../scanner/signature/subject.ts';
import { listOption, textOption, type Input } from '../command.ts';
import { chooseFormats, openDestination } from '../destination.ts';
import { answerGiven, openEstablisher, type Question, type Surroundings } from '../../engine/establish.ts';
import { combine, EXIT, exitOfFailure } from '../exit-codes.ts';
import { UsageError } from '../../engine/usage-error.ts';
import type { Io } from '../io.ts';
import { lookOf } from '../paint.ts';
import { readPolicies } from '../policies.ts';
import { questionsOf } from '../provenance.ts';
import { registryOf } from '../remote-options.ts';
import { findArtifacts, readNamedFile } from '../targets.ts';
import { FLAGS, questionOfFlags } from '../verify-question.ts';

const FORMATS = ['text', 'json', 'jsonl'] as const;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** `wasmgate verify`: who stands behind each target. Exit 0 only where everyone asked for does. */
export async function runVerify(input: Input, io: Io): Promise<number> {
  const formats = chooseFormats(listOption(input, 'format'), textOption(input, 'output'), FORMATS);
  const questions = await questionsAsked(input, io);
  const surroundings: Surroundings = { registry: registryOf(input, io), cwd: io.cwd, now: io.now };
  const reports = formats.map(({ format, file }) => ({ format, destination: openDestination(file, io), look: lookOf({ input, io, toFile: file !== null }), count: 0 }));
  let exit: number = EXIT.ok;
  let results = 0;
  for await (const verified of verifyTargets(questions, surroundings, { input, io })) {
    exit = combine(exit, exitOf(verified));
    for (const report of reports) report.destination.write(piece(report, verified, results));
    results++;
  }
  for (const { format, destination } of reports) {
    if (format === 'json') destination.write(results === 0 ? `{\n  "schemaVersion": ${SCHEMA_VERSION},\n  "results": []\n}\n` : '\n  ]\n}\n');
    destination.close();
  }
  return results === 0 ? EXIT.notAnalysed : exit;
}

function piece({ format, look }: { readonly format: (typeof FORMATS)[number]; readonly look: Parameters<typeof provenanceText>[1] }, verified: Verified, before: number): string {
  if (format === 'jsonl') return `${harmlessJson(verifyObject(verified))}\n`;
  if (format === 'text') return (before === 0 ? '' : '\n') + provenanceText(verified, look);
  const lead = before === 0 ? `{\n  "schemaVersion": ${SCHEMA_VERSION},\n  "results": [\n    ` : ',\n    ';
  return lead + harmlessJson(verifyObject(verified), 2).replaceAll('\n', '\n    ');
}

/** "Some signature exists" is no answer, so asking nothing is a mistake. */
async function questionsAsked(input: Input, io: Io): Promise<readonly Question[]> {
  const flags = questionOfFlags(input);
  const named = listOption(input, 'policy');
  if (flags !== null && named.length > 0) throw new UsageError('Flags and --policy exclude each other', 'Put the signers into the policy, or ask by flags alone');
  if (flags !== null) return [flags];
  const questions = named.length === 0 ? [] : questionsOf(await readPolicies(named, io));
  if (questions.length > 0) return questions;
  throw new UsageError('Nothing is asked: who must have signed?', 'Give --key, or --certificate-identity with --certificate-oidc-issuer, or a --policy with signatures');
}

interface Command {
  readonly input: Input;
  readonly io: Io;
}

async function* verifyTargets(questions: readonly Question[], surroundings: Surroundings, { input, io }: Command): AsyncGenerator<Verified> {
  const given = givenSignatures(input, io);
  const establish = openEstablisher(questions, surroundings);
  if (given === null) {
    for (const found of (await findArtifacts(input, io)).found) yield* verifyFound(found, async (artifact) => combined(await establish(artifact), questions, { input }));
    return;
  }
  if (input.args.length !== 1) throw new UsageError('A signature is given for one target', 'Name the one file or digest that it is for');
  const target = input.args[0]!;
  if (DIGEST.test(target)) {
    const about: SignedThing = { kind: 'bytes', digests: { sha256: target.replace('sha256:', '') }, bytes: null, mediaType: null, size: null };
    const answers = questions.map((question) => answerGiven(question, given(about), surroundings));
    yield { artifact: { name: target, digest: target, size: null }, provenance: combined(answers, questions, { input }), failure: null };
    return;
  }
  const file = readFile(resolve(io.cwd, target), target);
  yield* verifyFound({ name: target, size: null, open: () => file }, async (artifact) => combined(await establish(artifact, given), questions, { input }));
}

async function* verifyFound(found: Found, ask: (artifact: Artifact) => Promise<Provenance>): AsyncGenerator<Verified> {
  for await (const opened of openAll(found)) yield await verifiedOf(opened, ask);
}

async function verifiedOf(opened: Opened, ask: (artifact: Artifact) => Promise<Provenance>): Promise<Verified> {
  if ('failure' in opened) return { artifact: { name: opened.name, digest: null, size: null }, provenance: { ...UNKNOWN_PROVENANCE, status: 'error' }, failure: opened.failure };
  if ('withoutWasm' in opened) return { artifact: { name: opened.name, digest: opened.withoutWasm.digest, size: null }, provenance: { ...UNKNOWN_PROVENANCE, status: 'error' }, failure: { kind: 'unreadable', code: 'no-wasm', message: `No Wasm in this ${opened.withoutWasm.title}: ${opened.name}` } };
  return { artifact: { name: opened.name, digest: opened.digest, size: opened.bytes.length }, provenance: await ask(opened), failure: null };
}

/** All questions must be answered well; attestations that are asked for are part of each. */
function combined(answers: readonly Provenance[], questions: readonly Question[], about: Pick<Command, 'input'>): Provenance {
  return leastTrusted(answers.map((answer, index) => (questions[index]!.name === FLAGS ? byFlags(answer, about) : byPolicy(answer))));
}

/** An attestation that a policy asks for and that is not met leaves the artifact untrusted. */
function byPolicy(answer: Provenance): Provenance {
  const met = answer.attestations.every(({ status }) => status === 'satisfied');
  return met || answer.status !== 'trusted' ? answer : { ...answer, status: 'untrusted' };
}

/** With `--type` the attestation is the answer. A bundle that the user names may hold either: the question is whether it holds for this artifact and signer. */
function byFlags(answer: Provenance, { input }: Pick<Command, 'input'>): Provenance {
  const typed = textOption(input, 'type') !== undefined;
  if (!typed && textOption(input, 'bundle') === undefined) return answer;
  const counting = answer.signatures.filter(({ predicateType }) => !typed || predicateType !== null);
  const good = counting.filter(({ status }) => status === 'trusted');
  const met = typed ? answer.attestations.every(({ status }) => status === 'satisfied') : good.length > 0;
  if (!met) return { ...answer, status: statusOf(answer.signatures, answer) };
  return { ...answer, status: 'trusted', authorities: [...new Set(good.flatMap(({ authority }) => authority ?? []))].sort() };
}

function statusOf(counting: readonly SignatureEvidence[], { status }: Provenance): Provenance['status'] {
  const has = (one: SignatureEvidence['status']): boolean => counting.some((evidence) => evidence.status === one);
  if (has('invalid')) return 'invalid';
  if (status === 'error') return 'error';
  return has('untrusted') || has('trusted') ? 'untrusted' : has('unsupported') ? 'unsupported' : 'absent';
}

/** Signatures that the flags name; null: those that are found count. */
function givenSignatures(input: Input, io: Io): ((about: SignedThing) => readonly Candidate[]) | null {
  const bundle = textOption(input, 'bundle');
  const signature = textOption(input, 'signature');
  const certificate = textOption(input, 'certificate');
  if (bundle !== undefined && signature !== undefined) throw new UsageError('--bundle and --signature exclude each other');
  if (certificate !== undefined && signature === undefined) throw new UsageError('--certificate needs --signature', 'A certificate alone signs nothing');
  if (bundle !== undefined) {
    const text = new TextDecoder().decode(readNamedFile(bundle, io));
    return (about) => (bundle.endsWith('.jsonl') ? candidatesFromBundleLines(text, about, bundle) : [candidateFromBundleText(text, about, bundle)]);
  }
  if (signature === undefined) return null;
  const bytes = readNamedFile(signature, io);
  const chain = certificate === undefined ? null : readNamedFile(certificate, io);
  return (about) => [candidateFromSignature(bytes, chain, { where: signature, about })];
}

function exitOf({ provenance: { status }, failure }: Verified): number {
  if (failure !== null) return exitOfFailure(failure);
  if (status === 'trusted') return EXIT.ok;
  return status === 'error' ? EXIT.outside : EXIT.denied;
}
