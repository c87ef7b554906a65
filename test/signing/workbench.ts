import { createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testKey } from '../support/x509-maker.ts';
import { person, workflowRun } from './oidc-issuer.ts';
import { startPrivateSigstore, type PrivateSigstore } from './private-sigstore.ts';
import { mustRun } from './tools.ts';

/** Keys that sign; `stranger` signs nothing. */
export const KEY_KINDS = { p256: 'p256', p384: 'p384', p521: 'p521', rsa: 'rsa-2048', ed25519: 'ed25519', stranger: 'p256' } as const;
export type KeyName = keyof typeof KEY_KINDS;

/** A key: paths of the secret one as cosign has it and as anybody has it, and of the public one; and that as PEM. */
export interface KeyFiles { readonly secret: string; readonly plain: string; readonly open: string; readonly pem: string }

/** Who signs keyless here. */
export const ALICE = 'alice@acme.test';
export const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';

/** A private Sigstore, keys of every kind, and a folder to work in. */
export interface Workbench {
  readonly folder: string;
  readonly sigstore: PrivateSigstore;
  /** A signing config without log and timestamps. */
  readonly silentConfig: string;
  key(name: KeyName): KeyFiles;
  /** A fresh token of one of the two signers. */
  token(who: 'alice' | 'workflow'): string;
  write(name: string, content: string | Uint8Array): string;
  close(): Promise<void>;
}

export async function openWorkbench(): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-workbench-'));
  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  let sigstore: PrivateSigstore | null = null;
  const close = async () => {
    await sigstore?.stop();
    rmSync(folder, { recursive: true });
  };
  try {
    sigstore = await startPrivateSigstore();
    const { token, signingConfig } = sigstore;
    const keys = new Map<KeyName, KeyFiles>();
    for (const name of Object.keys(KEY_KINDS) as KeyName[]) keys.set(name, await importKey(name, folder));
    const { rekorTlogUrls: _, tsaUrls: __, ...config } = JSON.parse(readFileSync(signingConfig, 'utf8')) as Record<string, unknown>;
    return {
      folder, sigstore, write,
      silentConfig: write('silent-config.json', JSON.stringify({ ...config, rekorTlogConfig: {}, tsaConfig: {} })),
      key: (name) => keys.get(name)!,
      token: (who) => (who === 'alice' ? token('people', person(ALICE)) : token('workflows', workflowRun('acme/app', 'release.yml'))),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** cosign signs only with keys in its own encrypted form; the password is empty. */
async function importKey(name: KeyName, folder: string): Promise<KeyFiles> {
  const key = testKey(KEY_KINDS[name], name);
  const plain = join(folder, `${name}.plain`);
  writeFileSync(plain, exported(key), { mode: 0o600 });
  await mustRun('cosign', ['import-key-pair', '--key', plain, '--output-key-prefix', join(folder, name), '--yes'], { cwd: folder });
  const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
  return { secret: join(folder, `${name}.key`), plain, open: join(folder, `${name}.pub`), pem };
}

/** The forms that `import-key-pair` reads. */
function exported(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }) as string;
  return key.export({ type: key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs8', format: 'pem' }) as string;
}
