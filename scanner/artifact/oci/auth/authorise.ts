import type { FetchError } from '../../fetch-error.ts';
import type { Authoriser, Challenge, SendRequest } from '../authoriser.ts';
import { type OfferedScheme, parseChallenge } from './challenge.ts';
import { type Candidates, Credentials, type CredentialSources } from './credentials.ts';
import { judgeRealm, type Realm, withheld } from './realm.ts';
import { targetOf } from './registry-key.ts';
import { requestToken, tokenFailure } from './token.ts';

export interface AuthoriserOptions extends CredentialSources {
  /** Sends what is for token services; guards addresses and follows no redirect. */
  readonly send: SendRequest;
  /** `host[:port]` or address ranges that the user listed. A registry whose origin is plain HTTP counts as listed: without that nobody would speak to it. */
  readonly allowedHosts: readonly string[];
}

/**
 * Makes an authoriser: Basic and the token protocol of the distribution project, with the credentials of pull secrets, docker and
 * containers configs and credential helpers. One per set of credentials, since what it has been given is kept by registry and
 * repository. Tokens are only ever asked for pulling from the one repository, whatever scope a registry names.
 * Its methods throw FetchError; nothing secret is in messages or in what `inspect` shows.
 */
export function createAuthoriser(options: AuthoriserOptions): Authoriser {
  return new RegistryAuthoriser(options);
}

/** What was given out for one repository. */
interface Grant {
  readonly header: string;
  readonly expires: number;
  /** Of the credential it came from, counted in the order of trying. */
  readonly number: number;
  /** Not yet given out as known beforehand: a refusal then means the credential, later it may only mean that it was revoked. */
  fresh: boolean;
  /** Set when the registry refused it: the credential to go on with, the same for all whose requests were under way with it. */
  next: number | null;
}

interface Call {
  readonly registry: URL;
  readonly repository: string;
  readonly deadline: number;
  /** Credentials before this one have been refused by the registry. */
  readonly first: number;
}

/** For one token, where whoever asks has no deadline. */
const TOKEN_MILLISECONDS = 15_000;
/** Basic and registry tokens are looked up again after this, in case they were changed. */
const LOOKUP_MILLISECONDS = 300_000;
/** Before its end a token counts as expired, lest it expire on its way; short-lived ones lose a quarter. */
const MARGIN_MILLISECONDS = 10_000;
/** Grants kept at a time; the oldest goes. */
const GRANTS = 10_000;

class RegistryAuthoriser implements Authoriser {
  readonly #options: AuthoriserOptions;
  readonly #credentials: Credentials;
  readonly #granted = new Map<string, Grant>();
  readonly #asking = new Map<string, Promise<Grant | null>>();

  constructor(options: AuthoriserOptions) {
    this.#options = options;
    this.#credentials = new Credentials(options);
  }

  async headerFor({ origin, repository }: Parameters<Authoriser['headerFor']>[0]): Promise<string | null> {
    const grant = this.#known(keyOf(origin, repository));
    if (grant) grant.fresh = false;
    return grant?.header ?? null;
  }

  async answer(challenge: Challenge): Promise<string | null> {
    const key = keyOf(challenge.origin, challenge.repository);
    const known = this.#known(key);
    if (known && known.header !== challenge.refused) return known.header;
    if (known) known.next = known.number + (known.fresh ? 1 : 0);
    const last = this.#granted.get(key);
    const first = (last && last.header === challenge.refused ? last.next : null) ?? 0;
    const call = { registry: new URL(challenge.origin), repository: challenge.repository, deadline: challenge.deadline ?? Date.now() + TOKEN_MILLISECONDS, first };
    const asked = `${key} ${call.first} ${challenge.header}`;
    const asking = this.#asking.get(asked) ?? this.#askAndKeep(key, call, challenge.header).finally(() => this.#asking.delete(asked));
    this.#asking.set(asked, asking);
    return (await asking)?.header ?? null;
  }

