import { isRecord } from '../../../is-record.ts';
import { Credential } from './credential.ts';
import { bySpecificity, type CredentialTarget, namesByPattern, namesExactly, parseRegistryKey, type RegistryKey, serverOf } from './registry-key.ts';

/** A docker config, a containers `auth.json`, or a Kubernetes pull secret. Its texts stay private. */
export class CredentialFile {
  readonly #entries: readonly (readonly [RegistryKey, unknown])[];
  readonly #helpers: ReadonlyMap<string, unknown>;
  readonly #store: unknown;

  private constructor(entries: object, helpers: object, store: unknown) {
    this.#entries = Object.entries(entries).flatMap(([text, entry]) => {
      const key = parseRegistryKey(text);
      return key ? [[key, entry] as const] : [];
    }).sort(([a], [b]) => bySpecificity(a, b));
    this.#helpers = new Map(Object.entries(helpers));
    this.#store = store;
  }

  /** Reads a docker config or containers `auth.json`; null when it is malformed. The reason is not kept: parsers quote what they read. */
  static ofConfig(text: string): CredentialFile | null {
    const root = objectIn(text);
    const [auths, helpers] = [root?.get('auths') ?? {}, root?.get('credHelpers') ?? {}];
    return root && isRecord(auths) && isRecord(helpers) ? new CredentialFile(auths, helpers, root.get('credsStore')) : null;
  }

  /**
   * Reads the text of a `.dockerconfigjson` or of the legacy `.dockercfg`; null when it is malformed. Helpers that it names are
   * ignored: whoever may write a secret must not choose what runs here.
   */
  static ofPullSecret(text: string): CredentialFile | null {
    const root = objectIn(text);
    const auths = root && (root.get('auths') ?? Object.fromEntries(root));
    return isRecord(auths) ? new CredentialFile(auths, {}, undefined) : null;
  }

  /** Credentials written in a docker config for a target, the most specific first; `malformed` stands for one that cannot be read. */
  exactly(target: CredentialTarget): readonly (Credential | 'malformed')[] {
    return this.#found(([key]) => namesExactly(key, target));
  }

  /** Credentials written in a pull secret for a target, whose keys are patterns. */
  byPattern(target: CredentialTarget): readonly (Credential | 'malformed')[] {
    return this.#found(([key]) => namesByPattern(key, target));
  }

  /** The name of the helper to ask, unchecked, or null. One for the host goes before the one for all. */
  helperFor(target: CredentialTarget): string | null {
    const ofHost = [...this.#helpers].find(([text]) => text === serverOf(target) || isNamed(text, target))?.[1];
    const name = ofHost ?? this.#store;
    return typeof name === 'string' && name !== '' ? name : null;
  }

  #found(matches: (entry: readonly [RegistryKey, unknown]) => boolean): readonly (Credential | 'malformed')[] {
    return this.#entries.filter(matches).map(([, entry]) => Credential.fromEntry(entry)).filter((credential) => credential !== null);
  }
}

function isNamed(text: string, target: CredentialTarget): boolean {
  const key = parseRegistryKey(text);
  return key !== null && namesExactly(key, target);
}

function objectIn(text: string): Map<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return isRecord(value) ? new Map(Object.entries(value)) : null;
  } catch {
    return null;
  }
}
