import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import type { Component } from '../../scanner/wasm/component.ts';

export default defineRule({
  id: 'component-unlocked-import',
  title: 'An import that is fetched by name or address',
  description: 'Finds component imports that name a package or an address to be fetched when the component is loaded: what then runs is not what was scanned.',
  family: 'component',
  securitySeverity: 7.0,
  confidence: 'high',
  cwe: [494, 829],
  since: '0.1.0',
  remedy: 'Compose the component with what it needs at build time',
  references: ['https://github.com/WebAssembly/component-model/blob/main/design/mvp/Explainer.md#import-and-export-definitions'],
  check,
});

/** Forms that the component model had until 2026; some loaders still honour them. */
const FETCHED: Readonly<Record<string, string>> = {
  'unlocked-dep': 'any version of a package',
  'locked-dep': 'a package of a registry',
  url: 'whatever an address serves',
  'relative-url': 'whatever a relative address serves',
  integrity: 'whatever has a given hash',
};

function* check({ component }: Facts): Generator<RuleFinding> {
  const open: { path: string; component: Component }[] = component === null ? [] : [{ path: '', component }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path } = next;
    for (const [index, { name, offset, length }] of next.component.imports.entries()) {
      const form = name.includes('=') ? name.slice(0, name.indexOf('=')) : '';
      if (!Object.hasOwn(FETCHED, form)) continue;
      yield { message: `Import ${name} asks the host to fetch ${FETCHED[form]}`, subject: `${form} ${wanted(name)}`, location: { path: `${path}import[${index}] ${name}`, offset, length } };
    }
    for (const [index, inner] of next.component.components.entries()) open.push({ path: `${path}component[${index}]/`, component: inner });
  }
}

/** The name within `<...>`, without version range. */
function wanted(name: string): string {
  return /<([^@>]*)/.exec(name)?.[1] ?? name;
}
