import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import type { CarrierFact } from '../../scanner/carrier.ts';
import type { Packaging } from '../../scanner/packaging.ts';
import { carrierLocation, cut, holdsWasm, packageLocation } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'oci-mutable-reference',
  title: 'A reference that can mean other bytes tomorrow',
  description: 'Finds Wasm that is named by a tag, or by a URL without a hash, so that what was judged is not what must run.',
  family: 'oci',
  securitySeverity: 5.7,
  confidence: 'high',
  cwe: [494, 367],
  since: '0.1.0',
  remedy: 'Pin the digest: write @sha256:... behind the reference, or the hash field beside the URL',
  references: [
    'https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests',
    'https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/',
  ],
  about: 'surroundings',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  const { carrier, packaging } = facts;
  if (!holdsWasm(facts) || carrier?.reference.trim() === '') return;
  if (carrier === null) yield* unpinnedTarget(facts);
  else if (!carrier.pinned && carrier.scheme === 'oci') yield { ...byTag(carrier.reference, packaging), location: carrierLocation(carrier) };
  else if (!carrier.pinned && carrier.scheme === 'http') yield { ...byAddress(facts, carrier), location: carrierLocation(carrier) };
}

/** A reference given on the command line. Nobody who fills the package can write its own digest into a path inside it. */
function* unpinnedTarget(facts: Facts): Generator<RuleFinding> {
  const { packaging, reference } = facts;
  if (packaging === null || packaging.repository === null || packaging.rootDigest === null || reference.includes(`@${packaging.rootDigest}`)) return;
  yield { ...byTag(reference, packaging), location: packageLocation(facts, 'reference') };
}

function byTag(reference: string, packaging: Packaging | null): Pick<RuleFinding, 'message' | 'subject' | 'fix'> {
  const { repository, tag } = parts(reference);
  const said = tag === null ? 'no tag, which means latest' : tag === 'latest' ? 'the tag latest, which is made to move' : `the tag ${tag}`;
  const digest = packaging?.rootDigest ?? null;
  const pin = digest === null ? 'Write @sha256:... behind the reference, with the digest that was looked at' : `Pin what was looked at: ${repository}@${digest}`;
  return { message: `Named by ${said}, so other bytes can run than those judged: ${cut(reference)}`, subject: cut(repository), fix: pin };
}

function byAddress({ size, digest, packaging }: Facts, { reference }: CarrierFact): Pick<RuleFinding, 'message' | 'subject' | 'fix'> {
  const known = size > 0 && (packaging === null || packaging.path === null);
  const fix = known ? `Write the hash beside the URL: ${digest}` : 'Write the hash of the module beside the URL, or publish it in a registry and pin its digest';
  return { message: `Fetched by a URL without a hash, so whoever serves it decides what runs: ${cut(reference)}`, subject: cut(reference), fix };
}

/** Everything in front of the tag, and the tag: the part behind a colon in the last segment. */
function parts(reference: string): { readonly repository: string; readonly tag: string | null } {
  const colon = reference.lastIndexOf(':');
  if (colon <= reference.lastIndexOf('/')) return { repository: reference, tag: null };
  return { repository: reference.slice(0, colon), tag: cut(reference.slice(colon + 1)) };
}
