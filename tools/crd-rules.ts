// What one key cannot say alone, in CEL, for the API server to refuse at once. The texts are those that `wasmgate policy validate` gives.

/** One entry of x-kubernetes-validations. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

/** Rules by place in the object: keys with dots, `[]` for the items of a list. */
export type CelRules = Readonly<Record<string, readonly CelRule[]>>;

const FORMS = ['keyless', 'key', 'certificate', 'wasmSignature', 'wasmcloud', 'notation'];
const AUTHORITY = 'spec.signatures.authorities[]';

/** Rules of the policies. `kind` decides what a namespace may not say. */
export function policyRules(kind: string): CelRules {
  return {
    spec: [...attestationRules(), ...(kind === 'WasmPolicy' ? [{ rule: '!has(self.allowNamespaceOverride)', message: 'Only a ClusterWasmPolicy has allowNamespaceOverride: a namespaced policy can only tighten', fieldPath: '.allowNamespaceOverride' }] : [])],
    'spec.level': [{ rule: "self.matches('^(privileged|baseline|restricted)(@(v[0-9]{1,6}|latest))?$')", message: 'Unknown level: levels are privileged, baseline and restricted, with @v1 to pin one' }],
    'spec.match.namespaceSelector.matchExpressions[]': [
      { rule: "self.operator in ['In', 'NotIn'] == (has(self.values) && self.values.size() > 0)", message: 'In and NotIn need values, Exists and DoesNotExist have none', fieldPath: '.operator' },
    ],
    'spec.capabilities': [{ rule: '!(has(self.only) && has(self.allow))', message: 'capabilities.only is the whole list: move the names of allow into it', fieldPath: '.allow' }],
    'spec.waivers[]': [{ rule: 'has(self.digest) || has(self.reference) || has(self.subject)', message: 'A waiver needs a digest, a reference or a subject: it never covers every finding of a rule' }],
    ...waiverRules('spec.waivers[]'),
    'spec.signatures': signatureRules(),
    'spec.signatures.require': requireRules(),
    [AUTHORITY]: [{ rule: oneOf(FORMS), message: `An authority has exactly one of ${FORMS.join(', ')}` }],
    [`${AUTHORITY}.keyless`]: [{ rule: "!has(self.transparencyLog) || self.transparencyLog != 'ignore' || !has(self.timestamps) || !has(self.timestamps.accept) || 'tsa' in self.timestamps.accept", message: 'The log is ignored and nothing else is accepted as a time, so nothing could satisfy it: accept tsa', fieldPath: '.timestamps.accept' }],
    [`${AUTHORITY}.keyless.timestamps`]: [{ rule: '!has(self.atLeast) || self.atLeast > 0', message: 'A short-lived certificate needs a trusted time: atLeast is 1 or more', fieldPath: '.atLeast' }],
    [`${AUTHORITY}.keyless.identities[]`]: identityRules(oneOf(['issuer', 'issuerPattern'])),
    [`${AUTHORITY}.certificate.identities[]`]: identityRules('!(has(self.issuer) && has(self.issuerPattern))'),
    [`${AUTHORITY}.certificate.roots[]`]: sourceRules(['data', 'configMapRef', 'secretRef']),
    [`${AUTHORITY}.key`]: sourceRules(['data', 'secretRef']),
    [`${AUTHORITY}.wasmSignature`]: [{ rule: "!has(self.sections) || (has(self.scope) && self.scope == 'partial')", message: 'sections are those that may stay uncovered, which scope: partial alone allows', fieldPath: '.sections' }],
    [`${AUTHORITY}.wasmSignature.keys[]`]: [
      ...sourceRules(['data', 'secretRef']),
      { rule: '!has(self.trustRootRef)', message: 'A signature inside a module has no entry in a log, so a trust root says nothing', fieldPath: '.trustRootRef' },
    ],
    'spec.signatures.trustRoots[]': [...sourceRules(['data', 'configMapRef', 'secretRef']), { rule: "self.name != 'public-good'", message: 'public-good is the name of the public Sigstore instance: take another one', fieldPath: '.name' }],
    'spec.signatures.certificates[]': sourceRules(['data', 'configMapRef', 'secretRef']),
  };
}

