import { decodeBase64 } from '../../../base64.ts';

/** What an entry of a docker config or the answer of a credential helper may hold. */
export interface CredentialParts {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Exchanged for tokens (OAuth 2 refresh token). */
  readonly identityToken?: string | undefined;
  /** A token that the registry itself accepts. */
  readonly registryToken?: string | undefined;
}

/** The user name by which docker says that the password is an identity token. */
const TOKEN_USER = '<token>';

/** A secret of one registry. Its parts are private fields, so neither `inspect`, `JSON.stringify` nor a template shows them. */
export class Credential {
  readonly #parts: CredentialParts;

  private constructor(parts: CredentialParts) {
    this.#parts = parts;
  }

  /** null: nothing in it that could be sent. */
  static from(parts: CredentialParts): Credential | null {
    const { username, password, identityToken, registryToken } = parts;
    if (username === TOKEN_USER) return Credential.from({ identityToken: identityToken || password, registryToken });
    return registryToken || identityToken || (username && password) ? new Credential(parts) : null;
  }

  /**
   * Reads an entry of `auths`.
   * @returns null for an entry without secrets, `malformed` for one that cannot be read
   */
  static fromEntry(entry: unknown): Credential | null | 'malformed' {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'malformed';
    const fields = new Map(Object.entries(entry));
    const texts = ['auth', 'username', 'password', 'identitytoken', 'registrytoken'].map((name) => fields.get(name) ?? '');
    if (!texts.every((text) => typeof text === 'string')) return 'malformed';
    const [auth, username, password, identityToken, registryToken] = texts as [string, string, string, string, string];
    const pair = auth === '' ? { username, password } : pairOf(auth);
    return pair === null ? 'malformed' : Credential.from({ ...pair, identityToken, registryToken });
  }

  /** The value of an `Authorization` header, or null without a user name and password. */
  basic(): string | null {
    const { username, password } = this.#parts;
    return username && password ? basicOf(username, password) : null;
  }

  /** For token services that take an identity token where the password goes. */
  identityAsBasic(): string | null {
    const { username, password, identityToken } = this.#parts;
    return identityToken ? basicOf(username || TOKEN_USER, password || identityToken) : null;
  }

  identityToken(): string | null {
    return this.#parts.identityToken || null;
  }

  /** The value of an `Authorization` header, or null without a registry token that can stand in one. */
  registryBearer(): string | null {
    const { registryToken } = this.#parts;
    return registryToken && isHeaderToken(registryToken) ? `Bearer ${registryToken}` : null;
  }
}

/** Visible ASCII only: anything else could end the header and begin another. */
export function isHeaderToken(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}

/** Docker pads some passwords with zero bytes. The user name ends at the first colon. */
function pairOf(auth: string): { username: string; password: string } | null {
  const bytes = decodeBase64(auth);
  const text = bytes && new TextDecoder().decode(bytes).replace(/\0+$/, '');
  const colon = text?.indexOf(':') ?? -1;
  return text && colon > 0 ? { username: text.slice(0, colon), password: text.slice(colon + 1) } : null;
}

function basicOf(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
