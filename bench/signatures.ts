// CPU per verification: every form, beside the bare library where it can read the form; the first in the process, warm, and from the cache of evidence.
// npm run bench:signatures [-- --rounds N]
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Authority } from '../scanner/signature/authority.ts';
import { createEvidenceCache } from '../scanner/signature/evidence-cache.ts';
import { parseWasmKey } from '../scanner/signature/keys.ts';
import type { Candidate } from '../scanner/signature/subject.ts';
import { verifyCandidate } from '../scanner/signature/verify-candidate.ts';
import { claims, keyAuthority, keylessAuthority, leafPem, manifest, NOW as COSIGN_NOW, SIGNER, simpleSigning } from '../test/support/cosign-2.ts';
import { authorityOf, candidateOf, makeCose, makeJws, makeSigner } from '../test/support/notation.ts';
import { ABOUT, aboutBytes, aboutDigest, ARTIFACT, keyless, makeBundle, NOW, trustRoot } from '../test/support/private-sigstore.ts';

/** One form to measure. `bare`: what the library takes for the same bundle. */
interface Form {
  readonly name: string;
  readonly candidate: Candidate;
  readonly authorities: readonly Authority[];
  readonly now: Date;
  readonly bare?: () => unknown;
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const rounds = Number(values.rounds);
const cache = createEvidenceCache({ ttl: 3_600_000, maxBytes: 64 << 20, version: 'bench' });

console.log(`# CPU per verification, mean of ${rounds} rounds after the first\n\n| form | first ms | warm ms | bare library warm ms | from the cache, microseconds |\n|---|---:|---:|---:|---:|`);
for (const form of forms()) measure(form);

function measure({ name, candidate, authorities, now, bare }: Form): void {
  const verify = (): unknown => verifyCandidate(candidate, authorities, now);
  const trusted = verifyCandidate(candidate, authorities, now).some(({ status }) => status === 'trusted');
  if (!trusted) throw new Error(`${name} is not trusted, so its figure would mean nothing`);
  const first = cpu(verify, 1);
  const warm = cpu(verify, rounds);
  const library = bare === undefined ? '-' : cpu(bare, rounds).toFixed(2);
  cache.verify(candidate, authorities, now);
  const cached = cpu(() => cache.verify({ ...candidate }, authorities, now), rounds * 10) * 1_000;
  console.log(`| ${name} | ${first.toFixed(1)} | ${warm.toFixed(2)} | ${library} | ${cached.toFixed(1)} |`);
}

/** Milliseconds of processor time for one call. */
function cpu(work: () => unknown, times: number): number {
  const start = process.cpuUsage();
  for (let round = 0; round < times; round++) work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000 / times;
}

function forms(): Form[] {
  const message = makeBundle();
  const cosign = simpleSigning(claims(`sha256:${'ab'.repeat(32)}`), { key: SIGNER, log: true, certificate: leafPem(SIGNER) });
  const keyed = simpleSigning(claims(`sha256:${'ab'.repeat(32)}`), { key: SIGNER });
  const vectors = (JSON.parse(readFileSync(join(import.meta.dirname, '../test/fixtures/wasmsign2.json'), 'utf8')) as { vectors: Record<string, string> }).vectors;
  const module = Buffer.from(vectors['simple']!, 'hex');
  const signer = makeSigner();
  const library = new Verifier(trustRoot().material, { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 });
  const about = manifest(`sha256:${'ab'.repeat(32)}`);
  return [
    { name: 'Sigstore bundle, keyless, artifact at hand', candidate: { form: 'sigstore-bundle', where: 'bench', about: ABOUT, bundle: message }, authorities: [keyless()], now: NOW, bare: () => library.verify(toSignedEntity(bundleFromJSON(JSON.parse(message.toString())), Buffer.from(ARTIFACT))) },
    { name: 'Sigstore bundle, keyless, digest alone', candidate: { form: 'sigstore-bundle', where: 'bench', about: aboutDigest(ARTIFACT), bundle: message }, authorities: [keyless()], now: NOW },
    { name: 'cosign 2 tag, keyless', candidate: { form: 'cosign-signature', where: 'bench', about, ...cosign }, authorities: [keylessAuthority()], now: COSIGN_NOW },
    { name: 'cosign 2 tag, key', candidate: { form: 'cosign-signature', where: 'bench', about, ...keyed }, authorities: [keyAuthority([SIGNER], { transparencyLog: 'ignore' })], now: COSIGN_NOW },
    { name: 'section in the module', candidate: { form: 'wasm-section', where: 'bench', about: aboutBytes(module) }, authorities: [{ name: 'wasm', kind: 'wasmSignature', keys: [parseWasmKey(Buffer.from(vectors['pk1']!, 'hex'))], scope: 'wholeModule', sections: [] }], now: NOW },
    { name: 'Notary Project JWS', candidate: candidateOf('notation-jws', makeJws({ signer })), authorities: [authorityOf([signer])], now: NOW },
    { name: 'Notary Project COSE', candidate: candidateOf('notation-cose', makeCose({ signer })), authorities: [authorityOf([signer])], now: NOW },
  ];
}
