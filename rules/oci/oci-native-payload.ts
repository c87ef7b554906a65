import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import type { Packaging } from '../../scanner/packaging.ts';
import { listing } from '../../scanner/rule-support.ts';
import { cut, packageLocation } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'oci-native-payload',
  title: 'Native code in a Wasm package',
  description: 'Finds executables and libraries of the operating system beside Wasm, in packages that are made for Wasm alone, and provider archives.',
  family: 'oci',
  securitySeverity: 8.6,
  confidence: 'high',
  cwe: [829, 494],
  since: '0.1.0',
  remedy: 'Ship the Wasm alone, in a Wasm artifact, and native code in an image of its own that is judged as such',
  references: [
    'https://github.com/containerd/runwasi',
    'https://wasmcloud.com/docs/v1/concepts/providers/',
  ],
  about: 'surroundings',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  const { packaging } = facts;
  if (packaging === null || packaging.natives.length === 0 || !forWasmAlone(packaging)) return;
  const shown = listing(packaging.natives.map(({ path, title }) => `${cut(path)} (${title})`));
  // Providers are native by design, and their users know.
  const provider = packaging.form === 'wasmcloud-provider';
  const message = provider ? 'A provider is native code, and no sandbox holds it' : 'Native code lies beside the Wasm, and a host may run it instead';
  yield { message: `${message}: ${shown}`, subject: 'native-code', confidence: provider ? 'medium' : 'high', location: packageLocation(facts, 'package') };
}

/** An ordinary image is full of native code; one for a Wasm platform is not, and neither are the other forms. */
function forWasmAlone({ form, platform }: Packaging): boolean {
  return (form !== 'image' && form !== 'archive') || (platform !== null && /^wasi|\/wasm(?:32)?$/i.test(platform));
}
