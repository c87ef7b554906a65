import { SARIF_PROFILES } from '../scanner/report/sarif/profile.ts';
import { TARGET_PROFILES } from '../scanner/carrier.ts';
import type { ArgumentSpec, CommandSpec, OptionSpec } from './command.ts';
import { REMOTE } from './remote-flags.ts';
import { AUDIT, WEBHOOK } from './webhook-flags.ts';

const COMMON: readonly OptionSpec[] = [
  { name: 'quiet', short: 'q', help: 'Print nothing on stderr but errors' },
  { name: 'no-progress', help: 'Do not show progress' },
  { name: 'color', value: 'when', choices: ['auto', 'always', 'never'], help: 'Colours: auto (terminals only), always, never' },
  { name: 'debug', help: 'Show stack traces of internal errors' },
];
const TARGETS: ArgumentSpec = { name: 'target', kind: 'any', help: 'File, folder (searched by content, not by name), glob, oci:// reference, image layout or archive, Kubernetes manifests, or - for standard input' };
const SEARCH: readonly OptionSpec[] = [
  { name: 'targets-from', value: 'file', help: 'Read more targets from a file, one a line (- for standard input)' },
  { name: 'shard', value: 'i/n', help: 'Take every n-th target from the i-th on; job/n in a Kubernetes Job with indices' },
  { name: 'exclude', value: 'glob', repeatable: true, help: 'Leave out of searches; repeatable' },
  { name: 'stdin-filename', value: 'name', help: 'Name to report for standard input' },
];
const ADVISORIES: OptionSpec = { name: 'advisories', value: 'folder', help: 'OSV export to hold dependencies against: JSON records, or a zip of them for each ecosystem' };
const OUTPUT: OptionSpec = { name: 'output', short: 'o', value: 'file', help: 'Write the report to a file instead of standard output' };
const POLICY: OptionSpec = { name: 'policy', short: 'p', value: 'file|level', repeatable: true, help: 'Policy file, or a built-in level: privileged, baseline, restricted, with @v1 to pin it; repeatable, all must pass (default: baseline)' };

const RUNTIME: OptionSpec = { name: 'runtime', value: 'name@version', help: 'The runtime that will run it, such as wasmtime@36.0.2: what it would not load, and which of its published flaws matter' };

