import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { carrierLocation, cut, settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-hash-mismatch',
  title: 'The hash in the manifest is not that of the module',
  description: 'Finds hash fields that differ from the bytes or manifest they stand for, two hashes that disagree, and hashes that are none.',
  family: 'kubernetes',
  securitySeverity: 8.0,
  confidence: 'high',
  cwe: [345, 354],
  since: '0.1.0',
  remedy: 'Find out which of the two is meant; then write the hash of the module that was looked at',
  references: [
    'https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/',
    'https://gateway.envoyproxy.io/docs/api/extension_types/',
  ],
  about: 'surroundings',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  yield* settingFindings(facts, ['hash-disagrees']);
  const { carrier } = facts;
  if (carrier === null || carrier.hash === null) return;
  const { hash } = carrier;
  const location = carrierLocation(carrier);
  if (!/^sha256:[0-9a-f]{64}$/.test(hash)) {
    yield { message: `The hash is no SHA-256 of 64 hexadecimal digits, so it holds nothing: ${cut(hash)}`, subject: 'hash-form', confidence: 'medium', location };
    return;
  }
  const known = digestsOf(facts, carrier.hashOf);
  if (known.length === 0 || known.includes(hash)) return;
  yield { message: `The hash is ${hash}, but what is fetched has ${known.join(' or ')}`, subject: 'hash', location, fix: `Write ${known[0]!} if these are the bytes that were meant` };
}

/** Digests that the hash may be of. None where the bytes could not be had, or came out of an archive whose own digest nobody kept. */
function digestsOf({ size, digest, packaging }: Facts, hashOf: 'bytes' | 'manifest' | 'either' | null): readonly string[] {
  const manifest = packaging === null ? [] : [packaging.rootDigest, packaging.manifestDigest];
  const wholeFile = packaging === null || packaging.path === null;
  const bytes = [size > 0 && wholeFile ? digest : null, packaging?.layer?.digest ?? null];
  const wanted = hashOf === 'manifest' ? manifest : hashOf === 'bytes' ? bytes : [...bytes, ...manifest];
  return [...new Set(wanted)].filter((found) => found !== null && found.startsWith('sha256:')) as readonly string[];
}
