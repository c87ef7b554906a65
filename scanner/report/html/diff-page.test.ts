import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Change } from '../../diff/compare.ts';
import type { Pair, Sided } from '../../diff/pair.ts';
import { AREAS } from '../../diff/trait.ts';
import { diffHtml } from './diff-page.ts';

function page(...pairs: readonly Pair[]): string {
  return diffHtml({ before: 'v1', after: 'v2', pairs, engineVersion: '0.1.0' }, (text) => createHash('sha256').update(text).digest('hex'));
}

function side(name: string): Sided {
  return { key: name, name, shape: { name, digest: 'sha256:0', size: 2_048, traits: [] }, failure: null };
}

function pair(name: string, changes: readonly Change[], more: Partial<Pair> = {}): Pair {
  return { key: name, before: side(name), after: side(name), changes, failure: null, ...more };
}

const change = (more: Partial<Change>): Change => ({ area: 'import', name: 'env.f', change: 'added', from: null, to: null, increase: false, ...more });

/** Every place a text of a binary can stand in. */
function everywhere(text: string): string {
  const each = AREAS.flatMap((area) => [change({ area, name: text, increase: true }), change({ area, name: text, change: 'changed', from: text, to: `${text}2` }), change({ area, name: text, change: 'removed', from: text })]);
  return diffHtml({ before: text, after: text, pairs: [pair(text, each), pair('', [], { failure: text, before: null }), pair(text, [])], engineVersion: '0.1.0' }, () => '0'.repeat(64));
}

function markupOf(text: string): string {
  return text.replace(/<style>[\s\S]*?<\/style>/, '');
}

/** Texts of elements, without markup. */
function textsOf(text: string, element: string): string[] {
  return [...text.matchAll(new RegExp(`<${element}\\b[^>]*>([\\s\\S]*?)</${element}>`, 'g'))].map(([, inner]) => inner!.replaceAll(/<[^>]*>/g, '').trim());
}

const TAGS = new Set(markupOf(everywhere('plain')).match(/<\/?[a-zA-Z!][\w-]*/g));

test('names from binaries stay text wherever they stand', () => {
  const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('</script><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onload='x", '<!-- ', ']]>', '</title></style>', 'constructor', '__proto__', '\u202e`'));
  fc.assert(fc.property(hostile, (text) => {
    const markup = markupOf(everywhere(text));
    expect(markup.match(/<\/?[a-zA-Z!][\w-]*/g)!.filter((tag) => !TAGS.has(tag))).toEqual([]);
    expect(markup.replaceAll(/<[!/]?[a-z][\w-]*(?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*\s*\/?>/gi, '')).not.toMatch(/[<>"]/);
    // oxlint-disable-next-line no-control-regex -- that is the point
    expect(markup).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e\u2028]/);
  }), { numRuns: 100 });
});

test('allows its style by its hash, and no script and no other load', () => {
  const text = page(pair('a.wasm', [change({ increase: true })]));
  const style = createHash('sha256').update(/<style>([\s\S]*?)<\/style>/.exec(text)![1]!).digest('base64');
  expect(text).toContain(`content="default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'"`);
  expect(text).not.toMatch(/<script|<link|<img|\sstyle=|\son\w+=|\s(?:src|action)=/);
});

test('increases come first: of artifacts, of areas, and in each area', () => {
  const text = page(
    pair('a.wasm', [change({ area: 'size', name: 'bytes', change: 'changed', from: 10, to: 20 })]),
    pair('b.wasm', [change({ area: 'kind', name: 'module', change: 'removed' }), change({ name: 'env.a' }), change({ name: 'env.b', increase: true })]),
  );
  expect(textsOf(text, 'h3')).toEqual(['b.wasm', 'a.wasm']);
  expect(textsOf(text, 'h4')).toEqual(['Imports 1 increase', 'Kind', 'Size']);
  expect([...text.matchAll(/<tr class="more"><td[^>]*>.*?<code>(.*?)<\/code>/g)].map(([, name]) => name)).toEqual(['env.b']);
  expect(text.indexOf('env.b')).toBeLessThan(text.indexOf('env.a'));
  expect(textsOf(text, 'h1')).toEqual(['1 increase, 3 other changes in 2 of 2 artifacts']);
});

test('both values stand in their columns, where there are any', () => {
  const text = page(pair('a.wasm', [change({ area: 'limit', name: 'memory, most bytes', change: 'changed', from: 65_536, to: null, increase: true }), change({ area: 'capability', name: 'fs-write', increase: true })]));
  expect(text).toMatch(/memory, most bytes<\/code><\/th><td><code>64\.0 KiB<\/code><\/td><td><code>no bound<\/code>/);
  // A power has no value, so its table has no columns for values.
  expect(text).toMatch(/<code>fs-write<\/code><\/th><\/tr>/);
  expect(textsOf(text, 'th').filter((title) => title === 'Before')).toHaveLength(1);
});

test('what was not compared never looks unchanged', () => {
  const text = page(pair('a.wasm', [], { failure: 'Ends too soon' }));
  expect(text).toContain('<div class="answer error"><h1>1 artifact could not be compared</h1>');
  expect(text).toContain('Not compared: Ends too soon');
  expect(text).not.toContain('without a change');
  expect(page(pair('a.wasm', []))).toContain('1 artifact without a change');
  expect(page()).toContain('<div class="answer error">');
});

test('a page has a bounded number of rows, and says what it leaves out', () => {
  const many = Array.from({ length: 1_500 }, (_, index) => change({ name: `env.f${index}` }));
  const text = page(...Array.from({ length: 30 }, (_, index) => pair(`${index}.wasm`, many)));
  expect(text.match(/<td class="mark">/g)).toHaveLength(20_000);
  expect(text).toContain('and 500 more changes, which the JSON report has');
  expect(text).toContain('and 1500 more changes, which the JSON report has');
});
