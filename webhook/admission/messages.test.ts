import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerTo, BAD, podOf, requestOf, ROOT_DIGEST, SO_SO, world, type Find } from '../../test/support/admission.ts';
import { findingOf } from '../../test/support/policy.ts';
import { harmless } from '../../scanner/report/harmless.ts';
import { carriersOf } from '../../scanner/kubernetes/carriers.ts';
import { sha256Hex } from '../../scanner/sha256.ts';
import { failureEntry } from '../../scanner/report/entry.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import type { AdmissionResponse } from '../review.ts';
import { carrierKey } from './carrier-key.ts';
import { pointsOf } from './points.ts';

const many = (count: number): object => podOf({ containers: Array.from({ length: count }, (_, index) => ({ name: `c${index}`, image: `r.example/${'long/'.repeat(20)}app:${index}` })) });

describe('a denial', () => {
  test('names artifact, digest, rule, what was found, and how to mend it', async () => {
    const failure = { kind: 'outside', code: 'http-503', message: 'registry r.example answered 503' } as const;
    const subject = world({ find: ({ reference }) => [reference === 'clean:1' ? {} : reference.includes('other') ? { failure } : { findings: [...BAD.findings!, findingOf({ ...BAD.findings![0]!, message: 'Again', location: { path: 'x', offset: 9, length: 1 } }), ...SO_SO.findings!] }] });
    const { status, auditAnnotations } = await answerTo(subject, requestOf(podOf({ containers: [{ image: 'r.example/app:1' }, { image: 'r.example/other:1' }, { image: 'r.example/other:2' }, { image: 'clean:1' }] })));
    expect(status).toEqual({
      code: 403, reason: 'Forbidden',
      message: `Pod shop/web breaks policy in 3 of 4 artifacts

r.example/app:1 (/spec/containers/0/image)
  digest sha256:${'f'.repeat(64)}, in image ${ROOT_DIGEST}
  capability-net-connect (2 times): The module may open connections
    fix: Remove wasi:sockets, or allow net-connect
  policy test

r.example/other:1 (/spec/containers/1/image)
  digest ${ROOT_DIGEST}
  http-503: Not analysed: registry r.example answered 503
    fix: See that the registry answers and that the pod has a pull secret for it; the policy decides by onError and onUnresolved
  policy test

r.example/other:2 (/spec/containers/2/image)
  digest ${ROOT_DIGEST}
  http-503: Not analysed: registry r.example answered 503
    fix: See that the registry answers and that the pod has a pull secret for it; the policy decides by onError and onUnresolved
  policy test`,
      details: { causes: [
        { reason: 'capability-net-connect', message: 'r.example/app:1: The module may open connections', field: '/spec/containers/0/image' },
        { reason: 'http-503', message: 'r.example/other:1: Not analysed: registry r.example answered 503', field: '/spec/containers/1/image' },
        { reason: 'http-503', message: 'r.example/other:2: Not analysed: registry r.example answered 503', field: '/spec/containers/2/image' },
      ] },
    });
    expect(auditAnnotations).toEqual({
      decision: 'deny', policy: 'test', digests: ROOT_DIGEST,
      findings: 'enforce: capability-net-connect, debug-info-embedded (oci://r.example/app:1); enforce: http-503 (oci://r.example/other:1); enforce: http-503 (oci://r.example/other:2)',
      error: 'http-503: oci://r.example/other:1; http-503: oci://r.example/other:2',
    });
  });

  test('leads to the line of the object that a finding is about, and says nothing of what was waived', async () => {
    const source = { file: 'x', document: 0, pointer: '/spec/allowed_outbound_hosts/0', line: 1, column: 1 };
    const found = [findingOf({ rule: 'grant-broad', location: { path: 'p', offset: 0, length: 0, source } }), findingOf({ rule: 'accepted-one', waived: { reason: 'r', owner: 'o', expires: '2030-01-01' } })];
    const { status } = await answerTo(world({ find: () => [{ findings: found }] }), requestOf(podOf()));
    expect(status!.details!.causes.map(({ reason, field }) => [reason, field])).toEqual([['grant-broad', '/spec/allowed_outbound_hosts/0']]);
    expect(status!.message).not.toContain('accepted-one');
  });

  test('has a bound, whatever there is to say', async () => {
    const findings = Array.from({ length: 40 }, (_, index) => findingOf({ rule: `rule-${index}`, message: 'm'.repeat(5_000), fix: 'f'.repeat(5_000), location: { path: 'x', offset: index, length: 1 } }));
    const { status, auditAnnotations } = await answerTo(world({ find: () => [{ findings }] }), requestOf(many(60) as Record<string, unknown>));
    expect(status!.message.length).toBeLessThanOrEqual(WEBHOOK_LIMITS.message);
    expect(status!.message).toContain('\n  and 35 further rules\n');
    expect(status!.message).toMatch(/\n\.\.\. and 5\d further artifacts$/);
    expect(status!.details!.causes).toHaveLength(WEBHOOK_LIMITS.causes);
    for (const text of Object.values(auditAnnotations!)) expect(text.length).toBeLessThanOrEqual(WEBHOOK_LIMITS.annotation);
  });
});

