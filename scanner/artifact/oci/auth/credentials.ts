import { failureIn, FetchError } from '../../fetch-error.ts';
import { unreadable } from '../failure.ts';
import { badConfig, configPaths, readConfig } from './config-paths.ts';
import { CredentialFile } from './credential-file.ts';
import { askHelper } from './credential-helper.ts';
import type { Credential } from './credential.ts';
import { type CredentialTarget, serverOf } from './registry-key.ts';

/** Where credentials may come from. */
export interface CredentialSources {
  /** Path of a docker config; null: the usual places. */
  readonly config: string | null;
  /** Texts of Kubernetes pull secrets, tried before the config. */
  readonly pullSecrets: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Credentials for one target, in the order in which they are to be tried, found when they are asked for. */
export interface Candidates {
  /** Throws FetchError `bad-docker-config`. */
  readonly each: AsyncIterable<Credential>;
  /** What kept a credential from being found so far; to be said when nothing else helps, since public images need none. */
  trouble(): FetchError | null;
}

/** Helpers may ask the user or sign in to a service: what they gave serves for this long, for all repositories of a host. */
const HELPER_REUSE_MILLISECONDS = 300_000;
const HELPER_MILLISECONDS = 30_000;
const HELPER_ANSWERS = 1_000;
/** Longest pull secret; Kubernetes allows a secret 1 MiB. */
const PULL_SECRET_CHARACTERS = 1 << 20;

/** All credentials that the process may use. Only what is for exactly the host, port and repository asked for is given out. */
export class Credentials {
  readonly #sources: CredentialSources;
  readonly #answers = new Map<string, { readonly at: number; readonly credential: Promise<Credential | null> }>();

  constructor(sources: CredentialSources) {
    this.#sources = sources;
  }

  for(target: CredentialTarget): Candidates {
    const troubles: FetchError[] = [];
    return { each: this.#each(target, troubles), trouble: () => troubles[0] ?? null };
  }

  async *#each(target: CredentialTarget, troubles: FetchError[]): AsyncGenerator<Credential> {
    for (const [index, text] of this.#sources.pullSecrets.entries()) {
      const secret = text.length > PULL_SECRET_CHARACTERS ? null : CredentialFile.ofPullSecret(text);
      const found = secret?.byPattern(target) ?? ['malformed'];
      if (found.includes('malformed')) troubles.push(badPullSecret(index));
      yield* found.filter((credential) => credential !== 'malformed');
    }
    for (const path of configPaths(this.#sources.config, this.#sources.environment)) yield* this.#inConfig(path, target, troubles);
  }

  async *#inConfig(path: string, target: CredentialTarget, troubles: FetchError[]): AsyncGenerator<Credential> {
    const file = await readConfig(path);
    const helper = file?.helperFor(target);
    const asked = helper ? await this.#ask(helper, target, troubles) : null;
    if (asked) yield asked;
    for (const credential of file?.exactly(target) ?? []) {
      if (credential === 'malformed') throw badConfig(path, `its entry for ${serverOf(target)} cannot be decoded`);
      yield credential;
    }
  }

  async #ask(helper: string, target: CredentialTarget, troubles: FetchError[]): Promise<Credential | null> {
    const server = serverOf(target);
    const key = `${helper} ${server}`;
    const known = this.#answers.get(key);
    const fresh = known && Date.now() - known.at < HELPER_REUSE_MILLISECONDS;
    const credential = fresh ? known.credential : askHelper(helper, server, { environment: this.#sources.environment, milliseconds: HELPER_MILLISECONDS });
    if (!fresh) this.#remember(key, credential);
    return credential.catch((error: unknown) => {
      troubles.push(error instanceof FetchError ? error : new FetchError(failureIn(error, helper)));
      return null;
    });
  }

  /** The oldest answer goes, since whoever is scanned may name any number of hosts. */
  #remember(key: string, credential: Promise<Credential | null>): void {
    this.#answers.delete(key);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size >= HELPER_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
    this.#answers.set(key, { at: Date.now(), credential });
  }
}

function badPullSecret(index: number): FetchError {
  return unreadable('bad-pull-secret', `Cannot read pull secret ${index + 1}: it is not in the form of .dockerconfigjson or .dockercfg`);
}
