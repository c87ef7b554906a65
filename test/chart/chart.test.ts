import { Ajv } from 'ajv';
import { tmpdir } from 'node:os';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../cli/commands.ts';
import { CARRIER_TABLE } from '../../scanner/kubernetes/table.ts';
import { webhookRules } from '../../tools/chart-rules.ts';
import { createMetrics } from '../../webhook/metrics.ts';
import { haveTools } from '../kubernetes/tools.ts';
import { evaluate } from './cel.ts';
import { CHART, chartFile, helm, only, render, type Rendered, unittest, VALUES_FILES } from './helm.ts';

type Values = Record<string, unknown>;

describe('the schema of values', () => {
  const validate = new Ajv({ allErrors: true, strictTypes: false }).compile(JSON.parse(chartFile('values.schema.json')) as object);
  const defaults = parse(chartFile('values.yaml')) as Values;
  const faults = (values: Values): unknown => (validate(merged(defaults, values)) ? [] : validate.errors!.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`));

  test('takes the defaults and the values of every mode', () => {
    expect(faults({})).toEqual([]);
    for (const file of VALUES_FILES) expect([file, faults(parse(chartFile(`ci/${file}`)) as Values)]).toEqual([file, []]);
  });

  test.each<[string, Values]>([
    ['an unknown key', { replica: 3 }], ['an unknown key inside', { image: { name: 'x' } }], ['a word that is none of the choices', { webhook: { detection: 'all' } }],
    ['a failure policy of another kind', { webhook: { podsWithSignal: { failurePolicy: 'fail' } } }], ['a timeout that the API server refuses', { webhook: { timeoutSeconds: 31 } }],
    ['a digest that is none', { image: { digest: 'sha256:12' } }], ['text for a number', { replicas: '2' }], ['root', { runAsUser: 0 }], ['a port that only root may open', { ports: { webhook: 443 } }],
    ['an existing certificate without authority', { certificates: { mode: 'existingSecret', existingSecret: { name: 'x' } } }], ['two audits', { audit: { cronJob: { enabled: true } } }],
    ['an empty policy', { clusterPolicy: { create: true } }], ['a sweep over nothing', { sweep: { enabled: true } }], ['a namespace that can have no such name', { webhook: { excludedNamespaces: ['*'] } }],
    ['code for CEL in a name', { webhook: { podsWithSignal: { runtimeClasses: ['a"] || true || "" in ["'] } } }],
  ])('refuses %s', (_, values) => {
    expect(faults(values)).not.toEqual([]);
  });

  test('describes every value', () => {
    const undescribed = (schema: Described, path: string): string[] => Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [...(inner.description ? [] : [`${path}${key}`]), ...undescribed(inner, `${path}${key}.`)]);
    const schema = JSON.parse(chartFile('values.schema.json')) as Described;
    expect(undescribed(schema, '')).toEqual([]);
  });
});

describe('the rules', () => {
  const rules = parse(chartFile('files/rules.yaml')) as Record<'deny' | 'warn', { group: string; resources: string[] }[]>;

  test('are those of the table of carriers', () => {
    expect(chartFile('files/rules.yaml')).toBe(webhookRules());
  });

  test('leave out only the kinds that have an entry of their own', () => {
    const named = new Set((['deny', 'warn'] as const).flatMap((answer) => rules[answer].flatMap(({ group, resources }) => resources.map((resource) => `${answer} ${group}/${resource}`))));
    const missing = CARRIER_TABLE.map(({ onDeny, group, resource }) => `${onDeny} ${group}/${resource}`).filter((row) => !named.has(row));
    expect(missing).toEqual(['deny /pods', 'deny /configmaps', 'deny /secrets']);
  });

  test('may skip updates that leave spec and annotations alone: nothing is read elsewhere', () => {
    const elsewhere = CARRIER_TABLE.filter(({ group }) => group !== '' && group !== 'kubescheduler.config.k8s.io').flatMap(({ kind, references, pods = [] }) => [...references, ...pods].map(({ path }) => `${kind} ${path}`)).filter((row) => !/ spec[.[]?/.test(row));
    expect(elsewhere).toEqual([]);
  });
});

describe('measurements', () => {
  const known = createMetrics().registry.getMetricsAsArray().map(({ name }) => name);

  test.each(['templates/monitoring.yaml', 'files/dashboard.json'])('%s asks for what is measured', (file) => {
    const asked = [...chartFile(file).matchAll(/\bwasmgate_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''));
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !known.includes(name))).toEqual([]);
  });
});

test('no template makes a secret or asks the cluster', () => {
  const templates = readdirSync(join(CHART, 'templates')).map((name) => chartFile(`templates/${name}`)).join('\n');
  expect(templates).not.toMatch(/\b(lookup|genCA|genSignedCert|genSelfSignedCert|genPrivateKey|randAlphaNum|randAlpha|randBytes|uuidv4|now)\b\s+["(.$]/);
  expect(templates).not.toMatch(/\bkind: Secret\b/);
});

describe.skipIf(!haveTools(['helm', 'helm-unittest']))('the rendered chart', () => {
  test('passes the suites beside it', () => {
    expect(unittest()).toMatch(/0 failed|Charts: +1 passed/);
  });

  test.each(VALUES_FILES)('%s passes lint', (file) => {
    const { status, stdout, stderr } = helm(['lint', '--strict', CHART, '--values', join(CHART, 'ci', file)], tmpdir());
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('1 chart(s) linted, 0 chart(s) failed')]);
  });

  test('tells what comes next, and the way out', () => {
    const notes = (more: readonly string[]): string => helm(['install', 'wasmgate', CHART, '--namespace', 'security', '--dry-run=client', ...more], tmpdir()).stdout.split('\nNOTES:\n')[1]!;
    expect(notes([])).toContain('kubectl delete validatingwebhookconfiguration,mutatingwebhookconfiguration --ignore-not-found security-wasmgate');
    expect(notes([])).toContain('WARNING: no policy');
    expect(notes([])).not.toMatch(/one replica|Ignore/);
    expect(notes(['--set', 'replicas=1,webhook.podsWithSignal.failurePolicy=Ignore'])).toMatch(/one replica[\s\S]*Whoever can make the webhook unreachable/);
    expect(notes(['--set', 'clusterPolicy.create=true,clusterPolicy.spec.level=baseline'])).not.toContain('no policy');
  });

  test('refuses kube-system and values that contradict each other', () => {
    expect(() => render({ namespace: 'kube-system' })).toThrow('must not be installed into kube-system');
    expect(() => render({ values: { audit: { cronJob: { enabled: true } } } })).toThrow('intervalSeconds');
    expect(() => render({ values: { audit: { cronJob: { enabled: true } } }, more: ['--skip-schema-validation'] })).toThrow('judge everything twice');
  });

  describe.each(VALUES_FILES)('with %s', (file) => {
    const objects = haveTools(['helm']) ? render({ file }) : [];
    const pods = objects.flatMap(podSpecs);

    test('runs every container restricted', () => {
      expect(pods.length).toBeGreaterThan(0);
      for (const spec of pods) expect(loosenesses(spec)).toEqual([]);
    });

    test('mounts a token only where the API server is asked', () => {
      const tokens = objects.flatMap((object) => podSpecs(object).map((spec) => [object.metadata.labels!['app.kubernetes.io/component'], spec['automountServiceAccountToken']]));
      for (const [component, mounted] of tokens) expect([component, mounted]).toEqual([component, component !== 'sweep']);
    });

    test('gives no right by wildcard, and Secrets only by name or when asked', () => {
      const roles = objects.filter(({ kind }) => /^(Cluster)?Role$/.test(kind));
      const rules = roles.flatMap((role) => (role['rules'] as Rule[]).map((rule) => ({ role, rule })));
      expect(rules.filter(({ rule }) => [...rule.apiGroups, ...rule.resources, ...rule.verbs].includes('*'))).toEqual([]);
      const secrets = rules.filter(({ role, rule }) => rule.resources.includes('secrets') && rule.resourceNames === undefined && !(role.kind === 'Role' && rule.verbs.join() === 'create'));
      expect(secrets.map(({ role }) => role.metadata.name)).toEqual(/production|schedule/.test(file) ? ['wasmgate-access'] : []);
      // Whoever may write these could give himself any right.
      expect(rules.filter(({ rule }) => rule.verbs.some((verb) => /^(bind|escalate|impersonate)$/.test(verb)) || rule.apiGroups.includes('rbac.authorization.k8s.io'))).toEqual([]);
    });

    test('binds each role to an account that exists', () => {
      const names = objects.filter(({ kind }) => /^(Cluster)?Role$/.test(kind)).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      const accounts = [...objects.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name), 'mine'];
      for (const binding of objects.filter(({ kind }) => kind.endsWith('RoleBinding') || kind === 'RoleBinding')) {
        expect(names).toContain(`${binding['roleRef'].kind} ${binding['roleRef'].name}`);
        expect(accounts).toContain(binding['subjects'][0].name);
      }
      for (const spec of pods) expect(accounts).toContain(spec['serviceAccountName']);
    });

    test('leaves out its own namespace and kube-system, and keeps to what the API server allows', () => {
      for (const entry of webhooks(objects)) {
        expect(excluded(entry)).toEqual(expect.arrayContaining(['kube-system', 'wasmgate']));
        expect(entry['name']).toMatch(/^[a-z-]+\.wasmgate\.dev$/);
        expect(entry['timeoutSeconds']).toBeLessThanOrEqual(10);
        expect(entry['matchPolicy']).toBe('Equivalent');
        expect(entry['objectSelector']).toBeUndefined();
        expect(entry['matchConditions'].length).toBeLessThanOrEqual(64);
      }
      expect(new Set(webhooks(objects).map(({ name }) => name as string)).size).toBe(webhooks(objects).length);
    });

    test('lets the audit list whatever is denied on arrival', () => {
      const audits = objects.filter(({ kind, rules }) => kind === 'ClusterRole' && (rules as Rule[]).some(({ resources }) => resources.includes('pods')));
      const wanted = CARRIER_TABLE.filter(({ onDeny, group }) => onDeny === 'deny' && group !== '').map(({ group, resource }) => `${group}/${resource}`);
      for (const { rules } of audits.filter(({ metadata }) => metadata.name.endsWith('-audit') || !/production|minimal/.test(file))) {
        const may = (rules as Rule[]).filter(({ verbs }) => verbs.includes('list')).flatMap(({ apiGroups: [group], resources }) => resources.map((resource) => `${group}/${resource}`));
        expect(wanted.filter((one) => !may.includes(one))).toEqual([]);
      }
      expect(audits.length).toBe(file === 'production-values.yaml' ? 2 : 1);
    });

    test('finds its pods by every selector, and its ports by every service', () => {
      const { labels } = only(objects, 'Deployment')['spec'].template.metadata;
      const ports = (only(objects, 'Deployment')['spec'].template.spec.containers[0].ports as { name: string }[]).map(({ name }) => name);
      const selectors = objects.flatMap(({ kind, spec }) => (kind === 'Service' ? [spec.selector] : kind === 'PodDisruptionBudget' ? [spec.selector.matchLabels] : kind === 'NetworkPolicy' ? [spec.podSelector.matchLabels] : kind === 'Deployment' ? [spec.selector.matchLabels] : []));
      for (const selector of selectors) expect(labels).toMatchObject(selector);
      for (const service of objects.filter(({ kind }) => kind === 'Service')) expect(ports).toContain(service['spec'].ports[0].targetPort);
      for (const monitor of objects.filter(({ kind }) => kind === 'ServiceMonitor')) expect(only(objects, 'Service', 'wasmgate-metrics').metadata.labels).toMatchObject(monitor['spec'].selector.matchLabels);
    });

    test('gives arguments that the program knows', () => {
      for (const { containers: [{ args }] } of pods) {
        const command = COMMANDS.find(({ name }) => name === args[0]);
        const unknown = args.slice(1).map((argument: string) => /^--([\w-]+)/.exec(argument)?.[1]).filter((name: string | undefined) => !command?.options.some((option) => option.name === name));
        if (command !== undefined || args[0] !== 'audit') expect([args[0], unknown]).toEqual([args[0], []]);
      }
    });

    test('mounts what its arguments name', () => {
      for (const spec of pods) for (const container of spec.containers) {
        const files = container.args.flatMap((argument: string) => /\/etc\/wasmgate\/[\w./-]+/.exec(argument)?.[0] ?? []);
        const folders: readonly string[] = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
        expect(files.filter((path: string) => !folders.includes(path.slice(0, path.lastIndexOf('/'))))).toEqual([]);
        expect(spec.volumes.map(({ name }: { name: string }) => name).sort()).toEqual(container.volumeMounts.map(({ name }: { name: string }) => name).sort());
      }
    });

    test('labels every object and puts it into its namespace', () => {
      for (const object of objects) {
        expect(object.metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'wasmgate', 'app.kubernetes.io/instance': 'wasmgate', 'app.kubernetes.io/managed-by': 'Helm' });
        expect(object.metadata.namespace === undefined).toBe(CLUSTER_SCOPED.test(object.kind));
      }
    });
  });

  test('leaves its namespace out whatever the values say, and wherever it stands', () => {
    for (const namespace of ['wasmgate', 'a', 'security']) {
      for (const excludedNamespaces of [[], ['x'], ['x', namespace]]) {
        for (const entry of webhooks(render({ namespace, file: 'production-values.yaml', values: { webhook: { excludedNamespaces } } }))) expect(excluded(entry)).toEqual([...new Set([namespace, 'kube-system', ...excludedNamespaces])].sort());
      }
    }
  });

  test('keeps names short enough', () => {
    const objects = render({ file: 'production-values.yaml', release: 'r'.repeat(53), namespace: 'n'.repeat(63), values: { sweep: { enabled: true, targets: ['a'] }, certificates: { mode: 'certManager' } } });
    const bound = (kind: string): number => (/Role|CustomResource|WebhookConfiguration/.test(kind) ? 253 : kind === 'CronJob' ? 52 : 63);
    expect(objects.filter(({ kind, metadata }) => metadata.name.length > bound(kind)).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
  });

  test('a changed list is another sweep', () => {
    const name = (targets: readonly string[]): string => only(render({ values: { sweep: { enabled: true, targets } } }), 'Job').metadata.name;
    expect(name(['a'])).toBe(name(['a']));
    expect(name(['a'])).not.toBe(name(['b']));
  });

  describe('conditions', () => {
    const entries = haveTools(['helm']) ? webhooks(render({ file: 'production-values.yaml', values: { webhook: { detection: 'signals' } } })) : [];
    const holds = (entry: string, condition: string, input: Parameters<typeof evaluate>[1]): boolean => evaluate(entries.find(({ name }) => name === entry)!['matchConditions'].find(({ name }: { name: string }) => name === condition).expression, input);
    const update = { operation: 'UPDATE' };

    test('of updates: spec and annotations count, the rest does not', () => {
      const old = { metadata: { labels: { a: '1' }, annotations: { x: '1' } }, spec: { containers: [{ image: 'a' }] }, status: {} };
      const changed = (more: object): boolean => holds('pods-with-signal.wasmgate.dev', 'significant', { object: { ...old, ...more }, oldObject: old, request: update });
      expect(changed({})).toBe(false);
      expect(changed({ metadata: { labels: { a: '2' }, annotations: { x: '1' } }, status: { phase: 'Running' } })).toBe(false);
      expect(changed({ metadata: { annotations: { x: '2' } } })).toBe(true);
      expect(changed({ metadata: {} })).toBe(true);
      expect(changed({ spec: { containers: [{ image: 'b' }] } })).toBe(true);
      expect(changed({ spec: { containers: [{ image: 'a' }], ephemeralContainers: [{ image: 'b' }] } })).toBe(true);
      expect(holds('workloads.wasmgate.dev', 'significant', { object: { template: {} }, oldObject: { template: {} }, request: update })).toBe(true);
      expect(holds('pods-with-signal.wasmgate.dev', 'significant', { object: old })).toBe(true);
    });

    test('of pods: one of the two entries takes each', () => {
      const wasm = { metadata: {}, spec: { runtimeClassName: 'edge', containers: [] } };
      const plain = { metadata: {}, spec: { containers: [{ image: 'a' }] } };
      for (const [object, signal] of [[wasm, true], [plain, false]] as const) {
        expect(holds('pods-with-signal.wasmgate.dev', 'has-signal', { object })).toBe(signal);
        expect(holds('pods.wasmgate.dev', 'has-no-signal', { object })).toBe(!signal);
      }
      expect(holds('pods.wasmgate.dev', 'may-have-hidden-signal', { object: plain })).toBe(false);
      expect(holds('pods.wasmgate.dev', 'may-have-hidden-signal', { object: { spec: { ...plain.spec, runtimeClassName: 'free' } } })).toBe(true);
      expect(holds('pods.wasmgate.dev', 'may-have-hidden-signal', { object: { spec: { containers: [{ envFrom: [{}] }] } } })).toBe(true);
    });

    test('of namespaces: our labels set, changed, removed', () => {
      const asked = (labels: object | undefined, old: object | null | undefined): boolean => holds('namespaces.wasmgate.dev', 'our-labels-change', { object: { metadata: { labels } }, oldObject: old === null ? null : { metadata: { labels: old } } });
      const ours = { 'wasmgate.dev/enforce': 'baseline' };
      expect([asked(ours, null), asked(ours, undefined), asked(ours, {}), asked({}, ours), asked(undefined, ours), asked({ 'wasmgate.dev/enforce': 'restricted' }, ours)]).toEqual([true, true, true, true, true, true]);
      expect([asked(undefined, null), asked({ a: 'b' }, null), asked(ours, ours), asked({ ...ours, a: 'b' }, ours), asked(undefined, undefined)]).toEqual([false, false, false, false, false]);
    });

    test('of ConfigMaps and Secrets: binaries by name and by their first bytes', () => {
      const module = Buffer.from('\0asm\u0001\0\0\0').toString('base64');
      const map = (object: object): boolean => holds('configmaps.wasmgate.dev', 'holds-wasm', { object });
      expect([map({ binaryData: { x: module } }), map({ binaryData: { 'a.wasm': 'AAAA' } }), map({ data: { x: '\0asm\u0001' } }), map({ data: { 'a.wasm': 'x' } })]).toEqual([true, true, true, true]);
      expect([map({}), map({ data: { 'a.txt': 'AGFzb is text' } }), map({ binaryData: { x: 'AAAA' } })]).toEqual([false, false, false]);
      expect(holds('secrets.wasmgate.dev', 'holds-wasm', { object: { data: { x: module } } })).toBe(true);
      expect(holds('secrets.wasmgate.dev', 'holds-wasm', { object: { data: { x: 'AAAA' } } })).toBe(false);
    });
  });
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

type PodSpec = Rendered['spec'];

const CLUSTER_SCOPED = /^(ClusterRole|ClusterRoleBinding|CustomResourceDefinition|ClusterWasmPolicy|(Validating|Mutating)WebhookConfiguration)$/;

function podSpecs({ kind, spec }: Rendered): readonly PodSpec[] {
  if (kind === 'CronJob') return [spec.jobTemplate.spec.template.spec];
  return kind === 'Deployment' || kind === 'Job' ? [spec.template.spec] : [];
}

function webhooks(objects: readonly Rendered[]): readonly Rendered[] {
  return objects.filter(({ kind }) => kind.endsWith('WebhookConfiguration')).flatMap((object) => object['webhooks'] as Rendered[]);
}

/** The namespaces that an entry is never asked about. */
function excluded(entry: Rendered): readonly string[] {
  const [expression, ...more] = entry['namespaceSelector'].matchExpressions;
  expect(more).toEqual([]);
  expect(expression).toMatchObject({ key: 'kubernetes.io/metadata.name', operator: 'NotIn' });
  return expression.values;
}

/** What of a pod the restricted Pod Security Standard, or we, would not have. */
function loosenesses(spec: PodSpec): readonly string[] {
  const { securityContext: pod } = spec;
  return [
    ...(pod.runAsNonRoot === true && pod.runAsUser > 0 && pod.runAsGroup > 0 && pod.seccompProfile.type === 'RuntimeDefault' ? [] : ['pod']),
    ...['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'].filter((key) => spec[key]),
    ...spec.volumes.filter((volume: Values) => !volume['secret'] && !volume['configMap'] && !(volume['emptyDir'] as Values | undefined)?.['sizeLimit']).map(({ name }: { name: string }) => `volume ${name}`),
    ...spec.containers.flatMap(({ name, securityContext, resources }: Values & { securityContext: Values; resources: { limits?: Values; requests?: Values } }) => [
      ...(isDeepStrictEqual(securityContext, STRICT) ? [] : [`context of ${String(name)}`]),
      ...(resources.limits?.['memory'] && resources.requests?.['cpu'] && !resources.limits['cpu'] ? [] : [`resources of ${String(name)}`]),
    ]),
  ];
}

const STRICT = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, privileged: false, readOnlyRootFilesystem: true, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };

function merged(base: Values, more: Values): Values {
  const isMap = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
  return { ...base, ...Object.fromEntries(Object.entries(more ?? {}).map(([key, value]) => [key, isMap(value) && isMap(base[key]) ? merged(base[key], value) : value])) };
}
