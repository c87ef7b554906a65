import { NotationFailure } from './failure.ts';

/** What a JWS or COSE envelope says, read and not verified. */
export interface Envelope {
  /** Name in JWS, number in COSE. */
  readonly algorithm: string | number;
  readonly signed: SignedAttributes;
  readonly payload: Uint8Array;
  /** The bytes that the signature is over, payload and protected header included. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** DER of certificates, from the signer's on. */
  readonly chain: readonly Uint8Array[];
  /** RFC 3161 token over the signature; null: none. Nobody has signed that there is none. */
  readonly timestamp: Uint8Array | null;
}

/** Attributes of the protected header that decide something. */
export interface SignedAttributes {
  readonly scheme: 'notary.x509' | 'notary.x509.signingAuthority';
  /** When the signer says that it signed; null: not said. */
  readonly signingTime: Date | null;
  /** From when on the signature is not to be used; null: never. */
  readonly expiry: Date | null;
}

/** A protected header in the words that both envelopes share. */
export interface ProtectedHeader {
  readonly contentType: unknown;
  readonly critical: unknown;
  /** Every attribute named by a text. */
  readonly attributes: ReadonlyMap<string, unknown>;
  /** Reads a time as the envelope writes it; null: it is none. */
  readonly time: (value: unknown) => Date | null;
}

export const HEADERS = {
  scheme: 'io.cncf.notary.signingScheme', signingTime: 'io.cncf.notary.signingTime', expiry: 'io.cncf.notary.expiry', authenticTime: 'io.cncf.notary.authenticSigningTime',
  plugin: 'io.cncf.notary.verificationPlugin', pluginVersion: 'io.cncf.notary.verificationPluginMinVersion', timestamp: 'io.cncf.notary.timestampSignature', agent: 'io.cncf.notary.signingAgent',
} as const;

const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json';
/** Attributes that must be critical wherever they stand, and the only ones that may be. */
const CRITICAL: readonly string[] = [HEADERS.scheme, HEADERS.expiry, HEADERS.authenticTime];
const PLUGIN: readonly string[] = [HEADERS.plugin, HEADERS.pluginVersion];

/** Holds a protected header against the signature specification, "Signed attributes" and "Signing scheme". Throws NotationFailure. */
export function readSigned(header: ProtectedHeader): SignedAttributes {
  if (header.contentType !== PAYLOAD_TYPE) throw new NotationFailure('payload-type', `The envelope is not about an artifact: its content type is not ${PAYLOAD_TYPE}`);
  demandCritical(header);
  const scheme = header.attributes.get(HEADERS.scheme);
  if (scheme !== 'notary.x509' && scheme !== 'notary.x509.signingAuthority') throw new NotationFailure('signing-scheme', 'The envelope has a signing scheme that is not known', 'unsupported');
  const [signingTime, expiry, authenticTime] = [timeAt(header, HEADERS.signingTime), timeAt(header, HEADERS.expiry), timeAt(header, HEADERS.authenticTime)];
  const authority = scheme === 'notary.x509.signingAuthority';
  if (authority ? signingTime !== null || authenticTime === null : authenticTime !== null) throw malformed(`has other signing times than scheme ${scheme} has`);
  const signedAt = authority ? authenticTime : signingTime;
  if (expiry && signedAt && expiry <= signedAt) throw malformed('expires before it was signed');
  return { scheme, signingTime: signedAt, expiry };
}

/** `crit` names only what is present and understood, each once, and everything that has to be in it. */
function demandCritical({ critical, attributes }: ProtectedHeader): void {
  if (PLUGIN.some((name) => attributes.has(name))) throw new NotationFailure('plugin-required', 'The signature can be verified only by a plugin that it names, and plugins are not run', 'unsupported');
  if (!Array.isArray(critical) || critical.length === 0) throw new NotationFailure('critical-header-missing', 'The protected header names no critical attributes');
  const names = critical as readonly unknown[];
  const unknown = names.find((name) => typeof name !== 'string' || !CRITICAL.includes(name));
  if (unknown !== undefined) throw new NotationFailure('critical-header-unknown', `The signature asks to understand ${JSON.stringify(unknown).slice(0, 80)}, which is not known`, 'unsupported');
  if (new Set(names).size !== names.length || names.some((name) => !attributes.has(name as string))) throw malformed('names a critical attribute twice, or one that is not there');
  const missing = CRITICAL.find((name) => (name === HEADERS.scheme || attributes.has(name)) && !names.includes(name));
  if (missing) throw new NotationFailure('critical-header-missing', `The protected header does not name ${missing} as critical`);
}

function timeAt({ attributes, time }: ProtectedHeader, name: string): Date | null {
  if (!attributes.has(name)) return null;
  const at = time(attributes.get(name));
  if (!at) throw malformed(`has no time in ${name}`);
  return at;
}

function malformed(what: string): NotationFailure {
  return new NotationFailure('malformed', `The envelope ${what}`);
}
