/** An import's name in the form the catalogue uses. */
export interface NormalName {
  readonly module: string;
  readonly name: string;
  /** Module whose rows count too, because it has the same names. */
  readonly alias: string | null;
  /** Whether the name as it stands in the binary is worth a look when this one is not known. */
  readonly retry: boolean;
}

/** Beginnings of the modules that have something to take off. */
const MARKED = /^(?:cm32p2|\[export\]|\.\/|__wb|wbg$)/;
const NAME_PREFIX = /^(\[async-lower\]|\[cancellable\]|\[export\])/;
/** Handles of resources as the `cm32p2` mangling names them. */
const MANGLED_HANDLE = /^(.+)_(drop|new|rep)$/;
const BINDGEN_HASH = /_[0-9a-f]{16}$/;

/**
 * Takes off what toolchains put around names: prefixes that say how a function is called, the `cm32p2` mangling, the export
 * prefix of a module where the rest is an interface, and the hash of wasm-bindgen's helpers.
 */
export function normaliseImport(module: string, name: string): NormalName {
  // Nearly every import has none of these marks.
  if (!name.startsWith('[') && !MARKED.test(module)) return { module, name, alias: null, retry: false };
  let [innerModule, innerName] = unmangle(module, name);
  while (NAME_PREFIX.test(innerName)) innerName = innerName.slice(innerName.indexOf(']') + 1);
  if (innerModule.startsWith('[export]') && !innerName.startsWith('[')) innerModule = innerModule.slice('[export]'.length);
  const alias = isBindgen(innerModule) ? 'wbg' : null;
  if (alias !== null || innerModule === 'wbg') innerName = bindgenHelper(innerName);
  return { module: innerModule, name: innerName, alias, retry: !isMangled(module) && (innerModule !== module || innerName !== name) };
}

/** `__wbg___wbindgen_NAME_HASH`: recent output hands its helpers over like any other import. */
function bindgenHelper(name: string): string {
  const bare = name.startsWith('__wbg___wbindgen_') ? name.slice('__wbg_'.length) : name;
  return bare.startsWith('__wbindgen_') && bare.length < 200 ? bare.replace(BINDGEN_HASH, '') : name;
}

function isBindgen(module: string): boolean {
  return module === '__wbindgen_placeholder__' || (module.startsWith('./') && module.endsWith('_bg.js'));
}

function isMangled(module: string): boolean {
  return module === 'cm32p2' || module.startsWith('cm32p2|');
}

function unmangle(module: string, name: string): [string, string] {
  if (!isMangled(module)) return [module, name];
  const rest = module === 'cm32p2' ? '$root' : module.slice('cm32p2|'.length);
  const [, resource, what] = MANGLED_HANDLE.exec(name) ?? [];
  const inner = resource === undefined ? name : `[resource-${what}]${resource}`;
  return [rest.startsWith('_ex_') ? `[export]${rest.slice('_ex_'.length)}` : rest, inner];
}
