/** One small request over the guarded transport: for tokens. Follows no redirect; throws FetchError when no answer comes. */
export type SendRequest = (request: TokenRequest) => Promise<TokenResponse>;

export interface TokenRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface TokenResponse {
  readonly status: number;
  /** Names in lower case; repeated headers joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most LIMITS.smallResponseBytes: longer bodies are refused. */
  readonly body: Uint8Array;
}

/** Gives the `Authorization` header for each host from that host's own credentials. Throws FetchError. */
export interface Authoriser {
  /**
   * The value known beforehand (a token got earlier, or one written in the config), or null.
   * @param request.origin `https://host[:port]`, the host that is spoken to: `registry-1.docker.io` for Docker Hub, or a mirror.
   */
  headerFor(request: Realm): Promise<string | null>;
  /** The value after a 401 with this `WWW-Authenticate`, or null where there is none to try. */
  answer(challenge: Challenge): Promise<string | null>;
}

/** Who is spoken to about what. */
export interface Realm {
  readonly origin: string;
  /** Path of the repository at that host, without the host: `library/nginx`. */
  readonly repository: string;
  /** Milliseconds since the epoch at which whoever asks gives up. */
  readonly deadline?: number;
}

export interface Challenge extends Realm {
  /** `WWW-Authenticate` as it came. */
  readonly header: string;
  /** The `Authorization` that had been sent and was not accepted: it is not given again, and the next credential is tried where there is one. */
  readonly refused?: string;
}
