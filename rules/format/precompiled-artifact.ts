import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { nativeSection } from '../../scanner/wasm/first-bytes.ts';

export default defineRule({
  id: 'precompiled-artifact',
  title: 'Native code where Wasm is expected',
  description: 'Finds executables, ahead-of-time compiled artifacts of Wasm runtimes, and modules that carry native code in a custom section.',
  family: 'format',
  securitySeverity: 9.1,
  confidence: 'high',
  cwe: [829, 494],
  since: '0.1.0',
  remedy: 'Ship portable Wasm, and let the runtime compile it on the node from a module that was scanned',
  references: [
    'https://docs.wasmtime.dev/api/wasmtime/struct.Module.html#method.deserialize',
    'https://github.com/bytecodealliance/wasm-micro-runtime/blob/main/doc/security_need_to_know.md',
    'https://wasmedge.org/docs/start/wasmedge/features#aot-compiler',
  ],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  const { decoded } = facts;
  if (decoded.kind === 'native') {
    yield { message: `Native code instead of Wasm: ${decoded.title}`, subject: decoded.format, location: { path: 'file', ...decoded.location } };
  }
  for (const { path, module } of facts.modules) {
    const found = nativeSection(module.customs);
    if (found === null) continue;
    const index = module.customs.findIndex(({ offset }) => offset === found.location.offset);
    const place = `custom[${index}] ${module.customs[index]?.name ?? ''}`;
    yield { message: `Native code inside the module: ${found.title}`, subject: found.format, location: { path: path === '' ? place : `${path}/${place}`, ...found.location } };
  }
}
