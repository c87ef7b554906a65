import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { RULES } from '../../../rules/index.ts';
import { RULE_PAGES } from '../../../rules/pages.generated.ts';
import { entryOf, findingOf } from '../../../test/support/sarif.ts';
import type { DetailImport } from '../entry-detail.ts';
import type { ScanEntry } from '../entry.ts';
import { addToSummary, emptySummary } from '../summary.ts';
import { htmlReport } from './page.ts';

function page(...entries: readonly ScanEntry[]): string {
  const writer = htmlReport({
    engineVersion: '0.1.0', policies: [{ name: 'baseline@v1', hash: 'sha256:0' }], rules: RULES, expected: entries.length, width: 80, paint: (_, text) => text,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    sarif: { profile: 'github', category: '', relativePath: (name) => name, pages: RULE_PAGES },
  });
  const summary = emptySummary();
  for (const entry of entries) {
    addToSummary(summary, entry);
    writer.add(entry);
  }
  return writer.end(summary);
}

/** The page without what we wrote as style and script. */
function markupOf(text: string): string {
  return text.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<script>[\s\S]*?<\/script>/, '');
}

const IMPORT: DetailImport = { module: 'env', name: 'system', kind: 'func', capability: 'process-spawn', abi: 'emscripten', reachable: true, path: ['_start', 'middle', 'env.system'] };

function everywhere(text: string): ScanEntry {
  return entryOf(text, {
    verdict: 'deny', blocked: true, reasons: [text], capabilities: ['process-spawn', text], abis: [text], tools: [{ name: text, version: text }], languages: [text], format: text,
    findings: [findingOf({ message: text, fix: text, subject: text, location: { path: text, offset: 0, length: 0 } }), findingOf({ waived: { reason: text, owner: text, expires: '2027-01-01' } })],
    problems: [{ code: 'unexpected-end', message: text, offset: 0, section: text, effect: 'malformed' }],
    snapshot: { file: text, capabilities: [text], added: [text], removed: [text] },
    provenance: { status: 'trusted', authorities: [text], attestations: [], trustRoots: [], signatures: [{ form: 'dsse', status: 'trusted', code: 'ok', message: text, authority: text, identity: text, issuer: text, covers: 'whole', uncovered: [], signedAt: null, predicateType: null, where: text }] },
    detail: {
      composition: { declared: [text], effective: [], entered: true, moduleCount: 1, modules: [{ path: 'module[0]', instances: 1, declared: [text], effective: [text] }] },
      importCount: 1, imports: [{ ...IMPORT, module: text, name: text, path: [text, text] }],
      outline: {
        parts: [{ path: '', kind: 'component', offset: 0, length: 100 }, { path: 'module[0]', kind: 'module', offset: 10, length: 80 }], partCount: 2, otherBytes: 0,
        areas: [{ part: 'module[0]', name: `custom:${text}`, offset: 12, length: 70 }],
        wires: [{ to: 'module[0]', kind: 'host', from: text, count: 2 }],
      },
    },
  });
}

const TAGS = new Set(markupOf(page(everywhere('plain'))).match(/<\/?[a-zA-Z!][\w-]*/g));