describe('warnings', () => {
  test('are short, few, and said once', async () => {
    const findings = Array.from({ length: 12 }, (_, index) => findingOf({ rule: `rule-${index}`, severity: 'warning', message: 'm'.repeat(500), location: { path: 'x', offset: index, length: 1 } }));
    const { warnings } = await answerTo(world({ find: () => [{ findings }, { findings }] }), requestOf(many(5) as Record<string, unknown>));
    expect(warnings).toHaveLength(WEBHOOK_LIMITS.warnings);
    expect(warnings!.at(-1)).toBe('... and 41 further warnings');
    expect(new Set(warnings).size).toBe(warnings!.length);
    for (const warning of warnings!) expect(warning.length).toBeLessThanOrEqual(WEBHOOK_LIMITS.warning);
    expect(warnings!.join('').length).toBeLessThan(4_096);
  });
});

describe('hostile texts', () => {
  const nasty = fc.string({ unit: fc.constantFrom('\u001b', '\n', '\u202e', '\u200b', '\ud800', 'ä', '😀', '\0', 'x', '"', '\u2028') });

  test('reach no answer as they are', async () => {
    await fc.assert(fc.asyncProperty(nasty, nasty, fc.constantFrom<'error' | 'warning'>('error', 'warning'), async (a, b, severity) => {
      const find: Find = { findings: [findingOf({ rule: `rule${a}`, severity, message: a, fix: b })], rootDigest: b };
      const object = podOf({ containers: [{ name: a, image: `r.example/${a}${b}` }] }, { name: a, namespace: b || 'n' });
      const answer: AdmissionResponse = await world({ find: () => [find], policies: () => ({ faults: [a] }) }).admission.validate(requestOf(object), 0);
      for (const text of textsIn(answer)) expect(harmless(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''));
      expect((answer.status?.message.split('\n').length ?? 0)).toBeLessThan(10);
    }), { numRuns: 300 });
  });
});

describe('points', () => {
  const entry = (verdict: 'allow' | 'deny', reasons: readonly string[]) => ({ ...failureEntry('oci://r.example/a:1', { kind: 'unreadable', code: 'x', message: '' }, { blocked: true, policies: [] }), failure: null, verdict, reasons });

  test('are the reasons where no finding says more', () => {
    expect(pointsOf(entry('deny', ['Malformed: a\u001b', 'b', 'c', 'd']), '/x', 'blocking').map(({ rule, message, field }) => [rule, message, field])).toEqual([['policy', 'Malformed: a\\x1b', '/x'], ['policy', 'b', '/x'], ['policy', 'c', '/x']]);
    expect(pointsOf(entry('allow', ['Policy p is in mode audit, so nothing is denied']), '/x', 'all')).toEqual([]);
  });
});

describe('the key of a carrier', () => {
  test('is the same wherever it stands, and another for whatever else differs', () => {
    const object = { file: 'a', document: 0, base: '', apiVersion: 'v1', kind: 'Pod', name: 'a', namespace: 'n', value: podOf(), positionOf: () => ({ line: 1, column: 1 }) };
    const [carrier] = carriersOf(object, { hash: sha256Hex }).carriers;
    const key = carrierKey(carrier!, sha256Hex);
    expect(carrierKey({ ...carrier!, file: 'b', document: 1, pointer: '/x', line: 9, column: 9, name: 'b', namespace: 'm' }, sha256Hex)).toBe(key);
    const changes = { apiVersion: 'v2', kind: 'Other', reference: 'x', scheme: 'http', pinned: true, hash: 'sha256:0', hashOf: 'bytes', certain: true, signals: ['s'], role: 'host', host: { profile: 'spin', sure: true }, onDeny: 'warn', grants: [{ kind: 'hosts', values: ['*'], everything: true, field: 'x', place: null }], settings: [{ id: 'fail-open', text: 'x', meaning: 'x', confidence: 'low', place: null }], process: { command: ['x'], args: null }, pullSecrets: ['x'], bytes: new Uint8Array(1) };
    const keys = Object.entries(changes).map(([name, value]) => carrierKey({ ...carrier!, [name]: value }, sha256Hex));
    expect(new Set([key, ...keys]).size).toBe(keys.length + 1);
  });
});

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
