/** Versions written beside one name, in the form the component model compares; null: none was written, which fits all. */
type Versions = Set<string | null>;

/**
 * Names of the component model, `wasi:http/types@0.2.3`, compared as it compares them: versions that are compatible are the same, and
 * a name without one fits all. Component model, "Explainer.md", canonical interface names. Lists out of manifests and binaries are as
 * long as their writers like, so each name is looked up and none is compared with all.
 */
export class InterfaceNames {
  readonly #bases = new Map<string, Versions>();
  readonly #packages = new Map<string, Versions>();

  constructor(names: Iterable<string>) {
    for (const name of names) {
      const { base, version } = parse(name);
      add(this.#bases, base, version);
      if (base.includes('/')) add(this.#packages, packageOf(base), version);
    }
  }

  /** Whether one of them can mean the same as this name. */
  has(name: string): boolean {
    const { base, version } = parse(name);
    return fits(this.#bases.get(base), version);
  }

  /** Whether the pattern, an interface or a whole package (`wasi:keyvalue`, `wasi:keyvalue/*`, `*`), covers one of them. */
  hasWithin(pattern: string): boolean {
    const { base, version } = parse(pattern);
    if (base === '*') return this.#bases.size > 0;
    if (this.has(pattern)) return true;
    return (base.endsWith('/*') || !base.includes('/')) && fits(this.#packages.get(packageOf(base)), version);
  }

  /** Whether one of them, read as a pattern, covers this name. */
  covers(name: string): boolean {
    const { base, version } = parse(name);
    return [base, packageOf(base), `${packageOf(base)}/*`, '*'].some((key) => fits(this.#bases.get(key), version));
  }
}

function add(to: Map<string, Versions>, key: string, version: string | null): void {
  const known = to.get(key);
  if (known === undefined) to.set(key, new Set([version]));
  else known.add(version);
}

function fits(versions: Versions | undefined, version: string | null): boolean {
  return versions !== undefined && (version === null || versions.has(null) || versions.has(version));
}

function packageOf(base: string): string {
  const slash = base.indexOf('/');
  return slash < 0 ? base : base.slice(0, slash);
}

function parse(name: string): { readonly base: string; readonly version: string | null } {
  const at = name.indexOf('@');
  return at < 0 ? { base: name, version: null } : { base: name.slice(0, at), version: canonical(name.slice(at + 1)) };
}

/** The first number that is not 0 and those before it; a pre-release is like nothing but itself. */
function canonical(version: string): string {
  const plain = version.split('+')[0]!;
  if (plain.includes('-')) return plain;
  const parts = plain.split('.');
  const first = parts.findIndex((part) => part !== '0');
  return first < 0 ? plain : parts.slice(0, first + 1).join('.');
}
