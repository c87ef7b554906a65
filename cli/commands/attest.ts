import { createPrivateKey, createPublicKey, hash, sign, type KeyObject } from 'node:crypto';
import { attestationStatement, type AttestedScan } from '../../scanner/report/attestation.ts';
import { harmless, harmlessJson } from '../../scanner/report/harmless.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import { sayBugs } from '../bugs.ts';
import { listOption, textOption, type Input } from '../command.ts';
import { openDestination } from '../destination.ts';
import { localScanner } from '../../engine/local-scanner.ts';
import { combine, EXIT, exitOfEntry } from '../exit-codes.ts';
import { UsageError } from '../../engine/usage-error.ts';
import type { Io } from '../io.ts';
import { readPolicies } from '../policies.ts';
import { provenanceSource } from '../provenance.ts';
import { cacheOf, registryOf } from '../remote-options.ts';
import { say } from '../say.ts';
import { scanAll } from '../scan-all.ts';
import { findArtifacts, readNamedFile } from '../targets.ts';
import { engineVersion } from '../../engine/version.ts';

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/**
 * `wasmgate attest`: judges one target and writes facts and verdict as an in-toto statement, for other admission systems to ask for: signed with a key as a
 * Sigstore bundle, or unsigned for cosign. Exit codes are those of `scan`; a statement of a denial is written too, since it says so.
 */
export async function runAttest(input: Input, io: Io): Promise<number> {
  const key = signingKey(textOption(input, 'key'), io);
  const policies = await readPolicies(listOption(input, 'policy'), io);
  const { found } = await findArtifacts(input, io);
  const provenances = await provenanceSource(policies, { registry: registryOf(input, io), cwd: io.cwd, now: io.now });
  const scanner = localScanner(policies, { now: io.now.toISOString(), targetProfile: null, cache: cacheOf(input, io), onBug: sayBugs(io.stderr, 'message') });
  const entries: ScanEntry[] = [];
  for await (const entry of scanAll(found, { scanner, policies, cwd: io.cwd, provenances, parallel: 1 })) entries.push(entry);
  const unread = entries.filter(({ artifact }) => artifact.digest === null);
  for (const { reasons } of unread) io.stderr.write(`wasmgate: ${harmless(reasons.join('; '))}\n`);
  const exit = entries.reduce<number>((sum, entry) => combine(sum, exitOfEntry(entry, 'error')), entries.length === 0 ? EXIT.notAnalysed : EXIT.ok);
  if (entries.length === unread.length) return combine(exit, EXIT.notAnalysed);
  write({ entries, policies: policies.shown, version: engineVersion(), at: io.now.toISOString() }, key, { input, io });
  return exit;
}

function write(scan: AttestedScan, key: KeyObject | null, { input, io }: { readonly input: Input; readonly io: Io }): void {
  const format = textOption(input, 'format') ?? (key === null ? 'statement' : 'bundle');
  if ((format === 'bundle') !== (key !== null)) throw new UsageError(key === null ? 'A bundle needs a signature' : `--key signs a bundle, and --format ${format} is unsigned`, 'Give --key with --format bundle, or neither');
  const statement = attestationStatement(scan);
  const content = format === 'predicate' ? statement.predicate : key === null ? statement : signedBundle(JSON.stringify(statement), key);
  const file = textOption(input, 'output') ?? null;
  const destination = openDestination(file, io);
  destination.write(`${format === 'bundle' ? JSON.stringify(content) : harmlessJson(content, 2)}\n`);
  destination.close();
  if (file !== null) say(io, input, `Wrote ${file}`, `Subjects: ${statement.subject.map(({ name }) => name).join(', ')}`);
}

/** A Sigstore bundle 0.3 with a DSSE envelope (secure-systems-lab/dsse protocol.md), its key named by the hint that cosign gives: base64 of the SHA-256 of the SPKI. */
function signedBundle(statement: string, key: KeyObject): object {
  const payload = Buffer.from(statement);
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(PAYLOAD_TYPE)} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: hash('sha256', spki, 'base64') }, tlogEntries: [], timestampVerificationData: { rfc3161Timestamps: [] } },
    dsseEnvelope: { payload: payload.toString('base64'), payloadType: PAYLOAD_TYPE, signatures: [{ sig: sign(digestOf(key), signed, key).toString('base64'), keyid: '' }] },
  };
}

/** The digest that verifiers take for a key: by its curve; null: the algorithm has its own. */
function digestOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  if (asymmetricKeyType === 'ed25519') return null;
  return { secp384r1: 'sha384', secp521r1: 'sha512' }[asymmetricKeyDetails?.namedCurve ?? ''] ?? 'sha256';
}

function signingKey(file: string | undefined, io: Io): KeyObject | null {
  if (file === undefined) return null;
  const text = new TextDecoder().decode(readNamedFile(file, io, '--key'));
  const hint = 'Give a private key as unencrypted PKCS #8 PEM: openssl genpkey -algorithm ed25519; or write the predicate with --format predicate and sign with cosign attest';
  if (text.includes('ENCRYPTED')) throw new UsageError(`${file} is an encrypted key, which only the tool that made it can open (--key)`, hint);
  try {
    const key = createPrivateKey(text);
    if (['ed25519', 'ec', 'rsa'].includes(key.asymmetricKeyType ?? '')) return key;
  } catch {
    // Told below.
  }
  throw new UsageError(`${file} holds no private key that can sign here (--key)`, hint);
}
