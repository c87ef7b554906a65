import { generateKeyPairSync, sign } from 'node:crypto';
import { json, type Answer } from './loopback.ts';

/** What a token says of its bearer, beside issuer, audience and time. */
export type Claims = Readonly<Record<string, string | boolean>>;

/** An OpenID Connect provider that believes everybody: discovery, keys, and tokens on demand for any of its issuers. */
export interface OidcIssuer {
  /** Answers below `/<issuer name>/` and `/keys`; null: not for it. */
  answer(path: string): Answer | null;
  /** A token as `--identity-token` takes it, valid for an hour. */
  token(issuer: string, claims: Claims): string;
}

const KEY_ID = 'loopback';

/** `base`: where it will be reached, `http://127.0.0.1:43123`; issuers are `base/name`. */
export function oidcIssuer(base: () => string): OidcIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' }] };
  return {
    answer: (path) => {
      if (path === '/keys') return json(keys);
      const name = /^\/([a-z]+)\/\.well-known\/openid-configuration$/.exec(path)?.[1];
      return name === undefined ? null : json(discovery(base(), name));
    },
    token: (issuer, claims) => {
      const now = Math.floor(Date.now() / 1000);
      const parts = [{ alg: 'RS256', kid: KEY_ID, typ: 'JWT' }, { iss: issuer, aud: 'sigstore', iat: now, nbf: now, exp: now + 3600, ...claims }];
      const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
    },
  };
}

function discovery(base: string, name: string): object {
  return {
    issuer: `${base}/${name}`, jwks_uri: `${base}/keys`, authorization_endpoint: `${base}/auth`, token_endpoint: `${base}/token`,
    response_types_supported: ['id_token'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** Claims of a person with an e-mail address. */
export function person(email: string): Claims {
  return { sub: email, email, email_verified: true };
}

/** Claims as GitHub gives them to a run of `.github/workflows/<workflow>` of a repository. */
export function workflowRun(repository: string, workflow: string, ref = 'refs/heads/main'): Claims {
  const sha = 'c0ffee'.repeat(7).slice(0, 40);
  const file = `${repository}/.github/workflows/${workflow}@${ref}`;
  return {
    sub: `repo:${repository}:ref:${ref}`, job_workflow_ref: file, job_workflow_sha: sha, workflow_ref: file, workflow_sha: sha, sha, ref, repository,
    event_name: 'push', workflow, runner_environment: 'github-hosted', repository_id: '1001', repository_owner: repository.split('/')[0]!,
    repository_owner_id: '1000', repository_visibility: 'public', run_id: '77', run_attempt: '1',
  };
}
