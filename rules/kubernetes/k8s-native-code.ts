import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { carrierLocation, cut, settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-native-code',
  title: 'Native code comes with Wasm',
  description: 'Finds providers, shims, dynamic modules and other native code that is brought in beside Wasm, and settings by which a host runs native code.',
  family: 'kubernetes',
  securitySeverity: 8.0,
  confidence: 'high',
  cwe: [829, 250],
  since: '0.1.0',
  remedy: 'Use the Wasm form of it, or judge it as the native program it is: no sandbox holds it',
  references: [
    'https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/wasm/v3/wasm.proto',
    'https://gateway.envoyproxy.io/docs/tasks/extensibility/',
    'https://wasmcloud.com/docs/v1/concepts/providers/',
  ],
  about: 'surroundings',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  const { carrier } = facts;
  let told = false;
  for (const finding of settingFindings(facts, ['precompiled-allowed', 'native-runtime', 'native-plug-in'])) {
    told = true;
    yield finding;
  }
  if (told || carrier?.role !== 'native') return;
  yield { message: `Native code runs here, and no sandbox holds it: ${cut(carrier.reference)}`, subject: 'native-code', location: carrierLocation(carrier) };
}