describe('names from binaries', () => {
  test('stay text wherever they stand', () => {
    const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('</script><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onload='x", '<!-- ', ']]>', '&lt;b&gt;', '</title></style>', '</svg><x>', 'constructor', '__proto__', '${alert(1)}', '`'));
    fc.assert(fc.property(hostile, (text) => {
      const markup = markupOf(page(everywhere(text)));
      expect(markup.match(/<\/?[a-zA-Z!][\w-]*/g)!.filter((tag) => !TAGS.has(tag))).toEqual([]);
      // Taking tags with well-formed attributes away leaves no bracket and no quote that could open one.
      expect(markup.replaceAll(/<[!/]?[a-z][\w-]*(?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*\s*\/?>/gi, '')).not.toMatch(/[<>"]/);
    }), { numRuns: 200 });
  });

  test('show characters that hide or reorder text', () => {
    const text = page(everywhere('a\u202eb\u200bc\u001b[2Jd\u2028e'));
    expect(text).toContain('a\\u202eb\\u200bc\\x1b[2Jd\\u2028e');
    // oxlint-disable-next-line no-control-regex -- that is the point
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e\u2028]/);
  });
});

describe('the page', () => {
  const text = page(everywhere('app.wasm'), entryOf('clean.wasm'));

  test('allows its own style and script by their hashes, and nothing else', () => {
    const hash = (element: string): string => `'sha256-${createHash('sha256').update(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(text)?.[1] ?? '').digest('base64')}'`;
    expect(text).toContain(`content="default-src 'none'; style-src ${hash('style')}; script-src ${hash('script')}; base-uri 'none'; form-action 'none'"`);
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text.match(/<style/g)).toHaveLength(1);
    expect(markupOf(text)).not.toMatch(/\sstyle=|\son\w+=/);
  });

  test('loads nothing: addresses are links that somebody must follow', () => {
    expect(markupOf(text)).not.toMatch(/\s(?:src|srcset|poster|data|action|xlink:href)=|<(?:link|iframe|object|embed|img|base)\b/);
    expect([...markupOf(text).matchAll(/href="([^"]*)"/g)].map(([, address]) => address!).filter((address) => !/^(?:#|https:\/\/)/.test(address))).toEqual([]);
    expect(text).not.toMatch(/@import|url\(/);
  });

  test('every link within it has a target', () => {
    const ids = new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id));
    expect([...markupOf(text).matchAll(/href="#([^"]*)"/g)].map(([, id]) => id).filter((id) => !ids.has(id))).toEqual([]);
    expect(ids.size).toBe([...text.matchAll(/\sid="/g)].length);
  });

  test('is the same for the same input', () => {
    expect(page(everywhere('app.wasm'), entryOf('clean.wasm'))).toBe(text);
  });

  test.each([
    [[], 'No artifact was found'],
    [[entryOf('a')], 'Allowed'],
    [[entryOf('a', { verdict: 'deny' }), entryOf('b')], '1 of 2 artifacts denied'],
    [[entryOf('a', { verdict: 'error' }), entryOf('b', { verdict: 'warn' })], '1 of 2 artifacts not analysed'],
    [[entryOf('a', { verdict: 'warn' }), entryOf('b', { verdict: 'warn' })], 'All 2 artifacts allowed with warnings'],
  ])('answers first %#', (entries, answer) => {
    expect(page(...entries)).toContain(`<h1>${answer}</h1>`);
  });

  test('has every finding and its help without the script', () => {
    expect(text).toContain('Why, and how to mend it');
    expect(text).toContain('id="rule-memory-unbounded"');
    expect(markupOf(text)).toContain('<form class="filter" id="filter" hidden');
  });
});

test('a component says what is asked for inside and never of the host', () => {
  expect(page(everywhere('fs-write'))).toContain('Asked for inside, but never of the host: <code>fs-write</code>.');
});

describe('capabilities', () => {
  test('the matrix tells denied, waived, allowed and unknown apart', () => {
    const finding = (name: string, more: object): ScanEntry['findings'][number] => findingOf({ rule: `capability-${name}`, subject: name, ...more });
    const judged = entryOf('a.wasm', {
      capabilities: ['clock-read', 'fs-read', 'fs-write', 'net-connect'],
      findings: [finding('fs-write', { severity: 'error' }), finding('net-connect', { severity: 'error', waived: { reason: 'r', owner: 'o', expires: '2027-01-01' } }), finding('fs-read', { severity: 'warning' })],
    });
    const text = page(judged, entryOf('lost.wasm', { verdict: 'error', kind: 'unknown' }));
    expect([...text.matchAll(/<td class="state (\w+)"><span aria-hidden="true">/g)].map(([, state]) => state)).toEqual(['deny', 'warn', 'waived', 'allow']);
    expect(text).toContain('<td class="state error" colspan="4">not known</td>');
  });

  test('of what was read in part, the rest is not known', () => {
    const text = page(entryOf('a.wasm', { capabilities: ['fs-read'], verdict: 'deny', problems: [{ code: 'unexpected-end', message: 'm', offset: 0, section: null, effect: 'malformed' }] }), entryOf('b.wasm', { capabilities: ['fs-write'] }));
    expect(text.match(/<span class="hide">not known<\/span>/g)).toHaveLength(1);
  });

  test('each import says how it is reached, or that nothing reaches it', () => {
    const entry = entryOf('a.wasm', { capabilities: ['process-spawn'], detail: { outline: null, composition: null, importCount: 2, imports: [IMPORT, { ...IMPORT, name: 'execve', reachable: false, path: null }] } });
    const text = page(entry);
    expect(text).toContain('<ol class="path"><li><code>_start</code></li><li><code>middle</code></li><li>this import</li></ol>');
    expect(text).toContain('<code>env.execve</code> <span class="dim">nothing in the artifact calls it</span>');
  });
});

test('ten thousand findings take a few megabytes, and more are counted', () => {
  const findings = Array.from({ length: 10_000 }, (_, index) => findingOf({ subject: `memory ${index}`, message: `Memory ${index} has no maximum`, location: { path: `memory[${index}]`, offset: index, length: 3 } }));
  const text = page(entryOf('a.wasm', { findings }));
  expect(text.match(/ has no maximum<br>/g)).toHaveLength(10_000);
  expect(text.length).toBeLessThan(4_000_000);
  const many = page(...Array.from({ length: 3 }, (_, index) => entryOf(`${index}.wasm`, { findings })));
  expect(many.match(/ has no maximum<br>/g)).toHaveLength(20_000);
  expect(many).toContain('and 10000 more, which are in the JSON report');
});