  async #askAndKeep(key: string, call: Call, header: string): Promise<Grant | null> {
    const grant = await this.#ask(call, header);
    if (grant) this.#keep(key, grant);
    return grant;
  }

  #known(key: string): Grant | null {
    const grant = this.#granted.get(key);
    return grant && grant.next === null && grant.expires > Date.now() ? grant : null;
  }

  #keep(key: string, grant: Grant): void {
    this.#granted.delete(key);
    const [oldest] = this.#granted.keys();
    if (this.#granted.size >= GRANTS && oldest !== undefined) this.#granted.delete(oldest);
    this.#granted.set(key, grant);
  }

  /** Tokens are preferred, because a password that is not sent cannot leak. */
  async #ask(call: Call, header: string): Promise<Grant | null> {
    const offered = parseChallenge(header);
    const bearer = offered.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
    const candidates = this.#credentials.for(targetOf(call.registry, call.repository));
    if (bearer) return this.#bearer(call, bearer, candidates);
    return offered.some(({ scheme }) => scheme === 'basic') ? this.#basic(call, candidates) : null;
  }

  async #basic({ first }: Call, candidates: Candidates): Promise<Grant | null> {
    let number = -1;
    for await (const credential of candidates.each) {
      const header = credential.basic();
      if (++number >= first && header !== null) return lookedUp(header, number);
    }
    return nothing(candidates.trouble());
  }

  async #bearer(call: Call, { parameters }: OfferedScheme, candidates: Candidates): Promise<Grant | null> {
    const { registry, first } = call;
    const realm = judgeRealm(parameters.get('realm')!, registry, this.#options.allowedHosts);
    const ask = { url: realm.url, service: parameters.get('service') ?? null, scope: call.repository === '' ? null : `repository:${call.repository}:pull`, deadline: call.deadline };
    let [number, refused] = [-1, 0];
    for await (const credential of candidates.each) {
      const ready = credential.registryBearer();
      if (++number < first) continue;
      if (ready !== null) return lookedUp(ready, number);
      if (!realm.trusted) continue;
      const started = Date.now();
      const answer = await requestToken({ ...ask, credential }, this.#options.send);
      if ('token' in answer) return granted(answer, started, number);
      refused = answer.refused;
    }
    if (refused > 0) throw candidates.trouble() ?? tokenFailure(realm.url, refused);
    return this.#anonymous({ ...call, realm, ask, number: number + 1, trouble: candidates.trouble() });
  }

  /** Where there is no credential, or none that the realm may see: public images need none. */
  async #anonymous({ registry, first, realm, ask, number, trouble }: AnonymousCall): Promise<Grant | null> {
    const reason = trouble ?? (number > 0 && !realm.trusted ? withheld(registry, realm.url) : null);
    if (first > number || (number > 0 && realm.trusted)) return nothing(reason);
    const started = Date.now();
    const answer = await requestToken({ ...ask, credential: null }, this.#options.send);
    if ('token' in answer) return granted(answer, started, number);
    throw reason ?? tokenFailure(realm.url, answer.refused);
  }
}

interface AnonymousCall extends Call {
  readonly realm: Realm;
  readonly ask: Omit<Parameters<typeof requestToken>[0], 'credential'>;
  /** Credentials that there were. */
  readonly number: number;
  readonly trouble: FetchError | null;
}

function keyOf(origin: string, repository: string): string {
  return `${new URL(origin).origin} ${repository}`;
}

function lookedUp(header: string, number: number): Grant {
  return { header, expires: Date.now() + LOOKUP_MILLISECONDS, number, fresh: true, next: null };
}

/** Counted from the question, because nobody knows how long the answer was on its way. */
function granted({ token, seconds }: { readonly token: string; readonly seconds: number }, started: number, number: number): Grant {
  const life = seconds * 1_000;
  return { header: `Bearer ${token}`, expires: started + life - Math.min(MARGIN_MILLISECONDS, life / 4), number, fresh: true, next: null };
}

function nothing(trouble: FetchError | null): null {
  if (trouble) throw trouble;
  return null;
}
