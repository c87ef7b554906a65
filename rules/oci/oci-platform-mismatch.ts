import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import type { Packaging } from '../../scanner/packaging.ts';
import { packageLocation } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'oci-platform-mismatch',
  title: 'The platform of the image is not that of its bytes',
  description: 'Finds images whose platform names another kind of Wasm than they hold, and Wasm that an image for an ordinary platform starts.',
  family: 'oci',
  securitySeverity: 5.0,
  confidence: 'medium',
  cwe: [345, 436],
  since: '0.1.0',
  remedy: 'Publish modules as wasip1/wasm and components as wasip2/wasm, so that nodes choose the right one',
  references: [
    'https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/',
    'https://github.com/opencontainers/image-spec/blob/main/image-index.md',
  ],
  about: 'surroundings',
  check,
});

/** Packers that write wasip1 whatever they pack, so that the platform says nothing. */
const ALWAYS_FIRST: ReadonlySet<Packaging['form']> = new Set(['spin-application', 'spin-image', 'runwasi-image']);

function* check(facts: Facts): Generator<RuleFinding> {
  const { packaging, kind } = facts;
  if (packaging === null) return;
  const location = packageLocation(facts, 'platform');
  for (const { id, message } of packaging.oddities) if (id === 'platform-disagrees') yield { message, subject: id, location };
  if (packaging.platform === null || (kind !== 'module' && kind !== 'component')) return;
  const [os = '', architecture = ''] = packaging.platform.toLowerCase().split('/');
  if (os.startsWith('wasi')) yield* wasmPlatform({ os, architecture, kind, packaging, location });
  else if (architecture !== 'wasm' && packaging.entryPoint === true) {
    yield { message: `The image says ${packaging.platform}, and what it starts is Wasm: only a node that looks inside runs it`, subject: 'platform', location, atMost: 'note' };
  }
}

interface Compared {
  readonly os: string;
  readonly architecture: string;
  readonly kind: 'module' | 'component';
  readonly packaging: Packaging;
  readonly location: RuleFinding['location'];
}

function* wasmPlatform({ os, architecture, kind, packaging, location }: Compared): Generator<RuleFinding> {
  if (architecture !== '' && architecture !== 'wasm' && architecture !== 'wasm32') yield { message: `The platform is ${packaging.platform}, and the bytes are Wasm`, subject: 'architecture', location };
  const meant = os === 'wasip1' ? 'module' : os === 'wasip2' || os === 'wasip3' ? 'component' : kind;
  // The config of the artifact layout says the same of itself, and has a rule of its own.
  if (meant === kind || (packaging.form === 'wasm-artifact' && packaging.claims?.os?.toLowerCase() === os)) return;
  const usual = ALWAYS_FIRST.has(packaging.form) ? { atMost: 'note' } as const : {};
  yield { message: `The platform is ${packaging.platform}, which is a ${meant}, and the bytes are a ${kind}`, subject: 'platform', location, ...usual };
}
