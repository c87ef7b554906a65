import { describe, expect, test } from 'vitest';
import { readDocument } from './document.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

const read = (value: unknown, type: string | null = MANIFEST): unknown => readDocument(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)), type);

describe('readDocument', () => {
  test('takes a manifest and an index, each by its own word or that of the answer', () => {
    expect(read({ mediaType: MANIFEST, layers: [] }, null)).toMatchObject({ kind: 'manifest', mediaType: MANIFEST });
    expect(read({ layers: [] })).toMatchObject({ kind: 'manifest', mediaType: MANIFEST });
    expect(read({ mediaType: LIST, manifests: [] }, LIST)).toMatchObject({ kind: 'index', mediaType: LIST });
  });

  test.each<[string, unknown, string | null, string]>([
    ['an index that came as a manifest', { mediaType: INDEX, manifests: [] }, MANIFEST, 'media-type'],
    ['a type of Docker that came as one of OCI', { mediaType: LIST, manifests: [] }, INDEX, 'media-type'],
    ['no type at all', { layers: [] }, null, 'media-type'],
    ['an unknown type', { layers: [] }, 'application/json', 'media-type'],
    ['a type that is no text', { mediaType: 7 }, MANIFEST, 'malformed'],
    ['manifests and layers in a manifest', { manifests: [], layers: [] }, MANIFEST, 'ambiguous'],
    ['manifests and layers in an index', { manifests: [], layers: [] }, INDEX, 'ambiguous'],
    ['manifests in a manifest', { manifests: [] }, MANIFEST, 'ambiguous'],
    ['a config in an index', { manifests: [], config: {} }, INDEX, 'ambiguous'],
    ['layers in another case', { config: {}, Layers: [] }, MANIFEST, 'ambiguous'],
    ['layers with a long s', { config: {}, 'layer\u017f': [] }, MANIFEST, 'ambiguous'],
    ['a media type in another case', { MediaType: INDEX, layers: [] }, MANIFEST, 'ambiguous'],
    ['a repeated key', '{"layers":[],"layers":[]}', MANIFEST, 'malformed'],
    ['a list', [], MANIFEST, 'malformed'],
    ['null', null, MANIFEST, 'malformed'],
    ['no JSON', '{', MANIFEST, 'malformed'],
    ['deep nesting', `{"x":${'['.repeat(40)}${']'.repeat(40)}}`, MANIFEST, 'malformed'],
  ])('refuses %s', (_name, value, type, code) => {
    expect(() => read(value, type)).toThrow(expect.objectContaining({ failure: expect.objectContaining({ kind: 'unreadable', code }) }));
  });
});
