import { describe, expect, it } from 'vitest';
import { bundleJson, type BundleJson, type BundleParts, SIGNED_AT, statement } from '../../../test/support/private-sigstore.ts';
import { parseBundle } from './parse-bundle.ts';
import { Refusal } from './refusal.ts';

const STAMPED: BundleParts = { stamps: [SIGNED_AT] };

describe('a bundle', () => {
  it.each(['application/vnd.dev.sigstore.bundle+json;version=0.1', 'application/vnd.dev.sigstore.bundle+json;version=0.2', 'application/vnd.dev.sigstore.bundle+json;version=0.3', 'application/vnd.dev.sigstore.bundle.v0.3+json'])('of media type %s is read', (mediaType) => {
    expect(codeOf((bundle) => { bundle.mediaType = mediaType; })).toBe('ok');
  });

  it.each(['application/vnd.dev.sigstore.bundle.v9.9+json', 'application/vnd.dev.sigstore.bundle.v0.3+jsonEVIL', 'application/vnd.dev.sigstore.bundle+json;version=0.1;x', 'constructor'])('of media type %s is not known', (mediaType) => {
    expect(codeOf((bundle) => { bundle.mediaType = mediaType; })).toBe('media-type-unknown');
  });

  it.each<[string, (bundle: BundleJson) => void, BundleParts?]>([
    ['a certificate and a key', (bundle) => { bundle.verificationMaterial.publicKey = { hint: '' }; }],
    ['no signer', (bundle) => { delete bundle.verificationMaterial.certificate; }],
    ['a message and an envelope', (bundle) => { bundle.dsseEnvelope = bundleJson({ statement: statement() }).dsseEnvelope; }],
    ['no content', (bundle) => { delete bundle.messageSignature; }],
    ['an unknown key', (bundle) => { bundle.verificationMaterial.extra = 1; }],
    ['base64 with a line end', (bundle) => { bundle.messageSignature.signature = `${bundle.messageSignature.signature}\n`; }],
    ['base64 of the other alphabet', (bundle) => { bundle.verificationMaterial.certificate.rawBytes = '-_-_'; }],
    ['base64 with bits left over', (bundle) => { bundle.messageSignature.signature = 'AB=='; }],
    ['base64 without padding', (bundle) => { bundle.messageSignature.signature = 'AA'; }],
    ['an empty signature', (bundle) => { bundle.messageSignature.signature = ''; }],
    ['a digest of another length', (bundle) => { bundle.messageSignature.messageDigest.digest = 'AAAA'; }],
    ['a negative number', (bundle) => { bundle.verificationMaterial.tlogEntries[0].logIndex = '-1'; }],
    ['a number beyond what readers hold', (bundle) => { bundle.verificationMaterial.tlogEntries[0].logIndex = '9007199254740993'; }],
    ['a number in another form', (bundle) => { bundle.verificationMaterial.tlogEntries[0].logIndex = '0x1'; }],
    ['no proof', (bundle) => { delete bundle.verificationMaterial.tlogEntries[0].inclusionProof; }],
    ['a proof without a checkpoint', (bundle) => { delete bundle.verificationMaterial.tlogEntries[0].inclusionProof.checkpoint; }],
    ['no promise in the first version', (bundle) => { bundle.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1'; delete bundle.verificationMaterial.tlogEntries[0].inclusionPromise; }],
    ['entries that are no list', (bundle) => { bundle.verificationMaterial.tlogEntries = {}; }],
    ['an entry that is no object', (bundle) => { bundle.verificationMaterial.tlogEntries = [[]]; }],
    ['an empty chain', (bundle) => { delete bundle.verificationMaterial.certificate; bundle.verificationMaterial.x509CertificateChain = { certificates: [] }; }],
    ['two signatures', (bundle) => { bundle.dsseEnvelope.signatures.push(bundle.dsseEnvelope.signatures[0]); }, { statement: statement() }],
    ['no signatures', (bundle) => { bundle.dsseEnvelope.signatures = []; }, { statement: statement() }],
    ['a lone surrogate in the payload type', (bundle) => { bundle.dsseEnvelope.payloadType = '\ud800'; }, { statement: statement() }],
  ])('with %s is malformed', (_, change, parts) => {
    expect(codeOf(change, parts)).toBe('malformed-bundle');
  });

  it.each<[string, (bundle: BundleJson) => void]>([
    ['33 log entries', (bundle) => { bundle.verificationMaterial.tlogEntries = many(bundle.verificationMaterial.tlogEntries); }],
    ['33 timestamps', (bundle) => { bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps = many(bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps); }],
    ['more than a megabyte', (bundle) => { bundle.verificationMaterial.certificate.rawBytes = 'AAAA'.repeat(300_000); }],
  ])('with %s is beyond a limit', (_, change) => {
    expect(codeOf(change, STAMPED)).toBe('limit-exceeded');
  });

  it('with a digest algorithm that is not accepted says so', () => {
    expect(codeOf((bundle) => { bundle.messageSignature.messageDigest.algorithm = 'SHA3_256'; })).toBe('algorithm-unsupported');
    expect(codeOf((bundle) => { bundle.messageSignature.messageDigest.algorithm = 'toString'; })).toBe('algorithm-unsupported');
  });

  it.each<[string, (text: string) => string]>([
    ['a key twice', (text) => text.replace('{"mediaType"', '{"mediaType":"x","mediaType"')],
    ['a key in two cases', (text) => text.replace('{"mediaType"', '{"MediaType":"x","mediaType"')],
    ['__proto__', (text) => text.replace('{"mediaType"', '{"__proto__":{},"mediaType"')],
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['deep nesting', () => '['.repeat(100_000)],
    ['text after its end', (text) => `${text}{}`],
    ['nothing', () => ''],
    ['null', () => 'null'],
  ])('in JSON with %s is malformed', (_, change) => {
    expect(codeOfText(change(JSON.stringify(bundleJson())))).toBe('malformed-bundle');
  });

  it('may have null for what is absent, and numbers for whole numbers', () => {
    expect(codeOf((bundle) => { bundle.verificationMaterial.publicKey = null; bundle.dsseEnvelope = null; bundle.verificationMaterial.tlogEntries[0].logIndex = 0; })).toBe('ok');
  });
});

function many<Item>([item]: readonly Item[]): Item[] {
  return Array.from({ length: 33 }, () => item!);
}

function codeOf(change: (bundle: BundleJson) => void, parts: BundleParts = {}): string {
  return codeOfText(JSON.stringify(bundleJson({ ...parts, change })));
}

function codeOfText(text: string): string {
  try {
    parseBundle(new TextEncoder().encode(text));
    return 'ok';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}
