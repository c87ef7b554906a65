import { expect, test } from 'vitest';
import { SCAN_BASE } from '../engine/local-scanner.ts';
import { RULES } from '../rules/index.ts';
import { level, NOW } from '../test/support/examiner.ts';
import { ruleOf } from '../test/support/policy.ts';
import { packagingOf, provenanceOf } from '../test/support/surroundings.ts';
import { watToWasm } from '../test/support/wat.ts';
import { judgeRecord, recordArtifact, type BareRecord } from './judge-record.ts';
import { defineRule, type Rule } from './rule.ts';
import { scan } from './scan.ts';

const bytes = watToWasm('(module (import "wasi_snapshot_preview1" "sock_accept" (func (param i32 i32 i32) (result i32))) (memory 1))');
const artifact = { name: 'oci://acme/app:v1', reference: 'acme/app:v1', bytes, digest: `sha256:${'a'.repeat(64)}`, packaging: packagingOf() };
const policies = [level('baseline'), level('restricted')];
const bugs: string[] = [];
const context = { ...SCAN_BASE, policies, now: NOW, provenance: () => provenanceOf({ status: 'absent' }), onBug: (error: unknown) => void bugs.push(String(error)) };
const thresholds = policies.map((one) => one.thresholds);

/** As it comes from another thread or a disk. */
const carried = (record: BareRecord): BareRecord => structuredClone(record);

test.each(['unknown', 'trusted', 'untrusted', 'invalid', 'absent', 'unsupported', 'error'] as const)('a record judged with provenance %s is the bytes judged with it', async (status) => {
  const provenance = () => provenanceOf({ status, signatures: [{ status: 'untrusted', covers: 'partial', uncovered: ['x'] }, { status: 'invalid' }, { status: 'unsupported' }], trustRoots: [{ name: 'old', date: '2020-01-01', stale: true }] });
  const record = carried(await recordArtifact(artifact, thresholds, { ...SCAN_BASE, now: NOW }));
  const { facts, ...expected } = await scan(artifact, { ...context, provenance });
  const { facts: summary, ...found } = judgeRecord({ ...artifact, record }, { ...context, provenance });
  expect(found).toEqual(expected);
  expect(summary).toMatchObject({ digest: facts!.digest, size: bytes.length, kind: 'module' });
});

test('holds no bytes', async () => {
  const views: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) views.push(path);
    else if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
  };
  walk(await recordArtifact(artifact, thresholds, { ...SCAN_BASE, now: NOW }), 'record');
  expect(views).toEqual([]);
});

test('thresholds that no rule was run with are an error, and never clean', async () => {
  const record = await recordArtifact(artifact, [], { ...SCAN_BASE, now: NOW });
  expect(judgeRecord({ ...artifact, record }, context)).toMatchObject({ verdict: 'error', blocked: true, facts: null });
});

test('a rule that reads provenance must say that it is about it', async () => {
  const secretly = defineRule({ ...ruleOf('reads-secretly'), check: ({ provenance }) => (provenance.status === 'trusted' ? [] : []) });
  const rules: readonly Rule[] = [...RULES, secretly];
  const record = carried(await recordArtifact(artifact, thresholds, { ...SCAN_BASE, rules, now: NOW }));
  expect(judgeRecord({ ...artifact, record }, { ...context, rules })).toMatchObject({ verdict: 'error', blocked: true });
});

test('a rule about provenance that wants bytes breaks, and the verdict says so', async () => {
  const greedy = defineRule({ ...ruleOf('wants-bytes'), about: 'provenance', check: ({ bytes: wanted }) => (wanted.length > 0 ? [] : []) });
  const rules: readonly Rule[] = [...RULES, greedy];
  const record = carried(await recordArtifact(artifact, thresholds, { ...SCAN_BASE, rules, now: NOW }));
  const { verdict, reasons } = judgeRecord({ ...artifact, record }, { ...context, rules });
  expect([verdict, reasons.join()]).toEqual(['error', expect.stringContaining('A record does not hold bytes')]);
});