/** The one table of commands: the parser, the help, the documentation and the shell completions read it. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'scan',
    summary: 'Judge Wasm artifacts against a policy: may they run here?',
    arguments: [TARGETS],
    options: [
      POLICY,
      { name: 'accept', value: 'file', repeatable: true, help: 'List of accepted findings, which no longer count; repeatable (see wasmgate accept)' },
      { name: 'format', short: 'f', value: 'format[=file]', repeatable: true, help: 'text, json, jsonl, sarif, html, markdown, github, gitlab, junit or csv, to a file if one is named; repeatable' },
      OUTPUT,
      { name: 'fail-on', value: 'severity', choices: ['error', 'warning', 'note', 'never'], help: 'Least severity that gives exit code 1 (default: error); the verdict stays the policy\'s' },
      { name: 'exit-zero', help: 'Exit with 0 also where artifacts are denied; codes 2, 3 and 4 stay' },
      { name: 'sarif-profile', value: 'name', choices: SARIF_PROFILES, help: 'Who reads the SARIF file: github, gitlab, azure, full (default: by CI variables, else github)' },
      { name: 'sarif-category', value: 'name', help: 'Tells several SARIF uploads for one commit apart' },
      { name: 'target-profile', value: 'host', choices: TARGET_PROFILES, help: 'The host that will run it: what it gives every module counts as given, what it never gives as a note' },
      RUNTIME,
      ADVISORIES,
      ...SEARCH,
      { name: 'jobs', short: 'j', value: 'number', help: 'Worker threads, and fetches at a time (default: as many as help)' },
      ...REMOTE,
      ...COMMON,
    ],
    examples: ['wasmgate scan app.wasm', 'wasmgate scan oci://ghcr.io/acme/app:v1', 'kustomize build prod | wasmgate scan -', 'wasmgate scan build/ --policy restricted', 'wasmgate scan . --format text --format json=report.json'],
    load: async () => (await import('./commands/scan.ts')).runScan,
  },
  {
    name: 'inspect',
    summary: 'Show what a binary is and can do, without judging it',
    arguments: [TARGETS],
    options: [
      { name: 'imports', help: 'Decode no more than the imports; much faster on large files' },
      { name: 'format', short: 'f', value: 'format[=file]', repeatable: true, help: 'text, json or jsonl, to a file if one is named; repeatable' },
      RUNTIME,
      OUTPUT, ...SEARCH, ...REMOTE, ...COMMON,
    ],
    examples: ['wasmgate inspect app.wasm', 'wasmgate inspect k8s/ --no-fetch', 'wasmgate inspect app.wasm --format json | jq .capabilities'],
    load: async () => (await import('./commands/inspect.ts')).runInspect,
  },
  {
    name: 'verify',
    summary: 'Establish who stands behind an artifact: signatures and attestations',
    arguments: [TARGETS],
    options: [
      { name: 'key', value: 'file', help: 'Public key that must have signed, PEM' },
      { name: 'certificate-identity', value: 'text', help: 'Subject of the certificate, exactly' },
      { name: 'certificate-identity-regexp', value: 'pattern', help: 'Subject as an RE2 pattern for the whole text' },
      { name: 'certificate-oidc-issuer', value: 'url', help: 'Issuer of the identity, exactly' },
      { name: 'certificate-oidc-issuer-regexp', value: 'pattern', help: 'Issuer as an RE2 pattern for the whole text' },
      { name: 'trusted-root', value: 'file', help: 'Trust root of a Sigstore instance (default: the public one)' },
      { name: 'bundle', value: 'file', help: 'Sigstore bundle, or JSON lines of them, instead of what is found' },
      { name: 'signature', value: 'file', help: 'Detached signature instead of what is found' },
      { name: 'certificate', value: 'file', help: 'Certificate of the detached signature, PEM' },
      { name: 'certificate-chain', value: 'file', help: 'Certificate authority instead of a trust root, PEM' },
      { name: 'type', value: 'predicate', help: 'Ask for an attestation of this type instead of a signature: a URI, slsaprovenance1, spdx, ...' },
      { name: 'insecure-ignore-tlog', help: 'Ask for no entry in a transparency log' },
      { name: 'policy', short: 'p', value: 'file', repeatable: true, help: 'Policy whose signatures and attestations are asked for; repeatable' },
      { name: 'format', short: 'f', value: 'format[=file]', repeatable: true, help: 'text, json or jsonl, to a file if one is named; repeatable' },
      OUTPUT, ...SEARCH, ...REMOTE, ...COMMON,
    ],
    examples: [
      'wasmgate verify oci://ghcr.io/acme/app:v1 --certificate-identity-regexp "https://github.com/acme/.*" --certificate-oidc-issuer https://token.actions.githubusercontent.com',
      'wasmgate verify app.wasm --key cosign.pub --bundle app.wasm.sigstore.json',
    ],
    load: async () => (await import('./commands/verify.ts')).runVerify,
  },
  {
    name: 'attest',
    summary: 'Write facts and verdict as an in-toto statement, signed or for cosign to sign',
    arguments: [TARGETS],
    options: [
      POLICY,
      { name: 'key', value: 'file', help: 'Private key, unencrypted PKCS #8 PEM, that signs the statement as a Sigstore bundle' },
      { name: 'format', short: 'f', value: 'format', choices: ['statement', 'predicate', 'bundle'], help: 'statement, predicate (for cosign attest --predicate) or bundle (default: bundle with --key, else statement)' },
      { name: 'output', short: 'o', value: 'file', help: 'Write to a file instead of standard output' },
      ...SEARCH, ...REMOTE, ...COMMON,
    ],
    examples: ['wasmgate attest app.wasm --key attest.key --output app.wasm.attestations.jsonl', 'wasmgate attest oci://ghcr.io/acme/app:v1 --format predicate --output scan.json'],
    load: async () => (await import('./commands/attest.ts')).runAttest,
  },
  {
    name: 'trust update',
    summary: 'Fetch the trusted root of a Sigstore instance',
    arguments: [{ name: 'file', kind: 'optional', help: 'File to write (default: trusted_root.json), or - for standard output' }],
    options: [
      { name: 'mirror-url', value: 'url', help: 'TUF repository (default: that of the public Sigstore instance)' },
      { name: 'root', value: 'file', help: 'Root metadata of the repository, where it is not the public one' },
      ...COMMON,
    ],
    examples: ['wasmgate trust update', 'wasmgate trust update private_root.json --mirror-url https://tuf.example --root root.json'],
    load: async () => (await import('./commands/trust-update.ts')).runTrustUpdate,
  },
  {
    name: 'diff',
    summary: 'Show what a new version can do that the old one could not',
    arguments: [
      { name: 'old', kind: 'one', help: 'File, folder, oci:// reference, image layout or archive, Kubernetes manifests, or - for standard input' },
      { name: 'new', kind: 'one', help: 'The same of the new version' },
    ],
    options: [
      { name: 'fail-on', value: 'what', choices: ['increase', 'change', 'never'], help: 'Exit with 1 on an increase of power or need, or on any change (default: never)' },
      { name: 'policy', short: 'p', value: 'file', repeatable: true, help: 'Policy whose authorities are asked who signed either version; repeatable' },
      { name: 'format', short: 'f', value: 'format[=file]', repeatable: true, help: 'text, json, markdown or html, to a file if one is named; repeatable' },
      OUTPUT,
      { name: 'exclude', value: 'glob', repeatable: true, help: 'Leave out of searches; repeatable' },
      ...REMOTE, ...COMMON,
    ],
    examples: ['wasmgate diff old.wasm new.wasm', 'wasmgate diff oci://ghcr.io/acme/app:v1 oci://ghcr.io/acme/app:v2 --fail-on increase', 'wasmgate diff main/ pull-request/ --format markdown --output comment.md'],
    load: async () => (await import('./commands/diff.ts')).runDiff,
  },
  {
    name: 'graph',
    summary: 'Show which imports a binary reaches, from where, and by which calls',
    arguments: [TARGETS],
    options: [
      { name: 'from', value: 'export', help: 'Start at one exported function instead of every entry point' },
      { name: 'format', short: 'f', value: 'format[=file]', repeatable: true, help: 'text, json, dot (Graphviz) or mermaid, to a file if one is named; repeatable' },
      OUTPUT, ...SEARCH, ...REMOTE, ...COMMON,
    ],
    examples: ['wasmgate graph app.wasm', 'wasmgate graph app.wasm --from handle --format mermaid', 'wasmgate graph app.wasm --format dot | dot -Tsvg > calls.svg'],
    load: async () => (await import('./commands/graph.ts')).runGraph,
  },
  {
    name: 'sbom',
    summary: 'Write a bill of materials: modules, components and packages inside',
    arguments: [TARGETS],
    options: [{ name: 'format', short: 'f', value: 'format', choices: ['cyclonedx', 'spdx'], help: 'cyclonedx (1.6, the default) or spdx (2.3), both JSON' }, OUTPUT, ...SEARCH, ...REMOTE, ...COMMON],
    examples: ['wasmgate sbom app.wasm --output app.cdx.json', 'wasmgate sbom oci://ghcr.io/acme/app:v1 --format spdx'],
    load: async () => (await import('./commands/sbom.ts')).runSbom,
  },
  {
    name: 'snapshot',
    summary: 'Write or compare the capability snapshot beside each binary',
    arguments: [TARGETS],
    options: [{ name: 'check', help: 'Write nothing; exit with 1 when a capability is new since the snapshot' }, ...SEARCH, ...COMMON],
    examples: ['wasmgate snapshot app.wasm', 'wasmgate snapshot --check build/'],
    load: async () => (await import('./commands/snapshot.ts')).runSnapshot,
  },
  {
    name: 'accept',
    summary: 'Accept the findings of a scan: for a reason, by an owner, until a day',
    arguments: [TARGETS],
    options: [
      { name: 'reason', value: 'text', help: 'Why the findings are accepted; needed' },
      { name: 'owner', value: 'name', help: 'Who answers for it; needed' },
      { name: 'expires', value: 'date', help: 'Last day it holds, YYYY-MM-DD; needed' },
      { name: 'output', short: 'o', value: 'file', help: 'List to write, or to bring up to date (default: wasmgate-accepted.yaml)' },
      { name: 'rule', value: 'id', repeatable: true, help: 'Accept findings of this rule only; repeatable' },
      { name: 'severity', value: 'severity', choices: ['error', 'warning', 'note'], help: 'Least severity that is accepted (default: error)' },
      POLICY, ...SEARCH, ...REMOTE, ...COMMON,
    ],
    examples: ['wasmgate accept app.wasm --reason "Replaced in the next release" --owner team-a --expires 2030-01-31', 'wasmgate scan app.wasm --accept wasmgate-accepted.yaml'],
    load: async () => (await import('./commands/accept.ts')).runAccept,
  },
  {
    name: 'rules',
    summary: 'List the rules, or explain one',
    arguments: [{ name: 'id', kind: 'optional', help: 'Rule to explain' }],
    options: [{ name: 'format', short: 'f', value: 'format', choices: ['text', 'json'], help: 'text or json' }, ...COMMON],
    examples: ['wasmgate rules', 'wasmgate rules memory-unbounded'],
    load: async () => (await import('./commands/rules.ts')).runRulesCommand,
  },
  {
    name: 'policy init',
    summary: 'Write a commented policy file to start from',
    arguments: [{ name: 'file', kind: 'optional', help: 'File to write (default: wasmgate.yaml)' }],
    options: [
      { name: 'level', value: 'level', help: 'Level to start from (default: baseline)' },
      { name: 'force', help: 'Overwrite an existing file' },
      ...COMMON,
    ],
    examples: ['wasmgate policy init', 'wasmgate policy init strict.yaml --level restricted'],
    load: async () => (await import('./commands/policy-init.ts')).runPolicyInit,
  },
  {
    name: 'policy learn',
    summary: 'Write the least policy that admits the targets and nothing that can do more',
    arguments: [TARGETS],
    options: [
      { name: 'output', short: 'o', value: 'file', help: 'Write the policy to a file instead of standard output' },
      { name: 'force', help: 'Overwrite an existing file' },
      { name: 'level', value: 'level', help: 'Level to start from (default: baseline)' },
      { name: 'kind', value: 'kind', choices: ['WasmPolicy', 'ClusterWasmPolicy'], help: 'Kind of the object, for a cluster (default: WasmPolicy)' },
      { name: 'name', value: 'name', help: 'Name of the policy (default: learned)' },
      { name: 'pin', help: 'Admit these very bytes only, by digest' },
      { name: 'key', value: 'file', help: 'Public key that must have signed, PEM' },
      { name: 'certificate-identity', value: 'text', help: 'Subject of the certificate, exactly' },
      { name: 'certificate-identity-regexp', value: 'pattern', help: 'Subject as an RE2 pattern for the whole text' },
      { name: 'certificate-oidc-issuer', value: 'url', help: 'Issuer of the identity, exactly' },
      { name: 'certificate-oidc-issuer-regexp', value: 'pattern', help: 'Issuer as an RE2 pattern for the whole text' },
      ...SEARCH, ...REMOTE, ...COMMON,
    ],
    examples: ['wasmgate policy learn app.wasm --output app-policy.yaml', 'wasmgate policy learn oci://ghcr.io/acme/app:v1 --kind ClusterWasmPolicy --name acme-app'],
    load: async () => (await import('./commands/policy-learn.ts')).runPolicyLearn,
  },
  {
    name: 'policy validate',
    summary: 'Find mistakes in policy files',
    arguments: [{ name: 'file', kind: 'many', help: 'Policy file, or - for standard input' }],
    options: COMMON,
    examples: ['wasmgate policy validate wasmgate.yaml'],
    load: async () => (await import('./commands/policy-validate.ts')).runPolicyValidate,
  },
  {
    name: 'policy explain',
    summary: 'Show what a policy decides, line by line',
    arguments: [{ name: 'policy', kind: 'one', help: 'Policy file or level' }],
    options: [{ name: 'format', short: 'f', value: 'format', choices: ['text', 'json'], help: 'text or json' }, ...COMMON],
    examples: ['wasmgate policy explain restricted', 'wasmgate policy explain wasmgate.yaml'],
    load: async () => (await import('./commands/policy-explain.ts')).runPolicyExplain,
  },
  {
    name: 'policy test',
    summary: 'Run test cases against policies: a folder of YAML files',
    arguments: [{ name: 'folder', kind: 'one', help: 'Folder with cases, or one case file' }],
    options: COMMON,
    examples: ['wasmgate policy test policies/tests'],
    load: async () => (await import('./commands/policy-test.ts')).runPolicyTest,
  },
  {
    name: 'webhook',
    summary: 'Serve the admission webhook of a Kubernetes cluster',
    arguments: [],
    options: [...WEBHOOK, ...COMMON],
    examples: ['wasmgate webhook --policy restricted --tls-cert tls.crt --tls-key tls.key'],
    load: async () => (await import('./commands/webhook.ts')).runWebhook,
  },
  {
    name: 'audit',
    summary: 'Judge what runs in a cluster, once',
    arguments: [],
    options: [...AUDIT, OUTPUT, ...COMMON],
    examples: ['wasmgate audit --kubeconfig admin.kubeconfig', 'wasmgate audit --policy restricted --format json'],
    load: async () => (await import('./commands/audit.ts')).runAuditCommand,
  },
];

/** Text for the command groups, shown in the help. */
export const GROUPS: Readonly<Record<string, string>> = { policy: 'Write, check and test policies', trust: 'Look after trusted roots' };
