import { describe, expect, test } from 'vitest';
import { reviewOf } from '../../test/support/review-server.ts';
import { readReview } from './read-review.ts';
import { Refusal } from './refusal.ts';

const read = (text: string) => readReview(new TextEncoder().encode(text));

describe('readReview', () => {
  test('gives the request with everything in its place', () => {
    expect(read(reviewOf({ subResource: 'ephemeralcontainers', dryRun: true }))).toEqual({
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002', kind: { group: '', version: 'v1', kind: 'Pod' }, resource: { group: '', version: 'v1', resource: 'pods' }, subResource: 'ephemeralcontainers',
      requestKind: { group: '', version: 'v1', kind: 'Pod' }, requestResource: { group: '', version: 'v1', resource: 'pods' }, requestSubResource: 'ephemeralcontainers', name: 'web', namespace: 'shop',
      operation: 'CREATE', userInfo: { username: 'ann', groups: ['system:authenticated'] }, object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } }, oldObject: null, dryRun: true,
    });
  });

  test('takes what Go leaves out for what it means', () => {
    const request = read(reviewOf({ requestKind: undefined, requestResource: undefined, name: undefined, namespace: '', userInfo: {}, object: undefined, oldObject: undefined, dryRun: undefined, resource: { version: 'v1', resource: 'pods' } }));
    expect(request).toMatchObject({ requestKind: request.kind, requestResource: { group: '', version: 'v1', resource: 'pods' }, name: '', namespace: null, subResource: '', userInfo: { username: '', groups: [] }, object: null, oldObject: null, dryRun: false });
  });

  test.each<[string, Record<string, unknown>]>([
    ['request.uid', { uid: 7 }], ['request.uid', { uid: '' }], ['request.uid', { uid: 'x'.repeat(257) }], ['request.kind', { kind: 'Pod' }], ['request.kind.kind', { kind: { version: 'v1' } }],
    ['request.kind.group', { kind: { group: 1, version: 'v1', kind: 'Pod' } }], ['request.resource', { resource: undefined }], ['request.resource.version', { resource: { resource: 'pods' } }],
    ['request.requestKind', { requestKind: [] }], ['request.requestResource', { requestResource: 'pods' }], ['request.subResource', { subResource: {} }], ['request.requestSubResource', { requestSubResource: 1 }],
    ['request.name', { name: ['web'] }], ['request.namespace', { namespace: false }], ['request.operation', { operation: 'create' }], ['request.operation', { operation: undefined }],
    ['request.userInfo', { userInfo: undefined }], ['request.userInfo.username', { userInfo: { username: 1 } }], ['request.userInfo.groups', { userInfo: { groups: [1] } }], ['request.userInfo.groups', { userInfo: { groups: 'system:nodes' } }],
    ['request.object', { object: [] }], ['request.object', { object: 'x' }], ['request.oldObject', { oldObject: 1 }], ['request.dryRun', { dryRun: 'true' }],
  ])('refuses a wrong %s: %j', (field, change) => {
    expect(refused(reviewOf(change))).toContain(`Malformed review: ${field} `);
  });

  test.each([
    ['null', 'no AdmissionReview'], ['[]', 'no AdmissionReview'], ['{}', 'no AdmissionReview'],
    [reviewOf().replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1'), 'no AdmissionReview'], [reviewOf().replace('"AdmissionReview"', '"Pod"'), 'no AdmissionReview'],
    ['{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}', 'no request'], ['{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":[]}', 'no request'],
    ['', 'Malformed JSON'], ['\u0000', 'Malformed JSON'], [reviewOf().slice(0, -1), 'Malformed JSON'],
  ])('refuses %.60s: %s', (text, what) => {
    expect(refused(text)).toContain(what);
  });

  test.each([
    ['a repeated request', reviewOf().replace('"request":', '"request":{},"request":')],
    ['a request in another case', reviewOf().replace('"request":', '"Request":{},"request":')],
    ['an object in another case', reviewOf().replace('"object":', '"OBJECT":{},"object":')],
    ['a repeated field deep in the object', reviewOf().replace('"name":"web"}', '"name":"web","name":"other"}')],
    ['a field in another case deep in the object', reviewOf().replace('"metadata":', '"Metadata":{},"metadata":')],
    ['an escaped repetition', reviewOf().replace('"operation":', '"op\\u0065ration":"DELETE","operation":')],
    ['a label twice', reviewOf({ object: {} }).replace('"object":{}', '"object":{"metadata":{"labels":{"a":"1","a":"2"}}}')],
  ])('refuses %s', (_, text) => {
    expect(refused(text)).toContain('repeats a key');
  });

  test('lets labels differ in case alone, and the managed fields that list them', () => {
    const metadata = { labels: { App: 'a', app: 'b' }, managedFields: [{ fieldsV1: { 'f:metadata': { 'f:labels': { 'f:App': {}, 'f:app': {} } } } }] };
    expect(read(reviewOf({ object: { metadata } })).object).toEqual({ metadata });
  });

  test('refuses nesting and numbers of things that no object has, in no time worth speaking of', () => {
    const holding = (value: string): string => reviewOf({ object: {} }).replace('"object":{}', `"object":{"a":${value}}`);
    expect(refused(holding('['.repeat(4_000_000) + ']'.repeat(4_000_000)))).toContain('nested deeper');
    expect(refused(holding('{"a":'.repeat(200) + '1' + '}'.repeat(200)))).toContain('nested deeper');
    expect(refused(holding(`[${'[],'.repeat(2_000_000)}[]]`))).toContain('more than');
    expect(read(holding(`"${'x'.repeat(8_000_000)}"`)).object!['a']).toHaveLength(8_000_000);
    expect(refused(holding(`"${'x'.repeat(9_000_000)}"`))).toContain('longer than');
  });

  test('says nothing of what the review holds', () => {
    for (const change of [{ uid: 7 }, { object: 'secret-text' }, { operation: 'secret-text' }, { name: { 'secret-text': 1 } }]) expect(refused(reviewOf(change))).not.toContain('secret-text');
    expect(refused(reviewOf().replace('"web"', '"secret-text'))).not.toContain('secret-text');
  });
});

function refused(text: string): string {
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ status: 400, reason: 'malformed' });
    return (error as Error).message;
  }
  throw new Error('It was taken');
}
