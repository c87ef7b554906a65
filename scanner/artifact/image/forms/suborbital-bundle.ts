import { baseName, bundle, type BundleReader } from './bundle.ts';

/** A bundle of Suborbital: modules beside `tenant.json`, older ones beside `Directive.yaml`. What tenants may reach is configured in the server. */
export const readSuborbitalBundle: BundleReader = (files) => {
  const root = files.some(({ path }) => path === 'tenant.json' || path === 'Directive.yaml');
  const modules = files.some(({ path }) => path.endsWith('.wasm'));
  return (root && modules) || files.some(({ path }) => /^\.module\.ya?ml$/.test(baseName(path))) ? bundle('suborbital-bundle') : null;
};
