import type { ModuleFact } from '../../scanner/facts/facts.ts';
import type { Location } from '../../scanner/location.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'memory64-used',
  title: 'The program has 64-bit memories or tables',
  description: 'Finds memories and tables whose addresses have 64 bits, imported ones too.',
  family: 'feature',
  securitySeverity: 3.4,
  confidence: 'high',
  cwe: [1357],
  since: '0.1.0',
  remedy: 'Build for wasm32 where 4 GiB are enough',
  references: ['https://github.com/WebAssembly/memory64', 'https://nvd.nist.gov/vuln/detail/CVE-2026-34971', 'https://nvd.nist.gov/vuln/detail/CVE-2026-34945'],
  *check(facts) {
    const wide = facts.modules.flatMap((fact) => [...wideOnes(fact)]);
    const first = wide[0];
    if (first !== undefined) yield { message: `Has addresses of 64 bits: ${listing(wide.map(({ text }) => text))}`, subject: 'memory64', location: first.location };
  },
});

interface Wide { readonly text: string; readonly location: Location }

function* wideOnes({ path, module: { imports, memories, tables } }: ModuleFact): Generator<Wide> {
  const within = path === '' ? '' : `${path}/`;
  for (const [place, { type, module, name, offset, length }] of imports.entries()) {
    if ((type.kind === 'memory' || type.kind === 'table') && type.index64) yield { text: `an imported ${type.kind}`, location: { path: `${within}import[${place}] ${module}.${name}`, offset, length } };
  }
  for (const [kind, list] of [['memory', memories], ['table', tables]] as const) {
    const imported = imports.filter(({ type }) => type.kind === kind).length;
    for (const [place, { type, offset, length }] of list.entries()) {
      if (type.index64) yield { text: `a ${kind}`, location: { path: `${within}${kind}[${imported + place}]`, offset, length } };
    }
  }
}
