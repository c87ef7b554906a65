import { randomBytes } from 'node:crypto';
import { answer, json, refusal, type Answer, type SeenRequest } from './answer.ts';

export interface Login { readonly username: string; readonly password: string }

/** Basic authentication for everything below /v2/. */
export interface BasicAuth extends Login { readonly mode: 'basic' }

/** The token flow of the distribution specification. */
export interface TokenAuth {
  readonly mode: 'token';
  /** Who gets tokens with a password; absent: nobody. */
  readonly login?: Login;
  /** Who gets tokens with a refresh token (an identity token of a docker config). */
  readonly refresh?: string;
  /** Tokens for pulling without any credential. */
  readonly anonymous?: boolean;
  /** Named in the challenge; default: the registry's own `/token`. Any URL, hostile ones too. */
  readonly realm?: string;
  readonly service?: string;
  /** What the response says, in seconds; null: it says nothing. Default 300. */
  readonly expiresIn?: number | null;
  /** Requests that one token is good for; default: any number. */
  readonly uses?: number;
  /** Field of the response; default `token`. */
  readonly field?: 'token' | 'access_token';
  /** Whether the token endpoint knows POST; default yes. */
  readonly post?: boolean;
}

export type Auth = { readonly mode: 'none' } | BasicAuth | TokenAuth;

/** Decides who may do what. One per registry. */
export class Gate {
  readonly #auth: Auth;
  readonly #tokens = new Map<string, { readonly scopes: readonly string[]; uses: number; readonly until: number }>();

  constructor(auth: Auth) {
    this.#auth = auth;
  }

  /** The 401 answer, or null where the request may pass. */
  challenge(seen: SeenRequest, url: string): Answer | null {
    const auth = this.#auth;
    if (auth.mode === 'none' || !seen.path.startsWith('/v2/')) return null;
    if (auth.mode === 'basic') return isLogin(seen, auth) ? null : refusal(401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="registry"' });
    const scope = scopeOf(seen);
    if (this.#mayPass(seen.headers['authorization'], scope)) return null;
    const { realm = `${url}/token`, service = 'registry' } = auth;
    return refusal(401, 'UNAUTHORIZED', { 'www-authenticate': `Bearer realm="${realm}",service="${service}"${scope ? `,scope="${scope}"` : ''}` });
  }

  /** GET and POST of the token endpoint. */
  token(seen: SeenRequest): Answer {
    const auth = this.#auth;
    if (auth.mode !== 'token') return answer(404);
    if (seen.method === 'POST' && auth.post === false) return answer(404);
    const form = seen.method === 'POST' ? new URLSearchParams(Buffer.from(seen.body).toString()) : seen.query;
    const may = seen.method === 'POST' ? this.#mayPost(form, auth) : mayGet(seen, auth);
    if (!may) return refusal(401, 'UNAUTHORIZED');
    const { expiresIn = 300, uses = Infinity, field = 'token' } = auth;
    const token = randomBytes(12).toString('hex');
    const scopes = form.getAll('scope').flatMap((scope) => scope.split(' '));
    this.#tokens.set(token, { scopes, uses, until: Date.now() + (expiresIn ?? 60) * 1000 });
    return json({ [field]: token, ...(expiresIn === null ? {} : { expires_in: expiresIn }) });
  }

  #mayPost(form: URLSearchParams, auth: TokenAuth): boolean {
    if (form.get('grant_type') === 'refresh_token') return auth.refresh !== undefined && form.get('refresh_token') === auth.refresh;
    return form.get('grant_type') === 'password' && form.get('username') === auth.login?.username && form.get('password') === auth.login?.password;
  }

  #mayPass(authorization: string | undefined, scope: string | null): boolean {
    const token = this.#tokens.get(/^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '');
    if (!token || token.uses <= 0 || token.until < Date.now()) return false;
    const [type, name, action] = scope?.split(':') ?? [];
    const may = scope === null || token.scopes.some((granted) => granted.startsWith(`${type}:${name}:`) && granted.split(':').at(-1)!.split(',').includes(action!));
    if (may) token.uses--;
    return may;
  }
}

function mayGet(seen: SeenRequest, auth: TokenAuth): boolean {
  if (seen.headers['authorization'] !== undefined) return isLogin(seen, auth.login);
  return auth.anonymous === true && seen.query.getAll('scope').every((scope) => scope.endsWith(':pull'));
}

function isLogin({ headers }: SeenRequest, login: Login | undefined): boolean {
  return login !== undefined && headers['authorization'] === `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
}

/** What a request needs; null: only that somebody is known. */
function scopeOf({ method, path }: SeenRequest): string | null {
  if (path === '/v2/_catalog') return 'registry:catalog:*';
  const name = /^\/v2\/(.+?)\/(?:manifests|blobs|tags|referrers)\//.exec(path)?.[1];
  return name ? `repository:${name}:${method === 'GET' || method === 'HEAD' ? 'pull' : 'push'}` : null;
}
