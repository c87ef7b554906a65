import { UsageError } from '../engine/usage-error.ts';
import { textOption, type Input } from './command.ts';
import type { Io } from './io.ts';
import { readNamedFile } from './targets.ts';

/** `spec.signatures` for the signers that the flags name; null: they name nobody. Throws UsageError for half an identity. */
export function learnedSigners(input: Input, io: Io): object | null {
  const authorities = [...keyAuthority(input, io), ...identityAuthority(input)];
  return authorities.length === 0 ? null : { require: { anyOf: authorities.map(({ name }) => name) }, authorities };
}

interface Written { readonly name: string; readonly key?: object; readonly keyless?: object }

/** The key itself stands in the policy, which then holds in a cluster as well. */
function keyAuthority(input: Input, io: Io): readonly Written[] {
  const file = textOption(input, 'key');
  if (file === undefined) return [];
  const data = new TextDecoder().decode(readNamedFile(file, io, '--key'));
  if (!data.includes('-----BEGIN PUBLIC KEY-----')) throw new UsageError(`No public key in ${file} (--key)`, 'Give the public key as PEM');
  return [{ name: 'key', key: { data } }];
}

function identityAuthority(input: Input): readonly Written[] {
  const subject = condition(input, { option: 'certificate-identity', exact: 'subject', pattern: 'subjectPattern' });
  const issuer = condition(input, { option: 'certificate-oidc-issuer', exact: 'issuer', pattern: 'issuerPattern' });
  if (subject === null && issuer === null) return [];
  if (subject === null || issuer === null) throw new UsageError('A certificate is asked for with half an identity', 'Give --certificate-identity and --certificate-oidc-issuer, each as it is or as -regexp');
  return [{ name: 'identity', keyless: { identities: [{ ...issuer, ...subject }] } }];
}

function condition(input: Input, { option, exact, pattern }: { readonly option: string; readonly exact: string; readonly pattern: string }): Readonly<Record<string, string>> | null {
  const written = textOption(input, option);
  const regexp = textOption(input, `${option}-regexp`);
  if (written !== undefined && regexp !== undefined) throw new UsageError(`--${option} and --${option}-regexp exclude each other`);
  if (written !== undefined) return { [exact]: written };
  return regexp === undefined ? null : { [pattern]: regexp };
}
