import type { ExportFact, Facts, ImportFact } from '../../scanner/facts/facts.ts';
import type { Rule, RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { WITHIN_SANDBOX } from '../../scanner/facts/capabilities.ts';
import { grantedByHost } from '../../scanner/facts/grants.ts';
import { judgedImports, listing, noneReached, UNREACHED } from '../../scanner/rule-support.ts';

interface Power {
  readonly capability: string;
  /** Completes "The program can ...". */
  readonly can: string;
  readonly score: number;
  readonly cwe: readonly number[];
}

/** Capability, what a program with it can do, score for code scanning, CWE numbers. The policy decides the severity, never this table. */
const POWERS: readonly Power[] = ([
  ['runtime-support', 'use glue of its runtime that grants no power', 0.1, []],
  ['async-runtime', 'run tasks and wait for them', 0.1, []],
  ['stdio', 'use standard input, output and error', 0.5, []],
  ['terminal', 'detect or set up a terminal', 0.5, []],
  ['args-read', 'read its command-line arguments', 0.5, []],
  ['env-read', 'read environment variables', 2.6, [526]],
  ['clock-read', 'read clocks', 0.5, []],
  ['clock-set', 'set the clock of the host', 7.0, [250]],
  ['timer-poll', 'sleep and wait for events', 0.5, []],
  ['random-secure', 'get random numbers', 0.5, []],
  ['random-insecure', 'get predictable random numbers', 1.0, [338]],
  ['process-exit', 'end itself', 0.1, []],
  ['process-spawn', 'start, fork or replace processes', 9.3, [78, 250]],
  ['process-control', 'signal, join or snapshot processes', 7.5, [250]],
  ['process-info', 'learn process, thread and host identifiers', 2.0, [200]],
  ['threads', 'run threads that share memory', 5.3, [362, 385]],
  ['fs-preopen', 'list the directories it was given', 1.0, []],
  ['fs-open', 'open files in the directories it was given', 3.0, [272]],
  ['fs-read', 'read files and directories', 3.0, [272]],
  ['fs-write', 'create, change, rename or delete files', 5.8, [272, 732]],
  ['fs-meta', 'read sizes, dates and flags of files', 1.0, []],
  ['net-ambient', 'obtain the network handle that sockets need', 3.0, [272]],
  ['net-socket', 'create sockets', 4.0, [272]],
  ['net-connect', 'connect or send to addresses of its choice', 7.2, [272, 441]],
  ['net-listen', 'accept connections', 6.0, [1327]],
  ['net-io', 'send and receive over sockets it was given', 3.0, [272]],
  ['net-dns', 'look up host names', 4.6, [200, 515]],
  ['net-config', 'change network interfaces, routes or multicast groups', 9.0, [250]],
  ['net-tls', 'do TLS handshakes', 2.0, []],
  ['http-client', 'send HTTP requests to hosts it names', 5.6, [918, 441]],
  ['http-server', 'answer HTTP requests', 1.0, []],
  ['http-traffic-read', 'read requests and responses that pass the proxy', 2.0, [200]],
  ['http-traffic-modify', 'change, answer or stop requests that pass the proxy', 3.9, [441]],
  ['keyvalue-read', 'read a key-value store', 3.0, [272]],
  ['keyvalue-write', 'change a key-value store', 3.9, [272]],
  ['blobstore-read', 'read object storage', 3.0, [272]],
  ['blobstore-write', 'change object storage', 3.9, [272]],
  ['sql', 'run SQL statements', 3.9, [272]],
  ['messaging-publish', 'publish messages to a broker', 3.9, [272]],
  ['messaging-consume', 'receive messages of a broker', 2.0, []],
  ['cache', 'read, fill or purge a cache', 3.0, [272]],
  ['shared-state', 'share data with other guests of the host', 4.6, [668]],
  ['distributed-lock', 'take locks that the whole cluster sees', 4.0, [667]],
  ['config-read', 'read configuration of the host', 3.0, [526]],
  ['config-write', 'change configuration of the host', 6.0, [15]],
  ['secrets-read', 'read secrets', 5.0, [522]],
  ['identity', 'obtain an identity or token of the workload', 6.0, [522]],
  ['logging', 'write log records', 0.5, []],
  ['telemetry', 'record metrics and traces', 0.5, []],
  ['crypto', 'use cryptography of the host', 2.0, []],
  ['crypto-keys', 'create, import or export keys kept by the host', 5.0, [320]],
  ['ai-inference', 'run models in native code of the host', 5.5, [829]],
  ['media', 'process images, sound, video or archives in native code of the host', 7.3, [829]],
  ['gpu', 'use a GPU or another accelerator', 6.0, [829]],
  ['display-input', 'draw, and read mouse and keyboard', 4.0, [200]],
  ['hardware-bus', 'drive GPIO, I2C or SPI', 7.0, [250]],
  ['hardware-usb', 'drive USB devices', 7.0, [250]],
  ['kernel-bpf', 'load or use eBPF programs in the kernel', 9.3, [250]],
  ['k8s-api', 'read or influence objects of the Kubernetes API', 6.2, [250, 863]],
  ['oci-registry', 'make the host contact registries', 4.6, [918]],
  ['host-call', 'call functions of the host that it picks at run time', 5.5, [749]],
  ['dynamic-code', 'load, compile or evaluate further code', 7.6, [829, 114]],
  ['js-host', 'reach JavaScript objects of the host', 5.0, [749]],
  ['component-call', 'call other components or guests', 3.0, [441]],
  ['guest-data', 'exchange its input and output with the platform', 0.5, []],
  ['unknown', 'call functions of the host that no known interface explains', 5.2, [749, 1357]],
] as const).map(([capability, can, score, cwe]) => ({ capability, can, score, cwe }));

/** Ids that other catalogues of rules have for the same evidence. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { 'clock-set': ['clock-set'], 'env-read': ['env-read'] };

/** Imports that a fix names as an example. */
const NAMED = 3;

/** One rule for each capability of the catalogue, and one for imports that no interface of the catalogue explains. */
export const CAPABILITY_RULES: readonly Rule[] = POWERS.map(({ capability, can, score, cwe }) => defineRule({
  id: `capability-${capability}`,
  title: `The program can ${can}`,
  description: `Finds imports that let the program ${can}, and exports by which the host makes use of it.`,
  family: 'capability',
  securitySeverity: score,
  confidence: 'high',
  cwe,
  since: '0.1.0',
  remedy: 'Build without what needs it, or do not grant it in the host',
  references: ['https://github.com/WebAssembly/WASI/blob/main/docs/DesignPrinciples.md'],
  ...(ALIASES[capability] && { aliases: ALIASES[capability] }),
  check: (facts) => findCapability(facts, { capability, can, score, cwe }),
}));

function* findCapability(facts: Facts, { capability, can }: Power): Generator<RuleFinding> {
  const imports = facts.imports.filter((found) => found.capability === capability);
  const host = grantedByHost(facts, capability);
  const common = { subject: capability, treatment: `capability:${capability}`, ...(host && { hostGrants: host.grants }) };
  const remark = host === null ? '' : ` (${host.why})`;
  if (imports.length > 0) {
    const fix = capability === 'unknown' ? { fix: namingFix(facts, imports) } : {};
    yield { ...common, ...fix, ...judgedImports(facts, imports), message: `Can ${can}${remark}${noneReached(imports) ? UNREACHED : ''}`, location: imports[0]!.location };
    return;
  }
  const offered = offeredExports(facts, capability);
  // Without a list of imports: an allow list of imports has no say in what the program exports.
  if (offered.length > 0) yield { ...common, message: `Can ${can}${remark}, by its export ${listing(offered.map(({ name }) => name))}`, location: offered[0]!.location };
}

/** Allowing everything unknown allows what comes later too, so the fix names what is there now. */
function namingFix(facts: Facts, imports: readonly ImportFact[]): string {
  const patterns = [...new Set(imports.map((found) => policyPattern(facts, found)))];
  const shown = patterns.slice(0, NAMED).join(', ');
  return `Find out what the host lets them do, and name those that are meant in the policy: imports: { allow: [${shown}${patterns.length > NAMED ? ', ...' : ''}] }`;
}

/** As `imports.allow` takes it: names with dots, and names that are no interface, in two parts. */
function policyPattern(facts: Facts, { interface: from, name }: ImportFact): string {
  if (facts.kind === 'component') return from.includes('/') ? JSON.stringify(from) : `{ module: ${JSON.stringify(from)}, name: "*" }`;
  return `${from}${name}`.includes('.') ? `{ module: ${JSON.stringify(from)}, name: ${JSON.stringify(name)} }` : JSON.stringify(`${from}.${name}`);
}

function offeredExports(facts: Facts, capability: string): readonly ExportFact[] {
  // Asked first, because a program can have tens of thousands of exports.
  if (WITHIN_SANDBOX.has(capability) || !facts.capabilities.includes(capability)) return [];
  return [...facts.exports].filter((found) => found.capability === capability);
}
