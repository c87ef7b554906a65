import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../wasm/limits.ts';
import { candidateFromBundleText, candidateFromSignature, candidatesFromBundleLines, collectBeside } from './collect-files.ts';
import type { Candidate, SignedThing } from './subject.ts';

const ABOUT: SignedThing = { kind: 'bytes', digests: { sha256: 'a'.repeat(64) }, bytes: null, mediaType: null, size: null };
const BUNDLE = JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', verificationMaterial: {} });
const BLOB_BUNDLE = JSON.stringify({ base64Signature: 'AA==', cert: '', rekorBundle: {} });
const ENVELOPE = JSON.stringify({ payloadType: 'application/vnd.in-toto+json', payload: '', signatures: [] });
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'beside-'));
  mkdirSync(join(folder, 'in'));
  file = join(folder, 'in/app.wasm');
  writeFileSync(file, 'wasm');
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (suffix: string, content: string | Uint8Array): void => writeFileSync(file + suffix, content);
const lines = (found: readonly Candidate[]): string[] => found.map((one) => `${one.form === 'unknown' ? `${one.status} ${one.code}` : one.form} ${one.where.slice(file.length)}`);
const look = async (): Promise<string[]> => lines(await collectBeside(file, ABOUT));

describe('beside a file', () => {
  test('there may be nothing', async () => {
    put('.txt', BUNDLE);
    expect(await look()).toEqual([]);
  });

  test.each(['.sigstore.json', '.sigstore', '.sigstore.bundle', '.bundle'])('%s is told by its content', async (suffix) => {
    const seen: string[] = [];
    for (const content of [BUNDLE, BLOB_BUNDLE, ENVELOPE, '{"SignedEntryTimestamp":""}', '{"a":1}', '[]', 'no JSON', '{"a":1,"a":2}']) {
      put(suffix, content);
      seen.push(...await look());
    }
    expect(seen).toEqual(['sigstore-bundle', 'blob-bundle', 'dsse', 'unsupported unknown-form', 'unsupported unknown-form', 'invalid malformed', 'invalid malformed', 'invalid malformed'].map((line) => `${line} ${suffix}`));
  });

  test.each(['.jsonl', '.intoto.jsonl', '.attestations.jsonl'])('%s has one a line', async (suffix) => {
    put(suffix, `${BUNDLE}\n\n${ENVELOPE}\r\n  \n{`);
    expect(await look()).toEqual([`sigstore-bundle ${suffix}`, `dsse ${suffix}`, `invalid malformed ${suffix}`]);
    put(suffix, JSON.stringify(JSON.parse(BUNDLE), null, 2));
    expect(await look()).toEqual([`sigstore-bundle ${suffix}`]);
  });

  test('lines are read up to the limit, and the rest is told', async () => {
    put('.jsonl', `${BUNDLE}\n`.repeat(LIMITS.signatures + 1));
    const found = await look();
    expect(found).toHaveLength(LIMITS.signatures + 1);
    expect(found.at(-1)).toBe('unsupported too-many-signatures .jsonl');
    for (const line of ['x\n', '\n']) {
      put('.jsonl', line.repeat(LIMITS.signatureFileBytes / 2 / line.length) + BUNDLE);
      expect((await collectBeside(file, ABOUT)).at(-1)).toMatchObject({ code: 'too-many-signatures', reason: `Only the first ${LIMITS.signatures} of more signatures were tried` });
    }
  });

  test.each(['.pem', '.crt', '.cert'])('a signature comes with the certificate in %s', async (suffix) => {
    put('.sig', 'c2ln');
    expect(await collectBeside(file, ABOUT)).toMatchObject([{ form: 'detached', where: `${file}.sig`, certificate: null }]);
    put(suffix, 'certificate');
    expect(await collectBeside(file, ABOUT)).toMatchObject([{ form: 'detached', signature: new TextEncoder().encode('c2ln'), certificate: new TextEncoder().encode('certificate') }]);
  });

  test.each([['.jws', 'jws'], ['.jws.sig', 'jws'], ['.cose', 'cose'], ['.cose.sig', 'cose']])('%s is a Notary Project signature', async (suffix, form) => {
    put(suffix, 'x');
    expect(await look()).toEqual([`notation-${form} ${suffix}`]);
  });

  test('signatures of other tools are named', async () => {
    put('.asc', 'x');
    put('.minisig', 'x');
    put('.sshsig', 'x');
    for (const content of ['-----BEGIN PGP SIGNATURE-----', '-----BEGIN SSH SIGNATURE-----', 'untrusted comment: x']) {
      put('.sig', content);
      expect(await look()).toEqual(['.sig', '.asc', '.minisig', '.sshsig'].map((suffix) => `unsupported foreign-signature ${suffix}`));
    }
  });

  test('links out of the folder are not followed, links within it are', async () => {
    writeFileSync(join(folder, 'outside'), BUNDLE);
    symlinkSync('../outside', `${file}.sigstore.json`);
    mkdirSync(join(folder, 'in/..data'));
    writeFileSync(join(folder, 'in/..data/bundle'), BUNDLE);
    symlinkSync('..data/bundle', `${file}.bundle`);
    symlinkSync('nowhere', `${file}.sig`);
    expect(await look()).toEqual(['unsupported link-outside .sigstore.json', 'sigstore-bundle .bundle']);
  });

  test('what is no regular file is an error, and nobody waits for it', async () => {
    mkdirSync(`${file}.sig`);
    execFileSync('mkfifo', [`${file}.jws`]);
    expect(await look()).toEqual(['error not-a-file .sig', 'error not-a-file .jws']);
  });

  test('what is too large is told and not read', async () => {
    put('.sigstore.json', new Uint8Array(LIMITS.signatureBytes + 1).fill(0x20));
    put('.sig', new Uint8Array(LIMITS.signatureBytes + 1));
    put('.jsonl', new Uint8Array(LIMITS.signatureFileBytes + 1));
    expect(await look()).toEqual(['unsupported too-large .sigstore.json', 'unsupported too-large .jsonl', 'unsupported too-large .sig']);
    put('.jsonl', `${BUNDLE}\n${' '.repeat(LIMITS.signatureBytes)}${BUNDLE}`);
    expect((await look())[2]).toBe('unsupported too-large .jsonl');
  });
});

test('texts that the user names are read alike', () => {
  expect(candidateFromBundleText(BUNDLE, ABOUT, 'b')).toMatchObject({ form: 'sigstore-bundle', where: 'b', about: ABOUT });
  expect(candidatesFromBundleLines(`${BUNDLE}\n${BLOB_BUNDLE}`, ABOUT, 'b').map(({ form }) => form)).toEqual(['sigstore-bundle', 'blob-bundle']);
  for (const [text, form] of [['c2ln', 'detached'], [ENVELOPE, 'dsse'], ['{raw bytes', 'detached']] as const) expect(candidateFromSignature(new TextEncoder().encode(text), null, { about: ABOUT, where: 's' }).form).toBe(form);
});