/** Rules of a waiver that stands at `at`. */
export function waiverRules(at: string): CelRules {
  const month = 'int(self.substring(5, 7))';
  const year = 'int(self.substring(0, 4))';
  const days = `(${month} == 2 ? (${year} % 4 == 0 && (${year} % 100 != 0 || ${year} % 400 == 0) ? 29 : 28) : (${month} in [4, 6, 9, 11] ? 30 : 31))`;
  return {
    [`${at}.rule`]: [{ rule: "!(self in ['invalid-module', 'parser-limit-exceeded', 'signature-invalid'])", message: 'A finding of this rule cannot be waived: bytes that cannot be read and signatures that fail stay refused' }],
    [`${at}.expires`]: [{ rule: `int(self.substring(8, 10)) <= ${days}`, message: 'The calendar has no such day' }],
  };
}

function oneOf(keys: readonly string[]): string {
  return `[${keys.map((key) => `has(self.${key})`).join(', ')}].filter(given, given).size() == 1`;
}

function sourceRules(keys: readonly string[]): readonly CelRule[] {
  return [
    { rule: '!has(self.file)', message: `No files are read in a cluster: use ${keys.join(' or ')}`, fieldPath: '.file' },
    { rule: `has(self.file) || ${oneOf(keys)}`, message: `An entry has exactly one of ${keys.join(', ')}` },
  ];
}

function identityRules(issuer: string): readonly CelRule[] {
  return [
    { rule: issuer, message: 'An identity has exactly one of issuer, issuerPattern' },
    { rule: oneOf(['subject', 'subjectPrefix', 'subjectPattern']), message: 'An identity has exactly one of subject, subjectPrefix, subjectPattern' },
  ];
}

function requireRules(): readonly CelRule[] {
  return [
    { rule: '[has(self.anyOf), has(self.allOf), has(self.of) || has(self.atLeast)].filter(given, given).size() == 1', message: 'signatures.require takes one form: anyOf, allOf, or atLeast with of' },
    { rule: 'has(self.atLeast) == has(self.of)', message: 'atLeast and of stand together' },
    { rule: '!has(self.atLeast) || !has(self.of) || self.of.size() >= self.atLeast', message: 'atLeast is more than of lists, so nothing could satisfy it', fieldPath: '.atLeast' },
  ];
}

function signatureRules(): readonly CelRule[] {
  const known = (form: string): CelRule => ({
    rule: `!has(self.authorities) || !has(self.require) || !has(self.require.${form}) || self.require.${form}.all(name, self.authorities.exists(one, one.name == name))`,
    message: `Unknown authority in require.${form}: list it in authorities`, fieldPath: `.require.${form}`,
  });
  const listed = (place: string, ref: string, list: string): string => `self.authorities.all(one, !has(one.${place}) || !has(one.${place}.${ref}) || ${list === 'trustRoots' ? `one.${place}.${ref} == 'public-good' || ` : ''}(has(self.${list}) && self.${list}.exists(given, given.name == one.${place}.${ref})))`;
  return [
    { rule: 'has(self.authorities)', message: 'signatures needs authorities: without any, nobody could satisfy it' },
    known('anyOf'), known('allOf'), known('of'),
    { rule: `!has(self.authorities) || (${['keyless', 'key', 'certificate'].map((form) => listed(form, 'trustRootRef', 'trustRoots')).join(' && ')})`, message: 'Unknown trust root: list it in trustRoots, or leave trustRootRef out for the public Sigstore instance', fieldPath: '.authorities' },
    { rule: `!has(self.authorities) || (${['caRef', 'tsaRef'].map((ref) => listed('notation', ref, 'certificates')).join(' && ')})`, message: 'Unknown certificates: list them in certificates', fieldPath: '.authorities' },
  ];
}

function attestationRules(): readonly CelRule[] {
  return [{
    rule: '!has(self.attestations) || self.attestations.all(wanted, wanted.authorities.all(name, has(self.signatures) && has(self.signatures.authorities) && self.signatures.authorities.exists(one, one.name == name)))',
    message: 'Unknown authority in attestations: list it in signatures.authorities', fieldPath: '.attestations',
  }];
}
